//! Calls: how many a job of five tickers and eleven years makes under each plan.

use anyhow::{Context, Result, ensure};
use dps::domain::{Outcome, Ticker};
use dps::sandbox::{Config, Source, market};

use super::figures::Table;
use super::program::Home;
use super::sandbox::CountingSandbox;
use super::support::{FIRST, LAST};

const TICKERS: usize = 5;

pub fn measure() -> Result<Vec<Table>> {
    let mut table = Table::new([
        "calls for 5 tickers × 2015-2025",
        "`--plan own`",
        "`--plan window`",
    ]);
    let all_filed = [
        ("every report there, first time", 0),
        ("the same, second time", 1),
    ];
    add(&mut table, 0, &all_filed)?;
    add(
        &mut table,
        1,
        &[("one year of each without a report (013), first time", 0)],
    )?;
    Ok(vec![table])
}

/// Adds rows about tickers with this many years without a report: each a name and which time is meant.
fn add(table: &mut Table, absent: usize, rows: &[(&str, usize)]) -> Result<()> {
    let tickers = tickers(absent)?;
    let own = twice(&tickers, "own")?;
    let window = twice(&tickers, "window")?;
    for (name, time) in rows {
        let of = |calls: [u64; 2]| calls[*time].to_string();
        table.row([(*name).to_owned(), of(own), of(window)]);
    }
    Ok(())
}

/// Tickers of companies without a report for this many of the years.
fn tickers(absent: usize) -> Result<String> {
    let none = |ticker: Ticker| {
        (FIRST..=LAST)
            .filter(|year| {
                market::truth(ticker, *year)
                    .is_none_or(|truth| truth.outcome() == Outcome::NoReport)
            })
            .count()
    };
    let found: Vec<String> = market::companies()
        .iter()
        .filter_map(|company| company.ticker)
        .filter(|ticker| none(*ticker) == absent)
        .take(TICKERS)
        .map(|ticker| ticker.to_string())
        .collect();
    ensure!(found.len() == TICKERS, "the market has no such companies");
    Ok(found.join(","))
}

/// The calls of a job and of another like it.
fn twice(tickers: &str, plan: &str) -> Result<[u64; 2]> {
    let server = CountingSandbox::start(Config::new(Source::Market))?;
    let home = Home::asking(&server.origin())?;
    let asked = || {
        let by_path = server.stats().by_path;
        by_path.get("/api/alotMatter.json").copied().unwrap_or(0)
    };
    let (years, mut calls) = ([FIRST, LAST].map(|year| year.to_string()), [0; 2]);
    for time in &mut calls {
        let before = asked();
        let words = [
            "job",
            "create",
            "--tickers",
            tickers,
            &years[0],
            &years[1],
            "--plan",
            plan,
        ];
        let (code, id, said) = home.outcome(&words)?;
        ensure!(code == Some(0), "no job under the plan {plan}:\n{said}");
        let id = id.trim_end();
        home.run(&["job", "run", id])?;
        let job = home.job(id)?;
        let right = job["fail_count"] == 0 && job["status"] == "DONE";
        ensure!(right, "the job did not end well: {job}");
        *time = asked().checked_sub(before).context("calls only add up")?;
    }
    Ok(calls)
}
