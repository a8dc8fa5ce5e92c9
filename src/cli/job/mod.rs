//! `dps job`: whole markets, in jobs that can be stopped and resumed at any moment.

mod control;
mod create;
mod progress;
mod run;
mod series;
mod show;

use clap::Subcommand;

use crate::store::Store;

use super::config::Config;
use super::exit::{Exit, Failure};

#[derive(Debug, Subcommand)]
pub(super) enum JobVerb {
    /// Create a job that fills the database for many tickers and years; prints its id
    Create(create::CreateArgs),
    /// Run a job, or go on with one from the step it stopped at
    #[command(
        visible_alias = "resume",
        after_help = "Examples:\n  dps job run\n  dps job resume latest\n  dps job run 3f2a --progress plain"
    )]
    Run(run::RunArgs),
    /// Ask a running job to pause; it can be resumed
    #[command(after_help = "Example:\n  dps job pause latest")]
    Pause(control::IdArgs),
    /// Cancel a job; fetched rows are kept, and it can be resumed all the same
    #[command(after_help = "Example:\n  dps job cancel 3f2a")]
    Cancel(control::IdArgs),
    /// Create a new job with the same settings; the old one is cancelled unless done
    #[command(after_help = "Example:\n  dps job restart latest")]
    Restart(control::IdArgs),
    /// Ask the failed steps of a job again
    #[command(after_help = "Example:\n  dps job retry latest")]
    Retry(run::RunArgs),
    /// Show a job: its settings, progress and counts
    #[command(after_help = "Examples:\n  dps job show\n  dps job show latest --failures")]
    Show(show::ShowArgs),
    /// List jobs, the newest first
    #[command(
        after_help = "Examples:\n  dps job list\n  dps job list --status PAUSED --format json"
    )]
    List(show::ListArgs),
    /// Print the cached rows of a job's tickers and years, without a call
    #[command(after_help = "Example:\n  dps job series latest --format csv > dividends.csv")]
    Series(series::SeriesOfArgs),
    /// Delete a job that is not running; fetched rows are kept
    #[command(after_help = "Example:\n  dps job rm 3f2a")]
    Rm(control::IdArgs),
}

pub(super) fn run(config: &Config, verb: JobVerb) -> Result<Exit, Failure> {
    match verb {
        JobVerb::Create(args) => create::run(config, args),
        JobVerb::Run(args) => run::run(config, args.id.as_deref(), &args.how),
        JobVerb::Retry(args) => run::retry(config, args.id.as_deref(), &args.how),
        JobVerb::Pause(args) => control::pause(config, &args),
        JobVerb::Cancel(args) => control::cancel(config, &args),
        JobVerb::Restart(args) => control::restart(config, &args),
        JobVerb::Rm(args) => control::rm(config, &args),
        JobVerb::Show(args) => show::show(config, &args),
        JobVerb::List(args) => show::list(config, &args),
        JobVerb::Series(args) => series::run(config, &args),
    }
}

/// The database, which has to be there: what it holds is what the command is about.
fn existing_store(config: &Config) -> Result<Store, Failure> {
    config
        .open_existing_store()?
        .ok_or_else(|| Failure::Unknown {
            message: format!(
                "there is no database at {} yet, so no job",
                config.db.display()
            ),
            hints: vec![
                "create one with: dps job create --tickers-file kr.txt 2015 2025".to_owned(),
            ],
        })
}
