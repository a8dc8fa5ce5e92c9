//! Reading `dividend_dps_cache`.
//!
//! Locking: reads take no lock others wait for.
//! Compatibility: a row that breaks the domain's rules (someone edited it) is an error that names it.
//! Performance: a whole series is one walk along the primary key, the blobs left aside.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::named_row::{CACHE, NamedRow};
use super::sql_types::{date_from, time_from};
use super::{Result, Store, notes};
use crate::domain::{DividendYear, EarlierYear, FiscalYear, ReprtCode, Ticker, Won};

/// A [`CachedRow`]'s columns: all but the blob.
macro_rules! select_row {
    ($rest:literal) => {
        concat!(
            "SELECT ticker, fiscal_year, reprt_code, corp_code, corp_cls, outcome, dps_cash, ",
            "par_value, dps_stock, cash_yield_pct, payout_ratio_pct, eps, net_income, ",
            "net_income_separate, cash_total, stlm_dt, ",
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
    /// The cached rows of one ticker and kind of report from `first` to `last`, ascending. As
    /// everywhere here, those of the issuer that the company list names today: the ticker may have
    /// been another's.
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
            &CACHE,
            select_row!(
                "WHERE ticker = ?1 AND fiscal_year BETWEEN ?2 AND ?3 AND reprt_code = ?4
                   AND corp_code = coalesce((SELECT master.corp_code FROM ticker_master AS master
                                           WHERE master.ticker = substr(?1, 1, 5) || '0'),
                                         corp_code)
                 ORDER BY fiscal_year"
            ),
            params![ticker, first, last, reprt],
            read_row,
        )
    }

    /// Every cached row of one ticker, by year and kind of report.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn rows_of(&self, ticker: Ticker) -> Result<Vec<CachedRow>> {
        self.read_all(
            &CACHE,
            select_row!(
                "WHERE ticker = ?1
                   AND corp_code = coalesce((SELECT master.corp_code FROM ticker_master AS master
                                           WHERE master.ticker = substr(?1, 1, 5) || '0'),
                                         corp_code)
                 ORDER BY fiscal_year, reprt_code"
            ),
            [ticker],
            read_row,
        )
    }

    /// The rows of one ticker that a parser before `version` read from a report, by year and kind
    /// of report.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn outdated_rows(&self, ticker: Ticker, version: u32) -> Result<Vec<CachedRow>> {
        self.read_all(
            &CACHE,
            select_row!(
                "WHERE ticker = ?1 AND parser_version < ?2 AND outcome <> 'NO_REPORT'
                 ORDER BY fiscal_year, reprt_code"
            ),
            params![ticker, version],
            read_row,
        )
    }

    /// Every ticker with a cached row, ascending.
    ///
    /// # Errors
    /// As [`Store::rows`].
    pub fn cached_tickers(&self) -> Result<Vec<Ticker>> {
        self.read_all(
            &CACHE,
            "SELECT DISTINCT ticker FROM dividend_dps_cache ORDER BY ticker",
            [],
            |row| row.get("ticker"),
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
        let found = self.read_all(
            &CACHE,
            "SELECT ticker, fiscal_year, par_value FROM dividend_dps_cache
              WHERE ticker = ?1 AND reprt_code = ?2 AND par_value IS NOT NULL
                AND corp_code = coalesce((SELECT master.corp_code FROM ticker_master AS master
                                          WHERE master.ticker = substr(?1, 1, 5) || '0'),
                                        corp_code)
              ORDER BY fiscal_year DESC LIMIT 1",
            params![ticker, ReprtCode::Annual],
            |row| Ok((row.get("fiscal_year")?, row.get("par_value")?)),
        )?;
        Ok(found.into_iter().next())
    }
}

fn read_row(row: &NamedRow<'_>) -> Result<CachedRow> {
    // In the order they are selected, so that no column is searched for.
    Ok(CachedRow {
        year: DividendYear {
            ticker: row.get("ticker")?,
            fiscal_year: row.get("fiscal_year")?,
            reprt_code: row.get("reprt_code")?,
            corp_code: row.get("corp_code")?,
            corp_cls: row.get("corp_cls")?,
            outcome: row.get("outcome")?,
            dps_cash: row.get("dps_cash")?,
            par_value: row.get("par_value")?,
            dps_stock: row.get("dps_stock")?,
            cash_yield_pct: row.get("cash_yield_pct")?,
            payout_ratio_pct: row.get("payout_ratio_pct")?,
            eps: row.get("eps")?,
            net_income: row.get("net_income")?,
            net_income_separate: row.get("net_income_separate")?,
            cash_total: row.get("cash_total")?,
            stlm_dt: row.optional_text("stlm_dt", date_from)?,
            rcept_no: row.get("rcept_no")?,
            source_year: row.get("source_year")?,
            notes: row
                .optional_text("note", |note| Some(notes::read(note)))?
                .unwrap_or_default(),
            frmtrm: EarlierYear {
                dps_cash: row.get("frmtrm_dps_cash")?,
                par_value: row.get("frmtrm_par_value")?,
            },
            lwfr: EarlierYear {
                dps_cash: row.get("lwfr_dps_cash")?,
                par_value: row.get("lwfr_par_value")?,
            },
            settlements: row.get("settlements")?,
        },
        parser_version: row.get("parser_version")?,
        fetched_at: row.text("fetched_at", time_from)?,
        updated_at: row.text("updated_at", time_from)?,
        expires_at: row.optional_text("expires_at", time_from)?,
    })
}
