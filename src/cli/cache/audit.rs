//! `dps cache audit`: rows that need a second look.

use chrono::Utc;
use clap::Args;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Format;
use crate::cli::output::{self, Cell, Column, column, in_data, in_table};
use crate::cli::say;
use crate::domain::Ticker;
use crate::series::{Finding, FindingKind, audit};

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
    in_data("rcept_no", |l| Cell::maybe_text(l.finding.rcept_no)),
    in_table("Filing", |l| {
        let number = l.finding.rcept_no.map(|number| number.to_string());
        Cell::maybe_text(viewer_url(l).or(number))
    }),
    in_data("viewer_url", |l| Cell::maybe_text(viewer_url(l))),
];

fn viewer_url(line: &OutputRow) -> Option<String> {
    line.finding.rcept_no?.viewer_url()
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dps cache audit
  dps cache audit 005930 --format json
  dps cache audit --payout")]
pub(in crate::cli) struct AuditArgs {
    /// Only these tickers; without any, all
    #[arg(value_name = "TICKER")]
    tickers: Vec<String>,
    /// List payout ratios that do not match too, which the table of all tickers only counts
    #[arg(long)]
    payout: bool,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub(super) fn run(config: &Config, args: &AuditArgs) -> Result<Exit, Failure> {
    let asked = args
        .tickers
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
    lines.sort_by_key(|line| line.finding.kind);
    let count = lines.len();
    let is_payout = |line: &OutputRow| line.finding.kind == FindingKind::PayoutMismatch;
    let payouts = lines.iter().filter(|line| is_payout(line)).count();
    let sums_up = all && !args.payout && args.format == Format::Table && payouts > 0;
    if sums_up {
        lines.retain(|line| !is_payout(line));
    }
    output::rows(COLUMNS, &lines, args.format)?;
    let findings = if count == 1 { "finding" } else { "findings" };
    say(&format!("{count} {findings} in {rows} rows"));
    if sums_up {
        let (ratios, are) = if payouts == 1 {
            ("ratio", "is")
        } else {
            ("ratios", "are")
        };
        say(&format!(
            "{payouts} payout {ratios} of them, which {are} not the total over the net income: \
             --payout lists them"
        ));
    }
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
