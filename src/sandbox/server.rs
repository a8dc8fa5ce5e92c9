//! The server: a thread for each connection, so that a fault can hold one and no other.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::answer::{Answer, Body};
use super::config::{Config, Event, OnEvent, SandboxError, Source};
use super::faults::{Fault, Faults};
use super::folder::Folder;
use super::http::{Head, Requests};
use super::limits::{Limits, Verdict};
use super::market;
use super::question::{self, AnswerId, KeyVerdict, Question};
use super::stopping::{Stopping, lock};
use super::wire::{self, Next};

/// How long [`Server::stop`] waits for answers that a hook holds back.
const HOOK_GRACE: Duration = Duration::from_secs(2);

const STACK: usize = 256 * 1024;

/// A sandbox that serves until it is stopped or dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Mutex<Option<thread::JoinHandle<()>>>,
}

impl Server {
    /// Listens on 127.0.0.1 and serves.
    ///
    /// # Errors
    /// A port that is taken, a folder that cannot be listed, or no thread to be had.
    pub fn start(config: Config) -> Result<Self, SandboxError> {
        let answers = match &config.source {
            Source::Market => Answers::Market,
            Source::Folder(path) => Answers::Folder(Folder::open(path)?),
        };
        let bind = |source| SandboxError::Bind {
            port: config.port,
            source,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let shared = Arc::new(Shared {
            answers,
            latency: config.latency,
            faults: config.faults,
            on_event: config.on_event,
            limits: Mutex::new(Limits::new(config.per_minute, config.daily)),
            limited: config.per_minute.is_some() || config.daily.is_some(),
            requests: AtomicU64::new(0),
            started: Instant::now(),
            stopping: Stopping::default(),
            open: Mutex::default(),
            closed: Condvar::new(),
        });
        let acceptor = {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("sandbox".to_owned())
                .spawn(move || accept(&listener, &shared))
                .map_err(|source| SandboxError::Thread { source })?
        };
        Ok(Self {
            address,
            shared,
            acceptor: Mutex::new(Some(acceptor)),
        })
    }

    /// Where it listens, as `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Blocks until another thread calls [`stop`](Self::stop).
    pub fn wait(&self) {
        self.shared.stopping.wait();
    }

    /// Ends every connection and frees the port. Answers a hook still holds after two seconds are
    /// left to it.
    pub fn stop(&self) {
        self.shared.stopping.begin();
        if let Some(acceptor) = lock(&self.acceptor).take() {
            // Accepting blocks; a connection of our own wakes it.
            if TcpStream::connect(self.address).is_ok() {
                // A panic there changes nothing here.
                let _ended = acceptor.join();
            }
        }
        let mut open = lock(&self.shared.open);
        for stream in open.values() {
            // A connection that is gone already needs no shutdown.
            let _gone = stream.shutdown(Shutdown::Both);
        }
        let deadline = Instant::now() + HOOK_GRACE;
        while !open.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            open = self
                .shared
                .closed
                .wait_timeout(open, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.origin())
    }
}

/// Where answers come from, opened.
enum Answers {
    Market,
    Folder(Folder),
}

impl Answers {
    fn alot_matter(&self, id: AnswerId) -> Answer {
        match self {
            Self::Market => match market::answer(id) {
                Some(json) => Answer::json("000", Body::Made(json.into_bytes())),
                None => Answer::verdict("013", false),
            },
            Self::Folder(folder) => folder.alot_matter(id),
        }
    }

    fn corp_code(&self) -> Answer {
        match self {
            Self::Market => match market::corp_code_zip() {
                Ok(bytes) => Answer::zip(bytes),
                Err(error) => Answer::page(500, "unmade", &error.to_string()),
            },
            Self::Folder(folder) => folder.corp_code(),
        }
    }
}

struct Shared {
    answers: Answers,
    latency: Duration,
    faults: Faults,
    on_event: Option<OnEvent>,
    limits: Mutex<Limits>,
    limited: bool,
    /// How many came so far.
    requests: AtomicU64,
    started: Instant,
    stopping: Stopping,
    /// The connections there are; each one's thread takes its own out before it ends.
    open: Mutex<HashMap<u64, Arc<TcpStream>>>,
    closed: Condvar,
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut number = 0;
    for stream in listener.incoming() {
        if shared.stopping.has_begun() {
            return;
        }
        let Ok(stream) = stream else {
            // Out of descriptors, or a client that left at once: let others end first.
            shared.stopping.pause(Duration::from_millis(10));
            continue;
        };
        number += 1;
        shared.tell(&Event::Connected);
        lock(&shared.open).insert(number, Arc::new(stream));
        let theirs = Arc::clone(shared);
        let spawned = thread::Builder::new()
            .name(format!("sandbox-{number}"))
            .stack_size(STACK)
            .spawn(move || serve(&theirs, number));
        if spawned.is_err() {
            lock(&shared.open).remove(&number);
        }
    }
}

fn serve(shared: &Shared, number: u64) {
    let stream = lock(&shared.open).get(&number).cloned();
    if let Some(stream) = stream {
        // Clients leave whenever they like: a broken connection is the end of it, and no more.
        let _ended = stream
            .set_nodelay(true)
            .and_then(|()| shared.answer_all(&stream));
    }
    // The stream above is dropped by now: the connection closes with this, its last owner.
    lock(&shared.open).remove(&number);
    shared.closed.notify_all();
}

impl Shared {
    fn tell(&self, event: &Event<'_>) {
        if let Some(hook) = &self.on_event {
            hook(event);
        }
    }

    fn answer_all(&self, stream: &TcpStream) -> io::Result<()> {
        let mut requests = Requests::new(stream, self.faults.may_reset());
        while let Some(head) = requests.next()? {
            if self.answer_one(&head, stream, &mut requests)? == Next::Close || !head.keep_alive {
                break;
            }
        }
        Ok(())
    }

    fn answer_one(
        &self,
        head: &Head,
        stream: &TcpStream,
        requests: &mut Requests<'_>,
    ) -> io::Result<Next> {
        let (question, key) = question::read(&head.target);
        let question = &question;
        let now = self.started.elapsed();
        let nth = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        self.tell(&Event::Asked { nth, question });
        let verdict = if self.limited {
            lock(&self.limits).call(now, kst_day())
        } else {
            Verdict::Within
        };
        if verdict == Verdict::Blocked {
            self.tell(&Event::Blocked);
            return Ok(Next::Close);
        }
        if !self.latency.is_zero() && self.stopping.pause(self.latency) {
            return Ok(Next::Close);
        }
        let fault = self.faults.at(nth);
        let right = if head.is_get {
            self.answer(question, key, verdict)
        } else {
            Answer::page(405, "405", "Method Not Allowed")
        };
        // Before the answer begins: a client may act on it at once.
        self.tell(&Event::Answering {
            question,
            status: &right.status,
            fault: fault.map(Fault::name),
        });
        if let Some(fault) = fault {
            let xml = question.speaks_xml();
            return wire::send_with_fault(fault, stream, requests, &right, xml, &self.stopping);
        }
        requests.finish()?;
        wire::send(stream, &right)?;
        Ok(Next::Keep)
    }

    fn answer(&self, question: &Question, key: KeyVerdict, verdict: Verdict) -> Answer {
        let xml = question.speaks_xml();
        match (key, question) {
            (_, Question::UnknownPath { path }) if !path.starts_with("/api/") => {
                Answer::page(404, "404", "Not Found")
            }
            (_, Question::UnknownPath { .. }) => Answer::verdict("101", xml),
            (KeyVerdict::Absent, _) => Answer::bad_field("crtfc_key", xml),
            (KeyVerdict::Refused, _) => Answer::verdict("010", xml),
            _ if verdict == Verdict::OverDaily => Answer::verdict("020", xml),
            (_, Question::BadField { field, .. }) => Answer::bad_field(field, xml),
            (_, Question::AlotMatter(id)) => self.answers.alot_matter(*id),
            (_, Question::CorpCode) => self.answers.corp_code(),
        }
    }
}

/// The days in Seoul (UTC+9, no daylight saving) since 1970: the daily limit's own calendar.
fn kst_day() -> u64 {
    let seconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    (seconds + 9 * 3600) / 86_400
}
