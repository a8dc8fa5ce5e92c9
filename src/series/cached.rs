//! A share's rows as they are shown, from the database alone.

use chrono::{DateTime, Utc};

use crate::domain::{
    CorpCode, FiscalYear, Outcome, ReprtCode, Ticker, Won, adjustment_factor, kst_date, kst_year,
    restatements, uncertain_basis,
};
use crate::opendart::Answer;
use crate::opendart::alot_matter::Column;
use crate::store::{CachedRow, Store};

use super::{SeriesRequest, SeriesRow};
use crate::resolve::ResolveError;
use crate::resolve::context;
use crate::resolve::reparse_outdated;
use crate::resolve::response::{self, ReportKey};

/// Whether an older parser read a row.
pub(super) fn is_outdated(row: &CachedRow) -> bool {
    context::is_outdated(row.parser_version, row.year.outcome)
}

/// The cached rows alone, without a call. What an older parser read is read anew first, and is not
/// there where that cannot be done.
///
/// # Errors
/// Only where the database fails.
pub fn cached_series(
    store: &Store,
    ticker: Ticker,
    request: &SeriesRequest,
    now: DateTime<Utc>,
) -> Result<Vec<SeriesRow>, ResolveError> {
    reparse_outdated(store, [ticker], now)?;
    shown_rows(store, ticker, request, now)
}

/// The same, where what an older parser read was read anew before.
pub(super) fn shown_rows(
    store: &Store,
    ticker: Ticker,
    request: &SeriesRequest,
    now: DateTime<Utc>,
) -> Result<Vec<SeriesRow>, ResolveError> {
    let par_now = par_now(store, ticker, now)?;
    // The two reports after the last year speak of it as well.
    let beyond = FiscalYear::new(request.last.get().saturating_add(2)).unwrap_or(request.last);
    let mut rows = store.rows(ticker, request.first, beyond, request.reprt_code)?;
    rows.retain(|row| !is_outdated(row));
    let shown = |cached: &CachedRow| {
        let years = || rows.iter().map(|row| &row.year);
        let basis = uncertain_basis(&cached.year, years());
        let par_then = cached.year.par_value.filter(|_| basis.is_none());
        SeriesRow {
            from_cache: true,
            adjustment_factor: adjustment_factor(par_then, par_now),
            uncertain_basis: basis,
            restated: restatements(&cached.year, years()),
            cached: cached.clone(),
        }
    };
    Ok(rows
        .iter()
        .take_while(|row| row.year.fiscal_year <= request.last)
        .map(shown)
        .collect())
}

/// Today's par value: the one of the newest annual report that is due. `None` where that report has
/// not been read; one that does not exist (013) leaves the word to the one before it.
///
/// A year that was not looked up for this share may have been for another of its issuer: the answer
/// is the same, and states this share's par value too.
fn par_now(store: &Store, ticker: Ticker, now: DateTime<Utc>) -> Result<Option<Won>, ResolveError> {
    let Some((year, par)) = store.latest_par(ticker)? else {
        return Ok(None);
    };
    let is_due = |year: &FiscalYear| kst_date(now) > ReprtCode::Annual.due(*year);
    let Ok(this_year) = FiscalYear::new(kst_year(now)) else {
        return Ok(None);
    };
    let later: Vec<FiscalYear> = year.through(this_year).skip(1).take_while(is_due).collect();
    let Some(last) = later.last() else {
        return Ok(Some(par));
    };
    // From that of the par value on: it tells the issuer.
    let rows = store.rows(ticker, year, *last, ReprtCode::Annual)?;
    for year in later.iter().rev() {
        let row = rows.iter().find(|row| row.year.fiscal_year == *year);
        let said = match (row, rows.first()) {
            (Some(row), _) if row.year.outcome == Outcome::NoReport => ParLookup::NoReport,
            // A report without a par value, or it would be the latest.
            (Some(_), _) => ParLookup::Unknown,
            (None, Some(known)) => sibling_par_value(store, ticker, known.year.corp_code, *year)?,
            (None, None) => ParLookup::Unknown,
        };
        match said {
            ParLookup::NoReport => {}
            ParLookup::Par(par) => return Ok(Some(par)),
            ParLookup::Unknown => return Ok(None),
        }
    }
    Ok(Some(par))
}

/// What is known of a share's par value in a year.
enum ParLookup {
    Par(Won),
    NoReport,
    Unknown,
}

/// What an answer that was asked for another share of the issuer says about this one's par value.
fn sibling_par_value(
    store: &Store,
    ticker: Ticker,
    corp_code: CorpCode,
    source_year: FiscalYear,
) -> Result<ParLookup, ResolveError> {
    let question = ReportKey {
        corp_code,
        source_year,
        reprt_code: ReprtCode::Annual,
    };
    let Some(known) = response::stored(store, question, |_, _| true)? else {
        return Ok(ParLookup::Unknown);
    };
    let Answer::Report(payload) = &known.answer else {
        return Ok(ParLookup::NoReport);
    };
    let par = payload
        .report()
        .ok()
        .and_then(|report| report.dividend_year(ticker, Column::Own, None))
        .and_then(|year| year.par_value);
    Ok(par.map_or(ParLookup::Unknown, ParLookup::Par))
}
