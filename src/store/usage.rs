//! `dart_usage`: calls made with each key on each day (KST).
//!
//! Locking: counted within the transaction of whoever made the calls.
//! Compatibility: the key is known by its fingerprint alone.
//! Performance: one row a key and day.

use chrono::NaiveDate;
use rusqlite::{OptionalExtension, params};

use super::named_row::Table;
use super::sql_types::date_from;
use super::{Result, Store};

const TABLE: Table = Table {
    name: "dart_usage",
    key: &["key_fingerprint", "kst_day"],
};

/// One key's calls on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUsage {
    /// The key's fingerprint.
    pub key_fingerprint: String,
    /// The day (KST).
    pub kst_day: NaiveDate,
    /// HTTP attempts.
    pub calls: u64,
}

impl Store {
    /// Counts calls that no job made; the day's calls with that key so far.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn count_calls(&self, fingerprint: &str, day: NaiveDate, calls: u64) -> Result<u64> {
        self.write(|| self.add_calls(fingerprint, day, calls))
    }

    /// The calls made with a key on a day (KST).
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn calls_on(&self, fingerprint: &str, day: NaiveDate) -> Result<u64> {
        self.connection
            .prepare_cached(
                "SELECT calls FROM dart_usage WHERE key_fingerprint = ?1 AND kst_day = ?2",
            )
            .and_then(|mut query| {
                query
                    .query_row(params![fingerprint, day.to_string()], |row| row.get(0))
                    .optional()
            })
            .map(Option::unwrap_or_default)
            .map_err(self.at())
    }

    /// Every key's calls since a day (KST), the latest day first.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn usage_since(&self, day: NaiveDate) -> Result<Vec<KeyUsage>> {
        self.read_all(
            &TABLE,
            "SELECT key_fingerprint, kst_day, calls FROM dart_usage
              WHERE kst_day >= ?1 ORDER BY kst_day DESC, key_fingerprint",
            [day.to_string()],
            |row| {
                Ok(KeyUsage {
                    key_fingerprint: row.get("key_fingerprint")?,
                    kst_day: row.text("kst_day", date_from)?,
                    calls: row.get("calls")?,
                })
            },
        )
    }

    /// Within a transaction, adds to a day's count; what it is then.
    pub(super) fn add_calls(&self, fingerprint: &str, day: NaiveDate, calls: u64) -> Result<u64> {
        if calls == 0 {
            return self.calls_on(fingerprint, day);
        }
        self.connection
            .prepare_cached(
                "INSERT INTO dart_usage AS old (key_fingerprint, kst_day, calls)
                 VALUES (?1, ?2, ?3)
                 ON CONFLICT (key_fingerprint, kst_day)
                 DO UPDATE SET calls = old.calls + excluded.calls
                 RETURNING calls",
            )
            .and_then(|mut upsert| {
                upsert.query_row(params![fingerprint, day.to_string(), calls], |row| {
                    row.get(0)
                })
            })
            .map_err(self.at())
    }
}
