//! A stand-in for OpenDART on loopback: recorded answers, counted, and made to fail on demand.
//!
//! It speaks HTTP/1.1 with connections kept alive, on threads and [`httparse`] alone, because its
//! purpose lies below HTTP: a fault may reset a connection, cut a body short or never answer. It
//! knows `/api/alotMatter.json`, `/api/corpCode.xml` and, for whoever watches, `/_stats`.
//!
//! Invariants: the same configuration gives the same answer to the same request, whatever the
//! order, and the same faults and latency to the same request number; the key is looked at and forgotten.

mod answer;
mod faults;
mod folder;
mod gate;
mod http;
mod latency;
mod limits;
pub mod market;
mod question;
mod server;
mod stats;
mod wire;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use faults::{Fault, Faults, FaultsError};
pub use gate::Gate;
pub use latency::{Latency, LatencyError, Tail};
pub use market::DATA_VERSION;
pub use question::{AnswerId, KeyPolicy, Question};
pub use server::Server;
pub use stats::{Stats, Times};

/// How a sandbox is to behave.
#[derive(Clone)]
pub struct Config {
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// Where answers come from.
    pub source: Source,
    /// How long an answer takes, usually.
    pub latency: Latency,
    /// The few that take far longer, if there are any.
    pub tail: Option<Tail>,
    /// What goes wrong, and when.
    pub faults: Faults,
    /// Requests within sixty seconds past which connections are dropped; `None` for no limit.
    pub per_minute: Option<u32>,
    /// For how long they are dropped then.
    pub block: Duration,
    /// Calls a day (KST) past which status 020 is answered; `None` for no limit.
    pub daily: Option<u32>,
    /// Which key is taken.
    pub key: KeyPolicy,
    /// Called before each answer, so that a test can act on the n-th request, or hold it back.
    pub on_request: Option<OnRequest>,
}

/// A hook: the request's number, from 1, and what it asks. The key is not in it.
pub type OnRequest = Arc<dyn Fn(u64, &Question) + Send + Sync>;

impl Config {
    /// Any free port, any key of forty characters, no latency, no faults, no limits.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self {
            port: 0,
            source,
            latency: Latency::None,
            tail: None,
            faults: Faults::default(),
            per_minute: None,
            block: Duration::from_secs(60),
            daily: None,
            key: KeyPolicy::default(),
            on_request: None,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("port", &self.port)
            .field("source", &self.source)
            .field("latency", &self.latency)
            .field("tail", &self.tail)
            .field("faults", &self.faults)
            .field("per_minute", &self.per_minute)
            .field("block", &self.block)
            .field("daily", &self.daily)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Where a sandbox's answers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The made-up [market].
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

/// Mixes 64 bits so well that neighbours have nothing in common (SplitMix64's finaliser): all the
/// chance there is in here, and the same on every machine.
const fn splitmix(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// A number in 0..1 that looks random and depends on the seed and the request alone.
fn unit(seed: u64, nth: u64) -> f64 {
    let bits = splitmix(splitmix(seed) ^ nth);
    // The upper 53 bits, as many as a double holds.
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
