//! A row, read by its columns' names. A value that this program would not have written is reported
//! with its place.
//!
//! Performance: columns read in the order they were selected are found without a search.

use std::cell::Cell;
use std::path::Path;

use rusqlite::types::{FromSql, ValueRef};
use rusqlite::{Row, Statement};

use super::{Result, StoreError};
use crate::domain::DividendYear;

/// A table, and the columns that tell its rows apart in messages.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static [&'static str],
}

pub(super) const CACHE: Table = Table {
    name: "dividend_dps_cache",
    key: &["ticker", "fiscal_year", "reprt_code"],
};

/// A cached row's key, for messages.
pub(super) fn key(year: &DividendYear) -> String {
    format!("{} {} {}", year.ticker, year.fiscal_year, year.reprt_code)
}

/// One row of a query.
pub(super) struct NamedRow<'a> {
    path: &'a Path,
    table: &'static Table,
    row: &'a Row<'a>,
    /// Where the next column is expected.
    next: Cell<usize>,
}

impl<'a> NamedRow<'a> {
    pub(super) fn new(path: &'a Path, table: &'static Table, row: &'a Row<'a>) -> Self {
        Self {
            path,
            table,
            row,
            next: Cell::new(0),
        }
    }

    /// The value of a column.
    pub(super) fn get<T: FromSql>(&self, column: &'static str) -> Result<T> {
        self.read(column, |value| T::column_result(value).ok())
    }

    /// A text that `read` understands.
    pub(super) fn text<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T> {
        self.read(column, |value| value.as_str().ok().and_then(read))
    }

    /// NULL, or a text that `read` understands.
    pub(super) fn optional_text<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        self.read(column, |value| match value {
            ValueRef::Null => Some(None),
            value => value.as_str().ok().and_then(read).map(Some),
        })
    }

    fn read<T>(
        &self,
        column: &'static str,
        read: impl FnOnce(ValueRef<'a>) -> Option<T>,
    ) -> Result<T> {
        let value = self
            .index(column)
            .and_then(|index| self.row.get_ref(index))
            .map_err(|error| StoreError::from_sqlite(self.path, error))?;
        read(value).ok_or_else(|| self.unreadable(column, value))
    }

    fn index(&self, column: &str) -> rusqlite::Result<usize> {
        let statement: &Statement<'_> = self.row.as_ref();
        let next = self.next.get();
        let index = match statement.column_name(next) {
            Ok(name) if name == column => next,
            _ => statement.column_index(column)?,
        };
        self.next.set(index + 1);
        Ok(index)
    }

    fn unreadable(&self, column: &'static str, value: ValueRef<'_>) -> StoreError {
        let key: Vec<String> = (self.table.key.iter())
            .filter_map(|column| self.row.get_ref(*column).ok())
            .map(shown)
            .collect();
        StoreError::Unreadable {
            path: self.path.to_owned(),
            table: self.table.name,
            column,
            row: key.join(" "),
            value: shown(value),
        }
    }
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
