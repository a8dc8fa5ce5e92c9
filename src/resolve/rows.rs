//! From a response to the rows it states.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{
    DividendYear, FiscalYear, Note, Outcome, ReprtCode, Ticker, expires_at, kst_date, read_early,
};
use crate::opendart::Answer;
use crate::opendart::alot_matter::{Column, PARSER_VERSION, Report, pack};
use crate::store::NewRow;

use super::ResolveError;
use super::at_hand::{Blocked, Responses};
use super::context::Context;
use super::planner::source_report;
use super::response::{ReportKey, StoredResponse};
use super::step::StepError;

/// Reads what a response states about the years it was asked for and about its own, into
/// `responses.rows`. Which of those years that settles: all, or the report's own where it states no
/// others.
pub(crate) fn apply_response(
    context: Context<'_>,
    responses: &mut Responses,
    ticker: Ticker,
    key: ReportKey,
    response: &StoredResponse,
    years: &[FiscalYear],
) -> Result<Result<Vec<FiscalYear>, Blocked>, ResolveError> {
    let is_own = |year: &FiscalYear| source_report(*year, key.reprt_code) == key.source_year;
    let own_years: Vec<FiscalYear> = years.iter().copied().filter(is_own).collect();
    let (rows, settled) = match &response.answer {
        Answer::NoData => {
            let rows = no_report(ticker, key, &own_years, response.fetched_at);
            (rows, own_years)
        }
        Answer::Report(payload) => {
            let report = match payload.report() {
                Ok(report) => report,
                Err(why) => return Ok(Err(Blocked::Failed(why.clone().into()))),
            };
            let annual = match comparison_annual(context, responses, ticker, key, report)? {
                Ok(annual) => annual,
                Err(blocked) => return Ok(Err(blocked)),
            };
            let years = if is_whole(report, key, response) {
                years.to_vec()
            } else {
                own_years
            };
            let annual = annual.as_deref();
            let mut rows = stated(ticker, key, &years, response, report, annual)?;
            if response.is_new {
                let before =
                    context
                        .store
                        .rows_read_from(key.corp_code, key.source_year, key.reprt_code)?;
                rows.extend(refresh_siblings(
                    &rows, &before, key, response, report, annual,
                ));
            }
            (rows, years)
        }
    };
    if let Some(why) = rows
        .iter()
        .find_map(|row| context.store.check_row(row).err())
    {
        return Ok(Err(Blocked::Failed(StepError::NotKept(why.to_string()))));
    }
    responses.rows.extend(rows);
    Ok(Ok(settled))
}

/// Whether a response may state other years than its report's own.
pub(crate) fn speaks_for_other_years(response: &StoredResponse, key: ReportKey) -> bool {
    match &response.answer {
        Answer::NoData => false,
        Answer::Report(payload) => payload
            .report()
            .is_ok_and(|report| is_whole(report, key, response)),
    }
}

/// Whether a report covers a whole year, as far as can be known, so that its earlier columns do: one
/// that was read early may yet turn out to be one of two.
fn is_whole(report: &Report, key: ReportKey, response: &StoredResponse) -> bool {
    let early = read_early(
        key.source_year,
        key.reprt_code,
        response.fetched_at,
        report.latest_settlement(),
    );
    early.is_none() && report.speaks_for_other_years()
}

fn no_report(
    ticker: Ticker,
    key: ReportKey,
    years: &[FiscalYear],
    fetched_at: DateTime<Utc>,
) -> Vec<NewRow> {
    let ReportKey {
        corp_code,
        source_year,
        reprt_code,
    } = key;
    let none = |year: &FiscalYear| NewRow {
        year: DividendYear::no_report(ticker, corp_code, *year, reprt_code, source_year),
        payload: None,
        parser_version: PARSER_VERSION,
        fetched_at,
        expires_at: expires_at(Outcome::NoReport, source_year, reprt_code, fetched_at, None),
    };
    with_own_year(source_year, years).iter().map(none).collect()
}

fn stated(
    ticker: Ticker,
    key: ReportKey,
    years: &[FiscalYear],
    response: &StoredResponse,
    report: &Report,
    annual: Option<&Report>,
) -> Result<Vec<NewRow>, ResolveError> {
    let ReportKey {
        corp_code,
        source_year,
        ..
    } = key;
    let packed = match &response.answer {
        Answer::Report(payload) if response.is_new => Some(pack(payload.body()).map_err(
            |source| ResolveError::Payload {
                corp_code,
                source_year,
                source,
            },
        )?),
        _ => None,
    };
    let row = |year: FiscalYear| {
        let mut row = row_of(ticker, year, key, response, report, annual)?;
        row.payload = packed.clone().filter(|_| row.year.is_own());
        Some(row)
    };
    Ok(with_own_year(source_year, years)
        .into_iter()
        .filter_map(row)
        .collect())
}

/// What a new answer says about the rows that an earlier one to the same key was read for:
/// other shares of the issuer, other years. Without it they would stay on a filing that has been
/// corrected.
fn refresh_siblings(
    rows: &[NewRow],
    before: &[(Ticker, FiscalYear)],
    key: ReportKey,
    response: &StoredResponse,
    report: &Report,
    annual: Option<&Report>,
) -> Vec<NewRow> {
    let is_new = |(ticker, year): &&(Ticker, FiscalYear)| {
        !rows
            .iter()
            .any(|row| row.year.ticker == *ticker && row.year.fiscal_year == *year)
    };
    // An interim dividend that was not compared with an annual report is left as it stands.
    let is_vouched_for = |(ticker, _): &&(Ticker, FiscalYear)| {
        key.reprt_code == ReprtCode::Annual
            || annual.is_some()
            || !report.states_a_dividend(*ticker)
    };
    before
        .iter()
        .filter(is_new)
        .filter(is_vouched_for)
        .filter_map(|(ticker, year)| row_of(*ticker, *year, key, response, report, annual))
        .collect()
}

pub(crate) fn row_of(
    ticker: Ticker,
    year: FiscalYear,
    key: ReportKey,
    response: &StoredResponse,
    report: &Report,
    annual: Option<&Report>,
) -> Option<NewRow> {
    let column = Column::of(key.source_year, year)?;
    let mut year = report.dividend_year(ticker, column, annual)?;
    drop_what_cannot_be_kept(&mut year);
    let ReportKey {
        source_year,
        reprt_code,
        ..
    } = key;
    let settled = report.latest_settlement();
    if let Some(due) = read_early(source_year, reprt_code, response.fetched_at, settled) {
        year.notes.push(Note::ReadEarly { due });
    }
    let is_own = source_report(year.fiscal_year, reprt_code) == source_year;
    // A list without a row is no more than a 013: the section may be there later.
    let outcome = if report.has_no_rows() {
        Outcome::NoReport
    } else {
        year.outcome
    };
    let expires_at = if is_own || is_whole(report, key, response) {
        expires_at(
            outcome,
            source_year,
            reprt_code,
            response.fetched_at,
            settled,
        )
    } else {
        // It no longer speaks for that year, whose own report is to be asked.
        Some(response.fetched_at)
    };
    Some(NewRow {
        payload: None,
        parser_version: PARSER_VERSION,
        fetched_at: response.fetched_at,
        expires_at,
        year,
    })
}

/// A figure beside the dividend with more digits than the database keeps is left out: it is in the
/// stored answer, and must not cost the row. The dividend itself is never left out.
fn drop_what_cannot_be_kept(year: &mut DividendYear) {
    year.par_value = year
        .par_value
        .filter(|amount| amount.to_exact_f64().is_some());
    year.dps_stock = year
        .dps_stock
        .filter(|shares| shares.to_exact_f64().is_some());
    year.cash_yield_pct = year
        .cash_yield_pct
        .filter(|pct| pct.to_exact_f64().is_some());
    year.payout_ratio_pct = year
        .payout_ratio_pct
        .filter(|pct| pct.to_exact_f64().is_some());
    for amount in [
        &mut year.eps,
        &mut year.net_income,
        &mut year.net_income_separate,
    ] {
        *amount = amount.filter(|amount| amount.to_exact_f64().is_some());
    }
    year.cash_total = year
        .cash_total
        .filter(|amount| amount.to_exact_f64().is_some());
    for earlier in [&mut year.frmtrm, &mut year.lwfr] {
        for amount in [&mut earlier.dps_cash, &mut earlier.par_value] {
            *amount = amount.filter(|amount| amount.to_exact_f64().is_some());
        }
    }
}

/// The annual report that exposes an interim one that merely copies it: the year's before, or else
/// the same year's; needed where the interim report states a dividend.
fn comparison_annual(
    context: Context<'_>,
    responses: &mut Responses,
    ticker: Ticker,
    key: ReportKey,
    report: &Report,
) -> Result<Result<Option<Arc<Report>>, Blocked>, ResolveError> {
    let is_interim = key.reprt_code != ReprtCode::Annual;
    if !(is_interim && report.states_a_dividend(ticker)) {
        return Ok(Ok(None));
    }
    for annual in comparable_annuals(key, context.now) {
        let Some(response) = responses.beside(context, annual)? else {
            return Ok(Err(Blocked::On(annual)));
        };
        if response.is_new {
            let years = [annual.source_year];
            let applied = apply_response(context, responses, ticker, annual, &response, &years)?;
            if let Err(blocked) = applied {
                return Ok(Err(blocked));
            }
        }
        if let Answer::Report(payload) = &response.answer {
            let report = payload.report().cloned();
            return Ok(report
                .map(Some)
                .map_err(|why| Blocked::Failed(why.clone().into())));
        }
    }
    Ok(Ok(None))
}

/// The annual reports an interim one may be compared with: the one before, else the same year's.
pub(crate) fn comparable_annuals(
    key: ReportKey,
    now: DateTime<Utc>,
) -> impl Iterator<Item = ReportKey> {
    let year = key.source_year;
    let is_due = |year: &FiscalYear| kst_date(now) > ReprtCode::Annual.due(*year);
    let before = year
        .back(1)
        .filter(|year| *year >= FiscalYear::FIRST_REPORT);
    before
        .into_iter()
        .chain(Some(year).filter(is_due))
        .map(move |source_year| ReportKey {
            source_year,
            reprt_code: ReprtCode::Annual,
            ..key
        })
}

/// An answer is kept with the row of its own year, so that one is always stored beside the others.
fn with_own_year(source_year: FiscalYear, years: &[FiscalYear]) -> BTreeSet<FiscalYear> {
    years.iter().copied().chain([source_year]).collect()
}
