//! Just enough HTTP/1.1 to read a client's requests off a connection that is kept alive.

use std::io::{self, Read};
use std::net::TcpStream;

const MOST_HEAD: usize = 32 * 1024;
const MOST_HEADERS: usize = 64;

/// A request's line and what its headers say about the connection.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) target: String,
    pub(super) is_get: bool,
    pub(super) keep_alive: bool,
}

/// Reads requests one after the other.
///
/// With `hold_back` the last byte of a request stays in the socket until
/// [`finish`](Requests::finish): a connection closed with bytes unread is reset, not ended, and
/// that is the one way std has to make a reset.
pub(super) struct Requests<'a> {
    stream: &'a TcpStream,
    buffer: Vec<u8>,
    hold_back: bool,
    held: bool,
}

impl<'a> Requests<'a> {
    pub(super) fn new(stream: &'a TcpStream, hold_back: bool) -> Self {
        Self {
            stream,
            buffer: Vec::with_capacity(4096),
            hold_back,
            held: false,
        }
    }

    /// The next request; `None` when the client is done.
    pub(super) fn next(&mut self) -> io::Result<Option<Head>> {
        loop {
            if let Some(end) = head_end(&self.buffer, 0) {
                let head = parse(&self.buffer[..end])?;
                self.buffer.drain(..end);
                return Ok(Some(head));
            }
            if self.buffer.len() > MOST_HEAD {
                return Err(io::Error::other("a request head beyond all bounds"));
            }
            let mut chunk = [0; 4096];
            let got = if self.hold_back {
                let seen = (self.stream).peek(&mut chunk)?;
                if let Some(head) = self.peeked(&chunk[..seen])? {
                    return Ok(Some(head));
                }
                self.stream.read(&mut chunk[..seen])?
            } else {
                self.stream.read(&mut chunk)?
            };
            if got == 0 {
                return Ok(None);
            }
            self.buffer.extend_from_slice(&chunk[..got]);
        }
    }

    /// Takes all but the last byte of a head that `seen` completes.
    fn peeked(&mut self, seen: &[u8]) -> io::Result<Option<Head>> {
        let before = self.buffer.len();
        self.buffer.extend_from_slice(seen);
        let Some(end) = head_end(&self.buffer, before) else {
            self.buffer.truncate(before);
            return Ok(None);
        };
        let head = parse(&self.buffer[..end])?;
        let mut taken = vec![0; end - before - 1];
        self.stream.read_exact(&mut taken)?;
        self.buffer.clear();
        self.held = true;
        Ok(Some(head))
    }

    /// Takes the byte held back, if one is.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        if self.held {
            self.held = false;
            self.stream.read_exact(&mut [0])?;
        }
        Ok(())
    }
}

/// Where the head ends, if its end lies in `bytes`; what precedes `from` was searched before.
fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    let from = from.saturating_sub(3);
    let at = bytes[from..]
        .windows(4)
        .position(|four| four == b"\r\n\r\n")?;
    Some(from + at + 4)
}

fn parse(bytes: &[u8]) -> io::Result<Head> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    // httparse's error and the request say nothing here: a target may hold a key.
    request
        .parse(bytes)
        .map_err(|_| io::Error::other("not an HTTP request"))?;
    let says = |name: &str, word: &[u8]| {
        request.headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case(name) && header.value.eq_ignore_ascii_case(word)
        })
    };
    let has_body = request.headers.iter().any(|header| {
        header.name.eq_ignore_ascii_case("transfer-encoding")
            || (header.name.eq_ignore_ascii_case("content-length") && header.value != b"0")
    });
    Ok(Head {
        target: request.path.unwrap_or_default().to_owned(),
        is_get: request.method == Some("GET"),
        // A body is not read, so nothing after it could be.
        keep_alive: request.version == Some(1) && !says("connection", b"close") && !has_body,
    })
}
