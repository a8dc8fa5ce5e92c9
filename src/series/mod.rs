//! The write-through lookup: the database first, OpenDART only for what is missing.
//!
//! Missing is what has no row, has expired, or is to be refreshed. It is answered, in this order,
//! from a stored answer (another year's, or a sibling share's of the same issuer), and by the
//! fewest calls otherwise. Answers are stored as they come, so that an interruption keeps them.

mod audit;
mod cached;
mod lookup;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::job::Plan;
use crate::domain::{FiscalYear, Note, ReprtCode, Restatement, Ticker, Won, note_words};
use crate::resolve::StepError;
use crate::resolve::context::Policy;
use crate::store::CachedRow;

pub use audit::{Audited, Finding, FindingKind, audit};
pub use cached::cached_series;
pub use lookup::{Source, get_dps_series};

/// Which years of which report are wanted, and how fresh.
#[derive(Debug, Clone)]
pub struct SeriesRequest {
    /// The first fiscal year.
    pub first: FiscalYear,
    /// The last fiscal year, included.
    pub last: FiscalYear,
    /// The report to ask for.
    pub reprt_code: ReprtCode,
    /// Ask again for every year, whatever is stored.
    pub refresh: bool,
    /// Ask again for so many of the latest years of the range.
    pub recheck_recent: u16,
    /// Which reports answer a year; `None`: its own, though a row that a later report gave will do.
    pub plan: Option<Plan>,
}

impl SeriesRequest {
    fn policy(&self, since: DateTime<Utc>) -> Policy {
        Policy {
            reprt_code: self.reprt_code,
            first: self.first,
            last: self.last,
            plan: self.plan.unwrap_or(Plan::Own),
            own_only: self.plan == Some(Plan::Own),
            refresh: self.refresh,
            recheck_recent: self.recheck_recent,
            since,
            is_patient: false,
        }
    }
}

/// A row of a series.
#[derive(Debug, Clone)]
pub struct SeriesRow {
    /// What is stored.
    pub cached: CachedRow,
    /// Whether it took no call to show it.
    pub from_cache: bool,
    /// By what `dps_cash` is divided to compare it with today's shares; `None` where a par value
    /// is unknown, or in which shares it is.
    pub adjustment_factor: Option<Decimal>,
    /// What the share's other rows say about this one: why it is not certain in which shares
    /// `dps_cash` is, or why it is not shown.
    pub checked: Vec<Note>,
    /// What later reports say otherwise about the year, the nearest first.
    pub restated: Vec<Restatement>,
    /// Whether it says that nothing was paid and the next year's report, which is due, has not been
    /// read: companies file `-` before the shareholders' meeting, and pay all the same.
    pub is_unconfirmed: bool,
}

impl SeriesRow {
    /// The dividend in today's shares, won per share, to six decimals.
    #[must_use]
    pub fn dps_cash_adjusted(&self) -> Option<Won> {
        let adjusted = self
            .cached
            .year
            .dps_cash?
            .get()
            .checked_div(self.adjustment_factor?)?;
        Some(Won::from(adjusted.round_dp(6)))
    }

    /// The stored notes, why the amount is not adjusted where it might be, and what later reports
    /// say otherwise.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let restated = (!self.restated.is_empty()).then(|| Note::Restated {
            by: self.restated.clone(),
        });
        let stored = self.cached.year.notes.iter().cloned();
        stored
            .chain(self.checked.iter().cloned())
            .chain(restated)
            .collect()
    }

    /// The same in words; `None` where there are none.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        note_words(&self.notes())
    }
}

/// One ticker's years.
#[derive(Debug)]
pub struct Series {
    /// The ticker asked for.
    pub ticker: Ticker,
    /// What can be shown, years ascending.
    pub rows: Vec<SeriesRow>,
    /// What could not be learnt, and why; years ascending. A year that was to be refreshed may
    /// stand among the rows all the same, as it was.
    pub missing: Vec<(FiscalYear, StepError)>,
}
