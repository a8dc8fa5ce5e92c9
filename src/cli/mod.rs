//! The command line: the only place that prints, reads the environment or ends the process.
//!
//! Data goes to stdout, words to stderr. One file a verb.

mod cache;
mod companies;
mod config;
mod events;
mod exit;
mod job;
mod output;
mod quota;
mod sandbox;
mod selection;
mod series;
mod signals;
mod ticker;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use config::{Config, Global};
use exit::{Exit, Failure};

/// Korean dividends per share, asked from OpenDART once and kept in a local database.
#[derive(Debug, Parser)]
#[command(name = "dps", version, about, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  dps series 005930                      ten years of Samsung Electronics
  dps series 005930 005935 2015 2025     common and preferred, eleven years
  dps series 005930 --sandbox            made-up data: no key, no network

Only what calls OpenDART needs a key: DART_API_KEY (free at https://opendart.fss.or.kr).";

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show dividends per share, from the database first and OpenDART for what is missing
    Series(series::SeriesArgs),
    /// Find companies and their tickers
    #[command(subcommand)]
    Ticker(ticker::TickerVerb),
    /// Fill the database for many tickers and years, in jobs that can be stopped and resumed
    #[command(subcommand)]
    Job(job::JobVerb),
    /// Look into the database
    #[command(subcommand)]
    Cache(cache::CacheVerb),
    /// Keep what you hold or watch, to name tickers by
    #[command(subcommand)]
    Events(events::EventsVerb),
    /// Show the day's calls: used, left, and when the limit resets
    Quota(quota::QuotaArgs),
    /// Serve a stand-in for OpenDART on this machine
    Sandbox(sandbox::SandboxArgs),
}

/// Runs the command that was typed; the exit codes are in the README.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and the version go to stdout, the rest to stderr; a closed pipe is no error.
            let _closed = error.print();
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return exit.into();
        }
    };
    run(cli)
        .unwrap_or_else(|failure| {
            if is_closed_pipe(&failure) {
                return Exit::Done;
            }
            report(&failure);
            failure.exit()
        })
        .into()
}

/// The command line's grammar, for documentation, completions and manual pages.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    let configured = || {
        let config = Config::load(&cli.global)?;
        if cli.global.sandbox {
            say("sandbox: made-up data");
        }
        Ok::<_, Failure>(config)
    };
    match cli.verb {
        Verb::Series(args) => series::run(&configured()?, args),
        Verb::Ticker(verb) => ticker::run(&configured()?, verb),
        Verb::Job(verb) => job::run(&configured()?, verb),
        Verb::Events(verb) => events::run(&configured()?, verb),
        Verb::Quota(args) => quota::run(&configured()?, &args),
        Verb::Cache(verb) => cache::run(&configured()?, verb),
        Verb::Sandbox(args) => sandbox::run(args),
    }
}

/// An error and its hints, on stderr.
fn report(failure: &Failure) {
    say(&format!("error: {failure}"));
    for hint in failure.hints() {
        say(&format!("hint: {hint}"));
    }
}

/// A line on stderr. Where nobody listens there is nobody to tell.
fn say(line: &str) {
    let _closed = writeln!(anstream::stderr(), "{line}");
}

fn is_closed_pipe(failure: &Failure) -> bool {
    let Failure::Other(error) = failure else {
        return false;
    };
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
