//! Jobs: many shares' years, filled step by step, stopped and resumed at any moment.
//!
//! A job is a row; its steps are arithmetic on its tickers and years. [`Runner`] runs it: the engine
//! of [`resolve`](crate::resolve) answers its steps, and the runner commits them under the job's
//! lease. Counters and cursor move together, in step order, in transactions that check the lease.
//! So whatever ends a run, and whenever, the next goes on where it stood; no step is counted twice,
//! none is left out, and the result of a step does not depend on how often the job was cut off.
//!
//! - `plan`, `estimate`: which steps are queued together; what a job will cost.
//! - `lease`, `heartbeat`: one process runs a job at a time, and notices when it no longer may.
//! - `runner`, `commit`, `stop`, `retry`: a run, its transactions and ends.

mod commit;
mod estimate;
mod event;
mod heartbeat;
mod jobs;
mod lease;
mod plan;
mod retry;
mod runner;
mod stop;

use std::io;
use std::path::PathBuf;

pub use crate::domain::job::{
    Failure, FailureKind, Job, JobId, JobIdError, JobSettings, JobStatus, OnError, Plan, Steps,
    StopReason,
};
pub use estimate::{Estimate, estimate, is_all_cached};
pub use event::{Event, OutcomeCounts};
pub use jobs::{
    create_job, failures, find_job, list_jobs, load_job, remove_job, request_cancel, request_pause,
    restart_job, resume_job, run_job_step,
};
pub use lease::is_interrupted;
pub use runner::{Runner, RunnerOptions};

use crate::domain::ReprtCode;
use crate::resolve::ResolveError;
use crate::store::StoreError;

/// Calls a day (KST) that OpenDART allows an ordinary key.
pub const DEFAULT_DAILY_LIMIT: u32 = 20_000;

/// Why a job could not be made, found, changed or run.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No job has this id, name or beginning of an id.
    #[error("no such job: {text}")]
    NotFound {
        /// What was asked for.
        text: String,
    },
    /// Several jobs' ids begin so.
    #[error("{text} is the beginning of several jobs' ids")]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// Their ids; the first few.
        jobs: Vec<JobId>,
    },
    /// The job is DONE: nothing was changed.
    #[error("the job {} is done", job.job_id)]
    Done {
        /// The job.
        job: Box<Job>,
    },
    /// Another process runs the job.
    #[error("another process runs the job {job_id}{}", by(owner.as_deref()))]
    Held {
        /// The job.
        job_id: JobId,
        /// Who, as `pid@host`, where that is known.
        owner: Option<String>,
    },
    /// The job is being run, so it cannot be removed.
    #[error("the job {job_id} is running: pause or cancel it first")]
    Running {
        /// The job.
        job_id: JobId,
    },
    /// A name that could not be found again, or would not print as it is.
    #[error("a job cannot be named \"{name}\"")]
    BadName {
        /// The name, control characters escaped.
        name: String,
    },
    /// A job needs a ticker.
    #[error("a job needs at least one ticker")]
    NoTickers,
    /// The last year lies before the first.
    #[error("the last year {last} lies before the first, {first}")]
    YearsReversed {
        /// The first.
        first: u16,
        /// The last.
        last: u16,
    },
    /// Plan window reads annual reports alone: no other states three years.
    #[error("the plan window reads annual reports alone, not {}", reprt_code.word())]
    NotAnnual {
        /// The report that was asked for.
        reprt_code: ReprtCode,
    },
    /// The database's file is gone or another one by now.
    #[error("the database {} is gone", path.display())]
    DatabaseGone {
        /// Where it was.
        path: PathBuf,
    },
    /// The lock on the job's file could not be tried.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored answer is damaged, the system gave no thread, or the database failed.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
}

fn by(owner: Option<&str>) -> String {
    owner.map_or_else(String::new, |owner| format!(" ({owner})"))
}
