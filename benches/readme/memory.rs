//! Memory and disk: what the whole market takes.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::figures::{Table, a_second, count};
use super::program::{Home, Sandbox, number};
use super::support::{FIRST, LAST};

pub fn measure() -> Result<Vec<Table>> {
    let server = Sandbox::start()?;
    let home = Home::asking(&server.origin)?;
    let [first, last] = [FIRST, LAST].map(|year| year.to_string());
    home.sync()?;
    let id = home.create(&["--from-master", &first, &last])?;
    let began = Instant::now();
    let peak = home.start(&id)?.peak_memory()?;
    let took = began.elapsed();
    let job = home.job(&id)?;
    let steps = number(&job, "total_steps")?;
    ensure!(job["status"] == "DONE", "the job is not done: {job}");

    let mut table = Table::measured();
    table.row([
        "the whole market, its sandbox in a process of its own".to_owned(),
        a_second(steps, took),
    ]);
    table.row([
        "peak memory of the one that runs the job".to_owned(),
        peak.map_or_else(
            || "n/a".to_owned(),
            |bytes| format!("{:.0} MB", bytes as f64 / 1e6),
        ),
    ]);
    table.row([
        "the database, a step".to_owned(),
        format!("{} bytes", count(home.bytes()? / steps)),
    ]);
    Ok(vec![table])
}
