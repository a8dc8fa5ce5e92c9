//! A server on loopback that answers as scripted, below HTTP if need be, and fails the test if it
//! was not asked as often.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What one request is answered with.
#[derive(Debug, Clone)]
pub(crate) enum Play {
    /// These bytes, then the connection is closed.
    Send(Vec<u8>),
    /// These bytes, and the connection stays for the next request.
    Keep(Vec<u8>),
    /// These bytes, then the connection is reset.
    Reset(Vec<u8>),
    /// These bytes, then nothing more until the client goes away.
    Hang(Vec<u8>),
}

impl Play {
    /// HTTP 200 with this body.
    pub(crate) fn ok(body: impl AsRef<[u8]>) -> Self {
        Self::Send(response("200 OK", CLOSE, body.as_ref()))
    }

    /// This status line's end, further header lines (each with CRLF), and this body.
    pub(crate) fn http(status: &str, headers: &str, body: &str) -> Self {
        let headers = format!("{CLOSE}{headers}");
        Self::Send(response(status, &headers, body.as_bytes()))
    }
}

/// Without it a client may send its next request before it sees that the connection is closed.
const CLOSE: &str = "Connection: close\r\n";

/// The bytes of an HTTP response.
pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[derive(Debug, Default)]
struct Seen {
    requests: Mutex<Vec<String>>,
    asked: Condvar,
    connections: AtomicUsize,
    over: AtomicBool,
}

/// The server; dropping it fails the test if part of the script was not asked for.
#[derive(Debug)]
pub(crate) struct RawServer {
    port: u16,
    seen: Arc<Seen>,
    script: usize,
    thread: Option<JoinHandle<()>>,
}

impl RawServer {
    /// Answers the n-th request with the n-th play, and refuses to be connected to after the last.
    pub(crate) fn play(script: impl IntoIterator<Item = Play>) -> Self {
        let script: Vec<Play> = script.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let plays = script.len();
        let thread = {
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || serve(listener, script, &seen))
        };
        Self {
            port,
            seen,
            script: plays,
            thread: Some(thread),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:port`.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests so far, each from its first line to the blank one.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Comes back when the n-th request is there.
    pub(crate) fn await_request(&self, n: usize) {
        const LONG: Duration = Duration::from_secs(30);
        let requests = self.seen.requests.lock().unwrap();
        let (requests, _) = self
            .seen
            .asked
            .wait_timeout_while(requests, LONG, |requests| requests.len() < n)
            .unwrap();
        assert!(requests.len() >= n, "request {n} never came");
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.seen.over.store(true, Ordering::SeqCst);
        // Ends an accept that nobody came to.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(matches!(ended, Some(Ok(()))), "the server failed");
            let asked = self.requests().len();
            assert_eq!(asked, self.script, "requests, as against the script");
        }
    }
}

fn serve(listener: TcpListener, script: Vec<Play>, seen: &Seen) {
    let mut kept: Option<TcpStream> = None;
    for play in script {
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => {
                let (stream, _) = listener.accept().unwrap();
                if seen.over.load(Ordering::SeqCst) {
                    return;
                }
                seen.connections.fetch_add(1, Ordering::SeqCst);
                stream
            }
        };
        let whole = !matches!(play, Play::Reset(_));
        let request = read_request(&mut stream, whole);
        seen.requests.lock().unwrap().push(request);
        seen.asked.notify_all();
        match play {
            Play::Send(bytes) => {
                send(&mut stream, &bytes);
                drop(stream.shutdown(std::net::Shutdown::Write));
                // Closed before the client is done, it would be reset and lose what was sent.
                drain(&mut stream);
            }
            Play::Keep(bytes) => {
                send(&mut stream, &bytes);
                kept = Some(stream);
            }
            // Closed with the request unread, a connection is reset.
            Play::Reset(bytes) => send(&mut stream, &bytes),
            Play::Hang(bytes) => {
                send(&mut stream, &bytes);
                drain(&mut stream);
            }
        }
    }
}

/// A client may hang up at any time: that is what many of the tests are about.
fn send(stream: &mut TcpStream, bytes: &[u8]) {
    drop(stream.write_all(bytes));
}

fn drain(stream: &mut TcpStream) {
    let mut buffer = [0; 1024];
    while !matches!(stream.read(&mut buffer), Ok(0) | Err(_)) {}
}

fn read_request(stream: &mut TcpStream, whole: bool) -> String {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    if !whole {
        let peeked = stream.peek(&mut buffer).unwrap_or(0);
        return String::from_utf8_lossy(&buffer[..peeked]).into_owned();
    }
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => head.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
        // A TLS greeting has no blank line to wait for.
        if !head.starts_with(b"GET ") && head.first() == Some(&0x16) {
            break;
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}
