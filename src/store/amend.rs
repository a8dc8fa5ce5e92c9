//! Databases from between two versions of one migration.
//!
//! Two migrations were changed within the hour after they had been added. A database that was made
//! in that time names the same schema version and lacks what was added, which would never come.

use rusqlite::Connection;

/// Brings a database to what the migrations are today, as far as they have been `applied` to it.
pub(super) fn amend(
    connection: &Connection,
    applied: usize,
    migrations: &[(&str, &str)],
) -> rusqlite::Result<()> {
    let again = |number: usize| migrations.get(number - 1).map_or("", |(_, sql)| *sql);
    if applied >= 8 && !has_column(connection, "dividend_events", "occurrence")? {
        let (events, copy) = (
            again(8),
            "INSERT INTO dividend_events SELECT *, 1 FROM earlier",
        );
        connection.execute_batch(&format!(
            "ALTER TABLE dividend_events RENAME TO earlier; DROP INDEX dividend_events_once;
             {events}; {copy}; DROP TABLE earlier;"
        ))?;
    }
    if applied >= 12 && !has_column(connection, "dividend_dps_cache", "settlements")? {
        let (series, earlier_columns) = (again(5), again(12));
        // What the dropped columns held is read again from the stored answers.
        connection.execute_batch(&format!(
            "DROP VIEW dividend_series; DROP VIEW dividend_restatements;
             ALTER TABLE dividend_dps_cache DROP COLUMN frmtrm_dps_cash;
             ALTER TABLE dividend_dps_cache DROP COLUMN frmtrm_par_value;
             ALTER TABLE dividend_dps_cache DROP COLUMN lwfr_dps_cash;
             ALTER TABLE dividend_dps_cache DROP COLUMN lwfr_par_value;
             UPDATE dividend_dps_cache SET parser_version = min(parser_version, 1);
             {series}; {earlier_columns};"
        ))?;
    }
    Ok(())
}

fn has_column(connection: &Connection, table: &str, column: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2)",
        [table, column],
        |row| row.get(0),
    )
}
