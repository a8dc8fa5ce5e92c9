//! From an answer to the rows it settles: what the lookup and the jobs share.
//!
//! Whoever uses it has a [`ResponseSource`]: a place where further answers are had, and where rows that were
//! learnt on the way are kept.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::{
    CorpCode, DividendYear, FiscalYear, Note, Outcome, ReprtCode, Ticker, expires_at, kst_date,
    read_early,
};
use crate::opendart::Answer;
use crate::opendart::alot_matter::{
    Column, PARSER_VERSION, Report, UnreadableAnswer, pack, unpack,
};
use crate::store::{NewRow, Store, StoredAnswer};

use super::ResolveError;
use super::planner::{MissingYear, PlannedReport, ReportPlanner, source_report};

/// What one call asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReportKey {
    pub(crate) corp_code: CorpCode,
    pub(crate) source_year: FiscalYear,
    pub(crate) reprt_code: ReprtCode,
}

/// An answer and when it was given.
#[derive(Debug, Clone)]
pub(crate) struct StoredResponse {
    pub(crate) answer: Answer,
    pub(crate) fetched_at: DateTime<Utc>,
    /// Whether it is yet to be stored.
    pub(crate) is_new: bool,
}

/// Where further answers are had, and where rows go.
pub(crate) trait ResponseSource {
    /// Why an answer cannot be had now.
    type Refusal: From<UnreadableAnswer>;

    /// The answer to a question: stored, or asked for.
    fn answer(
        &mut self,
        question: ReportKey,
    ) -> Result<Result<StoredResponse, Self::Refusal>, ResolveError>;

    /// The database that rows and answers are kept in.
    fn store(&self) -> &Store;

    /// Takes rows that were learnt.
    fn keep(&mut self, rows: Vec<NewRow>) -> Result<(), ResolveError>;
}

/// Read by an older parser. A row without a report has nothing that could be read anew.
pub(crate) fn is_outdated(parser_version: u32, outcome: Outcome) -> bool {
    parser_version < PARSER_VERSION && outcome != Outcome::NoReport
}

/// An answer already stored: for another year, or for another share of the issuer.
///
/// `is_valid` judges it by when it was given and when it expires. One that is damaged is none: it
/// can be asked for again.
pub(crate) fn stored(
    store: &Store,
    question: ReportKey,
    is_valid: impl Fn(DateTime<Utc>, Option<DateTime<Utc>>) -> bool,
) -> Result<Option<StoredResponse>, ResolveError> {
    let ReportKey {
        corp_code,
        source_year,
        reprt_code,
    } = question;
    let known = |answer, fetched_at| StoredResponse {
        answer,
        fetched_at,
        is_new: false,
    };
    Ok(
        match store.stored_answer(corp_code, source_year, reprt_code)? {
            Some(StoredAnswer::Payload {
                deflated,
                fetched_at,
                expires_at,
                ..
            }) if is_valid(fetched_at, expires_at) => unpack(&deflated)
                .ok()
                .map(|body| known(Answer::Report(body), fetched_at)),
            Some(StoredAnswer::NoReport {
                fetched_at,
                expires_at,
            }) if is_valid(fetched_at, expires_at) => Some(known(Answer::NoData, fetched_at)),
            Some(StoredAnswer::Payload { .. } | StoredAnswer::NoReport { .. }) | None => None,
        },
    )
}

/// Keeps what an answer says about the years it was asked for and about its own. Which of those
/// years that settles: all, or the report's own where it says nothing about others.
pub(crate) fn settle<D: ResponseSource>(
    desk: &mut D,
    ticker: Ticker,
    question: ReportKey,
    known: &StoredResponse,
    years: &[FiscalYear],
    now: DateTime<Utc>,
) -> Result<Result<Vec<FiscalYear>, D::Refusal>, ResolveError> {
    let is_own =
        |year: &FiscalYear| source_report(*year, question.reprt_code) == question.source_year;
    let own_years: Vec<FiscalYear> = years.iter().copied().filter(is_own).collect();
    let (rows, settled) = match &known.answer {
        Answer::NoData => {
            let rows = no_report(ticker, question, &own_years, known.fetched_at);
            (rows, own_years)
        }
        Answer::Report(body) => {
            let ReportKey {
                corp_code,
                source_year,
                reprt_code,
            } = question;
            let report = match Report::read(body, corp_code, source_year, reprt_code) {
                Ok(report) => report,
                Err(why) => return Ok(Err(why.into())),
            };
            let annual = match comparison_annual(desk, ticker, question, &report, now)? {
                Ok(annual) => annual,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let years = if is_whole(&report, question, known) {
                years.to_vec()
            } else {
                own_years
            };
            let mut rows = stated(ticker, question, &years, known, &report, annual.as_ref())?;
            if known.is_new {
                let before = desk
                    .store()
                    .rows_read_from(corp_code, source_year, reprt_code)?;
                rows.extend(refresh_siblings(
                    &rows,
                    &before,
                    question,
                    known,
                    &report,
                    annual.as_ref(),
                ));
            }
            (rows, years)
        }
    };
    desk.keep(rows)?;
    Ok(Ok(settled))
}

/// The report to be read next for what is missing: where it takes a call, a later one that is at hand
/// and will do instead, unless it is exhausted.
///
/// `about` is the question that a choice stands for; `at_hand` gives the answer to one, if it is
/// there and good enough for these years.
pub(crate) fn choose(
    planner: ReportPlanner,
    missing: &[MissingYear],
    exhausted: &[FiscalYear],
    about: impl Fn(&PlannedReport) -> ReportKey,
    at_hand: impl Fn(ReportKey, &[FiscalYear]) -> Result<Option<StoredResponse>, ResolveError>,
) -> Result<Option<PlannedReport>, ResolveError> {
    let Some(own) = planner.next(missing) else {
        return Ok(None);
    };
    let mut later = planner.later_reports(missing);
    later.retain(|source_year| !exhausted.contains(source_year));
    if later.is_empty() || at_hand(about(&own), &own.years)?.is_some() {
        return Ok(Some(own));
    }
    for source_year in later {
        let choice = planner.choice(source_year, missing);
        let question = about(&choice);
        if let Some(known) = at_hand(question, &choice.years)?
            && speaks_for_other_years(&known, question)
        {
            return Ok(Some(choice));
        }
    }
    Ok(Some(own))
}

/// Whether a stored answer may state other years than its report's own.
fn speaks_for_other_years(known: &StoredResponse, question: ReportKey) -> bool {
    let ReportKey {
        corp_code,
        source_year,
        reprt_code,
    } = question;
    match &known.answer {
        Answer::NoData => false,
        Answer::Report(body) => Report::read(body, corp_code, source_year, reprt_code)
            .is_ok_and(|report| is_whole(&report, question, known)),
    }
}

/// Whether a report covers a whole year, as far as can be known, so that its earlier columns do: one
/// that was read early may yet turn out to be one of two.
fn is_whole(report: &Report, question: ReportKey, known: &StoredResponse) -> bool {
    let early = read_early(
        question.source_year,
        question.reprt_code,
        known.fetched_at,
        report.latest_settlement(),
    );
    early.is_none() && report.speaks_for_other_years()
}

fn no_report(
    ticker: Ticker,
    question: ReportKey,
    years: &[FiscalYear],
    fetched_at: DateTime<Utc>,
) -> Vec<NewRow> {
    let ReportKey {
        corp_code,
        source_year,
        reprt_code,
    } = question;
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
    question: ReportKey,
    years: &[FiscalYear],
    known: &StoredResponse,
    report: &Report,
    annual: Option<&Report>,
) -> Result<Vec<NewRow>, ResolveError> {
    let ReportKey {
        corp_code,
        source_year,
        ..
    } = question;
    let packed = match &known.answer {
        Answer::Report(body) if known.is_new => {
            Some(pack(body).map_err(|source| ResolveError::Payload {
                corp_code,
                source_year,
                source,
            })?)
        }
        _ => None,
    };
    let row = |year: FiscalYear| {
        let mut row = row_of(ticker, year, question, known, report, annual)?;
        row.payload = packed.clone().filter(|_| row.year.is_own());
        Some(row)
    };
    Ok(with_own_year(source_year, years)
        .into_iter()
        .filter_map(row)
        .collect())
}

/// What a new answer says about the rows that an earlier one to the same question was read for:
/// other shares of the issuer, other years. Without it they would stay on a filing that has been
/// corrected.
fn refresh_siblings(
    rows: &[NewRow],
    before: &[(Ticker, FiscalYear)],
    question: ReportKey,
    known: &StoredResponse,
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
        question.reprt_code == ReprtCode::Annual
            || annual.is_some()
            || !report.states_a_dividend(*ticker)
    };
    before
        .iter()
        .filter(is_new)
        .filter(is_vouched_for)
        .filter_map(|(ticker, year)| row_of(*ticker, *year, question, known, report, annual))
        .collect()
}

pub(crate) fn row_of(
    ticker: Ticker,
    year: FiscalYear,
    question: ReportKey,
    known: &StoredResponse,
    report: &Report,
    annual: Option<&Report>,
) -> Option<NewRow> {
    let column = Column::of(question.source_year, year)?;
    let mut year = report.dividend_year(ticker, column, annual)?;
    drop_what_cannot_be_kept(&mut year);
    let ReportKey {
        source_year,
        reprt_code,
        ..
    } = question;
    let settled = report.latest_settlement();
    if let Some(due) = read_early(source_year, reprt_code, known.fetched_at, settled) {
        year.notes.push(Note::ReadEarly { due });
    }
    let is_own = source_report(year.fiscal_year, reprt_code) == source_year;
    let expires_at = if is_own || is_whole(report, question, known) {
        expires_at(
            year.outcome,
            source_year,
            reprt_code,
            known.fetched_at,
            settled,
        )
    } else {
        // It no longer speaks for that year, whose own report is to be asked.
        Some(known.fetched_at)
    };
    Some(NewRow {
        payload: None,
        parser_version: PARSER_VERSION,
        fetched_at: known.fetched_at,
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
    year.eps = year.eps.filter(|amount| amount.to_exact_f64().is_some());
    year.cash_total = year
        .cash_total
        .filter(|amount| amount.to_exact_f64().is_some());
    for earlier in [&mut year.frmtrm, &mut year.lwfr] {
        for amount in [&mut earlier.dps_cash, &mut earlier.par_value] {
            *amount = amount.filter(|amount| amount.to_exact_f64().is_some());
        }
    }
}

/// The annual report by which an interim one that copies it is found out: the one before, or
/// else the same year's; from the database, or asked for where the interim report states a
/// dividend that has to be vouched for.
fn comparison_annual<D: ResponseSource>(
    desk: &mut D,
    ticker: Ticker,
    question: ReportKey,
    report: &Report,
    now: DateTime<Utc>,
) -> Result<Result<Option<Report>, D::Refusal>, ResolveError> {
    let is_interim = question.reprt_code != ReprtCode::Annual;
    if !(is_interim && report.states_a_dividend(ticker)) {
        return Ok(Ok(None));
    }
    for annual in annuals_beside(question, now) {
        let known = match desk.answer(annual)? {
            Ok(known) => known,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if known.is_new
            && let Err(refusal) = settle(desk, ticker, annual, &known, &[annual.source_year], now)?
        {
            return Ok(Err(refusal));
        }
        if let Answer::Report(body) = &known.answer {
            let read = Report::read(
                body,
                annual.corp_code,
                annual.source_year,
                annual.reprt_code,
            );
            return Ok(read.map(Some).map_err(D::Refusal::from));
        }
    }
    Ok(Ok(None))
}

/// The annual reports an interim one may be compared with: the one before, else the same year's.
pub(crate) fn annuals_beside(
    question: ReportKey,
    now: DateTime<Utc>,
) -> impl Iterator<Item = ReportKey> {
    let year = question.source_year;
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
            ..question
        })
}

/// An answer is kept with the row of its own year, so that one is always stored beside the others.
fn with_own_year(source_year: FiscalYear, years: &[FiscalYear]) -> BTreeSet<FiscalYear> {
    years.iter().copied().chain([source_year]).collect()
}
