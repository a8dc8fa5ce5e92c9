//! Rows that need a second look: figures that later reports change, interim reports that repeat last
//! year's, wrong yields and ratios, filings that contradict themselves. All of it from the database:
//! OpenDART is not asked, and nothing is written but rows of an older parser, which are read again
//! first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::{
    DividendYear, FiscalYear, Outcome, RceptNo, ReprtCode, Ticker, cross_check, restatement_detail,
    restatements, with_separators,
};
use crate::opendart::alot_matter::{Column, Inconsistency};
use crate::store::{CachedRow, Store};

use super::cached::is_outdated;
use crate::resolve::stored::{NotRead, Source, Stored};
use crate::resolve::sweep::sweep;
use crate::resolve::{ResolveError, reparse_outdated};

/// Why a row needs a second look, what makes a figure doubtful before what does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// Other reports contradict the year's figure, which is not shown for that.
    Contradicted,
    /// A filing whose figures cannot all be right.
    Contradiction,
    /// A later report states another dividend for the year, and no split explains it.
    Restated,
    /// An interim report that repeats last year's annual figures; nothing is taken from it.
    InterimCopy,
    /// A row of an answer of which only the dividend rows were kept.
    Capped,
    /// A yield that is the dividend over the par value, not over a price.
    ParBasedYield,
    /// A payout ratio that is not the total over the net income.
    PayoutMismatch,
}

impl FindingKind {
    /// Every kind, in that order.
    pub const ALL: [Self; 7] = [
        Self::Contradicted,
        Self::Contradiction,
        Self::Restated,
        Self::InterimCopy,
        Self::Capped,
        Self::ParBasedYield,
        Self::PayoutMismatch,
    ];

    /// The word for it in the output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contradicted => "contradicted",
            Self::Contradiction => "contradiction",
            Self::Restated => "restated",
            Self::InterimCopy => "interim_copy",
            Self::Capped => "capped",
            Self::ParBasedYield => "par_based_yield",
            Self::PayoutMismatch => "payout_mismatch",
        }
    }
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The share.
    pub ticker: Ticker,
    /// The year of the row.
    pub fiscal_year: FiscalYear,
    /// The report of the row.
    pub reprt_code: ReprtCode,
    /// Why.
    pub kind: FindingKind,
    /// The same in words, with the figures.
    pub detail: String,
    /// The filing the row was read from.
    pub rcept_no: Option<RceptNo>,
}

/// Result for one share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// The share.
    pub ticker: Ticker,
    /// Rows with a report.
    pub rows: usize,
    /// What was found, by year, report and kind.
    pub findings: Vec<Finding>,
    /// Rows that could not be checked against their answers, and why.
    pub unread: Vec<(FiscalYear, ReprtCode, NotRead)>,
}

/// Checks every cached row of these shares; the results are in their order. `now` tells which reports
/// are due.
///
/// # Errors
/// Only where the database fails.
pub fn audit(
    store: &Store,
    tickers: &[Ticker],
    now: DateTime<Utc>,
) -> Result<Vec<Audited>, ResolveError> {
    let not_read: NotReadRows = reparse_outdated(store, tickers.iter().copied(), now)?
        .into_iter()
        .map(|(ticker, year, reprt_code, why)| ((ticker, year, reprt_code), why))
        .collect();
    let mut all = Vec::with_capacity(tickers.len());
    let look = |store: &Store, tickers: &[Ticker]| {
        let mut stored = Stored::new(store, now);
        let of_share = |ticker: &Ticker| audit_share(store, *ticker, &mut stored, &not_read);
        tickers.iter().map(of_share).collect::<Result<Vec<_>, _>>()
    };
    sweep(store, tickers, look, |audited| {
        all.extend(audited);
        Ok(())
    })?;
    Ok(all)
}

/// Why rows of an older parser could not be read again.
type NotReadRows = HashMap<(Ticker, FiscalYear, ReprtCode), NotRead>;

fn audit_share(
    store: &Store,
    ticker: Ticker,
    stored: &mut Stored<'_>,
    not_read: &NotReadRows,
) -> Result<Audited, ResolveError> {
    let (outdated, rows): (Vec<CachedRow>, Vec<CachedRow>) =
        store.rows_of(ticker)?.into_iter().partition(is_outdated);
    let why_outdated = |row: &CachedRow| {
        let (year, reprt_code) = (row.year.fiscal_year, row.year.reprt_code);
        let why = not_read.get(&(ticker, year, reprt_code)).cloned();
        (year, reprt_code, why.unwrap_or(NotRead::NotStored))
    };
    let mut audited = Audited {
        ticker,
        rows: outdated.len(),
        findings: Vec::new(),
        unread: outdated.iter().map(why_outdated).collect(),
    };
    for row in rows
        .iter()
        .filter(|row| row.year.outcome != Outcome::NoReport)
    {
        audited.rows += 1;
        let mut found = row_findings(&row.year, &rows);
        match stored.source_of(row)? {
            Ok(source) => found.extend(report_findings(&row.year, &source)),
            Err(why) => {
                audited
                    .unread
                    .push((row.year.fiscal_year, row.year.reprt_code, why));
            }
        }
        found.sort_by_key(|(kind, _)| *kind);
        audited
            .findings
            .extend(found.into_iter().map(|(kind, detail)| Finding {
                ticker,
                fiscal_year: row.year.fiscal_year,
                reprt_code: row.year.reprt_code,
                kind,
                detail,
                rcept_no: row.year.rcept_no,
            }));
    }
    Ok(audited)
}

/// Findings from the rows alone.
fn row_findings(year: &DividendYear, rows: &[CachedRow]) -> Vec<(FindingKind, String)> {
    let years: Vec<&DividendYear> = rows.iter().map(|row| &row.year).collect();
    let contradicted =
        cross_check(year, &years).map(|why| (FindingKind::Contradicted, why.to_string()));
    let restated = restatements(year, &years);
    let restated = year
        .dps_cash
        .filter(|_| !restated.is_empty())
        .map(|stated| {
            let (detail, stated) = (restatement_detail(&restated), with_separators(stated.get()));
            (FindingKind::Restated, format!("{detail}, not {stated}"))
        });
    let par_based = par_based_rate(year).map(|rate| {
        let detail = format!(
            "the yield is the dividend over the par value ({rate} %); only a price at par would \
             give the same"
        );
        (FindingKind::ParBasedYield, detail)
    });
    let found = contradicted.into_iter().chain(restated);
    found.chain(par_based).collect()
}

/// Findings from the report the row was read from.
fn report_findings(year: &DividendYear, source: &Source) -> Vec<(FindingKind, String)> {
    let mut found = Vec::new();
    let Some(column) = Column::of(year.source_year, year.fiscal_year) else {
        return found;
    };
    let annual = source.annual.as_deref();
    if source.report.repeats_last_year(year.ticker, annual) {
        let detail = "the interim report repeats last year's annual figures".to_owned();
        // Its other figures are last year's too, and are checked there.
        return vec![(FindingKind::InterimCopy, detail)];
    }
    for inconsistency in source.report.inconsistencies(year.ticker, column) {
        let kind = match inconsistency {
            Inconsistency::PayoutMismatch { .. } => FindingKind::PayoutMismatch,
            _ => FindingKind::Contradiction,
        };
        found.push((kind, inconsistency.to_string()));
    }
    if source.report.is_capped() {
        let detail = "only the dividend rows of the answer are kept".to_owned();
        found.push((FindingKind::Capped, detail));
    }
    found
}

/// The dividend over the par value, percent, where the yield is that and no other.
///
/// The yield has to be that rate, rounded or cut to the yield's own decimals (at least one, as
/// filers write 5.0 and 5.00 alike), and to be known to a twentieth of itself: 0.1 % may be
/// anything from 0.05 to 0.2.
fn par_based_rate(year: &DividendYear) -> Option<Decimal> {
    let dps = year.dps_cash.filter(|dps| dps.is_positive())?.get();
    let par = year.par_value.filter(|par| par.is_positive())?.get();
    let cash_yield = year
        .cash_yield_pct
        .filter(|pct| pct.is_positive())?
        .get()
        .normalize();
    let rate = dps
        .checked_mul(Decimal::ONE_HUNDRED)?
        .checked_div(par)?
        .normalize();
    let decimals = cash_yield.scale().max(1);
    let is_it = [
        RoundingStrategy::MidpointAwayFromZero,
        RoundingStrategy::ToZero,
    ]
    .into_iter()
    .any(|how| rate.round_dp_with_strategy(decimals, how) == cash_yield);
    let is_precise = Decimal::new(1, decimals) * Decimal::from(10) <= cash_yield;
    (is_it && is_precise).then(|| rate.round_dp(2).normalize())
}

#[cfg(test)]
mod tests {
    use super::par_based_rate;
    use crate::domain::{DividendYear, FiscalYear, Percent, ReprtCode, Won};

    fn rate(dps: &str, par: &str, cash_yield: &str) -> Option<String> {
        let number = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap();
        let year = DividendYear {
            dps_cash: Some(Won::from(number(dps))),
            par_value: Some(Won::from(number(par))),
            cash_yield_pct: Some(Percent::from(number(cash_yield))),
            ..DividendYear::no_report(
                "900010".parse().unwrap(),
                "99999999".parse().unwrap(),
                FiscalYear::FIRST_REPORT,
                ReprtCode::Annual,
                FiscalYear::FIRST_REPORT,
            )
        };
        par_based_rate(&year).map(|rate| rate.to_string())
    }

    #[test]
    fn a_yield_that_is_the_dividend_over_par_is_found_out_however_it_is_rounded() {
        for (dps, par, cash_yield, expected) in [
            ("250", "5000", "5.00", "5"),
            ("540", "500", "108.0", "108"),
            ("333", "5000", "6.66", "6.66"),
            ("333", "5000", "6.7", "6.66"),
            ("333", "5000", "6.6", "6.66"),
            ("50", "5000", "1.0", "1"),
        ] {
            let found = rate(dps, par, cash_yield);
            assert_eq!(found.as_deref(), Some(expected), "{dps} {par} {cash_yield}");
        }
    }

    #[test]
    fn a_market_yield_is_left_alone_and_so_is_one_too_coarse_to_tell() {
        for (dps, par, cash_yield) in [
            ("1444", "100", "1.8"),
            ("250", "5000", "5.1"),
            ("250", "5000", "4.9"),
            ("333", "5000", "6.65"),
            ("25", "5000", "0.5"),
            ("0", "5000", "5.0"),
            ("250", "0", "5.0"),
            ("250", "5000", "0"),
        ] {
            assert_eq!(rate(dps, par, cash_yield), None, "{dps} {par} {cash_yield}");
        }
    }
}
