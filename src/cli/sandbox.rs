//! `dps sandbox`: the stand-in for OpenDART, for scripts and trials.

use std::time::Duration;

use anyhow::Context;
use std::path::PathBuf;

use clap::Args;

use crate::sandbox::{Config, Faults, Server, Source};

use super::exit::{Exit, Failure};
use super::{output, say};

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

pub(super) fn run(args: SandboxArgs) -> Result<Exit, Failure> {
    let source = match args.data {
        Some(folder) if !folder.is_dir() => {
            return Err(Failure::usage(
                format!("--data {}: there is no such folder", folder.display()),
                "name a folder with {corp_code}_{bsns_year}_{reprt_code}.json files",
            ));
        }
        Some(folder) => Source::Folder(folder),
        None => Source::Market,
    };
    let faults = match &args.faults {
        Some(text) => Faults::parse(text).map_err(|error| {
            Failure::usage(
                format!("--faults: {error}"),
                "as 'reset:2%,http503:1%,s900@5'",
            )
        })?,
        None => Faults::default(),
    };
    let config = Config {
        port: args.port,
        latency: Duration::from_millis(args.latency),
        faults,
        per_minute: args.per_minute,
        daily: args.daily,
        ..Config::new(source)
    };
    let server = Server::start(config).context("the sandbox cannot be started")?;
    output::raw(server.origin().as_bytes())?;
    say("sandbox: made-up or recorded data; Ctrl-C ends it");
    server.wait();
    Ok(Exit::Done)
}
