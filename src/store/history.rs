//! Reading `dps_history`: what was stated before something took its place.
//!
//! Locking: reads take no lock others wait for.
//! Compatibility: a row that breaks the domain's rules is an error that names it, as in the cache.
//! Performance: one walk along `dps_history_by_row` for a ticker's years; few rows ever get here.

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, params};

use super::cache::fiscal_year;
use super::values::{RowReader, date_from, time_from};
use super::{Result, Store, StoreError};
use crate::domain::{FiscalYear, Outcome, RceptNo, ReprtCode, Shares, Ticker, Won};

const TABLE: &str = "dps_history";

/// The columns of a [`ReplacedRow`], in the order they are read; the first is the key.
const COLUMNS: [&str; 17] = [
    "history_id",
    "ticker",
    "fiscal_year",
    "reprt_code",
    "outcome",
    "dps_cash",
    "par_value",
    "dps_stock",
    "stlm_dt",
    "rcept_no",
    "source_year",
    "parser_version",
    "fetched_at",
    "updated_at",
    "replaced_at",
    "replaced_by_rcept_no",
    "replaced_by_source_year",
];

const SELECT: &str = "\
SELECT history_id, ticker, fiscal_year, reprt_code, outcome, dps_cash, par_value, dps_stock, \
stlm_dt, rcept_no, source_year, parser_version, fetched_at, updated_at, replaced_at, \
replaced_by_rcept_no, replaced_by_source_year \
FROM dps_history \
WHERE ticker = ?1 AND fiscal_year BETWEEN ?2 AND ?3 AND reprt_code = ?4 \
ORDER BY fiscal_year, replaced_at, history_id";

/// What was stated once, and what took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedRow {
    /// Its number in the table.
    pub history_id: i64,
    /// The share.
    pub ticker: Ticker,
    /// The year the figures are about.
    pub fiscal_year: FiscalYear,
    /// The report that stated them.
    pub reprt_code: ReprtCode,
    /// What it said.
    pub outcome: Outcome,
    /// Cash dividend, won per share.
    pub dps_cash: Option<Won>,
    /// Par value of a share, won.
    pub par_value: Option<Won>,
    /// Stock dividend, shares per share.
    pub dps_stock: Option<Shares>,
    /// Settlement date.
    pub stlm_dt: Option<NaiveDate>,
    /// The filing it was read from.
    pub rcept_no: Option<RceptNo>,
    /// The fiscal year of that filing's report.
    pub source_year: FiscalYear,
    /// The version of the parser that read it.
    pub parser_version: u32,
    /// When OpenDART gave the answer.
    pub fetched_at: DateTime<Utc>,
    /// When the row was written.
    pub updated_at: DateTime<Utc>,
    /// When something took its place.
    pub replaced_at: DateTime<Utc>,
    /// The filing that did; its own where OpenDART, or a newer parser, read that one otherwise.
    pub replaced_by_rcept_no: Option<RceptNo>,
    /// The fiscal year of that filing's report.
    pub replaced_by_source_year: FiscalYear,
}

impl Store {
    /// What was replaced of one ticker and kind of report from `first` to `last`: years ascending,
    /// in each what was replaced first before the rest.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn history(
        &self,
        ticker: Ticker,
        first: FiscalYear,
        last: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Vec<ReplacedRow>> {
        self.read_all(
            SELECT,
            params![ticker.as_str(), first.get(), last.get(), reprt.code()],
            |row| read_row(&self.path, row),
        )
    }
}

fn read_row(path: &Path, row: &Row<'_>) -> Result<ReplacedRow, StoreError> {
    let mut row = RowReader::new(path, TABLE, &COLUMNS, 1, row);
    // Struct fields are evaluated in the order written, which is the order of COLUMNS.
    Ok(ReplacedRow {
        history_id: row.integer(Some)?,
        ticker: row.text(|text| text.parse().ok())?,
        fiscal_year: row.integer(fiscal_year)?,
        reprt_code: row.text(|text| text.parse().ok())?,
        outcome: row.text(Outcome::from_word)?,
        dps_cash: row.amount(Won::from_f64)?,
        par_value: row.amount(Won::from_f64)?,
        dps_stock: row.amount(Shares::from_f64)?,
        stlm_dt: row.optional_text(date_from)?,
        rcept_no: row.optional_text(|text| text.parse().ok())?,
        source_year: row.integer(fiscal_year)?,
        parser_version: row.integer(|number| u32::try_from(number).ok())?,
        fetched_at: row.text(time_from)?,
        updated_at: row.text(time_from)?,
        replaced_at: row.text(time_from)?,
        replaced_by_rcept_no: row.optional_text(|text| text.parse().ok())?,
        replaced_by_source_year: row.integer(fiscal_year)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, SELECT};

    #[test]
    fn the_columns_are_named_in_the_order_they_are_selected() {
        let selected = SELECT
            .trim_start_matches("SELECT ")
            .split(" FROM ")
            .next()
            .unwrap();
        assert_eq!(selected, COLUMNS.join(", "));
    }
}
