//! Reading `dividend_dps_cache`.
//!
//! Locking: reads take no lock others wait for.
//! Compatibility: a row that breaks the domain's rules (someone edited it) is an error that names it.
//! Performance: a whole series is one walk along the primary key, the blobs left aside.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};

use super::values::{RowReader, date_from, time_from};
use super::{Result, Store, StoreError, notes};
use crate::domain::{
    CorpCls, DividendYear, EarlierYear, FiscalYear, Outcome, Percent, ReprtCode, Shares, Ticker,
    Won,
};

const TABLE: &str = "dividend_dps_cache";

/// The columns of a [`CachedRow`], in the order they are read; the first three are the key.
const COLUMNS: [&str; 26] = [
    "ticker",
    "fiscal_year",
    "reprt_code",
    "corp_code",
    "corp_cls",
    "outcome",
    "dps_cash",
    "par_value",
    "dps_stock",
    "cash_yield_pct",
    "payout_ratio_pct",
    "eps",
    "cash_total",
    "stlm_dt",
    "rcept_no",
    "source_year",
    "note",
    "frmtrm_dps_cash",
    "frmtrm_par_value",
    "lwfr_dps_cash",
    "lwfr_par_value",
    "settlements",
    "parser_version",
    "fetched_at",
    "updated_at",
    "expires_at",
];

/// The same, for the statements below.
macro_rules! select_row {
    ($rest:literal) => {
        concat!(
            "SELECT ticker, fiscal_year, reprt_code, corp_code, corp_cls, outcome, dps_cash, ",
            "par_value, dps_stock, cash_yield_pct, payout_ratio_pct, eps, cash_total, stlm_dt, ",
            "rcept_no, source_year, note, frmtrm_dps_cash, frmtrm_par_value, lwfr_dps_cash, ",
            "lwfr_par_value, settlements, parser_version, fetched_at, updated_at, expires_at ",
            "FROM dividend_dps_cache ",
            $rest
        )
    };
}

/// A row of the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedRow {
    /// What the report says.
    pub year: DividendYear,
    /// The version of the parser that read the answer.
    pub parser_version: u32,
    /// When OpenDART gave the answer.
    pub fetched_at: DateTime<Utc>,
    /// When the row was last written.
    pub updated_at: DateTime<Utc>,
    /// From when on it should be asked again; `None` is never.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The cached rows of one ticker and kind of report from `first` to `last`, ascending.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn rows(
        &self,
        ticker: Ticker,
        first: FiscalYear,
        last: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Vec<CachedRow>> {
        self.read_all(
            select_row!(
                "WHERE ticker = ?1 AND fiscal_year BETWEEN ?2 AND ?3 AND reprt_code = ?4
                 ORDER BY fiscal_year"
            ),
            params![ticker.as_str(), first.get(), last.get(), reprt.code()],
            |row| read_row(&self.path, row),
        )
    }

    /// Every cached row of one ticker, by year and kind of report.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn rows_of(&self, ticker: Ticker) -> Result<Vec<CachedRow>> {
        self.read_all(
            select_row!("WHERE ticker = ?1 ORDER BY fiscal_year, reprt_code"),
            [ticker.as_str()],
            |row| read_row(&self.path, row),
        )
    }

    /// The rows of one ticker that a parser before `version` read from a report, by year and kind
    /// of report.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn outdated_rows(&self, ticker: Ticker, version: u32) -> Result<Vec<CachedRow>> {
        self.read_all(
            select_row!(
                "WHERE ticker = ?1 AND parser_version < ?2 AND outcome <> 'NO_REPORT'
                 ORDER BY fiscal_year, reprt_code"
            ),
            params![ticker.as_str(), version],
            |row| read_row(&self.path, row),
        )
    }

    /// Every ticker with a cached row, ascending.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn cached_tickers(&self) -> Result<Vec<Ticker>> {
        self.read_all(
            "SELECT DISTINCT ticker FROM dividend_dps_cache ORDER BY ticker",
            [],
            |row| {
                let mut row = RowReader::new(&self.path, TABLE, &COLUMNS, 1, row);
                row.text(|text| text.parse().ok())
            },
        )
    }

    /// The cached row of one ticker, year and kind of report.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn row(
        &self,
        ticker: Ticker,
        year: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Option<CachedRow>> {
        Ok(self.rows(ticker, year, year, reprt)?.pop())
    }

    /// The newest par value any annual row of the ticker states, with its fiscal year: what today's
    /// shares are compared by.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn latest_par(&self, ticker: Ticker) -> Result<Option<(FiscalYear, Won)>> {
        const COLUMNS: [&str; 3] = ["ticker", "fiscal_year", "par_value"];
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT ticker, fiscal_year, par_value FROM dividend_dps_cache
                  WHERE ticker = ?1 AND reprt_code = ?2 AND par_value IS NOT NULL
                  ORDER BY fiscal_year DESC LIMIT 1",
            )
            .map_err(self.at())?;
        let mut found = query
            .query([ticker.as_str(), ReprtCode::Annual.code()])
            .map_err(self.at())?;
        let Some(row) = found.next().map_err(self.at())? else {
            return Ok(None);
        };
        let mut row = RowReader::new(&self.path, TABLE, &COLUMNS, 2, row);
        let _: Ticker = row.text(|text| text.parse().ok())?;
        let year = row.integer(fiscal_year)?;
        Ok(row.amount(Won::from_f64)?.map(|par| (year, par)))
    }
}

pub(super) fn fiscal_year(number: i64) -> Option<FiscalYear> {
    u16::try_from(number)
        .ok()
        .and_then(|year| FiscalYear::new(year).ok())
}

fn read_row(path: &Path, row: &Row<'_>) -> Result<CachedRow, StoreError> {
    let mut row = RowReader::new(path, TABLE, &COLUMNS, 3, row);
    // Struct fields are evaluated in the order written, which is the order of COLUMNS.
    Ok(CachedRow {
        year: DividendYear {
            ticker: row.text(|text| text.parse().ok())?,
            fiscal_year: row.integer(fiscal_year)?,
            reprt_code: row.text(|text| text.parse().ok())?,
            corp_code: row.text(|text| text.parse().ok())?,
            corp_cls: row.optional_text(CorpCls::from_letter)?,
            outcome: row.text(Outcome::from_word)?,
            dps_cash: row.amount(Won::from_f64)?,
            par_value: row.amount(Won::from_f64)?,
            dps_stock: row.amount(Shares::from_f64)?,
            cash_yield_pct: row.amount(Percent::from_f64)?,
            payout_ratio_pct: row.amount(Percent::from_f64)?,
            eps: row.amount(Won::from_f64)?,
            cash_total: row.amount(Won::from_f64)?,
            stlm_dt: row.optional_text(date_from)?,
            rcept_no: row.optional_text(|text| text.parse().ok())?,
            source_year: row.integer(fiscal_year)?,
            notes: row
                .optional_text(|text| Some(notes::read(text)))?
                .unwrap_or_default(),
            frmtrm: EarlierYear {
                dps_cash: row.amount(Won::from_f64)?,
                par_value: row.amount(Won::from_f64)?,
            },
            lwfr: EarlierYear {
                dps_cash: row.amount(Won::from_f64)?,
                par_value: row.amount(Won::from_f64)?,
            },
            settlements: row.optional_integer(|number| u32::try_from(number).ok())?,
        },
        parser_version: row.integer(|number| u32::try_from(number).ok())?,
        fetched_at: row.text(time_from)?,
        updated_at: row.text(time_from)?,
        expires_at: row.optional_text(time_from)?,
    })
}

#[cfg(test)]
mod tests {
    use super::COLUMNS;

    #[test]
    fn the_columns_are_named_in_the_order_they_are_selected() {
        let sql = select_row!("");
        let selected = sql
            .trim_start_matches("SELECT ")
            .split(" FROM ")
            .next()
            .unwrap();
        assert_eq!(selected, COLUMNS.join(", "));
    }
}
