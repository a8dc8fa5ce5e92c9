//! What a job will cost, before anything is asked.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::domain::job::{Job, Plan};
use crate::domain::{FiscalYear, ReprtCode, Ticker};
use crate::series::answer;
use crate::series::plan::Chooser;
use crate::store::Store;

use super::JobError;
use super::bench::Bench;

/// What a job will cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Its steps.
    pub steps: u64,
    /// Of those, the ones that are cached.
    pub cached: u64,
    /// Calls under plan own, at most: one for each issuer and report.
    pub own: u64,
    /// Calls under plan window, where every report exists and covers a whole year; each that does
    /// not costs one more, and never more than under plan own. `None` where the job asks for another
    /// report than the annual one.
    pub window: Option<u64>,
}

impl Estimate {
    /// Calls under the job's own plan.
    #[must_use]
    pub fn calls(&self, plan: Plan) -> u64 {
        match plan {
            Plan::Own => self.own,
            Plan::Window => self.window.unwrap_or(self.own),
        }
    }
}

/// What a job will cost if it is run now, retries aside.
///
/// # Errors
/// The database cannot be read.
pub fn estimate(store: &Store, job: &Job, now: DateTime<Utc>) -> Result<Estimate, JobError> {
    let started_at = job.started_at.unwrap_or(now);
    let bench = Bench::new(store, job, started_at, now, true);
    let chooser = |plan| Chooser {
        plan,
        ..bench.chooser
    };
    let mut cached = 0;
    let (mut own, mut window) = (Reports::default(), Reports::default());
    for ticker in &job.tickers {
        let known = store.known_years(*ticker, job.start_year, job.end_year, job.reprt_code)?;
        let is_cached = |year: &FiscalYear| {
            let known = known.iter().find(|known| known.fiscal_year == *year);
            known.is_some_and(|known| bench.is_enough(known))
        };
        let years = job.start_year.through(job.end_year);
        let missing: Vec<FiscalYear> = years.filter(|year| !is_cached(year)).collect();
        cached += job.steps().years() - missing.len() as u64;
        let issuer = ticker.issuer();
        own.add(issuer, &chooser(Plan::Own).fewest_reports(&missing));
        window.add(issuer, &chooser(Plan::Window).fewest_reports(&missing));
    }
    Ok(Estimate {
        steps: job.total_steps(),
        cached,
        own: own.count(),
        window: (job.reprt_code == ReprtCode::Annual).then(|| window.count()),
    })
}

/// Whether every step from the job's cursor on is cached, so that it can be run without a call.
///
/// # Errors
/// The database cannot be read.
pub fn is_all_cached(store: &Store, job: &Job, now: DateTime<Utc>) -> Result<bool, JobError> {
    let started_at = job.started_at.unwrap_or(now);
    let bench = Bench::new(store, job, started_at, now, true);
    let years = job.steps().years();
    let settled = usize::try_from(job.cursor_index.checked_div(years).unwrap_or_default());
    let left = job.tickers.iter().skip(settled.unwrap_or(usize::MAX));
    let mut from = job.cursor_year;
    for ticker in left {
        let from = from.take().unwrap_or(job.start_year);
        let known = store.known_years(*ticker, from, job.end_year, job.reprt_code)?;
        let enough = known.iter().filter(|known| {
            let is_outdated = answer::is_outdated(known.parser_version, known.outcome);
            bench.is_enough(known) && !is_outdated
        });
        if enough.count() != from.through(job.end_year).count() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Reports to be read; one answers for every share of its issuer.
#[derive(Default)]
struct Reports(HashSet<(Ticker, FiscalYear)>);

impl Reports {
    fn add(&mut self, issuer: Ticker, source_years: &[FiscalYear]) {
        self.0.extend(
            source_years
                .iter()
                .map(|source_year| (issuer, *source_year)),
        );
    }

    fn count(&self) -> u64 {
        self.0.len() as u64
    }
}
