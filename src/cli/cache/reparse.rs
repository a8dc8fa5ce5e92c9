//! `dps cache reparse`: every row read again from its stored answer.

use chrono::Utc;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Format;
use crate::cli::output::{self, Cell, Column, column, in_data, in_table};
use crate::cli::say;
use crate::domain::{DividendYear, note_words, with_separators};
use crate::resolve::{Change, reparse};

use super::{Names, no_database, not_read};

struct OutputRow {
    change: Change,
    corp_name: Option<String>,
}

/// An outcome and its amount.
fn brief(year: &DividendYear) -> String {
    match year.dps_cash {
        Some(dps) => format!("{} {}", year.outcome, with_separators(dps.get())),
        None => year.outcome.to_string(),
    }
}

const COLUMNS: &[Column<OutputRow>] = &[
    column("ticker", "Ticker", |l| Cell::text(l.change.new.ticker)),
    column("corp_name", "Company", |l| {
        Cell::maybe_text(l.corp_name.as_ref())
    }),
    column("fiscal_year", "Year", |l| {
        Cell::Plain(l.change.new.fiscal_year.get().into())
    }),
    column("reprt_code", "Report", |l| {
        Cell::text(l.change.new.reprt_code)
    }),
    in_table("Was (won)", |l| Cell::text(brief(&l.change.old))),
    in_table("Is (won)", |l| Cell::text(brief(&l.change.new))),
    in_data("old_outcome", |l| Cell::text(l.change.old.outcome)),
    in_data("old_dps_cash", |l| Cell::maybe(l.change.old.dps_cash)),
    in_data("outcome", |l| Cell::text(l.change.new.outcome)),
    in_data("dps_cash", |l| Cell::maybe(l.change.new.dps_cash)),
    column("changed", "Changed", |l| {
        Cell::List(l.change.columns().into_iter().map(str::to_owned).collect())
    }),
    column("note", "Note", |l| {
        Cell::maybe_text(note_words(&l.change.new.notes))
    }),
    column("rcept_no", "Filing (rcept_no)", |l| {
        Cell::maybe_text(l.change.new.rcept_no)
    }),
    in_data("viewer_url", |l| {
        let filing = l.change.new.rcept_no;
        Cell::maybe_text(filing.and_then(|number| number.viewer_url()))
    }),
];

pub(super) fn run(config: &Config, format: Format) -> Result<Exit, Failure> {
    let store = config
        .open_existing_store()?
        .ok_or_else(|| no_database(config))?;
    let done = reparse(&store, Utc::now())?;
    let names = Names::of(&store)?;
    let lines: Vec<OutputRow> = done
        .changed
        .into_iter()
        .map(|change| OutputRow {
            corp_name: names.name(change.new.ticker),
            change,
        })
        .collect();
    output::rows(COLUMNS, &lines, format)?;
    let mut words = format!(
        "{} rows read again: {} changed, {} gained figures, {} unchanged",
        done.read,
        lines.len(),
        done.filled,
        done.same,
    );
    if done.newer > 0 {
        let newer = done.newer;
        words.push_str(&format!(
            ", {newer} left to the newer version that read them"
        ));
    }
    if done.overtaken > 0 {
        let overtaken = done.overtaken;
        words.push_str(&format!(
            ", {overtaken} written by other processes meanwhile"
        ));
    }
    if !done.not_read.is_empty() {
        words.push_str(&format!(", {} not read", done.not_read.len()));
    }
    say(&words);
    not_read("not read", &done.not_read);
    if done.not_read.is_empty() {
        return Ok(Exit::Done);
    }
    say("hint: dps series TICKER asks for them again");
    Ok(Exit::Partly)
}
