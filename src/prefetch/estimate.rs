//! What a job will cost, before anything is asked.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::domain::job::{Job, Plan};
use crate::domain::{FiscalYear, ReprtCode, Ticker, kst_date};
use crate::resolve::context::{Context, Policy};
use crate::resolve::planner::{MissingYear, ReportPlanner};
use crate::resolve::reparse_outdated;
use crate::store::Store;

use super::JobError;

/// What a job will cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Its steps.
    pub steps: u64,
    /// Of those, the ones that are cached.
    pub cached: u64,
    /// Calls under plan own, at most: one for each issuer and report, and for an interim report one
    /// or two for the annual ones it may have to be compared with.
    pub own: u64,
    /// Calls under plan window, where every report exists and covers a whole year; each that does
    /// not costs one more, and never more than under plan own. `None` where the job asks for another
    /// report than the annual one.
    pub window: Option<u64>,
}

/// What a job will cost if it is run now, retries aside.
///
/// # Errors
/// The database cannot be read.
pub fn estimate(store: &Store, job: &Job, now: DateTime<Utc>) -> Result<Estimate, JobError> {
    reparse_outdated(store, job.tickers.iter().copied(), now)?;
    let policy = Policy::of_job(job, job.started_at.unwrap_or(now));
    let context = Context {
        store,
        policy: &policy,
        now,
    };
    let planner = |plan| ReportPlanner {
        plan,
        ..context.planner()
    };
    let mut cached = 0;
    let (mut own, mut window) = (Reports::default(), Reports::default());
    for ticker in &job.tickers {
        let known = store.known_years(*ticker, job.start_year, job.end_year, job.reprt_code)?;
        let missing: Vec<MissingYear> = job
            .start_year
            .through(job.end_year)
            .filter_map(|year| {
                let known = known.iter().find(|known| known.fiscal_year == year);
                let is_cached = known.is_some_and(|known| context.is_enough(known));
                (!is_cached).then(|| context.missing(year, known))
            })
            .collect();
        cached += job.steps().years() - missing.len() as u64;
        let issuer = ticker.issuer();
        let by_own = planner(Plan::Own).fewest_reports(&missing);
        own.add(issuer, job.reprt_code, &by_own);
        if job.reprt_code != ReprtCode::Annual {
            own.add(issuer, ReprtCode::Annual, &vouching(&by_own, now));
        }
        let by_window = planner(Plan::Window).fewest_reports(&missing);
        window.add(issuer, job.reprt_code, &by_window);
    }
    Ok(Estimate {
        steps: job.total_steps(),
        cached,
        own: own.count(),
        window: (job.reprt_code == ReprtCode::Annual).then(|| window.count()),
    })
}

/// The annual reports that interim ones may have to be compared with: of the year before, and where
/// that does not exist, of the same year.
fn vouching(interim: &[FiscalYear], now: DateTime<Utc>) -> Vec<FiscalYear> {
    let today = kst_date(now);
    interim
        .iter()
        .flat_map(|year| year.back(1).into_iter().chain([*year]))
        .filter(|year| *year >= FiscalYear::FIRST_REPORT && today > ReprtCode::Annual.due(*year))
        .collect()
}

/// Whether every step from the job's cursor on is cached, so that it can be run without a call.
///
/// # Errors
/// The database cannot be read.
pub fn is_all_cached(store: &Store, job: &Job, now: DateTime<Utc>) -> Result<bool, JobError> {
    reparse_outdated(store, job.tickers.iter().copied(), now)?;
    let policy = Policy::of_job(job, job.started_at.unwrap_or(now));
    let context = Context {
        store,
        policy: &policy,
        now,
    };
    let current = usize::try_from(job.cursor_index).unwrap_or(usize::MAX);
    let left = job.tickers.iter().skip(current);
    let mut from = job.cursor_year;
    for ticker in left {
        let from = from.take().unwrap_or(job.start_year);
        let known = store.known_years(*ticker, from, job.end_year, job.reprt_code)?;
        let enough = known.iter().filter(|known| context.is_enough(known));
        if enough.count() != from.through(job.end_year).count() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reports to be read; one answers for every share of its issuer.
#[derive(Default)]
struct Reports(HashSet<(Ticker, ReprtCode, FiscalYear)>);

impl Reports {
    fn add(&mut self, issuer: Ticker, reprt_code: ReprtCode, source_years: &[FiscalYear]) {
        let report = |source_year: &FiscalYear| (issuer, reprt_code, *source_year);
        self.0.extend(source_years.iter().map(report));
    }

    fn count(&self) -> u64 {
        self.0.len() as u64
    }
}
