//! `dps cache audit`: rows that need a second look.

use chrono::Utc;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Format;
use crate::cli::output::{self, Cell, Column, column, in_data};
use crate::cli::say;
use crate::domain::Ticker;
use crate::series::{Finding, audit};

use super::{Names, no_database, not_read};

struct OutputRow {
    finding: Finding,
    corp_name: Option<String>,
}

const COLUMNS: &[Column<OutputRow>] = &[
    column("ticker", "Ticker", |l| Cell::text(l.finding.ticker)),
    column("corp_name", "Company", |l| {
        Cell::maybe_text(l.corp_name.as_ref())
    }),
    column("fiscal_year", "Year", |l| {
        Cell::Plain(l.finding.fiscal_year.get().into())
    }),
    column("reprt_code", "Report", |l| Cell::text(l.finding.reprt_code)),
    column("kind", "Kind", |l| Cell::text(l.finding.kind.as_str())),
    column("detail", "Detail", |l| Cell::text(&l.finding.detail)),
    column("rcept_no", "Filing (rcept_no)", |l| {
        Cell::maybe_text(l.finding.rcept_no)
    }),
    in_data("viewer_url", |l| {
        Cell::maybe_text(l.finding.rcept_no.and_then(|number| number.viewer_url()))
    }),
];

pub(super) fn run(config: &Config, tickers: &[String], format: Format) -> Result<Exit, Failure> {
    let asked = tickers
        .iter()
        .map(|text| text.parse())
        .collect::<Result<Vec<Ticker>, _>>()
        .map_err(|error| Failure::usage(error.to_string(), "as dps cache audit 005930"))?;
    let store = config
        .open_existing_store()?
        .ok_or_else(|| no_database(config))?;
    let all = asked.is_empty();
    let tickers = if all { store.cached_tickers()? } else { asked };
    let names = Names::of(&store)?;
    let mut lines = Vec::new();
    let mut unread = Vec::new();
    let mut without_rows = Vec::new();
    let mut rows = 0;
    for audited in audit(&store, &tickers, Utc::now())? {
        let ticker = audited.ticker;
        if audited.rows == 0 && !all {
            without_rows.push(ticker);
        }
        rows += audited.rows;
        let corp_name = names.name(ticker);
        lines.extend(audited.findings.into_iter().map(|finding| OutputRow {
            finding,
            corp_name: corp_name.clone(),
        }));
        let of_it = audited.unread.into_iter();
        unread.extend(of_it.map(|(year, reprt_code, why)| (ticker, year, reprt_code, why)));
    }
    output::rows(COLUMNS, &lines, format)?;
    let findings = if lines.len() == 1 {
        "finding"
    } else {
        "findings"
    };
    say(&format!("{} {findings} in {rows} rows", lines.len()));
    for ticker in &without_rows {
        say(&format!("no rows: {ticker}"));
    }
    not_read("not checked against its answer", &unread);
    Ok(match (without_rows.is_empty(), unread.is_empty()) {
        (true, true) => Exit::Done,
        (false, _) if rows == 0 => Exit::Error,
        _ => Exit::Partly,
    })
}
