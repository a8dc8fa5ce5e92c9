//! What a prefetch job is: its settings, its state, and the order of its steps.

mod job_id;
mod steps;
mod words;

use chrono::{DateTime, Utc};

pub use job_id::{JobId, JobIdError};
pub use steps::Steps;
pub use words::{FailureKind, JobStatus, OnError, Plan, StopReason};

use super::{FiscalYear, ReprtCode, Ticker};

/// What a job is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSettings {
    /// What its user calls it; several jobs may have the same name.
    pub name: Option<String>,
    /// The shares, in the order they are filled. A share named twice is one.
    pub tickers: Vec<Ticker>,
    /// The first fiscal year.
    pub first: FiscalYear,
    /// The last fiscal year, included.
    pub last: FiscalYear,
    /// The report to ask for.
    pub reprt_code: ReprtCode,
    /// Ask for every year, whatever is stored.
    pub force_refresh: bool,
    /// Ask for so many of the latest years of the range, whatever is stored.
    pub recheck_recent: u16,
    /// Which reports answer a year.
    pub plan: Plan,
    /// Ask again for years that only a later report stated: an explicit plan own.
    pub own_only: bool,
    /// What a failed step does to the job.
    pub on_error: OnError,
    /// Calls a day (KST) that the key may be used for; `None` is OpenDART's own limit, 20,000.
    pub daily_limit: Option<u32>,
}

/// A row of `prefetch_jobs`, less the lease's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub job_id: JobId,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When the row was last written.
    pub updated_at: DateTime<Utc>,
    /// Its state.
    pub status: JobStatus,
    /// What its user calls it.
    pub job_name: Option<String>,
    /// The shares, in the order they are filled.
    pub tickers: Vec<Ticker>,
    /// The first fiscal year.
    pub start_year: FiscalYear,
    /// The last fiscal year, included.
    pub end_year: FiscalYear,
    /// The report it asks for.
    pub reprt_code: ReprtCode,
    /// Whether it asks for every year, whatever is stored.
    pub force_refresh: bool,
    /// How many of the latest years it asks for, whatever is stored.
    pub recheck_recent: u16,
    /// Which reports answer a year.
    pub plan: Plan,
    /// Whether it asks again for years that only a later report stated.
    pub own_only: bool,
    /// What a failed step does to it.
    pub on_error: OnError,
    /// Calls a day (KST) that the key may be used for; `None` is OpenDART's own limit.
    pub daily_limit: Option<u32>,
    /// The index of the current ticker, from 0; the number of tickers once every step is committed.
    pub cursor_index: u64,
    /// The current fiscal year; `None` once every step is committed.
    pub cursor_year: Option<FiscalYear>,
    /// Steps committed, and so the index of the current one: success, skip, cached and fail together.
    pub processed_count: u64,
    /// Steps for which it read a report, whatever that says.
    pub success_count: u64,
    /// Steps for which it learnt that there is no report (013).
    pub skip_count: u64,
    /// Steps whose answer was known before it started.
    pub cached_count: u64,
    /// Steps that failed.
    pub fail_count: u64,
    /// HTTP attempts it made.
    pub dart_calls: u64,
    /// What last went wrong.
    pub last_error: Option<String>,
    /// Why it stopped.
    pub stop_reason: Option<StopReason>,
    /// When it first ran.
    pub started_at: Option<DateTime<Utc>>,
    /// When its last step was settled.
    pub finished_at: Option<DateTime<Utc>>,
    /// Who runs it, as `pid@host`.
    pub lease_owner: Option<String>,
    /// Until when, unless renewed.
    pub lease_expires_at: Option<DateTime<Utc>>,
}

impl Job {
    /// The settings it was created with.
    #[must_use]
    pub fn settings(&self) -> JobSettings {
        JobSettings {
            name: self.job_name.clone(),
            tickers: self.tickers.clone(),
            first: self.start_year,
            last: self.end_year,
            reprt_code: self.reprt_code,
            force_refresh: self.force_refresh,
            recheck_recent: self.recheck_recent,
            plan: self.plan,
            own_only: self.own_only,
            on_error: self.on_error,
            daily_limit: self.daily_limit,
        }
    }

    /// Its steps in order.
    #[must_use]
    pub fn steps(&self) -> Steps<'_> {
        Steps::new(&self.tickers, self.start_year, self.end_year)
    }

    /// How many steps it has.
    #[must_use]
    pub fn total_steps(&self) -> u64 {
        self.steps().total()
    }

    /// The share of its steps that are settled, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        match self.total_steps() {
            0 => 1.0,
            total => self.processed_count as f64 / total as f64,
        }
    }

    /// The step at its cursor; `None` once all are settled.
    #[must_use]
    pub fn current(&self) -> Option<(Ticker, FiscalYear)> {
        self.steps().at(self.processed_count)
    }

    /// Whether a year is asked for whatever is stored.
    #[must_use]
    pub fn asks_anew(&self, year: FiscalYear) -> bool {
        let before_last = self.end_year.get().saturating_sub(year.get());
        self.force_refresh || before_last < self.recheck_recent
    }
}

/// A row of `prefetch_failures`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The share.
    pub ticker: Ticker,
    /// The year.
    pub fiscal_year: FiscalYear,
    /// What kind of failure it was.
    pub kind: FailureKind,
    /// What went wrong, in words.
    pub message: String,
    /// HTTP attempts of the call that failed; 0 where none was made.
    pub attempts: u32,
    /// When.
    pub failed_at: DateTime<Utc>,
}
