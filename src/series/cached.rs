//! A share's rows as they are shown, from the database alone.

use chrono::{DateTime, Utc};

use crate::domain::{
    CorpCode, DividendYear, FIRST_YEAR, FiscalYear, Note, Outcome, ReprtCode, Restatement, Ticker,
    Won, adjustment_factor, copied_year, cross_check, kst_date, kst_year, lacks_a_closing,
    restatements,
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
    let rows = checked_rows(store, ticker, request, now)?;
    let is_due = |year: FiscalYear| kst_date(now) > ReprtCode::Annual.due(year);
    let shown = |cached: &CachedRow| {
        let mut row = check(cached, &rows, par_now);
        let next = FiscalYear::new(cached.year.fiscal_year.get() + 1).ok();
        row.is_unconfirmed = row.cached.year.outcome == Outcome::NoDividend
            && cached.year.is_own_report()
            && next.is_some_and(|next| {
                is_due(next) && !rows.iter().any(|row| row.year.fiscal_year == next)
            });
        row
    };
    Ok(rows
        .iter()
        .filter(|row| (request.first..=request.last).contains(&row.year.fiscal_year))
        .map(shown)
        .collect())
}

/// The rows of a request and those that say something about them: of two years before, and all
/// later ones. Of today's issuer alone: a ticker may have been another company's.
fn checked_rows(
    store: &Store,
    ticker: Ticker,
    request: &SeriesRequest,
    now: DateTime<Utc>,
) -> Result<Vec<CachedRow>, ResolveError> {
    let first = request.first.get().saturating_sub(2).max(FIRST_YEAR);
    let last = kst_year(now).max(request.last.get().saturating_add(4));
    let first = FiscalYear::new(first).unwrap_or(request.first);
    let last = FiscalYear::new(last).unwrap_or(request.last);
    let mut rows = store.rows(ticker, first, last, request.reprt_code)?;
    let issuer = match store.company(ticker)? {
        Some(company) => Some(company.corp_code),
        None => rows.last().map(|row| row.year.corp_code),
    };
    rows.retain(|row| !is_outdated(row) && Some(row.year.corp_code) == issuer);
    Ok(rows)
}

/// A row as it is shown: what the others contradict is not stated.
fn check(cached: &CachedRow, rows: &[CachedRow], par_now: Option<Won>) -> SeriesRow {
    let years: Vec<&DividendYear> = rows.iter().map(|row| &row.year).collect();
    let year = &cached.year;
    let mut row = SeriesRow {
        from_cache: true,
        adjustment_factor: None,
        checked: Vec::new(),
        restated: restatements(year, &years),
        is_unconfirmed: false,
        cached: cached.clone(),
    };
    let repeats_another = |it: &Restatement| {
        let of_it = |row: &&&DividendYear| row.fiscal_year == it.source_year;
        let report = years.iter().find(of_it);
        report.is_some_and(|report| copied_year(report, &years).is_some())
    };
    row.restated.retain(|it| !repeats_another(it));
    if let Some(why) = cross_check(year, &years) {
        row.cached.year.outcome = Outcome::NotStated;
        row.cached.year.dps_cash = None;
        row.checked.push(why);
        return row;
    }
    if lacks_a_closing(year, &years) {
        row.checked.push(Note::ClosingMissing);
    }
    match adjustment_factor(year, &years, par_now) {
        Ok(factor) => row.adjustment_factor = factor,
        Err(why) => row.checked.push(why),
    }
    row
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
