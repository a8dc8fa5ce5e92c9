//! `dart_usage`: calls made with each key on each day (KST).
//!
//! Locking: counted within the transaction of whoever made the calls.
//! Compatibility: the key is known by its fingerprint alone.
//! Performance: one row a key and day.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::values::{RowReader, date_from};
use super::{Result, Store};

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
        self.write(|transaction| add_calls(transaction, fingerprint, day, calls).map_err(self.at()))
    }

    /// The calls made with a key on a day (KST).
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn calls_on(&self, fingerprint: &str, day: NaiveDate) -> Result<u64> {
        calls_on(&self.connection, fingerprint, day).map_err(self.at())
    }

    /// Every key's calls since a day (KST), the latest day first.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn usage_since(&self, day: NaiveDate) -> Result<Vec<KeyUsage>> {
        const COLUMNS: [&str; 3] = ["key_fingerprint", "kst_day", "calls"];
        self.read_all(
            "SELECT key_fingerprint, kst_day, calls FROM dart_usage
              WHERE kst_day >= ?1 ORDER BY kst_day DESC, key_fingerprint",
            [day.to_string()],
            |row| {
                let mut row = RowReader::new(&self.path, "dart_usage", &COLUMNS, 2, row);
                Ok(KeyUsage {
                    key_fingerprint: row.text(|text| Some(text.to_owned()))?,
                    kst_day: row.text(date_from)?,
                    calls: row.integer(|number| u64::try_from(number).ok())?,
                })
            },
        )
    }
}

fn calls_on(in_: &Connection, fingerprint: &str, day: NaiveDate) -> rusqlite::Result<u64> {
    let calls: Option<i64> = in_
        .prepare_cached("SELECT calls FROM dart_usage WHERE key_fingerprint = ?1 AND kst_day = ?2")?
        .query_row(params![fingerprint, day.to_string()], |row| row.get(0))
        .optional()?;
    Ok(calls
        .and_then(|calls| u64::try_from(calls).ok())
        .unwrap_or_default())
}

/// Adds to a day's count; what it is then.
pub(super) fn add_calls(
    to: &Transaction<'_>,
    fingerprint: &str,
    day: NaiveDate,
    calls: u64,
) -> rusqlite::Result<u64> {
    if calls == 0 {
        return calls_on(to, fingerprint, day);
    }
    let calls = i64::try_from(calls).unwrap_or(i64::MAX);
    to.prepare_cached(
        "INSERT INTO dart_usage (key_fingerprint, kst_day, calls) VALUES (?1, ?2, ?3)
         ON CONFLICT (key_fingerprint, kst_day) DO UPDATE SET calls = calls + excluded.calls
         RETURNING calls",
    )?
    .query_row(params![fingerprint, day.to_string(), calls], |row| {
        row.get(0)
    })
    .map(|calls: i64| u64::try_from(calls).unwrap_or_default())
}
