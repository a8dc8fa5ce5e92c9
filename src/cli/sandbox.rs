//! `dps sandbox`: the stand-in for OpenDART, for scripts and trials.

use std::time::Duration;

use anyhow::Context;

use crate::sandbox::{Config, Faults, Server, Source};

use super::args::SandboxArgs;
use super::exit::{Exit, Failure};
use super::{output, say};

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
