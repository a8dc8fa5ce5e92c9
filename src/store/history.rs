//! Reading `dps_history`: what was stated before something took its place.
//!
//! Locking: reads take no lock others wait for.
//! Compatibility: a row that breaks the domain's rules is an error that names it, as in the cache.
//! Performance: one walk along `dps_history_by_row` for a ticker's years; few rows ever get here.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::params;

use super::named_row::{NamedRow, Table};
use super::sql_types::{date_from, time_from};
use super::{Result, Store};
use crate::domain::{CorpCode, FiscalYear, Outcome, RceptNo, ReprtCode, Shares, Ticker, Won};

const TABLE: Table = Table {
    name: "dps_history",
    key: &["history_id"],
};

/// What was stated once, and what took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplacedRow {
    /// Its number in the table.
    pub history_id: i64,
    /// The share.
    pub ticker: Ticker,
    /// The issuer; `None` in rows from before it was kept.
    pub corp_code: Option<CorpCode>,
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
            &TABLE,
            "SELECT * FROM dps_history
              WHERE ticker = ?1 AND fiscal_year BETWEEN ?2 AND ?3 AND reprt_code = ?4
                AND (corp_code IS NULL
                     OR corp_code = coalesce((SELECT master.corp_code FROM ticker_master AS master
                                               WHERE master.ticker = substr(?1, 1, 5) || '0'),
                                             corp_code))
              ORDER BY fiscal_year, replaced_at, history_id",
            params![ticker, first, last, reprt],
            read_row,
        )
    }
}

fn read_row(row: &NamedRow<'_>) -> Result<ReplacedRow> {
    Ok(ReplacedRow {
        history_id: row.get("history_id")?,
        ticker: row.get("ticker")?,
        corp_code: row.get("corp_code")?,
        fiscal_year: row.get("fiscal_year")?,
        reprt_code: row.get("reprt_code")?,
        outcome: row.get("outcome")?,
        dps_cash: row.get("dps_cash")?,
        par_value: row.get("par_value")?,
        dps_stock: row.get("dps_stock")?,
        stlm_dt: row.optional_text("stlm_dt", date_from)?,
        rcept_no: row.get("rcept_no")?,
        source_year: row.get("source_year")?,
        parser_version: row.get("parser_version")?,
        fetched_at: row.text("fetched_at", time_from)?,
        updated_at: row.text("updated_at", time_from)?,
        replaced_at: row.text("replaced_at", time_from)?,
        replaced_by_rcept_no: row.get("replaced_by_rcept_no")?,
        replaced_by_source_year: row.get("replaced_by_source_year")?,
    })
}
