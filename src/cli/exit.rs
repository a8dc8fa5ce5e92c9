//! Errors become words, hints and an exit code here, and nowhere else.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::Local;

use crate::domain::OriginKind;
use crate::fetch::FetchError;
use crate::opendart::{self, TransportError};
use crate::prefetch::JobError;
use crate::resolve::ResolveError;
use crate::store::StoreError;

/// How a command ends. Scripts depend on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// 0: done.
    Done,
    /// 1: an error, such as an unknown ticker or a damaged database.
    Error,
    /// 2: malformed input.
    Usage,
    /// 3: finished, but something is missing or failed.
    Partly,
    /// 4: stopped: paused or cancelled from elsewhere.
    Stopped,
    /// 5: stopped by itself; later it will work (quota, maintenance, source down).
    Later,
    /// 6: the key is missing or refused.
    Key,
    /// 7: another process runs this job.
    Held,
    /// 130: interrupted.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Error => 1,
            Exit::Usage => 2,
            Exit::Partly => 3,
            Exit::Stopped => 4,
            Exit::Later => 5,
            Exit::Key => 6,
            Exit::Held => 7,
            Exit::Interrupted => 130,
        })
    }
}

/// A command that could not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Malformed input; what was wrong with which word.
    #[error("{message}")]
    Usage { message: String, hints: Vec<String> },
    /// There is no such thing.
    #[error("{message}")]
    Unknown { message: String, hints: Vec<String> },
    /// No key, and the command has to call OpenDART.
    #[error("no OpenDART key is set")]
    NoKey { sandbox_command: String },
    /// The key that is set cannot be one.
    #[error("{0}")]
    BadKey(#[from] opendart::ApiKeyError),
    /// The file that is to hold the key cannot be read.
    #[error("the key file {} cannot be read: {source}", path.display())]
    KeyFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Series(#[from] ResolveError),
    #[error(transparent)]
    Job(#[from] JobError),
    /// Anything of the machine: a file that cannot be read, a port that is taken.
    #[error("{0:#}")]
    Other(#[from] anyhow::Error),
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hints: vec![hint.into()],
        }
    }

    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::NoKey { .. } | Self::BadKey(_) | Self::KeyFile { .. } => Exit::Key,
            Self::Fetch(error) => exit_of_fetch(error),
            Self::Job(JobError::Held { .. }) => Exit::Held,
            Self::Job(
                JobError::NoTickers
                | JobError::BadName { .. }
                | JobError::YearsReversed { .. }
                | JobError::NotAnnual { .. },
            ) => Exit::Usage,
            Self::Job(JobError::Done { .. }) => Exit::Done,
            Self::Unknown { .. }
            | Self::Job(_)
            | Self::Store(_)
            | Self::Series(_)
            | Self::Other(_) => Exit::Error,
        }
    }

    /// What to do next, a line each.
    pub(super) fn hints(&self) -> Vec<String> {
        match self {
            Self::Usage { hints, .. } | Self::Unknown { hints, .. } => hints.clone(),
            Self::NoKey { sandbox_command } => no_key_hints(sandbox_command),
            Self::BadKey(_) => vec![
                "a key has 40 letters and digits; copy it anew from https://opendart.fss.or.kr"
                    .to_owned(),
            ],
            Self::KeyFile { .. } => vec![
                "DART_API_KEY_FILE (or api_key_file) names a file with the key alone".to_owned(),
            ],
            Self::Store(error) => hints_of_store(error),
            Self::Fetch(error) => hints_of_fetch(error),
            Self::Series(error) => hints_of_resolve(error),
            Self::Job(error) => hints_of_job(error),
            Self::Other(_) => Vec::new(),
        }
    }
}

fn no_key_hints(sandbox_command: &str) -> Vec<String> {
    let set = if cfg!(windows) {
        "set it: setx DART_API_KEY your-40-character-key (and open a new window)"
    } else {
        "set it: export DART_API_KEY=your-40-character-key"
    };
    vec![
        "a key is free and comes by mail: https://opendart.fss.or.kr (인증키 신청)".to_owned(),
        set.to_owned(),
        format!("to try without one, on made-up data: {sandbox_command}"),
    ]
}

pub(super) fn exit_of_fetch(error: &FetchError) -> Exit {
    match error {
        FetchError::KeyRefused { .. } | FetchError::Closed => Exit::Key,
        FetchError::DailyLimit { .. }
        | FetchError::OwnLimit { .. }
        | FetchError::Maintenance
        | FetchError::SourceDown { .. }
        | FetchError::CutOff { .. } => Exit::Later,
        FetchError::Interrupted(_) => Exit::Interrupted,
        FetchError::Failed(_) | FetchError::Gate(_) => Exit::Error,
    }
}

pub(super) fn hints_of_fetch(error: &FetchError) -> Vec<String> {
    match error {
        FetchError::Closed => {
            vec!["set DART_API_KEY; a key is free: https://opendart.fss.or.kr".to_owned()]
        }
        FetchError::KeyRefused { .. } => vec![
            "check the key and its state at https://opendart.fss.or.kr (인증키 신청/관리)"
                .to_owned(),
        ],
        FetchError::DailyLimit { resets_at } | FetchError::OwnLimit { resets_at, .. } => {
            vec![format!(
                "what was learnt is kept; the limit starts anew at {} (00:00 in Korea), then run the \
             same command again",
                resets_at.with_timezone(&Local).format("%Y-%m-%d %H:%M %:z")
            )]
        }
        FetchError::Maintenance => {
            vec!["OpenDART is being maintained; run the same command again later".to_owned()]
        }
        FetchError::SourceDown { .. } | FetchError::CutOff { .. } => vec![
            "check the network, or run the same command again later: what was learnt is kept"
                .to_owned(),
            "--offline shows what is in the database".to_owned(),
        ],
        FetchError::Failed(opendart::Error::Transport(TransportError::Certificate { .. })) => {
            let hint = if cfg!(target_os = "linux") {
                "if a proxy or gateway of yours signs it, name its root with SSL_CERT_FILE"
            } else {
                "if a proxy or gateway of yours signs it, add its root to the system's store"
            };
            vec![hint.to_owned()]
        }
        FetchError::Gate(error) => hints_of_store(error.store_error()),
        FetchError::Failed(_) | FetchError::Interrupted(_) => Vec::new(),
    }
}

fn hints_of_job(error: &JobError) -> Vec<String> {
    let hint = match error {
        JobError::NotFound { .. } => "dps job list shows them",
        JobError::Ambiguous { jobs, .. } => {
            let ids: Vec<String> = jobs.iter().map(ToString::to_string).collect();
            return vec![format!("give more of the one you mean: {}", ids.join(", "))];
        }
        JobError::Held { .. } => "dps job pause or cancel makes it stop",
        JobError::Running { .. } => "dps job cancel makes it stop",
        JobError::BadName { .. } => "a name has printable characters, and at least one",
        JobError::NoTickers => "give them with --tickers, --tickers-file or --from-master",
        JobError::YearsReversed { .. } => "give the first year first",
        JobError::NotAnnual { .. } => "leave out --plan, or --report",
        JobError::DatabaseGone { .. } => {
            "what was committed went with the file; put it back, then resume the job"
        }
        JobError::Lock { .. } => "the lock lies beside the database: allow writing there",
        JobError::Store(error) => return hints_of_store(error),
        JobError::Resolve(error) => return hints_of_resolve(error),
        JobError::Done { .. } => return Vec::new(),
    };
    vec![hint.to_owned()]
}

fn hints_of_resolve(error: &ResolveError) -> Vec<String> {
    match error {
        ResolveError::Store(error) => hints_of_store(error),
        ResolveError::Gate(error) => hints_of_store(error.store_error()),
        ResolveError::Payload { .. } | ResolveError::Panicked | ResolveError::Thread { .. } => {
            vec!["run the same command again; if it stays, report it".to_owned()]
        }
    }
}

fn hints_of_store(error: &StoreError) -> Vec<String> {
    let hint = match error {
        StoreError::WrongKind {
            holds: OriginKind::Sandbox,
            ..
        } => "it is the sandbox's: add --sandbox, or name another database with --db or DPS_DB",
        StoreError::WrongKind {
            holds: OriginKind::Loopback,
            ..
        } => {
            "its answers came from a server on this machine: set DPS_API_BASE to it, or name \
             another database with --db or DPS_DB"
        }
        StoreError::WrongKind {
            holds: OriginKind::Real,
            ..
        } => {
            "it holds real answers, which made-up ones must not join: leave out --db, DPS_DB, or \
             --sandbox and DPS_API_BASE"
        }
        StoreError::Newer { .. } => "use the newer dps that made it, or name another with --db",
        StoreError::ReadOnly { .. } => {
            "allow writing to the file and its folder, or name another database with --db"
        }
        StoreError::Full { .. } => "make room; what was written before is kept",
        StoreError::Busy { .. } => "wait for the other process, then run the same command again",
        StoreError::Directory { .. }
        | StoreError::NotADatabase { .. }
        | StoreError::Foreign { .. } => {
            "nothing was changed in it; name another file with --db or DPS_DB"
        }
        StoreError::Corrupt { .. } => {
            "nothing was changed; try to recover it with `sqlite3 FILE .recover`, or name another \
             with --db"
        }
        StoreError::Open { .. } => {
            "check the path and its permissions, or name another file with --db or DPS_DB"
        }
        StoreError::Unreadable { .. } => "mend the row with sqlite3, or ask again with --refresh",
        StoreError::NotExact { .. } | StoreError::Refused { .. } | StoreError::Sqlite { .. } => {
            return Vec::new();
        }
    };
    vec![hint.to_owned()]
}
