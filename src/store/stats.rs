//! What the database holds, in figures.
//!
//! Locking: reads only, in one snapshot.
//! Performance: a scan of the cache; tens of milliseconds for a whole market.

use std::collections::BTreeMap;
use std::fs;

use chrono::{DateTime, Utc};
use rusqlite::{Transaction, TransactionBehavior};

use super::values::{RowReader, time_from};
use super::{Result, Store, cache, migrate};
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
        const COLUMNS: [&str; 8] = [
            "tickers",
            "fiscal_year",
            "fiscal_year",
            "fetched_at",
            "fetched_at",
            "payload_bytes",
            "replaced",
            "companies",
        ];
        let snapshot = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
            .map_err(self.at())?;
        let count = |number: i64| u64::try_from(number).ok();

        let mut rows: BTreeMap<Outcome, u64> =
            Outcome::ALL.iter().map(|outcome| (*outcome, 0)).collect();
        let mut query = snapshot
            .prepare("SELECT outcome, count(*) FROM dividend_dps_cache GROUP BY outcome")
            .map_err(self.at())?;
        let mut found = query.query([]).map_err(self.at())?;
        while let Some(row) = found.next().map_err(self.at())? {
            let columns = &["outcome", "count"];
            let mut row = RowReader::new(&self.path, "dividend_dps_cache", columns, 1, row);
            let outcome = row.text(Outcome::from_word)?;
            rows.insert(outcome, row.integer(count)?);
        }
        drop(found);
        drop(query);

        let mut query = snapshot
            .prepare(
                "SELECT count(DISTINCT ticker),
                        coalesce(min(fiscal_year), 0), coalesce(max(fiscal_year), 0),
                        min(fetched_at), max(fetched_at),
                        coalesce(sum(length(raw_payload)), 0),
                        (SELECT count(*) FROM dps_history),
                        (SELECT count(*) FROM ticker_master)
                   FROM dividend_dps_cache",
            )
            .map_err(self.at())?;
        let mut found = query.query([]).map_err(self.at())?;
        let row = match found.next().map_err(self.at())? {
            Some(row) => row,
            // An aggregate without GROUP BY always has its one row.
            None => return Err(self.at()(rusqlite::Error::QueryReturnedNoRows)),
        };
        let mut row = RowReader::new(&self.path, "dividend_dps_cache", &COLUMNS, 0, row);
        Ok(Stats {
            rows,
            tickers: row.integer(count)?,
            first_year: row.integer(Some).map(cache::fiscal_year)?,
            last_year: row.integer(Some).map(cache::fiscal_year)?,
            oldest_fetched_at: row.optional_text(time_from)?,
            newest_fetched_at: row.optional_text(time_from)?,
            payload_bytes: row.integer(count)?,
            replaced: row.integer(count)?,
            companies: row.integer(count)?,
            companies_synced_at: self.companies_synced_at()?,
            origin_kind: self.origin_kind()?,
            schema_version: migrate::known_version(),
            file_bytes: self.file_bytes(),
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
