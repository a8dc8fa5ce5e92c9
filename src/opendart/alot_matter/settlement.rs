//! Which of an answer's filings count: the newest of each settlement date.

use chrono::NaiveDate;

use crate::domain::{Note, RceptNo};

use super::filing::Filing;
use super::label::Item;
use super::row::Row;

/// Groups the rows by settlement date and keeps the newest filing of each: the same date twice is
/// a correction, two dates are two closings of the books whose dividends add up.
///
/// Older answers lack dates. Filings without one that say the same are one; others could be a
/// correction or a second closing, and are not told apart.
pub(super) fn newest_of_each_settlement(rows: Vec<Row>) -> (Vec<Filing>, Option<Note>) {
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
    adopt_undated_rows(&mut filings);
    let key = |filing: &Filing| (filing.stlm_dt, filing.rcept_no);
    filings.sort_by_key(key);
    let undated = filings
        .iter()
        .filter(|filing| filing.stlm_dt.is_none())
        .count();
    let ambiguous_reason = (undated > 0 && filings.len() > 1 && !all_say_the_same(&filings))
        .then_some(Note::AmbiguousFilings);
    if undated > 0 {
        // They agree, or nothing is stated from them.
        let newest = filings.into_iter().max_by_key(|filing| filing.rcept_no);
        return (newest.into_iter().collect(), ambiguous_reason);
    }
    let mut newest: Vec<Filing> = Vec::new();
    for filing in filings {
        match newest.last_mut() {
            Some(last) if last.stlm_dt == filing.stlm_dt => *last = filing,
            _ => newest.push(filing),
        }
    }
    (newest, None)
}

/// A filing that dates some of its rows and not others is about one date.
fn adopt_undated_rows(filings: &mut Vec<Filing>) {
    let dates_of = |filings: &[Filing], rcept_no: Option<RceptNo>| -> Vec<NaiveDate> {
        filings
            .iter()
            .filter(|f| f.rcept_no == rcept_no)
            .filter_map(|f| f.stlm_dt)
            .collect()
    };
    let mut at = 0;
    while at < filings.len() {
        let rcept_no = filings[at].rcept_no;
        let dates = dates_of(filings, rcept_no);
        if filings[at].stlm_dt.is_none()
            && let [date] = dates[..]
        {
            let undated = filings.remove(at);
            if let Some(dated) = filings
                .iter_mut()
                .find(|f| f.rcept_no == rcept_no && f.stlm_dt == Some(date))
            {
                dated.rows.extend(undated.rows);
            }
        } else {
            at += 1;
        }
    }
}

/// Whether the filings state the same amounts per share, label by label.
fn all_say_the_same(filings: &[Filing]) -> bool {
    let said = |filing: &Filing| -> Vec<_> {
        filing
            .rows_of(Item::DpsCash)
            .map(|row| (row.stock_knd.clone(), row.cells.clone()))
            .collect()
    };
    filings
        .windows(2)
        .all(|pair| said(&pair[0]) == said(&pair[1]))
}
