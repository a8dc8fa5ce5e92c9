//! The write-through lookup: the database first, OpenDART only for what is missing.
//!
//! Missing is what has no row, has expired, or is asked for anew. It is answered, in this order,
//! from an answer that is already stored (another year's, or a sibling share's of the same
//! issuer), and by the fewest calls otherwise. Each answer is stored in a transaction of its own,
//! so that an interruption keeps what was learnt.

mod audit;
mod cached;
mod lookup;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use rust_decimal::Decimal;

use crate::domain::job::Plan;
use crate::domain::{
    CorpCode, FiscalYear, Note, ReprtCode, Restatement, Ticker, Won, kst_date, note_words,
};
use crate::fetch::{FetchError, Fetcher, Interrupt};
use crate::opendart::Answer;
use crate::opendart::alot_matter::UnreadableAnswer;
use crate::resolve::{ResolveError, is_rechecked, reparse_outdated};
use crate::store::{CachedRow, Store, StoreError};

pub use audit::{Audited, Finding, FindingKind, audit};
pub use cached::cached_series;

use crate::resolve::planner::ReportPlanner;
use crate::resolve::rows::{ReportKey, StoredResponse};
use lookup::Lookup;

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
    fn planner(&self, now: DateTime<Utc>) -> ReportPlanner {
        ReportPlanner {
            plan: self.plan.unwrap_or(Plan::Own),
            reprt_code: self.reprt_code,
            today: kst_date(now),
        }
    }

    fn asks_anew(&self, year: FiscalYear) -> bool {
        self.refresh || is_rechecked(year, self.last, self.recheck_recent)
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
    /// Why it is not certain in which shares `dps_cash` is, where a later report states it.
    pub uncertain_basis: Option<Note>,
    /// What later reports say otherwise about the year, the nearest first.
    pub restated: Vec<Restatement>,
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
            .chain(self.uncertain_basis.clone())
            .chain(restated)
            .collect()
    }

    /// The same in words; `None` where there are none.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        note_words(&self.notes())
    }
}

/// Why a year of a series cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// It is not stored, and asking was not allowed.
    #[error("not in the database")]
    Offline,
    /// An earlier call met something that makes later ones pointless.
    #[error("not asked: OpenDART could not be used")]
    NotAsked,
    /// The call for it failed.
    #[error("{0}")]
    Fetch(#[source] FetchError),
    /// Its answer could not be read.
    #[error("{0}")]
    Unreadable(#[from] UnreadableAnswer),
    /// What was read has no place in the database.
    #[error("{0}")]
    NotKept(#[source] StoreError),
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
    pub missing: Vec<(FiscalYear, Missing)>,
}

/// Where a lookup may ask; remembers when asking has become pointless.
pub struct Source<'a> {
    fetcher: Option<&'a Fetcher>,
    interrupt: Interrupt,
    stopped: bool,
}

impl<'a> Source<'a> {
    /// Asks OpenDART for what is missing.
    #[must_use]
    pub fn dart(fetcher: &'a Fetcher, interrupt: Interrupt) -> Self {
        Self {
            fetcher: Some(fetcher),
            interrupt,
            stopped: false,
        }
    }

    /// Never calls.
    #[must_use]
    pub fn offline() -> Self {
        Self {
            fetcher: None,
            interrupt: Interrupt::default(),
            stopped: false,
        }
    }

    fn ask(&mut self, question: ReportKey) -> Result<Answer, Missing> {
        let Some(fetcher) = self.fetcher else {
            return Err(Missing::Offline);
        };
        if self.stopped {
            return Err(Missing::NotAsked);
        }
        let ReportKey {
            corp_code,
            source_year,
            reprt_code,
        } = question;
        fetcher
            .alot_matter(corp_code, source_year, reprt_code, &self.interrupt)
            .map_err(|error| {
                self.stopped = error.ends_asking();
                Missing::Fetch(error)
            })
    }
}

/// Looks up a ticker's dividends per share: cached rows first, then stored answers, then, unless
/// `source` is offline, OpenDART (alotMatter.json), storing each answer as it comes.
///
/// `corp_code` is the issuer's, from corpCode.xml; `now` is UTC.
///
/// # Errors
/// Only where the database fails. What cannot be learnt is in [`Series::missing`].
pub fn get_dps_series(
    store: &mut Store,
    source: &mut Source<'_>,
    ticker: Ticker,
    corp_code: CorpCode,
    request: &SeriesRequest,
    now: DateTime<Utc>,
) -> Result<Series, ResolveError> {
    // The database's precision: what is stored now is to compare as no older than now.
    let now = now.trunc_subsecs(3);
    let lookup = Lookup {
        store,
        ticker,
        corp_code,
        reprt_code: request.reprt_code,
        now,
    };
    // What today's parser refuses, or cannot compare without a call, stays outdated: missing.
    reparse_outdated(lookup.store, [ticker], now)?;
    let cached = lookup
        .store
        .rows(ticker, request.first, request.last, request.reprt_code)?;
    let rows: BTreeMap<FiscalYear, CachedRow> = cached
        .into_iter()
        .map(|row| (row.year.fiscal_year, row))
        .collect();

    let mut missing: Vec<(FiscalYear, Missing)> = Vec::new();
    let mut called = BTreeSet::new();
    let planner = request.planner(now);
    let mut left = lookup.missing(planner, request, &rows);
    let mut exhausted = Vec::new();
    while let Some(choice) = lookup.choose(planner, request, &left, &exhausted)? {
        let question = lookup.about(&choice);
        let anew = choice.years.iter().any(|year| request.asks_anew(*year));
        let learnt = match lookup.answer_in_store(question, anew)? {
            Some(answer) => Ok(answer),
            None => source.ask(question).map(|answer| {
                called.insert(choice.source_year);
                StoredResponse {
                    answer,
                    fetched_at: now,
                    is_new: true,
                }
            }),
        };
        let settled = match learnt {
            Ok(known) => lookup.settle(source, question, &known, &choice.years)?,
            Err(missing) => Err(missing),
        };
        let settled = settled.unwrap_or_else(|why| {
            // An odd answer is its own years' trouble: another report may state the others.
            let lost = match why {
                Missing::Unreadable(_) | Missing::NotKept(_) => planner.own_years(&choice),
                Missing::Offline | Missing::NotAsked | Missing::Fetch(_) => choice.years.clone(),
            };
            let mut why = Some(why);
            for year in &lost {
                missing.push((*year, why.take().unwrap_or(Missing::NotAsked)));
            }
            lost
        });
        if settled.is_empty() {
            exhausted.push(choice.source_year);
        }
        left.retain(|wanted| !settled.contains(&wanted.year));
    }
    lookup.show(request, &called, missing)
}
