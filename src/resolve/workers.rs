//! Workers: a few threads that call, and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::fetch::{Caller, FetchError, Fetcher, Interrupt, MOST_IN_FLIGHT};
use crate::opendart::{Answer, CompanyList};

use super::ResolveError;
use super::response::ReportKey;

/// How long a call that is ended has to come back before it is ended once more.
const BETWEEN_ENDS: Duration = Duration::from_millis(50);

/// A call to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Companies,
    Report(ReportKey),
}

/// Result of a call.
#[derive(Debug)]
pub(crate) enum Reply {
    Companies(Result<CompanyList, FetchError>),
    Report(ReportKey, Result<Answer, FetchError>),
    Panicked,
}

/// The threads and their work.
#[derive(Debug)]
pub(crate) struct Workers {
    shared: Arc<Shared>,
    replies: Receiver<Reply>,
    reply_to: Sender<Reply>,
    /// Dropped: no further calls are made.
    calls: Option<Sender<Call>>,
    threads: usize,
    in_flight: usize,
}

#[derive(Debug)]
struct Shared {
    fetcher: Arc<Fetcher>,
    interrupt: Interrupt,
    /// Calls a day (KST) that the key may be used for.
    daily_limit: Option<u32>,
    wait_on_outage: bool,
    /// Attempts that were not counted elsewhere yet.
    attempts: AtomicU64,
    calls: Mutex<Receiver<Call>>,
}

impl Shared {
    fn next(&self) -> Option<Call> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.recv().ok()
    }

    fn ask(&self, call: Call) -> Reply {
        let caller = Caller {
            interrupt: &self.interrupt,
            tally: Some(&self.attempts),
            daily_limit: self.daily_limit,
            wait_on_outage: self.wait_on_outage,
        };
        match call {
            Call::Companies => Reply::Companies(self.fetcher.companies(caller)),
            Call::Report(key) => {
                let answer = self.fetcher.alot_matter(
                    key.corp_code,
                    key.source_year,
                    key.reprt_code,
                    caller,
                );
                Reply::Report(key, answer)
            }
        }
    }
}

impl Workers {
    pub(crate) fn new(
        fetcher: Arc<Fetcher>,
        daily_limit: Option<u32>,
        wait_on_outage: bool,
    ) -> Self {
        let (reply_to, replies) = mpsc::channel();
        let (calls, to_make) = mpsc::channel();
        Self {
            shared: Arc::new(Shared {
                fetcher,
                interrupt: Interrupt::new(),
                daily_limit,
                wait_on_outage,
                attempts: AtomicU64::new(0),
                calls: Mutex::new(to_make),
            }),
            replies,
            reply_to,
            calls: Some(calls),
            threads: 0,
            in_flight: 0,
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(crate) fn has_room(&self) -> bool {
        self.in_flight < MOST_IN_FLIGHT
    }

    /// Calls, on an idle thread or a new one.
    pub(crate) fn call(&mut self, call: Call) -> Result<(), ResolveError> {
        if self.in_flight >= self.threads && self.threads < MOST_IN_FLIGHT {
            match self.spawn() {
                Ok(()) => self.threads += 1,
                Err(source) if self.threads == 0 => return Err(ResolveError::Thread { source }),
                // Fewer will do.
                Err(_) => {}
            }
        }
        if let Some(calls) = &self.calls
            && calls.send(call).is_ok()
        {
            self.in_flight += 1;
        }
        Ok(())
    }

    fn spawn(&self) -> std::io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let reply_to = self.reply_to.clone();
        thread::Builder::new()
            .name("dps-call".to_owned())
            .spawn(move || {
                while let Some(call) = shared.next() {
                    // Nobody would wait for a thread that is gone otherwise, but for its reply.
                    let asked = catch_unwind(AssertUnwindSafe(|| shared.ask(call)));
                    if reply_to.send(asked.unwrap_or(Reply::Panicked)).is_err() {
                        return;
                    }
                }
            })
            .map(drop)
    }

    /// The next reply, if one comes in time.
    pub(crate) fn reply(&mut self, within: Duration) -> Option<Reply> {
        let reply = self.replies.recv_timeout(within).ok()?;
        self.in_flight -= 1;
        Some(reply)
    }

    /// The attempts since this was last called.
    pub(crate) fn take_attempts(&self) -> u64 {
        self.shared.attempts.swap(0, Ordering::Relaxed)
    }

    /// Attempts that could not be counted after all.
    pub(crate) fn give_back_attempts(&self, attempts: u64) {
        self.shared.attempts.fetch_add(attempts, Ordering::Relaxed);
    }

    /// The attempts that are still to be taken.
    pub(crate) fn attempts(&self) -> u64 {
        self.shared.attempts.load(Ordering::Relaxed)
    }

    /// Makes no further calls, ends those in flight, and returns the replies that come in time.
    pub(crate) fn stop(&mut self, patience: Duration) -> Vec<Reply> {
        self.shared.interrupt.raise();
        self.calls = None;
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
