//! The command line as clap sees it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::domain::ReprtCode;
use crate::domain::job::Plan;

use super::job::args::JobVerb;
use super::series::Reports;

/// Korean dividends per share, asked from OpenDART once and kept in a local database.
#[derive(Debug, Parser)]
#[command(name = "dps", version, about, max_term_width = 100, after_help = EXAMPLES)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  dps series 005930                      ten years of Samsung Electronics
  dps series 005930 005935 2015 2025     common and preferred, eleven years
  dps series 005930 --sandbox            made-up data: no key, no network

Only what calls OpenDART needs a key: DART_API_KEY (free at https://opendart.fss.or.kr).";

/// Options every command takes.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// The database file (else DPS_DB, else a file of this user's)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) db: Option<PathBuf>,
    /// Use the built-in stand-in for OpenDART: made-up data, no key, no network
    #[arg(long, global = true)]
    pub(super) sandbox: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Show dividends per share, from the database first and OpenDART for what is missing
    Series(SeriesArgs),
    /// Find companies and their tickers
    #[command(subcommand)]
    Ticker(TickerVerb),
    /// Fill the database for many tickers and years, in jobs that can be stopped and resumed
    #[command(subcommand)]
    Job(JobVerb),
    /// Look into the database
    #[command(subcommand)]
    Cache(CacheVerb),
    /// Keep what you hold or watch, to name tickers by
    #[command(subcommand)]
    Events(EventsVerb),
    /// Show the day's calls: used, left, and when the limit starts anew
    #[command(after_help = "Example:\n  dps quota --format json")]
    Quota {
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Serve a stand-in for OpenDART on this machine
    Sandbox(SandboxArgs),
}

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
pub(super) struct SeriesArgs {
    /// Tickers or exact company names, then, if wanted, the first and the last year
    #[arg(value_name = "TICKER|NAME|YEAR")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) pick: PickArgs,
    #[command(flatten)]
    pub(super) years: YearArgs,
    /// Which report: annual, half, q1 or q3 (or 11011, 11012, 11013, 11014); all shows each year as
    /// its four reports and what each adds
    #[arg(long, value_name = "REPORT", default_value = "annual")]
    pub(super) report: Reports,
    /// Ask again for every year, whatever is stored
    #[arg(long, alias = "force-refresh", conflicts_with = "offline")]
    pub(super) refresh: bool,
    /// Ask again for the N latest years of the range
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        conflicts_with = "offline"
    )]
    pub(super) recheck_recent: u16,
    /// Which reports answer a year: its own, or one for three years (window: the fewest calls). With
    /// own, years that only a later report stated are asked again
    #[arg(long, value_name = "PLAN")]
    pub(super) plan: Option<Plan>,
    /// Never call OpenDART; say what is missing
    #[arg(long)]
    pub(super) offline: bool,
    /// Show what the database held for these years before something replaced it, and what it holds
    /// now, with filings and times; asks nothing, as --offline
    #[arg(
        long,
        conflicts_with_all = ["refresh", "recheck_recent", "plan", "adjusted", "as_filed"]
    )]
    pub(super) history: bool,
    #[command(flatten)]
    pub(super) adjust: AdjustArgs,
    /// How to write the rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// Whether the table shows amounts in today's shares; without either, where a par value changed.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct AdjustArgs {
    /// Show amounts in today's shares in the table too, even where no split asks for it
    #[arg(long, conflicts_with = "as_filed")]
    pub(super) adjusted: bool,
    /// Show amounts in the table as filed alone, whatever splits lie between
    #[arg(long)]
    pub(super) as_filed: bool,
}

/// Ways to name many tickers; they add up.
#[derive(Debug, Args)]
pub(super) struct PickArgs {
    /// Tickers separated by commas
    #[arg(long, value_name = "A,B")]
    pub(super) tickers: Vec<String>,
    /// A file of tickers as spreadsheets write them; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(super) tickers_file: Vec<PathBuf>,
    /// Every ticker of the company list
    #[arg(long)]
    pub(super) from_master: bool,
    /// Every ticker of the events imported with dps events import
    #[arg(long)]
    pub(super) from_events: bool,
    /// At most so many of the company list
    #[arg(long, value_name = "N", requires = "from_master")]
    pub(super) limit: Option<usize>,
    /// Only these markets of the company list: Y (KOSPI), K (KOSDAQ), N (KONEX), E (others)
    #[arg(
        long,
        value_name = "Y,K,N,E",
        value_delimiter = ',',
        requires = "from_master"
    )]
    pub(super) market: Vec<String>,
    /// Leave out what is no ticker or unknown, and name it
    #[arg(long)]
    pub(super) skip_unknown: bool,
}

impl PickArgs {
    /// Whether any of them names tickers.
    pub(super) fn names_any(&self) -> bool {
        !self.tickers.is_empty()
            || !self.tickers_file.is_empty()
            || self.from_master
            || self.from_events
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum EventsVerb {
    /// Import a CSV; its header names ticker (종목코드), event_date (지급일), amount (배당금)
    #[command(after_help = "Example:\n  dps events import holdings.csv")]
    Import {
        /// The CSV, in any of Excel's encodings; - reads stdin; the same one twice changes nothing
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// List the events
    #[command(after_help = "Example:\n  dps events list --format json")]
    List {
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Remove all events
    #[command(after_help = "Example:\n  dps events clear")]
    Clear,
}

#[derive(Debug, Args)]
pub(super) struct YearArgs {
    /// The first fiscal year
    #[arg(long, value_name = "YEAR")]
    pub(super) from: Option<String>,
    /// The last fiscal year
    #[arg(long, value_name = "YEAR")]
    pub(super) to: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum TickerVerb {
    /// Fetch OpenDART's list of companies (corpCode.xml)
    #[command(after_help = "Example:\n  dps ticker sync")]
    Sync {
        /// How to write the counts
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Find companies by Korean or English name, alias, ticker or corp_code
    #[command(after_help = "Examples:\n  dps ticker search 삼성\n  dps ticker search KT&G")]
    Search {
        /// What to look for
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
        /// At most so many
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: usize,
        /// How to write the companies
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Show one company: by ticker, exact name, alias or corp_code
    #[command(after_help = "Examples:\n  dps ticker show 005930\n  dps ticker show 현대차")]
    Show {
        /// The company
        #[arg(required = true, value_name = "TICKER|NAME|CORP_CODE")]
        text: Vec<String>,
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CacheVerb {
    /// Count what the database holds
    #[command(after_help = "Example:\n  dps cache stats --format json")]
    Stats {
        /// How to write the counts
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// List what a careful reader would stop at: years that later reports restate, interim reports
    /// that repeat last year's, yields and payout ratios that are something else, filings that
    /// contradict themselves
    #[command(after_help = "Examples:\n  dps cache audit\n  dps cache audit 005930 --format json")]
    Audit {
        /// Only these tickers
        #[arg(value_name = "TICKER")]
        tickers: Vec<String>,
        /// How to write the findings
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Read every row anew from its stored answer, without a call, and say what changed
    #[command(after_help = "Example:\n  dps cache reparse --format json")]
    Reparse {
        /// How to write the rows that changed
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Print the database's path, alone
    #[command(
        after_help = "Example:\n  sqlite3 \"$(dps cache path)\" 'SELECT * FROM dividend_series'"
    )]
    Path,
    /// Show one row, or with --raw the answer it was read from
    #[command(
        after_help = "Examples:\n  dps cache show 005930 2024\n  dps cache show 005930 2024 --raw"
    )]
    Show {
        /// The ticker
        ticker: String,
        /// The fiscal year
        year: String,
        /// Which report: annual, half, q1 or q3
        #[arg(long, value_name = "REPORT", default_value = "annual")]
        report: ReprtCode,
        /// Print OpenDART's answer as it is stored
        #[arg(long)]
        raw: bool,
        /// How to write the row
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dps sandbox --port 8080
  dps sandbox --data answers/ --latency 50
  dps sandbox --faults 'reset:2%,http503:1%' --per-minute 1000

Point dps at it: DPS_API_BASE=http://127.0.0.1:8080 and any 40 characters as DART_API_KEY.")]
pub(super) struct SandboxArgs {
    /// The port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    pub(super) port: u16,
    /// Answer from recorded files in this folder instead of the made-up market
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Milliseconds every answer takes
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 0,
        value_parser = clap::value_parser!(u64).range(..=3_600_000)
    )]
    pub(super) latency: u64,
    /// What goes wrong, and how often
    #[arg(long, value_name = "FAULTS")]
    pub(super) faults: Option<String>,
    /// Block callers for a while beyond so many calls a minute
    #[arg(long, value_name = "N")]
    pub(super) per_minute: Option<u32>,
    /// Answer 020 beyond so many calls
    #[arg(long, value_name = "N")]
    pub(super) daily: Option<u32>,
}
