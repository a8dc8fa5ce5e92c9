use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::domain::OriginKind;

/// Why the database could not be opened, read or written. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or its folder cannot be opened or created.
    #[error("cannot open the database {}: {reason}", path.display())]
    Open {
        /// The database.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The path names a folder.
    #[error("{} is a directory, not a database", path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// The file is something else than an SQLite database.
    #[error("{} is not a database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// An SQLite database, but another program's.
    #[error("{} is another program's database", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was a database and is damaged.
    #[error("the database {} is damaged", path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
    },
    /// The file, its folder or its disk does not allow writing.
    #[error("the database {} is read-only", path.display())]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// No space is left on the disk.
    #[error("the disk that holds the database {} is full", path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// Another process held the lock for longer than this one waits.
    #[error("the database {} is locked by another process", path.display())]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// A later version of the program has been here.
    #[error(
        "the database {} has schema version {found}; this program knows {known}",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The version of its schema.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// Its answers come from another kind of origin.
    #[error(
        "the database {} holds answers of the {holds} kind; this run asks the {asked} kind",
        path.display()
    )]
    WrongKind {
        /// The database.
        path: PathBuf,
        /// Where its answers come from.
        holds: OriginKind,
        /// Where this run would get answers from.
        asked: OriginKind,
    },
    /// An amount has more digits than the database keeps: nothing was written.
    #[error(
        "{field} {value} of {row} has too many digits to be kept exactly in the database {}",
        path.display()
    )]
    NotExact {
        /// The database.
        path: PathBuf,
        /// The ticker, year and report it belongs to.
        row: String,
        /// The column.
        field: &'static str,
        /// The amount.
        value: String,
    },
    /// A row that breaks a rule of its table: nothing was written.
    #[error("the database {} refuses the row of {row}: {source}", path.display())]
    Refused {
        /// The database.
        path: PathBuf,
        /// The ticker, year and report.
        row: String,
        /// The rule, in SQLite's words.
        #[source]
        source: rusqlite::Error,
    },
    /// A value that this program never wrote.
    #[error(
        "the database {} holds {value} in {table}.{column} of {row}, which is none",
        path.display()
    )]
    Unreadable {
        /// The database.
        path: PathBuf,
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The key of the row, as far as it can be read.
        row: String,
        /// What stands there.
        value: String,
    },
    /// Anything else SQLite says.
    #[error("the database {}: {source}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// SQLite's own words.
        #[source]
        source: rusqlite::Error,
    },
}

impl StoreError {
    /// SQLite's error as ours.
    pub(super) fn from_sqlite(path: &Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::Open {
                path,
                reason: source.to_string(),
            },
            _ => Self::Sqlite { path, source },
        }
    }

    /// The system's error on a file as ours.
    pub(super) fn from_io(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;

        let path = path.to_owned();
        match error.kind() {
            ErrorKind::IsADirectory => Self::Directory { path },
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Open {
                path,
                reason: error.to_string(),
            },
        }
    }
}
