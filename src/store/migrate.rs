//! The schema, one numbered change after the other.
//!
//! Locking: several processes may open a new database at once. Each reads the version, and where
//! there is something to do takes the write lock and reads it again; one of them migrates, the
//! others find it done.
//! Compatibility: a migration never changes once it has been released. A database of a later
//! program is refused untouched, as is another program's.
//! Performance: an up-to-date database costs three reads of its first page.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::StoreError;
use super::amend::amend;

/// The files in `migrations/`, in order. The schema version is how many were applied.
const MIGRATIONS: [(&str, &str); 16] = [
    (
        "0001_meta.sql",
        include_str!("../../migrations/0001_meta.sql"),
    ),
    (
        "0002_ticker_master.sql",
        include_str!("../../migrations/0002_ticker_master.sql"),
    ),
    (
        "0003_dividend_dps_cache.sql",
        include_str!("../../migrations/0003_dividend_dps_cache.sql"),
    ),
    (
        "0004_dps_history.sql",
        include_str!("../../migrations/0004_dps_history.sql"),
    ),
    (
        "0005_dividend_series.sql",
        include_str!("../../migrations/0005_dividend_series.sql"),
    ),
    (
        "0006_prefetch_jobs.sql",
        include_str!("../../migrations/0006_prefetch_jobs.sql"),
    ),
    (
        "0007_prefetch_failures.sql",
        include_str!("../../migrations/0007_prefetch_failures.sql"),
    ),
    (
        "0008_dividend_events.sql",
        include_str!("../../migrations/0008_dividend_events.sql"),
    ),
    (
        "0009_dart_usage.sql",
        include_str!("../../migrations/0009_dart_usage.sql"),
    ),
    (
        "0010_dart_gate.sql",
        include_str!("../../migrations/0010_dart_gate.sql"),
    ),
    (
        "0011_own_only.sql",
        include_str!("../../migrations/0011_own_only.sql"),
    ),
    (
        "0012_earlier_columns.sql",
        include_str!("../../migrations/0012_earlier_columns.sql"),
    ),
    (
        "0013_note_codes.sql",
        include_str!("../../migrations/0013_note_codes.sql"),
    ),
    (
        "0014_gate_burst.sql",
        include_str!("../../migrations/0014_gate_burst.sql"),
    ),
    (
        "0015_cursor.sql",
        include_str!("../../migrations/0015_cursor.sql"),
    ),
    (
        "0016_net_income.sql",
        include_str!("../../migrations/0016_net_income.sql"),
    ),
];

/// "dpsk" in SQLite's header: tells our databases from other programs'.
const APPLICATION_ID: i32 = 0x6470_736b;

/// What a database says of itself.
struct Version {
    user_version: i32,
    application_id: i32,
    is_empty: bool,
}

impl Version {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        let number = |sql| connection.query_row(sql, [], |row| row.get(0));
        Ok(Self {
            user_version: number("PRAGMA user_version")?,
            application_id: number("PRAGMA application_id")?,
            is_empty: connection.query_row(
                "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)",
                [],
                |row| row.get(0),
            )?,
        })
    }

    /// How many migrations have been applied; refuses what is not ours or too new.
    fn applied(&self, path: &Path) -> Result<usize, StoreError> {
        let untouched = self.user_version == 0 && self.application_id == 0 && self.is_empty;
        let ours = self.application_id == APPLICATION_ID && self.user_version > 0;
        let path = || path.to_owned();
        if untouched {
            return Ok(0);
        }
        if !ours {
            return Err(StoreError::Foreign { path: path() });
        }
        let found = self.user_version.unsigned_abs();
        let applied = usize::try_from(found).unwrap_or(usize::MAX);
        if applied > MIGRATIONS.len() {
            return Err(StoreError::Newer {
                path: path(),
                found,
                known: u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX),
            });
        }
        Ok(applied)
    }
}

/// How many migrations the database lacks: 0 if it is current.
///
/// # Errors
/// A newer database, another program's, and one that cannot be read are refused.
pub(super) fn pending(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let at = |error| StoreError::from_sqlite(path, error);
    // One snapshot for all three: another process may be migrating right now.
    let snapshot =
        Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(at)?;
    let version = Version::read(&snapshot).map_err(at)?;
    snapshot.finish().map_err(at)?;
    Ok(MIGRATIONS.len() - version.applied(path)?)
}

/// Brings the database up to date; does nothing to one that is.
///
/// # Errors
/// As [`pending`], and where the changes cannot be written: then none of them is.
pub(super) fn migrate(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let at = |error| StoreError::from_sqlite(path, error);
    if pending(connection, path)? == 0 {
        return Ok(());
    }
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(at)?;
    let applied = Version::read(&transaction).map_err(at)?.applied(path)?;
    amend(&transaction, applied, &MIGRATIONS).map_err(at)?;
    for (_, sql) in MIGRATIONS.iter().skip(applied) {
        transaction.execute_batch(sql).map_err(at)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(at)?;
    transaction
        .pragma_update(None, "user_version", known_version())
        .map_err(at)?;
    transaction.commit().map_err(at)
}

/// The version a current database has.
pub(super) fn known_version() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::Connection;

    use super::{APPLICATION_ID, MIGRATIONS, migrate, pending};
    use crate::store::StoreError;

    fn schema(connection: &Connection) -> Vec<String> {
        let mut names = connection
            .prepare("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")
            .unwrap();
        names
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    #[test]
    fn the_list_is_the_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<&str> = MIGRATIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, listed);
        for (number, (name, sql)) in MIGRATIONS.iter().enumerate() {
            assert!(name.starts_with(&format!("{:04}_", number + 1)), "{name}");
            assert!(sql.starts_with("-- "), "{name} opens with why");
        }
    }

    #[test]
    fn migrate_twice() {
        let connection = Connection::open_in_memory().unwrap();
        let path = Path::new("memory");
        assert_eq!(pending(&connection, path).unwrap(), MIGRATIONS.len());
        migrate(&connection, path).unwrap();
        let once = schema(&connection);
        migrate(&connection, path).unwrap();
        assert_eq!(schema(&connection), once);
        assert_eq!(pending(&connection, path).unwrap(), 0);
    }

    /// A database as it was before a migration.
    fn before(migration: &str) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        let is_before = |(name, _): &&(&str, &str)| !name.ends_with(migration);
        let before: Vec<_> = MIGRATIONS.iter().take_while(is_before).collect();
        for (_, sql) in &before {
            connection.execute_batch(sql).unwrap();
        }
        connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .unwrap();
        connection
            .pragma_update(None, "user_version", i64::try_from(before.len()).unwrap())
            .unwrap();
        connection
    }

    #[test]
    fn rows_from_before_the_earlier_columns_are_kept_and_lack_them() {
        let connection = before("_earlier_columns.sql");
        connection
            .execute_batch(
                "INSERT INTO dividend_dps_cache
                        (ticker, fiscal_year, reprt_code, corp_code, outcome, dps_cash, source_year,
                         parser_version, fetched_at, updated_at, raw_payload)
                 VALUES ('005930', 2024, '11011', '00126380', 'PAID', 1446, 2024, 1,
                         '2026-11-01T12:00:00.000Z', '2026-11-01T12:00:00.000Z', x'00')",
            )
            .unwrap();
        migrate(&connection, Path::new("memory")).unwrap();
        let row: String = connection
            .query_row(
                "SELECT concat_ws(' ', dps_cash, frmtrm_dps_cash, lwfr_dps_cash, settlements,
                                  restated_dps_cash)
                   FROM dividend_series",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(row, "1446.0");
    }

    #[test]
    fn notes_in_words_are_kept_as_such_and_their_rows_read_once_more() {
        let connection = before("_note_codes.sql");
        connection
            .execute_batch(
                r#"INSERT INTO dividend_dps_cache
                          (ticker, fiscal_year, reprt_code, corp_code, outcome, source_year, note,
                           parser_version, fetched_at, updated_at)
                   SELECT '005930', 2020 + column1, '11011', '00126380', 'NOT_STATED',
                          2020 + column1, column2, column3,
                          '2026-11-01T12:00:00.000Z', '2026-11-01T12:00:00.000Z'
                     FROM (VALUES (1, NULL, 2), (2, 'reads "500 550"', 2), (3, '', 1),
                                  (4, 'old', 0))"#,
            )
            .unwrap();
        migrate(&connection, Path::new("memory")).unwrap();
        let mut rows = connection
            .prepare(
                "SELECT concat_ws(' ', parser_version, note) FROM dividend_series
                  ORDER BY fiscal_year",
            )
            .unwrap();
        let rows: Vec<String> = rows
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(
            rows,
            [
                "2",
                r#"1 [{"code":"text","text":"reads \"500 550\""}]"#,
                r#"1 [{"code":"text","text":""}]"#,
                r#"0 [{"code":"text","text":"old"}]"#,
            ]
        );
    }

    #[test]
    fn every_table_is_strict() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, Path::new("memory")).unwrap();
        let loose: i64 = connection
            .query_row(
                "SELECT count(*) FROM pragma_table_list
                  WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(loose, 0);
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE bookmarks (url TEXT)")
            .unwrap();
        let before = schema(&connection);
        let error = migrate(&connection, Path::new("places.sqlite")).unwrap_err();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        assert_eq!(schema(&connection), before);
    }

    #[test]
    fn a_newer_database_is_refused_with_both_versions() {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection, Path::new("memory")).unwrap();
        connection.pragma_update(None, "user_version", 999).unwrap();
        let error = migrate(&connection, Path::new("memory")).unwrap_err();
        assert!(
            matches!(error, StoreError::Newer { found: 999, known, .. } if known as usize == MIGRATIONS.len()),
            "{error}"
        );
    }
}
