//! Answers as OpenDART gave them, found by what it was asked: corp_code, bsns_year, reprt_code.
//!
//! Locking: reads only.
//! Compatibility: the payload is bytes in zlib format; what is in them is the parser's affair.
//! Performance: one probe of the index `dividend_dps_cache_by_answer`, then the one blob.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::values::{RowReader, time_from};
use super::{Result, Store};
use crate::domain::{CorpCode, FiscalYear, RceptNo, ReprtCode, Ticker};

/// What OpenDART answered to (corp_code, bsns_year, reprt_code), whichever ticker asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredAnswer {
    /// A report.
    Payload {
        /// The response, minified, in zlib format.
        deflated: Vec<u8>,
        /// The filing it states; the latest where several.
        rcept_no: Option<RceptNo>,
        /// When OpenDART gave it.
        fetched_at: DateTime<Utc>,
        /// From when on it should be asked again; `None` is never.
        expires_at: Option<DateTime<Utc>>,
    },
    /// Status 013: no such report.
    NoReport {
        /// When OpenDART said so.
        fetched_at: DateTime<Utc>,
        /// From when on it should be asked again; `None` is never.
        expires_at: Option<DateTime<Utc>>,
    },
}

impl Store {
    /// The stored answer to one question to OpenDART, from any share class's row; a report before
    /// a 013, the newest of each.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn stored_answer(
        &self,
        corp_code: CorpCode,
        source_year: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Option<StoredAnswer>> {
        const COLUMNS: [&str; 7] = [
            "ticker",
            "fiscal_year",
            "reprt_code",
            "rcept_no",
            "fetched_at",
            "expires_at",
            "raw_payload",
        ];
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT ticker, fiscal_year, reprt_code, rcept_no, fetched_at, expires_at,
                        raw_payload
                   FROM dividend_dps_cache
                  WHERE corp_code = ?1 AND source_year = ?2 AND reprt_code = ?3
                    AND (raw_payload IS NOT NULL OR outcome = 'NO_REPORT')
                  ORDER BY raw_payload IS NULL, fetched_at DESC, ticker, fiscal_year
                  LIMIT 1",
            )
            .map_err(self.at())?;
        let mut found = query
            .query(params![corp_code.as_str(), source_year.get(), reprt.code()])
            .map_err(self.at())?;
        let Some(row) = found.next().map_err(self.at())? else {
            return Ok(None);
        };
        let deflated: Option<Vec<u8>> = row.get("raw_payload").map_err(self.at())?;
        let mut row = RowReader::new(&self.path, "dividend_dps_cache", &COLUMNS, 3, row);
        let _: Ticker = row.text(|text| text.parse().ok())?;
        let _ = row.integer(Some)?;
        let _: ReprtCode = row.text(|text| text.parse().ok())?;
        let rcept_no = row.optional_text(|text| text.parse().ok())?;
        let fetched_at = row.text(time_from)?;
        let expires_at = row.optional_text(time_from)?;
        Ok(Some(match deflated {
            Some(deflated) => StoredAnswer::Payload {
                deflated,
                rcept_no,
                fetched_at,
                expires_at,
            },
            None => StoredAnswer::NoReport {
                fetched_at,
                expires_at,
            },
        }))
    }

    /// The rows that were read from the answer to a question: of every share, of every year.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn rows_read_from(
        &self,
        corp_code: CorpCode,
        source_year: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Vec<(Ticker, FiscalYear)>> {
        const COLUMNS: [&str; 2] = ["ticker", "fiscal_year"];
        self.read_all(
            "SELECT ticker, fiscal_year FROM dividend_dps_cache
              WHERE corp_code = ?1 AND source_year = ?2 AND reprt_code = ?3
                AND outcome <> 'NO_REPORT'",
            params![corp_code.as_str(), source_year.get(), reprt.code()],
            |row| {
                let mut row = RowReader::new(&self.path, "dividend_dps_cache", &COLUMNS, 2, row);
                let ticker = row.text(|text| text.parse().ok())?;
                let year =
                    row.integer(|n| u16::try_from(n).ok().and_then(|n| FiscalYear::new(n).ok()))?;
                Ok((ticker, year))
            },
        )
    }

    /// The response a row was read from, in zlib format: its own, or the answer it was taken from.
    /// `None` where there is no such row, or where it says that there is no report.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn payload(
        &self,
        ticker: Ticker,
        year: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Option<Vec<u8>>> {
        let read = |row: &Row<'_>| row.get(0);
        self.connection
            .prepare_cached(
                "SELECT coalesce(asked.raw_payload,
                               (SELECT answer.raw_payload
                                  FROM dividend_dps_cache AS answer
                                 WHERE answer.corp_code = asked.corp_code
                                   AND answer.source_year = asked.source_year
                                   AND answer.reprt_code = asked.reprt_code
                                   AND answer.raw_payload IS NOT NULL
                                 ORDER BY answer.fetched_at = asked.fetched_at DESC,
                                          answer.fetched_at DESC, answer.ticker,
                                          answer.fiscal_year
                                 LIMIT 1))
                   FROM dividend_dps_cache AS asked
                  WHERE asked.ticker = ?1 AND asked.fiscal_year = ?2 AND asked.reprt_code = ?3
                    AND asked.outcome <> 'NO_REPORT'",
            )
            .and_then(|mut query| {
                query
                    .query_row(params![ticker.as_str(), year.get(), reprt.code()], read)
                    .optional()
            })
            .map(Option::flatten)
            .map_err(self.at())
    }
}
