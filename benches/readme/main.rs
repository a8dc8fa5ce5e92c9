//! The table in the README: the built `dps` as processes, against sandboxes on loopback.
//!
//! `cargo bench --bench readme` measures all of it in about five minutes, three of them at 900
//! calls a minute. `cargo bench --bench readme -- --only rate,calls` measures some sections.
//! Markdown goes to stdout, what is being done to stderr. Run as a test it counts calls and
//! measures nothing.

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for a terminal

#[path = "../support/mod.rs"]
mod support;

#[allow(dead_code)] // the tests use the rest
#[path = "../../tests/support/sandbox.rs"]
mod sandbox;

#[path = "../../tests/support/latency.rs"]
mod latency;

mod cached;
mod calls;
mod faults;
mod figures;
mod lookup;
mod memory;
mod program;
mod rate;
mod speed;
mod stored;

use anyhow::{Result, bail};

use figures::Table;

/// A part of the table: its name for `--only`, and what measures it.
type Section = (&'static str, fn() -> Result<Vec<Table>>);

const SECTIONS: [Section; 8] = [
    ("calls", calls::measure),
    ("rate", rate::measure),
    ("lookup", lookup::measure),
    ("faults", faults::measure),
    ("speed", speed::measure),
    ("memory", memory::measure),
    ("cached", cached::measure),
    ("stored", stored::measure),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = wanted(&arguments)?;
    let mut tables: Vec<Table> = Vec::new();
    for (name, measure) in SECTIONS {
        if wanted.iter().any(|one| one == name) {
            eprintln!("{name} ...");
            for table in measure()? {
                let apart = match tables.last_mut() {
                    Some(last) => last.join(table),
                    None => Some(table),
                };
                tables.extend(apart);
            }
        }
    }
    for table in tables {
        println!("{table}");
    }
    Ok(())
}

/// The sections to measure. Cargo says `--bench` when it benches and nothing when it tests.
fn wanted(arguments: &[String]) -> Result<Vec<String>> {
    if !arguments.iter().any(|word| word == "--bench") {
        return Ok(vec!["calls".to_owned()]);
    }
    let all = SECTIONS.map(|(name, _)| name);
    let Some(at) = arguments.iter().position(|word| word == "--only") else {
        return Ok(all.map(str::to_owned).to_vec());
    };
    let only = arguments.get(at + 1).cloned().unwrap_or_default();
    let wanted: Vec<String> = only.split(',').map(|name| name.trim().to_owned()).collect();
    if let Some(unknown) = wanted.iter().find(|name| !all.contains(&name.as_str())) {
        bail!(
            "{unknown:?} is no section: --only takes {}, with commas between them",
            all.join(", ")
        );
    }
    Ok(wanted)
}
