//! How domain values stand in the database, and back.
//!
//! Compatibility: times are UTC, RFC 3339 with milliseconds and `Z`; dates are ISO; amounts are
//! `REAL` by their shortest decimal form. What this program would not have written is reported with
//! its place, never guessed at.

use std::path::Path;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::domain::DividendYear;

use super::StoreError;

/// A time as the database writes it: `2026-11-23T10:00:00.000Z`.
pub(super) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a time of the database.
pub(super) fn time_from(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}

/// Reads a date of the database.
pub(super) fn date_from(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// One row, read column by column from the left, so that a value that is none can be named.
pub(super) struct RowReader<'a> {
    path: &'a Path,
    table: &'static str,
    /// The columns that are the row's key: they come first.
    key_len: usize,
    columns: &'static [&'static str],
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> RowReader<'a> {
    pub(super) fn new(
        path: &'a Path,
        table: &'static str,
        columns: &'static [&'static str],
        key_len: usize,
        row: &'a Row<'a>,
    ) -> Self {
        Self {
            path,
            table,
            key_len,
            columns,
            row,
            next: 0,
        }
    }

    fn value(&mut self) -> Result<(usize, ValueRef<'a>), StoreError> {
        let index = self.next;
        self.next += 1;
        let value = self
            .row
            .get_ref(index)
            .map_err(|error| StoreError::from_sqlite(self.path, error))?;
        Ok((index, value))
    }

    fn unreadable(&self, index: usize, value: ValueRef<'_>) -> StoreError {
        let key: Vec<String> = (0..self.key_len)
            .filter_map(|place| self.row.get_ref(place).ok())
            .map(shown)
            .collect();
        StoreError::Unreadable {
            path: self.path.to_owned(),
            table: self.table,
            column: self.columns.get(index).copied().unwrap_or("?"),
            row: key.join(" "),
            value: shown(value),
        }
    }

    /// The next column, a text that `read` understands.
    pub(super) fn text<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let (index, value) = self.value()?;
        value
            .as_str()
            .ok()
            .and_then(read)
            .ok_or_else(|| self.unreadable(index, value))
    }

    /// The next column, NULL or a text that `read` understands.
    pub(super) fn optional_text<T>(
        &mut self,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.value()? {
            (_, ValueRef::Null) => Ok(None),
            (index, value) => match value.as_str().ok().and_then(read) {
                Some(read) => Ok(Some(read)),
                None => Err(self.unreadable(index, value)),
            },
        }
    }

    /// The next column, a whole number that `read` accepts.
    pub(super) fn integer<T>(&mut self, read: impl Fn(i64) -> Option<T>) -> Result<T, StoreError> {
        let (index, value) = self.value()?;
        value
            .as_i64()
            .ok()
            .and_then(read)
            .ok_or_else(|| self.unreadable(index, value))
    }

    /// The next column, NULL or a whole number that `read` accepts.
    pub(super) fn optional_integer<T>(
        &mut self,
        read: impl Fn(i64) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.value()? {
            (_, ValueRef::Null) => Ok(None),
            (index, value) => match value.as_i64().ok().and_then(read) {
                Some(number) => Ok(Some(number)),
                None => Err(self.unreadable(index, value)),
            },
        }
    }

    /// The next column, NULL or an amount.
    pub(super) fn amount<T>(
        &mut self,
        read: impl Fn(f64) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        match self.value()? {
            (_, ValueRef::Null) => Ok(None),
            (index, value) => match value.as_f64().ok().and_then(read) {
                Some(amount) => Ok(Some(amount)),
                None => Err(self.unreadable(index, value)),
            },
        }
    }
}

/// A row by its key, for messages.
pub(super) fn key(year: &DividendYear) -> String {
    format!("{} {} {}", year.ticker, year.fiscal_year, year.reprt_code)
}

/// A value for an error message: short, and never a blob's bytes.
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).chars().take(40).collect(),
        ValueRef::Blob(bytes) => format!("a blob of {} bytes", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::{date_from, time_from, time_text};

    #[test]
    fn times_have_milliseconds_and_a_z_and_come_back() {
        let time = time_from("2026-11-23T19:00:00.25+09:00").unwrap();
        assert_eq!(time_text(time), "2026-11-23T10:00:00.250Z");
        assert_eq!(time_from(&time_text(time)), Some(time));
        assert_eq!(time_from("2026-11-23 10:00:00"), None);
        assert_eq!(date_from("2024-02-30"), None);
    }
}
