//! Rows on stdout: as a table for people, as JSON, JSON lines or CSV for programs.
//!
//! A verb describes its columns once, and all formats read from that. JSON and CSV have the
//! database's names, no thousands separators and UTC; tables have units in their heads.

use std::io::{self, BufWriter, Write};

use anyhow::Context;
use chrono::{DateTime, Local, Utc};
use clap::ValueEnum;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use tabled::builder::Builder;
use tabled::settings::object::Columns;
use tabled::settings::{Alignment, Modify, Padding, Style};

use crate::domain::{Won, with_separators};

use super::exit::Failure;

/// How rows are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Aligned columns for people
    Table,
    /// One JSON document
    Json,
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values with a header
    Csv,
}

/// A value of a row.
pub(super) enum Cell {
    Nothing,
    Text(String),
    /// A number without separators, such as a year.
    Plain(i64),
    /// An amount, with thousands separators in tables.
    Amount(Decimal),
    Flag(bool),
    /// Several texts; for data alone.
    List(Vec<String>),
    Time(DateTime<Utc>),
    /// For JSON alone.
    Json(Value),
}

impl Cell {
    pub(super) fn text(value: impl ToString) -> Self {
        Self::Text(value.to_string())
    }

    pub(super) fn maybe_text(value: Option<impl ToString>) -> Self {
        value.map_or(Self::Nothing, Self::text)
    }

    pub(super) fn maybe(value: Option<impl Into<Decimal>>) -> Self {
        value.map_or(Self::Nothing, |value| Self::Amount(value.into()))
    }

    pub(super) fn count(value: impl TryInto<i64>) -> Self {
        value
            .try_into()
            .map_or(Self::Nothing, |count| Self::Amount(Decimal::from(count)))
    }

    pub(super) fn maybe_time(value: Option<DateTime<Utc>>) -> Self {
        value.map_or(Self::Nothing, Self::Time)
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Plain(_) | Self::Amount(_))
    }

    fn for_people(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Plain(number) => number.to_string(),
            Self::Amount(amount) => with_separators(*amount),
            Self::Flag(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Self::List(texts) => texts.join(" "),
            Self::Time(time) => time
                .with_timezone(&Local)
                .format("%Y-%m-%d %H:%M")
                .to_string(),
            Self::Json(json) => json.to_string(),
        }
    }

    fn for_csv(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Plain(number) => number.to_string(),
            Self::Amount(amount) => amount.to_string(),
            Self::Flag(yes) => yes.to_string(),
            Self::List(texts) => texts.join(" "),
            Self::Time(time) => rfc3339(*time),
            Self::Json(json) => json.to_string(),
        }
    }

    fn for_json(&self) -> Result<Value, Failure> {
        Ok(match self {
            Self::Nothing => Value::Null,
            Self::Text(text) => Value::from(text.as_str()),
            Self::Plain(number) => Value::from(*number),
            Self::Amount(amount) => serde_json::to_value(Won::from(*amount))
                .context("an amount cannot be written as JSON")?,
            Self::Flag(yes) => Value::from(*yes),
            Self::List(texts) => Value::from(texts.clone()),
            Self::Time(time) => Value::from(rfc3339(*time)),
            Self::Json(json) => json.clone(),
        })
    }
}

/// UTC with milliseconds, as in the database.
fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// One column of what a verb prints.
pub(super) struct Column<T> {
    /// Its name in JSON and CSV; none for a column that only people need.
    pub(super) name: Option<&'static str>,
    /// Its head in the table, with the unit; none for a column that only programs need.
    pub(super) head: Option<&'static str>,
    /// Whether CSV has it too.
    in_csv: bool,
    pub(super) cell: fn(&T) -> Cell,
}

/// A column for both.
pub(super) const fn column<T>(
    name: &'static str,
    head: &'static str,
    cell: fn(&T) -> Cell,
) -> Column<T> {
    Column {
        name: Some(name),
        head: Some(head),
        in_csv: true,
        cell,
    }
}

/// A column of JSON and CSV alone.
pub(super) const fn in_data<T>(name: &'static str, cell: fn(&T) -> Cell) -> Column<T> {
    Column {
        name: Some(name),
        head: None,
        in_csv: true,
        cell,
    }
}

/// A column of JSON alone, which CSV has no place for.
pub(super) const fn in_json<T>(name: &'static str, cell: fn(&T) -> Cell) -> Column<T> {
    Column {
        in_csv: false,
        ..in_data(name, cell)
    }
}

/// A column of the table alone.
pub(super) const fn in_table<T>(head: &'static str, cell: fn(&T) -> Cell) -> Column<T> {
    Column {
        name: None,
        head: Some(head),
        in_csv: false,
        cell,
    }
}

/// Prints any number of rows: an array in JSON, nothing at all in a table without rows.
pub(super) fn rows<T>(columns: &[Column<T>], rows: &[T], format: Format) -> Result<(), Failure> {
    to_stdout(|out| match format {
        Format::Table if rows.is_empty() => Ok(()),
        Format::Table => Ok(writeln!(out, "{}", table(columns, rows))?),
        Format::Csv => csv(out, columns, rows),
        Format::Jsonl => {
            for row in rows {
                writeln!(out, "{}", object(columns, row)?)?;
            }
            Ok(())
        }
        Format::Json => {
            let mut before = "[\n";
            for row in rows {
                write!(out, "{before}{}", object(columns, row)?)?;
                before = ",\n";
            }
            writeln!(out, "{}", if rows.is_empty() { "[]" } else { "\n]" })?;
            Ok(())
        }
    })
}

/// Prints one thing: an object in JSON, a field a line in a table.
pub(super) fn one<T>(columns: &[Column<T>], row: &T, format: Format) -> Result<(), Failure> {
    to_stdout(|out| match format {
        Format::Table => {
            let fields = columns.iter().filter_map(|column| {
                let (head, cell) = (column.head?, (column.cell)(row));
                let is_empty = matches!(cell, Cell::Nothing);
                (!is_empty).then(|| [head.to_owned(), cell.for_people()])
            });
            let mut table = Builder::from_iter(fields).build();
            table.with(Style::empty()).with(Padding::new(0, 2, 0, 0));
            for line in table.to_string().lines() {
                writeln!(out, "{}", line.trim_end())?;
            }
            Ok(())
        }
        Format::Csv => csv(out, columns, std::slice::from_ref(row)),
        Format::Json | Format::Jsonl => Ok(writeln!(out, "{}", object(columns, row)?)?),
    })
}

/// Prints bytes as they are, with a line's end.
pub(super) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    to_stdout(|out| {
        out.write_all(bytes)?;
        Ok(writeln!(out)?)
    })
}

type Stdout = BufWriter<io::StdoutLock<'static>>;

fn to_stdout(write: impl FnOnce(&mut Stdout) -> Result<(), Failure>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out)?;
    Ok(out.flush()?)
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Other(anyhow::Error::from(error).context("writing the output failed"))
    }
}

/// A row as a JSON object.
pub(super) fn object<T>(columns: &[Column<T>], row: &T) -> Result<Value, Failure> {
    let mut fields = Map::new();
    for column in columns {
        if let Some(name) = column.name {
            fields.insert(name.to_owned(), (column.cell)(row).for_json()?);
        }
    }
    Ok(Value::Object(fields))
}

fn csv<T>(out: &mut Stdout, columns: &[Column<T>], rows: &[T]) -> Result<(), Failure> {
    let mut csv = ::csv::Writer::from_writer(out);
    let named = || columns.iter().filter(|column| column.in_csv);
    let written = csv.write_record(named().filter_map(|column| column.name));
    written
        .map_err(|error| of_writing(error).into())
        .and_then(|()| {
            for row in rows {
                csv.write_record(named().map(|column| (column.cell)(row).for_csv()))
                    .map_err(of_writing)?;
            }
            Ok(csv.flush()?)
        })
}

/// The writer's own error, so that a closed pipe is known for one.
fn of_writing(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn table<T>(columns: &[Column<T>], rows: &[T]) -> String {
    let shown: Vec<_> = columns
        .iter()
        .filter_map(|column| column.head.map(|head| (head, column.cell)))
        .collect();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| shown.iter().map(|(_, cell)| cell(row)).collect())
        .collect();
    let is_used = |at: usize| cells.iter().any(|row| !matches!(row[at], Cell::Nothing));
    // A column in which nothing stands says nothing.
    let used: Vec<usize> = (0..shown.len()).filter(|at| is_used(*at)).collect();
    let mut builder = Builder::default();
    builder.push_record(used.iter().map(|at| shown[*at].0));
    for row in &cells {
        builder.push_record(used.iter().map(|at| row[*at].for_people()));
    }
    let mut table = builder.build();
    table.with(Style::psql());
    for (place, at) in used.iter().enumerate() {
        if cells.iter().any(|row| row[*at].is_number()) {
            table.with(Modify::new(Columns::one(place)).with(Alignment::right()));
        }
    }
    let lines: Vec<String> = table
        .to_string()
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Cell, column, in_data, object, table};
    use crate::domain::with_separators;
    use rust_decimal::Decimal;

    #[test]
    fn thousands_are_separated_in_tables_alone() {
        for (amount, shown) in [
            ("0", "0"),
            ("999", "999"),
            ("1444", "1,444"),
            ("-1234567.5", "-1,234,567.5"),
        ] {
            assert_eq!(with_separators(amount.parse().unwrap()), shown);
        }
        let cell = Cell::Amount(Decimal::from(1444));
        assert_eq!(cell.for_csv(), "1444");
        assert_eq!(cell.for_json().unwrap().to_string(), "1444");
    }

    #[test]
    fn korean_lines_up_and_amounts_align_right() {
        let columns = [
            column("name", "Company", |row: &(&str, i64)| Cell::text(row.0)),
            column("dps", "DPS (won)", |row| Cell::count(row.1)),
            in_data("hidden", |_| Cell::Nothing),
        ];
        let shown = table(&columns, &[("삼성전자", 1444), ("SK", 100)]);
        let expected = " Company  | DPS (won)\n\
                        ----------+-----------\n 삼성전자 |     1,444\n SK       |       100";
        assert_eq!(shown, expected);
        let json = object(&columns, &("SK", 100)).unwrap().to_string();
        assert_eq!(json, r#"{"name":"SK","dps":100,"hidden":null}"#);
    }
}
