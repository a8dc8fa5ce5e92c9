//! The arguments of `dps series`.

use clap::Args;

use crate::cli::output::Format;
use crate::cli::selection::{PickArgs, YearArgs};
use crate::domain::job::Plan;

use super::reports::Reports;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dps series 005930
  dps series 005930 000660 2015 2025
  dps series 삼성전자 --format json
  dps series --tickers-file kr.txt --from 2020 --to 2025 --format csv
  dps series 005930 --report all 2024 2025
  dps series 005930 --history
  dps series 005930 --offline")]
pub(in crate::cli) struct SeriesArgs {
    /// Tickers or exact company names, then, if wanted, the first and the last year
    #[arg(value_name = "TICKER|NAME|YEAR")]
    pub(in crate::cli) words: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) pick: PickArgs,
    #[command(flatten)]
    pub(in crate::cli) years: YearArgs,
    /// Which report: annual, half, q1 or q3 (or 11011, 11012, 11013, 11014); all shows each year as
    /// its four reports and what each adds
    #[arg(long, value_name = "REPORT", default_value = "annual")]
    pub(in crate::cli) report: Reports,
    /// Ask again for every year, whatever is stored
    #[arg(long, alias = "force-refresh", conflicts_with = "offline")]
    pub(in crate::cli) refresh: bool,
    /// Ask again for the N latest years of the range
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        conflicts_with = "offline"
    )]
    pub(in crate::cli) recheck_recent: u16,
    /// Which reports answer a year: its own, or one for three years (window: the fewest calls). With
    /// own, years that only a later report stated are asked again
    #[arg(long, value_name = "PLAN")]
    pub(in crate::cli) plan: Option<Plan>,
    /// Read the next year's report where a year's own says that nothing was paid: companies file
    /// that before the shareholders' meeting, and pay all the same
    #[arg(long, conflicts_with_all = ["offline", "history"])]
    pub(in crate::cli) confirm: bool,
    /// Never call OpenDART; say what is missing
    #[arg(long)]
    pub(in crate::cli) offline: bool,
    /// Show what the database held for these years before something replaced it, and what it holds
    /// now, with filings and times; asks nothing, as --offline
    #[arg(
        long,
        conflicts_with_all = ["refresh", "recheck_recent", "plan", "adjusted", "as_filed"]
    )]
    pub(in crate::cli) history: bool,
    #[command(flatten)]
    pub(in crate::cli) adjust: AdjustArgs,
    /// How to write the rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}

/// Whether the table shows amounts in today's shares; without either, where a par value changed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(in crate::cli) struct AdjustArgs {
    /// Show amounts in today's shares in the table too, even where no split asks for it
    #[arg(long, conflicts_with = "as_filed")]
    pub(in crate::cli) adjusted: bool,
    /// Show amounts in the table as filed alone, whatever splits lie between
    #[arg(long)]
    pub(in crate::cli) as_filed: bool,
}
