//! One ticker's lookup under way: what is missing, what is stored, and what is learnt.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use crate::domain::job::Plan;
use crate::domain::{CorpCode, FiscalYear, Outcome, ReprtCode, Ticker};
use crate::store::{CachedRow, NewRow, Store, StoreError};

use super::cached::shown_rows;
use super::{Missing, Series, SeriesRequest, Source};
use crate::resolve::ResolveError;
use crate::resolve::is_rechecked;
use crate::resolve::planner::{MissingYear, PlannedReport, ReportPlanner};
use crate::resolve::rows::{self, ReportKey, ResponseSource, StoredResponse};

/// Read by an older parser.
pub(super) fn is_outdated(row: &CachedRow) -> bool {
    rows::is_outdated(row.parser_version, row.year.outcome)
}

/// One ticker's lookup under way.
pub(super) struct Lookup<'a> {
    pub(super) store: &'a Store,
    pub(super) ticker: Ticker,
    pub(super) corp_code: CorpCode,
    pub(super) reprt_code: ReprtCode,
    pub(super) now: DateTime<Utc>,
}

impl Lookup<'_> {
    /// The years to be learnt.
    pub(super) fn missing(
        &self,
        planner: ReportPlanner,
        request: &SeriesRequest,
        rows: &BTreeMap<FiscalYear, CachedRow>,
    ) -> Vec<MissingYear> {
        let expired = |row: &CachedRow| row.expires_at.is_some_and(|at| at <= self.now);
        let is_anothers = |row: &CachedRow| {
            request.plan == Some(Plan::Own)
                && !planner.is_of_own(row.year.fiscal_year, row.year.source_year)
        };
        let lacking = |row: &CachedRow| expired(row) || is_outdated(row) || is_anothers(row);
        let wanted = |year: FiscalYear| {
            let row = rows.get(&year);
            let is_missing = request.asks_anew(year) || row.is_none_or(lacking);
            let standing = row.map(|row| (row.year.source_year, row.year.outcome));
            let is_rechecked = is_rechecked(year, request.last, request.recheck_recent);
            is_missing.then(|| planner.wanted(year, standing, is_rechecked))
        };
        request
            .first
            .through(request.last)
            .filter_map(wanted)
            .collect()
    }

    /// The report to be read next.
    pub(super) fn choose(
        &self,
        planner: ReportPlanner,
        request: &SeriesRequest,
        left: &[MissingYear],
        exhausted: &[FiscalYear],
    ) -> Result<Option<PlannedReport>, ResolveError> {
        let about = |choice: &PlannedReport| self.about(choice);
        let at_hand = |question, years: &[FiscalYear]| {
            let anew = years.iter().any(|year| request.asks_anew(*year));
            self.answer_in_store(question, anew)
        };
        rows::choose(planner, left, exhausted, about, at_hand)
    }

    /// What is asked for a report.
    pub(super) fn about(&self, choice: &PlannedReport) -> ReportKey {
        ReportKey {
            corp_code: self.corp_code,
            source_year: choice.source_year,
            reprt_code: self.reprt_code,
        }
    }

    /// An answer already stored: one that has not expired, or, where it is to be asked anew, one
    /// that was given since this lookup began, for another share of the issuer.
    pub(super) fn answer_in_store(
        &self,
        question: ReportKey,
        anew: bool,
    ) -> Result<Option<StoredResponse>, ResolveError> {
        rows::stored(self.store, question, |fetched_at, expires_at| {
            if anew {
                fetched_at >= self.now
            } else {
                expires_at.is_none_or(|at| at > self.now)
            }
        })
    }

    /// Stores what an answer says about the years it was asked for and about its own; which of them
    /// it settles.
    pub(super) fn settle(
        &self,
        source: &mut Source<'_>,
        question: ReportKey,
        known: &StoredResponse,
        years: &[FiscalYear],
    ) -> Result<Result<Vec<FiscalYear>, Missing>, ResolveError> {
        let mut desk = BlockingSource {
            lookup: self,
            source,
        };
        match rows::settle(&mut desk, self.ticker, question, known, years, self.now) {
            // One odd answer is that year's trouble, not the whole command's.
            Err(ResolveError::Store(
                odd @ (StoreError::NotExact { .. } | StoreError::Refused { .. }),
            )) => Ok(Err(Missing::NotKept(odd))),
            settled => settled,
        }
    }

    /// The rows as they are now.
    pub(super) fn show(
        self,
        request: &SeriesRequest,
        called: &BTreeSet<FiscalYear>,
        mut missing: Vec<(FiscalYear, Missing)>,
    ) -> Result<Series, ResolveError> {
        missing.sort_by_key(|(year, _)| *year);
        // A value that could not be refreshed is still one; an expired "no report" is not, nor is
        // what an older parser read.
        let is_gone = |row: &CachedRow| {
            let of_it = |(year, _): &(FiscalYear, Missing)| *year == row.year.fiscal_year;
            missing.iter().any(of_it) && (row.year.outcome == Outcome::NoReport || is_outdated(row))
        };
        let mut rows = shown_rows(self.store, self.ticker, request, self.now)?;
        rows.retain(|row| !is_gone(&row.cached));
        for row in &mut rows {
            let asked = called.contains(&row.cached.year.source_year);
            row.from_cache = !(asked && row.cached.fetched_at >= self.now);
        }
        Ok(Series {
            ticker: self.ticker,
            rows,
            missing,
        })
    }
}

/// Asks at once, and stores at once.
struct BlockingSource<'a, 'b, 'c> {
    lookup: &'a Lookup<'a>,
    source: &'b mut Source<'c>,
}

impl ResponseSource for BlockingSource<'_, '_, '_> {
    type Refusal = Missing;

    fn answer(
        &mut self,
        question: ReportKey,
    ) -> Result<Result<StoredResponse, Missing>, ResolveError> {
        if let Some(known) = self.lookup.answer_in_store(question, false)? {
            return Ok(Ok(known));
        }
        Ok(self.source.ask(question).map(|answer| StoredResponse {
            answer,
            fetched_at: self.lookup.now,
            is_new: true,
        }))
    }

    fn store(&self) -> &Store {
        self.lookup.store
    }

    fn keep(&mut self, rows: Vec<NewRow>) -> Result<(), ResolveError> {
        self.lookup.store.save(&rows, self.lookup.now)?;
        Ok(())
    }
}
