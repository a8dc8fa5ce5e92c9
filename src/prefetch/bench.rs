//! What a step is judged by: the job's settings, what is stored, and what has just arrived.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::job::{FailureKind, Job};
use crate::domain::{CorpCode, FiscalYear, Outcome, Ticker, kst_date};
use crate::opendart::alot_matter::UnreadableAnswer;
use crate::resolve::planner::{MissingYear, PlannedReport, ReportPlanner};
use crate::resolve::rows::{self, ReportKey, ResponseSource, StoredResponse};
use crate::resolve::{ResolveError, is_rechecked};
use crate::store::{KnownYear, NewRow, Store};

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StepOutcome {
    /// An answer given since the job started.
    Learnt(Outcome),
    /// An answer given before.
    Cached,
    /// None.
    Failed(StepError),
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StepError {
    pub(super) kind: FailureKind,
    pub(super) message: String,
    pub(super) attempts: u32,
    /// Whether it speaks of a source that is down, not of this step alone.
    pub(super) is_outage: bool,
}

/// What a step is judged by.
pub(super) struct StepContext<'a> {
    pub(super) store: &'a Store,
    pub(super) job: &'a Job,
    /// Since when an answer is one of this job's.
    pub(super) started_at: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    /// Which reports are read.
    pub(super) planner: ReportPlanner,
    /// Whether the list of companies is as new as it can be had.
    pub(super) list_is_new: bool,
}

impl<'a> StepContext<'a> {
    pub(super) fn new(
        store: &'a Store,
        job: &'a Job,
        started_at: DateTime<Utc>,
        now: DateTime<Utc>,
        list_is_new: bool,
    ) -> Self {
        Self {
            store,
            job,
            started_at,
            now,
            planner: ReportPlanner {
                plan: job.plan,
                reprt_code: job.reprt_code,
                today: kst_date(now),
            },
            list_is_new,
        }
    }

    /// What is asked for a report.
    pub(super) fn about(&self, corp_code: CorpCode, choice: &PlannedReport) -> ReportKey {
        ReportKey {
            corp_code,
            source_year: choice.source_year,
            reprt_code: self.job.reprt_code,
        }
    }

    /// Whether a cached year need not be read. What an older parser read and today's could not is.
    pub(super) fn is_enough(&self, known: &KnownYear) -> bool {
        let year = known.fiscal_year;
        let is_anothers = self.job.own_only && !self.planner.is_of_own(year, known.source_year);
        let asks_anew = self.job.asks_anew(year) || is_anothers;
        let is_outdated = rows::is_outdated(known.parser_version, known.outcome);
        !is_outdated
            && (self.is_of_this_job(known.fetched_at)
                || (!asks_anew && self.is_valid(known.fetched_at, known.expires_at)))
    }

    /// A year that has to be read; `known` is what is cached of it.
    pub(super) fn wanted(&self, year: FiscalYear, known: Option<&KnownYear>) -> MissingYear {
        let standing = known.map(|known| (known.source_year, known.outcome));
        let is_rechecked = is_rechecked(year, self.job.end_year, self.job.recheck_recent);
        self.planner.wanted(year, standing, is_rechecked)
    }

    pub(super) fn is_of_this_job(&self, fetched_at: DateTime<Utc>) -> bool {
        fetched_at >= self.started_at
    }

    pub(super) fn is_valid(
        &self,
        fetched_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> bool {
        self.is_of_this_job(fetched_at) || expires_at.is_none_or(|at| at > self.now)
    }

    pub(super) fn fate(&self, outcome: Outcome, fetched_at: DateTime<Utc>) -> StepOutcome {
        if self.is_of_this_job(fetched_at) {
            StepOutcome::Learnt(outcome)
        } else {
            StepOutcome::Cached
        }
    }
}

/// Answers that are at hand, and no others.
pub(super) struct BufferedSource<'a> {
    pub(super) bench: &'a StepContext<'a>,
    pub(super) arrived: &'a mut HashMap<ReportKey, StoredResponse>,
    pub(super) rows: Vec<NewRow>,
}

/// Why steps cannot be settled now.
pub(super) enum Blocked {
    Waits(ReportKey),
    Unreadable(UnreadableAnswer),
}

impl From<UnreadableAnswer> for Blocked {
    fn from(why: UnreadableAnswer) -> Self {
        Self::Unreadable(why)
    }
}

impl ResponseSource for BufferedSource<'_> {
    type Refusal = Blocked;

    fn answer(
        &mut self,
        question: ReportKey,
    ) -> Result<Result<StoredResponse, Blocked>, ResolveError> {
        if let Some(known) = self.arrived.get_mut(&question) {
            let given = known.clone();
            known.is_new = false;
            return Ok(Ok(given));
        }
        let stored = rows::stored(self.bench.store, question, |fetched_at, expires_at| {
            self.bench.is_valid(fetched_at, expires_at)
        })?;
        Ok(stored.ok_or(Blocked::Waits(question)))
    }

    fn store(&self) -> &Store {
        self.bench.store
    }

    fn keep(&mut self, rows: Vec<NewRow>) -> Result<(), ResolveError> {
        self.rows.extend(rows);
        Ok(())
    }
}

impl StepError {
    /// The list of companies does not have it.
    pub(super) fn unknown(ticker: Ticker) -> Self {
        Self {
            kind: FailureKind::UnknownTicker,
            message: format!("unknown ticker {ticker}"),
            attempts: 0,
            is_outage: false,
        }
    }

    /// Its answer cannot be read or kept.
    pub(super) fn unreadable(message: String) -> Self {
        Self {
            kind: FailureKind::Unreadable,
            message,
            attempts: 1,
            is_outage: false,
        }
    }
}
