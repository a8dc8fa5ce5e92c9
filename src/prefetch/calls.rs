//! Calls in flight: a few threads that ask, and nothing else.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::fetch::{Caller, FetchError, Fetcher, Interrupt, MOST_IN_FLIGHT};
use crate::opendart::{Answer, CompanyList};
use crate::resolve::rows::ReportKey;

use super::JobError;

/// How long a call that is ended has to come back before it is ended once more.
const BETWEEN_ENDS: Duration = Duration::from_millis(50);

/// A call to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Companies,
    Report(ReportKey),
}

/// What came of a call.
#[derive(Debug)]
pub(super) enum Reply {
    Companies(Result<CompanyList, FetchError>),
    Report(ReportKey, Result<Answer, FetchError>),
}

/// The threads and what they are at.
#[derive(Debug)]
pub(super) struct Calls {
    shared: Arc<Shared>,
    replies: Receiver<Reply>,
    sender: Sender<Reply>,
    threads: usize,
    in_flight: usize,
}

#[derive(Debug)]
struct Shared {
    fetcher: Arc<Fetcher>,
    interrupt: Interrupt,
    /// Calls a day (KST) that the key may be used for.
    daily_limit: Option<u32>,
    /// Attempts that were not counted elsewhere yet.
    attempts: AtomicU64,
    queue: Mutex<Queue>,
    ready: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    calls: VecDeque<Call>,
    closed: bool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Call> {
        let mut queue = self.queue();
        loop {
            if queue.closed {
                return None;
            }
            if let Some(call) = queue.calls.pop_front() {
                return Some(call);
            }
            queue = self
                .ready
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn ask(&self, call: Call) -> Reply {
        let caller = Caller {
            interrupt: &self.interrupt,
            tally: Some(&self.attempts),
            daily_limit: self.daily_limit,
            wait_on_outage: true,
        };
        match call {
            Call::Companies => Reply::Companies(self.fetcher.companies(caller)),
            Call::Report(question) => Reply::Report(
                question,
                self.fetcher.alot_matter(
                    question.corp_code,
                    question.source_year,
                    question.reprt_code,
                    caller,
                ),
            ),
        }
    }
}

impl Calls {
    pub(super) fn new(fetcher: Arc<Fetcher>, daily_limit: Option<u32>) -> Self {
        let (sender, replies) = mpsc::channel();
        Self {
            shared: Arc::new(Shared {
                fetcher,
                interrupt: Interrupt::new(),
                daily_limit,
                attempts: AtomicU64::new(0),
                queue: Mutex::default(),
                ready: Condvar::new(),
            }),
            replies,
            sender,
            threads: 0,
            in_flight: 0,
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Whether another call is needed to keep up the rate at the latency seen.
    pub(super) fn has_room(&self) -> bool {
        self.in_flight < self.shared.fetcher.calls_needed()
    }

    /// Asks, on a thread that has nothing to do or a new one.
    pub(super) fn ask(&mut self, call: Call) -> Result<(), JobError> {
        if self.in_flight >= self.threads && self.threads < MOST_IN_FLIGHT {
            match self.spawn() {
                Ok(()) => self.threads += 1,
                Err(source) if self.threads == 0 => return Err(JobError::Thread { source }),
                // Fewer will do.
                Err(_) => {}
            }
        }
        self.in_flight += 1;
        self.shared.queue().calls.push_back(call);
        self.shared.ready.notify_one();
        Ok(())
    }

    fn spawn(&self) -> std::io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let sender = self.sender.clone();
        thread::Builder::new()
            .name("dps-call".to_owned())
            .spawn(move || {
                while let Some(call) = shared.next() {
                    if sender.send(shared.ask(call)).is_err() {
                        return;
                    }
                }
            })
            .map(drop)
    }

    /// The next reply, if one comes in time.
    pub(super) fn reply(&mut self, within: Duration) -> Option<Reply> {
        let reply = self.replies.recv_timeout(within).ok()?;
        self.in_flight -= 1;
        Some(reply)
    }

    /// The attempts since this was last asked.
    pub(super) fn take_attempts(&self) -> u64 {
        self.shared.attempts.swap(0, Ordering::Relaxed)
    }

    /// Attempts that could not be counted after all.
    pub(super) fn give_back_attempts(&self, attempts: u64) {
        self.shared.attempts.fetch_add(attempts, Ordering::Relaxed);
    }

    /// The attempts since then, still to be taken.
    pub(super) fn attempts(&self) -> u64 {
        self.shared.attempts.load(Ordering::Relaxed)
    }

    /// Makes no further calls, ends those in flight, and returns what has come or comes at once.
    pub(super) fn stop(&mut self, patience: Duration) -> Vec<Reply> {
        self.shared.interrupt.raise();
        {
            let mut queue = self.shared.queue();
            queue.closed = true;
            self.in_flight -= queue.calls.len();
            queue.calls.clear();
        }
        self.shared.ready.notify_all();
        let until = Instant::now() + patience;
        let mut replies = Vec::new();
        while self.in_flight > 0 {
            // Again each time: a thread may have been about to open a connection.
            self.shared.fetcher.end_calls();
            let left = until.saturating_duration_since(Instant::now());
            match self.reply(left.min(BETWEEN_ENDS)) {
                Some(reply) => replies.push(reply),
                None if left.is_zero() => break,
                None => {}
            }
        }
        replies
    }
}
