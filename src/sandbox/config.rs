//! How a sandbox is to behave, and what it tells.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::faults::Faults;
use super::question::Question;

/// How a sandbox is to behave.
#[derive(Clone)]
pub struct Config {
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Where answers come from.
    pub source: Source,
    /// How long an answer takes, from the request to its first byte.
    pub latency: Duration,
    /// What goes wrong, and when.
    pub faults: Faults,
    /// Requests within sixty seconds past which connections are dropped for a minute; `None` for no
    /// limit.
    pub per_minute: Option<u32>,
    /// Calls a day (KST) past which status 020 is answered; `None` for no limit.
    pub daily: Option<u32>,
    /// Told of everything that happens.
    pub on_event: Option<OnEvent>,
}

/// A hook. It may act on the n-th request, or hold its answer back by returning late.
pub type OnEvent = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// What happens in a sandbox. The key is in none of it.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A connection was accepted.
    Connected,
    /// A request came.
    Asked {
        /// Its number, from 1.
        nth: u64,
        /// What it asks.
        question: &'a Question,
    },
    /// Its answer is about to begin.
    Answering {
        /// What was asked.
        question: &'a Question,
        /// OpenDART's status, or the kind of answer where there is none.
        status: &'a str,
        /// The name of the fault that takes the answer's place.
        fault: Option<&'static str>,
    },
    /// Its connection is dropped instead, as too many requests came within a minute.
    Blocked,
}

impl Config {
    /// Any free port, no latency, no faults, no limits.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            port: 0,
            source,
            latency: Duration::ZERO,
            faults: Faults::default(),
            per_minute: None,
            daily: None,
            on_event: None,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("port", &self.port)
            .field("source", &self.source)
            .field("latency", &self.latency)
            .field("faults", &self.faults)
            .field("per_minute", &self.per_minute)
            .field("daily", &self.daily)
            .finish_non_exhaustive()
    }
}

/// Where a sandbox's answers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The made-up [market](super::market).
    Market,
    /// A folder of recorded answers, `{corp_code}_{bsns_year}_{reprt_code}.json` in it or in its
    /// `alotMatter`, and `corpCode.zip`. What is not there is answered 013.
    Folder(PathBuf),
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Bind {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The recorded answers cannot be found.
    #[error("cannot read recorded answers from {}: {source}", path.display())]
    Folder {
        /// The folder named.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The system gave no thread.
    #[error("cannot start a thread to serve on: {source}")]
    Thread {
        /// The system's reason.
        source: io::Error,
    },
}
