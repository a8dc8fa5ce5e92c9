//! `dps sandbox`: the stand-in for OpenDART, for scripts and trials.

use anyhow::Context;

use crate::sandbox::{Config, Faults, Latency, Server, Source};

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
    let (latency, tail) = Latency::parse(&args.latency)
        .map_err(|error| Failure::usage(format!("--latency: {error}"), "as exp:400,1%:3000"))?;
    let config = Config {
        port: args.port,
        latency,
        tail,
        faults,
        per_minute: args.per_minute,
        daily: args.daily,
        ..Config::new(source)
    };
    let server = Server::start(config).context("the sandbox cannot be started")?;
    output::raw(server.origin().as_bytes())?;
    say("sandbox: made-up or recorded data; what it was asked is at /_stats; Ctrl-C ends it");
    server.wait();
    Ok(Exit::Done)
}
