//! Answers as OpenDART gave them, found by what it was asked: corp_code, bsns_year, reprt_code.
//!
//! Locking: reads only.
//! Compatibility: the payload is bytes in zlib format; what is in them is the parser's affair.
//! Performance: one probe of the index `dividend_dps_cache_by_answer`, then the one blob.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::named_row::CACHE;
use super::sql_types::time_from;
use super::{Result, Store};
use crate::domain::{CorpCode, FiscalYear, ReprtCode, Ticker};

/// What OpenDART answered to (corp_code, bsns_year, reprt_code), whichever ticker asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredAnswer {
    /// A report.
    Payload {
        /// The response, minified, in zlib format.
        deflated: Vec<u8>,
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
        let found = self.read_all(
            &CACHE,
            "SELECT ticker, fiscal_year, reprt_code, fetched_at, expires_at, raw_payload
               FROM dividend_dps_cache
              WHERE corp_code = ?1 AND source_year = ?2 AND reprt_code = ?3
                AND (raw_payload IS NOT NULL OR outcome = 'NO_REPORT')
              ORDER BY raw_payload IS NULL, fetched_at DESC, ticker, fiscal_year
              LIMIT 1",
            params![corp_code, source_year, reprt],
            |row| {
                let fetched_at = row.text("fetched_at", time_from)?;
                let expires_at = row.optional_text("expires_at", time_from)?;
                Ok(match row.get("raw_payload")? {
                    Some(deflated) => StoredAnswer::Payload {
                        deflated,
                        fetched_at,
                        expires_at,
                    },
                    None => StoredAnswer::NoReport {
                        fetched_at,
                        expires_at,
                    },
                })
            },
        )?;
        Ok(found.into_iter().next())
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
        self.read_all(
            &CACHE,
            "SELECT ticker, fiscal_year FROM dividend_dps_cache
              WHERE corp_code = ?1 AND source_year = ?2 AND reprt_code = ?3
                AND outcome <> 'NO_REPORT'",
            params![corp_code, source_year, reprt],
            |row| Ok((row.get("ticker")?, row.get("fiscal_year")?)),
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
                    .query_row(params![ticker, year, reprt], |row| row.get(0))
                    .optional()
            })
            .map(Option::flatten)
            .map_err(self.at())
    }
}
