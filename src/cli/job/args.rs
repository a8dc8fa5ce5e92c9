//! The grammar of `dps job`.

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::{AdjustArgs, Format, PickArgs, YearArgs};
use crate::domain::{ReprtCode, ReprtCodeError};
use crate::prefetch::{JobStatus, OnError, Plan};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum JobVerb {
    /// Create a job that fills the database for many tickers and years; prints its id
    Create(CreateArgs),
    /// Run a job, or go on with one from the step it stopped at
    #[command(
        visible_alias = "resume",
        after_help = "Examples:\n  dps job run\n  dps job resume latest\n  dps job run 3f2a --progress plain"
    )]
    Run(RunArgs),
    /// Ask a running job to pause; it can be resumed
    #[command(after_help = "Example:\n  dps job pause latest")]
    Pause(IdArgs),
    /// Cancel a job; what it learnt stays, and it can be resumed all the same
    #[command(after_help = "Example:\n  dps job cancel 3f2a")]
    Cancel(IdArgs),
    /// Create a new job with the same settings; the old one is cancelled unless done
    #[command(after_help = "Example:\n  dps job restart latest")]
    Restart(IdArgs),
    /// Ask the failed steps of a job again
    #[command(after_help = "Example:\n  dps job retry latest")]
    Retry(RunArgs),
    /// Show a job: its settings, progress and counts
    #[command(after_help = "Examples:\n  dps job show\n  dps job show latest --failures")]
    Show(ShowArgs),
    /// List jobs, the newest first
    #[command(
        after_help = "Examples:\n  dps job list\n  dps job list --status PAUSED --format json"
    )]
    List(ListArgs),
    /// Print the cached rows of a job's tickers and years, without a call
    #[command(after_help = "Example:\n  dps job series latest --format csv > dividends.csv")]
    Series(SeriesOfArgs),
    /// Delete a job that is not running; never what it learnt
    #[command(after_help = "Example:\n  dps job rm 3f2a")]
    Rm(IdArgs),
}

/// The one kind of report a job asks for.
fn one_report(text: &str) -> Result<ReprtCode, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Err(
            "a job asks for one kind of report: create one for annual, then for q1, half and q3; \
             dps series --report all shows them together"
                .to_owned(),
        );
    }
    text.parse()
        .map_err(|error: ReprtCodeError| error.to_string())
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dps job create --tickers-file kr.txt 2015 2025
  dps job create --from-master --market Y,K 2015 2025 --name market --run
  dps job create --tickers 005930,000660 --from 2020 --to 2025 --or-resume --run")]
pub(in crate::cli) struct CreateArgs {
    /// The first and the last fiscal year
    #[arg(value_name = "YEAR")]
    pub(in crate::cli) words: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) pick: PickArgs,
    #[command(flatten)]
    pub(in crate::cli) years: YearArgs,
    /// Which report: annual, half, q1 or q3 (or 11011, 11012, 11013, 11014)
    #[arg(long, value_name = "REPORT", default_value = "annual", value_parser = one_report)]
    pub(in crate::cli) report: ReprtCode,
    /// Ask again for every year, whatever is stored
    #[arg(long, alias = "force-refresh")]
    pub(in crate::cli) refresh: bool,
    /// Ask again for the N latest years of the range
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(in crate::cli) recheck_recent: u16,
    /// Which reports answer a year: its own (own, the default), or one for three years (window: the
    /// fewest calls). With own, years that only a later report stated are asked again
    #[arg(long, value_name = "PLAN")]
    pub(in crate::cli) plan: Option<Plan>,
    /// What a failed step does: continue or stop
    #[arg(long, value_name = "WHAT", default_value_t = OnError::Continue)]
    pub(in crate::cli) on_error: OnError,
    /// Pause after so many calls a day (KST) with this key, whoever made them
    #[arg(long, value_name = "N")]
    pub(in crate::cli) daily_limit: Option<u32>,
    /// A name to find the job by
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// Run it at once
    #[arg(long)]
    pub(in crate::cli) run: bool,
    /// Take the newest unfinished job of this name and these settings instead, if there is one
    #[arg(long)]
    pub(in crate::cli) or_resume: bool,
    #[command(flatten)]
    pub(in crate::cli) how: RunOptions,
}

/// How a run shows itself and what it does at the day's limit.
#[derive(Debug, Args)]
pub(in crate::cli) struct RunOptions {
    /// How progress is shown: a bar on a terminal, plain lines elsewhere, by default
    #[arg(long, value_enum)]
    pub(in crate::cli) progress: Option<Progress>,
    /// At the day's limit wait until past 00:00 KST and go on
    #[arg(long)]
    pub(in crate::cli) wait: bool,
}

/// The readers of a run's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Progress {
    /// A bar that is redrawn, on stderr
    Bar,
    /// A line now and then, on stderr
    Plain,
    /// An event object a line, on stdout
    Json,
    /// Nothing
    None,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct IdArgs {
    /// A job id, a prefix of it (four or more), a name, or latest
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// A job id, a prefix of it, a name, or latest; without, the newest that is not done
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) how: RunOptions,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// A job id, a prefix of it, a name, or latest
    #[arg(value_name = "ID", default_value = "latest")]
    pub(in crate::cli) id: String,
    /// List the steps that failed
    #[arg(long)]
    pub(in crate::cli) failures: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// At most so many
    #[arg(short = 'n', long, default_value_t = 10)]
    pub(in crate::cli) limit: usize,
    /// Only jobs in this state
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) status: Option<JobStatus>,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SeriesOfArgs {
    /// A job id, a prefix of it, a name, or latest
    #[arg(value_name = "ID")]
    pub(in crate::cli) id: String,
    #[command(flatten)]
    pub(in crate::cli) adjust: AdjustArgs,
    /// How to write the rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(in crate::cli) format: Format,
}
