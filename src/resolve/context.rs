//! Inputs for deciding a step: what is wanted and how fresh, and what is stored.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::job::{Job, Plan};
use crate::domain::{CorpCode, FiscalYear, Outcome, ReprtCode, kst_date};
use crate::opendart::alot_matter::PARSER_VERSION;
use crate::store::{KnownYear, Store};

use super::planner::{MissingYear, PlannedReport, ReportPlanner};
use super::response::ReportKey;
use super::step::StepOutcome;

/// What is wanted, and how fresh.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// The report to ask for.
    pub(crate) reprt_code: ReprtCode,
    /// The first fiscal year of the range.
    pub(crate) first: FiscalYear,
    /// The last, included.
    pub(crate) last: FiscalYear,
    /// Which reports answer a year.
    pub(crate) plan: Plan,
    /// Whether a year that only a later report stated is asked again.
    pub(crate) own_only: bool,
    /// Whether every year is asked, whatever is stored.
    pub(crate) refresh: bool,
    /// How many of the latest years are asked, whatever is stored.
    pub(crate) recheck_recent: u16,
    /// When the run began: an answer given since then is its own, and is not asked again.
    pub(crate) since: DateTime<Utc>,
    /// Whether outages are waited out and failures passed over; else the first ends asking.
    pub(crate) is_patient: bool,
}

impl Policy {
    /// What a job that first ran then wants.
    pub(crate) fn of_job(job: &Job, since: DateTime<Utc>) -> Self {
        Self {
            reprt_code: job.reprt_code,
            first: job.start_year,
            last: job.end_year,
            plan: job.plan,
            own_only: job.own_only,
            refresh: job.force_refresh,
            recheck_recent: job.recheck_recent,
            since,
            is_patient: true,
        }
    }

    /// Which report is read next, on that day.
    pub(crate) fn planner(&self, now: DateTime<Utc>) -> ReportPlanner {
        ReportPlanner {
            plan: self.plan,
            reprt_code: self.reprt_code,
            today: kst_date(now),
        }
    }

    /// Whether a year is one of the latest that are asked by their own reports.
    fn is_rechecked(&self, year: FiscalYear) -> bool {
        self.last.get().saturating_sub(year.get()) < self.recheck_recent
    }

    /// Whether a year is asked whatever is stored.
    pub(super) fn is_refreshed(&self, year: FiscalYear) -> bool {
        self.refresh || self.is_rechecked(year)
    }
}

/// Whether an older parser read it. A row without a report has nothing that could be read again.
pub(crate) fn is_outdated(parser_version: u32, outcome: Outcome) -> bool {
    parser_version < PARSER_VERSION && outcome != Outcome::NoReport
}

/// Inputs for deciding a step.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) store: &'a Store,
    pub(crate) policy: &'a Policy,
    pub(crate) now: DateTime<Utc>,
}

impl Context<'_> {
    pub(crate) fn planner(&self) -> ReportPlanner {
        self.policy.planner(self.now)
    }

    /// The answer that a planned report is.
    pub(crate) fn key(&self, corp_code: CorpCode, planned: &PlannedReport) -> ReportKey {
        ReportKey {
            corp_code,
            source_year: planned.source_year,
            reprt_code: self.policy.reprt_code,
        }
    }

    /// Whether a cached year need not be read. One that an older parser read, and this one could
    /// not, has to be.
    pub(crate) fn is_enough(&self, known: &KnownYear) -> bool {
        let year = known.fiscal_year;
        let is_anothers =
            self.policy.own_only && !self.planner().is_of_own(year, known.source_year);
        !is_outdated(known.parser_version, known.outcome)
            && !is_anothers
            && (self.is_of_this_run(known.fetched_at)
                || (!self.policy.is_refreshed(year)
                    && self.is_valid(known.fetched_at, known.expires_at)))
    }

    /// A year that has to be read; `known` is what is cached of it.
    pub(crate) fn missing(&self, year: FiscalYear, known: Option<&KnownYear>) -> MissingYear {
        let cached = known.map(|known| (known.source_year, known.outcome));
        let is_rechecked = self.policy.is_rechecked(year);
        self.planner().missing(year, cached, is_rechecked)
    }

    pub(crate) fn outcome(&self, outcome: Outcome, fetched_at: DateTime<Utc>) -> StepOutcome {
        if self.is_of_this_run(fetched_at) {
            StepOutcome::Fetched(outcome)
        } else {
            StepOutcome::Cached
        }
    }

    /// Whether an answer was given since the run began. One from a clock that ran ahead was not.
    pub(super) fn is_of_this_run(&self, fetched_at: DateTime<Utc>) -> bool {
        fetched_at >= self.policy.since && !self.is_from_the_future(fetched_at)
    }

    /// Whether an answer was stored under a clock that ran ahead by more than any run takes.
    fn is_from_the_future(&self, fetched_at: DateTime<Utc>) -> bool {
        fetched_at > self.now + TimeDelta::days(1)
    }

    pub(super) fn is_valid(
        &self,
        fetched_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    ) -> bool {
        !self.is_from_the_future(fetched_at)
            && (self.is_of_this_run(fetched_at) || expires_at.is_none_or(|at| at > self.now))
    }
}
