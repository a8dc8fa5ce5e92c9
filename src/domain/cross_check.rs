//! What a share's other rows say against one: an annual figure that they contradict is not shown as one.
//!
//! Computed from rows alone, whenever they are shown: the order in which reports were read does not
//! matter, and nothing can be out of date.

use chrono::Datelike;

use super::{DividendYear, FiscalYear, Note, Outcome, ReprtCode, Won};

/// Why the figure of `of` is not to be believed, by the annual rows of the same share and issuer.
#[must_use]
pub fn cross_check(of: &DividendYear, rows: &[&DividendYear]) -> Option<Note> {
    if of.reprt_code != ReprtCode::Annual || of.dps_cash.is_none() {
        return None;
    }
    copied_report(of, rows)
        .or_else(|| other_cycle(of, rows))
        .or_else(|| contradicted_none(of, rows))
}

/// A report whose columns are those of another year's, left standing: its own year, and the years
/// that were read from its other columns.
fn copied_report(of: &DividendYear, rows: &[&DividendYear]) -> Option<Note> {
    let report = own_row(rows, of.source_year)?;
    let copied = copied_year(report, rows)?;
    Some(Note::CopiedReport {
        source_year: report.fiscal_year,
        year: copied,
    })
}

/// The year whose figures an annual report repeats in the place of its own.
///
/// Either all three columns are those of the report before it, net income or the columns' own
/// contradiction bearing it out; or the report after it states otherwise, and what this one has for
/// its year as the year before.
#[must_use]
pub fn copied_year(report: &DividendYear, rows: &[&DividendYear]) -> Option<FiscalYear> {
    let year_before = report.fiscal_year.back(1)?;
    let stated = report.dps_cash.filter(|dps| dps.is_positive())?;
    let columns = |row: &DividendYear| [row.dps_cash, row.frmtrm.dps_cash, row.lwfr.dps_cash];
    let repeats = |before: &DividendYear| {
        let incomes = |row: &DividendYear| [row.net_income, row.net_income_separate, row.eps];
        let pairs = incomes(report).into_iter().zip(incomes(before));
        let agree = pairs
            .clone()
            .any(|(one, other)| one.is_some() && one == other);
        let differ = pairs
            .into_iter()
            .any(|(one, other)| one.is_some() && other.is_some() && one != other);
        // What it says of the year before is not what that year's own report says.
        let contradicts_itself = report.frmtrm.dps_cash != before.dps_cash;
        columns(report) == columns(before)
            && columns(report).iter().all(Option::is_some)
            && report.cash_total.is_some()
            && report.cash_total == before.cash_total
            && (contradicts_itself || (agree && !differ))
    };
    let is_shifted = |after: &DividendYear| {
        after.lwfr.dps_cash == Some(stated)
            && after.frmtrm.dps_cash.is_some_and(|dps| dps != stated)
            && report.frmtrm.dps_cash.is_some_and(|dps| dps != stated)
            && after.par_value == report.par_value
    };
    let before = own_row(rows, year_before).filter(|row| row.settlements == report.settlements);
    let next = FiscalYear::new(report.fiscal_year.get() + 1).ok();
    let after = next.and_then(|year| own_row(rows, year));
    (before.is_some_and(repeats) || after.is_some_and(is_shifted)).then_some(year_before)
}

/// A year that was read from a later report of another settlement month: its columns are other
/// periods.
fn other_cycle(of: &DividendYear, rows: &[&DividendYear]) -> Option<Note> {
    if of.is_own() {
        return None;
    }
    let month = |row: &DividendYear| row.stlm_dt.map(|date| date.month());
    let month_now = month(own_row(rows, of.source_year)?)?;
    let last_own = rows
        .iter()
        .filter(|row| {
            row.is_own_report() && row.settlements == Some(1) && row.fiscal_year < of.source_year
        })
        .max_by_key(|row| row.fiscal_year)?;
    (month(last_own)? != month_now).then_some(Note::ChangedCycle {
        source_year: of.source_year,
    })
}

/// A `-` of the year's own report, where every later one states an amount: filed before the
/// shareholders' meeting, and paid all the same.
fn contradicted_none(of: &DividendYear, rows: &[&DividendYear]) -> Option<Note> {
    if of.outcome != Outcome::NoDividend || !of.is_own() || of.settlements.is_some_and(|n| n > 1) {
        return None;
    }
    let stated: Vec<Won> = rows
        .iter()
        .filter(|later| later.is_own_report() && copied_year(later, rows).is_none())
        .filter_map(|later| later.column_about(of.fiscal_year)?.dps_cash)
        .collect();
    (!stated.is_empty() && stated.iter().all(|dps| dps.is_positive()))
        .then_some(Note::ContradictedNone)
}

/// A first closing alone, of a company that closed its books more often the year before.
#[must_use]
pub fn lacks_a_closing(of: &DividendYear, rows: &[&DividendYear]) -> bool {
    let before = of.fiscal_year.back(1).and_then(|year| own_row(rows, year));
    let Some(before) = before.filter(|_| of.is_own_report()) else {
        return false;
    };
    let month = |row: &DividendYear| row.stlm_dt.map(|date| date.month());
    of.settlements < before.settlements && month(of) != month(before)
}

fn own_row<'a>(rows: &[&'a DividendYear], year: FiscalYear) -> Option<&'a DividendYear> {
    rows.iter()
        .copied()
        .find(|row| row.fiscal_year == year && row.is_own_report())
}
