//! Opening the database, and refusing what is none.
//!
//! Locking: any number of processes may open a new database at the same moment. Switching to WAL
//! is the one step SQLite does not queue, so it is tried again until it is done.
//! Compatibility: a file is looked at before anything is written to it; another program's database
//! or a later version's stays as it was.
//! Performance: well under a millisecond for an existing database; no integrity check, damage is
//! reported where it is met.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, Result, Store, StoreError, migrate};
use crate::domain::OriginKind;

const WAL_RETRY: Duration = Duration::from_millis(2);

impl Store {
    /// Opens the database at `path` for answers of one kind of origin; creates it, and its folder,
    /// where there is none. On Unix a new file can be read by its owner alone.
    ///
    /// # Errors
    /// Whatever is no database of ours is refused and left as it is: a directory, another kind of
    /// file, a damaged one, another program's, a newer version's, one marked read-only, one with
    /// answers of another kind.
    pub fn open(path: &Path, kind: OriginKind) -> Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| StoreError::from_io(path, &error))?;
        }
        create(path)?;
        Self::open_file(path, kind)
    }

    /// Opens the database at `path` if there is one: for commands that must not create any.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_existing(path: &Path, kind: OriginKind) -> Result<Option<Self>> {
        match path.try_exists() {
            Ok(true) => Self::open_file(path, kind).map(Some),
            Ok(false) => Ok(None),
            Err(error) => Err(StoreError::from_io(path, &error)),
        }
    }

    fn open_file(path: &Path, kind: OriginKind) -> Result<Self> {
        let found = fs::metadata(path).map_err(|error| StoreError::from_io(path, &error))?;
        if found.is_dir() {
            return Err(StoreError::Directory {
                path: path.to_owned(),
            });
        }
        // The mark holds for root too, whom the system would let through.
        if found.permissions().readonly() {
            return Err(StoreError::ReadOnly {
                path: path.to_owned(),
            });
        }
        let at = |error| StoreError::from_sqlite(path, error);
        // Without the flag for URIs a path is a path, whatever it begins with.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(at)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(at)?;
        let pending = migrate::pending(&connection, path)?;
        use_wal(&connection).map_err(at)?;
        connection
            .execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
            )
            .map_err(at)?;
        connection.set_prepared_statement_cache_capacity(32);
        // Without it SQLite plans a prepared statement again for every value bound to it.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(at)?;
        if pending > 0 {
            migrate::migrate(&connection, path)?;
        }
        let store = Self {
            connection,
            path: path.to_owned(),
            kind,
        };
        store.check_kind()?;
        Ok(store)
    }
}

/// Creates an empty file, which SQLite takes for a new database. Made here and not by SQLite, so
/// that the mode is narrow from the start; SQLite gives the files beside it the same one.
fn create(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600);
    }
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        // Where the system answers otherwise for a folder, opening it says so better.
        Err(_) if path.is_dir() => Ok(()),
        Err(error) => Err(StoreError::from_io(path, &error)),
    }
}

/// Switches to WAL, once and for all processes. SQLite answers a simultaneous switch with "busy"
/// without waiting, so waiting is done here.
fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let give_up = Instant::now() + BUSY_TIMEOUT;
    loop {
        let mode: rusqlite::Result<String> =
            connection.query_row("PRAGMA journal_mode", [], |row| row.get(0));
        let tried = mode.and_then(|mode| {
            if mode.eq_ignore_ascii_case("wal") {
                return Ok(());
            }
            // A file system that cannot hold WAL's shared memory keeps its mode: slower, as safe.
            connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))
        });
        match tried {
            Err(error) if is_busy(&error) && Instant::now() < give_up => thread::sleep(WAL_RETRY),
            other => return other,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    )
}
