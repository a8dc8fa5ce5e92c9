//! What the database holds, in figures.
//!
//! Locking: reads only, in one snapshot.
//! Performance: a scan of the cache; tens of milliseconds for a whole market.

use std::collections::BTreeMap;
use std::fs;

use chrono::{DateTime, Utc};

use super::named_row::CACHE;
use super::sql_types::time_from;
use super::{Result, Store, migrate};
use crate::domain::{FiscalYear, OriginKind, Outcome};

/// What the database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Cached rows by what they say; every outcome is there, with 0 where none says so.
    pub rows: BTreeMap<Outcome, u64>,
    /// Tickers with a cached row.
    pub tickers: u64,
    /// The oldest fiscal year with a cached row.
    pub first_year: Option<FiscalYear>,
    /// The latest.
    pub last_year: Option<FiscalYear>,
    /// When the oldest answer was given.
    pub oldest_fetched_at: Option<DateTime<Utc>>,
    /// When the newest was.
    pub newest_fetched_at: Option<DateTime<Utc>>,
    /// Figures that were replaced since.
    pub replaced: u64,
    /// Bytes of the responses kept, deflated.
    pub payload_bytes: u64,
    /// Bytes on disk, the write-ahead log included.
    pub file_bytes: u64,
    /// Listed companies known.
    pub companies: u64,
    /// When their list was last read.
    pub companies_synced_at: Option<DateTime<Utc>>,
    /// Where the answers come from; `None` until there is one.
    pub origin_kind: Option<OriginKind>,
    /// How many migrations made the tables.
    pub schema_version: u32,
}

impl Store {
    /// Counts what the database holds.
    ///
    /// # Errors
    /// The database cannot be read, or a value in it is none.
    pub fn stats(&self) -> Result<Stats> {
        self.reading(|| {
            let mut rows: BTreeMap<Outcome, u64> =
                Outcome::ALL.iter().map(|outcome| (*outcome, 0)).collect();
            rows.extend(self.read_all::<(Outcome, u64)>(
                &CACHE,
                "SELECT outcome, count(*) AS rows FROM dividend_dps_cache GROUP BY outcome",
                [],
                |row| Ok((row.get("outcome")?, row.get("rows")?)),
            )?);
            let totals = self.read_all(
                &CACHE,
                "SELECT count(DISTINCT ticker) AS tickers,
                        min(fiscal_year) AS first_year, max(fiscal_year) AS last_year,
                        min(fetched_at) AS oldest_fetched_at, max(fetched_at) AS newest_fetched_at,
                        coalesce(sum(length(raw_payload)), 0) AS payload_bytes,
                        (SELECT count(*) FROM dps_history) AS replaced,
                        (SELECT count(*) FROM ticker_master) AS companies
                   FROM dividend_dps_cache",
                [],
                |row| {
                    Ok(Stats {
                        rows: std::mem::take(&mut rows),
                        tickers: row.get("tickers")?,
                        first_year: row.get("first_year")?,
                        last_year: row.get("last_year")?,
                        oldest_fetched_at: row.optional_text("oldest_fetched_at", time_from)?,
                        newest_fetched_at: row.optional_text("newest_fetched_at", time_from)?,
                        payload_bytes: row.get("payload_bytes")?,
                        replaced: row.get("replaced")?,
                        companies: row.get("companies")?,
                        companies_synced_at: self.companies_synced_at()?,
                        origin_kind: self.origin_kind()?,
                        schema_version: migrate::known_version(),
                        file_bytes: self.file_bytes(),
                    })
                },
            )?;
            // An aggregate without GROUP BY always has its one row.
            let stats = totals.into_iter().next();
            stats.ok_or_else(|| self.at()(rusqlite::Error::QueryReturnedNoRows))
        })
    }

    fn file_bytes(&self) -> u64 {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        [self.path.as_os_str(), &log]
            .into_iter()
            .filter_map(|file| fs::metadata(file).ok())
            .map(|file| file.len())
            .sum()
    }
}
