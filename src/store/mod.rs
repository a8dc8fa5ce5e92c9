//! The database: what OpenDART answered, for good. The only user of SQLite.
//!
//! Locking: WAL, so readers never wait. Every write is one short `BEGIN IMMEDIATE` transaction;
//! another process waits for it up to [`BUSY_TIMEOUT`] and is then told so ([`StoreError::Busy`]).
//! Compatibility: `migrations/` says what the tables are; see `migrate.rs`. A database keeps answers
//! of one [`OriginKind`], marked by its first write and checked by every open and every write.
//! Performance: `synchronous = FULL`, because a lost answer costs a call of the day's quota. Reads
//! go through prepared statements along the primary key; a row's blob is not touched unless asked for.

mod amend;
mod answer;
mod cache;
mod error;
mod events;
mod gate;
mod history;
mod jobs;
mod lease;
mod migrate;
mod named_row;
mod notes;
mod open;
mod precedence;
mod save;
mod sql_types;
mod stats;
mod steps;
mod tickers;
mod usage;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Params, Transaction, TransactionBehavior};

use self::named_row::{NamedRow, Table};
use crate::domain::OriginKind;

pub use answer::StoredAnswer;
pub use cache::CachedRow;
pub use error::StoreError;
pub use events::DividendEvent;
pub use gate::{GateLedger, GateState};
pub use history::ReplacedRow;
pub use lease::{JobState, Lease};
pub use notes::note_codes;
pub use save::NewRow;
pub use stats::Stats;
pub use steps::{JobEnd, KnownYear, StepCommit, StepCounts};
pub use usage::KeyUsage;

/// How long a write waits for another process's.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What the store's functions answer.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An open database.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    kind: OriginKind,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// The file it lies in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The kind of origin it was opened for.
    #[must_use]
    pub fn kind(&self) -> OriginKind {
        self.kind
    }

    /// SQLite's error as ours, for `map_err`.
    fn at(&self) -> impl Fn(rusqlite::Error) -> StoreError {
        |error| StoreError::from_sqlite(&self.path, error)
    }

    /// What `read` makes of each row that a query finds.
    fn read_all<T>(
        &self,
        table: &'static Table,
        sql: &str,
        values: impl Params,
        mut read: impl FnMut(&NamedRow<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut query = self.connection.prepare_cached(sql).map_err(self.at())?;
        let mut found = query.query(values).map_err(self.at())?;
        let mut all = Vec::new();
        while let Some(row) = found.next().map_err(self.at())? {
            all.push(read(&NamedRow::new(&self.path, table, row))?);
        }
        Ok(all)
    }

    /// Runs one statement; how many rows it changed.
    fn execute(&self, sql: &str, values: impl Params) -> Result<usize> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(self.at())
    }

    /// A transaction of one statement; how many rows it changed.
    fn write_one(&self, sql: &str, values: impl Params) -> Result<usize> {
        self.write(|| self.execute(sql, values))
    }

    /// Lets `read` see one state of the database, whatever is written meanwhile. It also saves
    /// taking the lock for each of its queries.
    pub(crate) fn reading<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let snapshot = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
            .map_err(self.at())?;
        let found = read()?;
        snapshot.finish().map_err(self.at())?;
        Ok(found)
    }

    /// One transaction: all of `write` or nothing. It marks the database with its kind of origin,
    /// or finds that another process marked it otherwise since it was opened, and refuses.
    fn write<T>(&self, write: impl FnOnce() -> Result<T>) -> Result<T> {
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
                .map_err(self.at())?;
        self.execute(
            "INSERT INTO meta (key, value) VALUES ('origin_kind', ?1) ON CONFLICT DO NOTHING",
            [self.kind.as_str()],
        )?;
        self.check_kind()?;
        let written = write()?;
        transaction.commit().map_err(self.at())?;
        Ok(written)
    }

    /// Refuses a database that is marked with another kind than it was opened for.
    fn check_kind(&self) -> Result<()> {
        match self.origin_kind()? {
            Some(holds) if holds != self.kind => Err(StoreError::WrongKind {
                path: self.path.clone(),
                holds,
                asked: self.kind,
            }),
            _ => Ok(()),
        }
    }

    /// The kind the database is marked with; `None` until something was written.
    ///
    /// # Errors
    /// The database cannot be read, or the mark is no kind.
    pub fn origin_kind(&self) -> Result<Option<OriginKind>> {
        self.meta("origin_kind", OriginKind::from_word)
    }

    /// A value of the table `meta`, understood by `read`.
    fn meta<T>(&self, key: &'static str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>> {
        let text: Option<String> = self
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")
            .and_then(|mut query| query.query_row([key], |row| row.get(0)).optional())
            .map_err(self.at())?;
        text.map(|text| {
            read(&text).ok_or_else(|| StoreError::Unreadable {
                path: self.path.clone(),
                table: "meta",
                column: "value",
                row: key.to_owned(),
                value: text.chars().take(40).collect(),
            })
        })
        .transpose()
    }
}
