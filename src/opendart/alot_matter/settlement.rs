//! Which of an answer's filings count: the newest of each settlement date.

use chrono::NaiveDate;

use crate::domain::{Note, RceptNo, ShareClass};

use super::figure::Figure;
use super::filing::Filing;
use super::label::Item;
use super::row::Row;
use super::share_class::Class;

/// Groups the rows by settlement date and keeps the newest filing of each: the same date twice is
/// a correction, two dates are two closings of the books whose dividends add up.
///
/// Older answers lack dates. Filings without one that say the same, net income and all, are one;
/// others could be a correction or a second closing, and are not told apart. Rows without a label
/// are told apart by their order, which is not known across filings or dates.
pub(super) fn newest_of_each_settlement(mut rows: Vec<Row>) -> (Vec<Filing>, Option<Note>) {
    let mut ambiguous = date_undated_rows(&mut rows);
    let mut filings: Vec<Filing> = Vec::new();
    for row in rows {
        let of_this =
            |filing: &&mut Filing| filing.rcept_no == row.rcept_no && filing.stlm_dt == row.stlm_dt;
        match filings.iter_mut().find(of_this) {
            Some(filing) => filing.rows.push(row),
            None => filings.push(Filing {
                rcept_no: row.rcept_no,
                stlm_dt: row.stlm_dt,
                rows: vec![row],
            }),
        }
    }
    filings.sort_by_key(|filing| (filing.stlm_dt, filing.rcept_no));
    let undated = filings.iter().any(|filing| filing.stlm_dt.is_none());
    if undated {
        // They are one filing, or nothing is stated from them.
        ambiguous |= filings.windows(2).any(|pair| !is_copy(&pair[0], &pair[1]));
        filings = filings
            .into_iter()
            .max_by_key(|it| it.rcept_no)
            .into_iter()
            .collect();
    }
    let mut newest: Vec<Filing> = Vec::new();
    for filing in filings {
        match newest.last_mut() {
            Some(last) if last.stlm_dt == filing.stlm_dt => {
                ambiguous |= !has_the_same_rows(last, &filing);
                *last = filing;
            }
            _ => newest.push(filing),
        }
    }
    (newest, ambiguous.then_some(Note::AmbiguousFilings))
}

/// Whether the filings of several dates are the parts of one year: their dates are a quarter or half
/// a year apart, and none is an interim report of the year the last one closes, whose amounts the
/// last one includes.
pub(super) fn are_sub_periods(filings: &[Filing]) -> bool {
    filings.len() <= 4
        && filings.windows(2).all(|pair| {
            let (Some(one), Some(next)) = (pair[0].stlm_dt, pair[1].stlm_dt) else {
                return false;
            };
            let apart = (next - one).num_days();
            (matches!(apart, 76..=106) || matches!(apart, 148..=218))
                && !is_same_year_before(&pair[0], &pair[1])
        })
}

/// Whether two filings state the same year before their own, and a dividend in it.
fn is_same_year_before(one: &Filing, other: &Filing) -> bool {
    const YEAR_BEFORE: usize = 1;
    let cells = |filing: &Filing, item| -> Vec<Figure> {
        let rows = filing.rows_of(item);
        rows.map(|row| row.cells[YEAR_BEFORE].clone()).collect()
    };
    let same = |item| cells(one, item) == cells(other, item);
    let income_differs = one.states_net_income(YEAR_BEFORE)
        && other.states_net_income(YEAR_BEFORE)
        && !same(Item::NetIncome);
    one.cash_amount(ShareClass::Common, YEAR_BEFORE)
        .is_some_and(|amount| !amount.is_zero())
        && same(Item::DpsCash)
        && same(Item::CashTotal)
        && !income_differs
}

/// A filing that dates some of its rows and not others is about one date. True where that leaves
/// rows without a label whose order is not certain.
fn date_undated_rows(rows: &mut [Row]) -> bool {
    let mut uncertain = false;
    let mut dates: Vec<(Option<RceptNo>, NaiveDate)> = rows
        .iter()
        .filter_map(|row| Some((row.rcept_no, row.stlm_dt?)))
        .collect();
    dates.sort_unstable();
    dates.dedup();
    let needs_order =
        |row: &Row| row.label.item == Item::DpsCash && row.stock_knd.class == Class::Unlabelled;
    for at in 0..rows.len() {
        let rcept_no = rows[at].rcept_no;
        let mut of_filing = dates.iter().filter(|(filing, _)| *filing == rcept_no);
        if rows[at].stlm_dt.is_none()
            && let (Some((_, date)), None) = (of_filing.next(), of_filing.next())
        {
            let beside = |row: &Row| row.rcept_no == rcept_no && row.stlm_dt == Some(*date);
            uncertain |=
                needs_order(&rows[at]) && rows.iter().any(|row| beside(row) && needs_order(row));
            rows[at].stlm_dt = Some(*date);
        }
    }
    uncertain
}

/// Whether a correction has the rows of the filing it corrects, as far as they are told apart by their
/// order: one that has not, or has one where it states another amount, may be about another share.
fn has_the_same_rows(corrected: &Filing, correction: &Filing) -> bool {
    let unlabelled = |filing: &Filing| -> Vec<[Figure; 3]> {
        filing
            .rows_of(Item::DpsCash)
            .filter(|row| row.stock_knd.class == Class::Unlabelled)
            .map(|row| row.cells.clone())
            .collect()
    };
    let (before, after) = (unlabelled(corrected), unlabelled(correction));
    before.len() == after.len() && (after.len() != 1 || before == after)
}

/// Whether two filings are the same one: they state the same in every row, and a net income.
fn is_copy(one: &Filing, other: &Filing) -> bool {
    let said = |filing: &Filing| -> Vec<_> {
        let row = |row: &Row| (row.label.clone(), row.stock_knd.clone(), row.cells.clone());
        filing.rows.iter().map(row).collect()
    };
    one.states_net_income(0) && said(one) == said(other)
}
