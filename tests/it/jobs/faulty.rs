//! A source that fails one time in ten, in every way it can: steps come out right or are recorded
//! as failed, and the trouble costs few calls.

use std::sync::Arc;
use std::time::Duration;

use dps::domain::{FiscalYear, ReprtCode, Ticker};
use dps::fetch::{Fetcher, Gate};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::prefetch::{JobSettings, JobStatus, Plan, Runner, RunnerOptions, failures};
use dps::sandbox::{Config, Faults, Source, market as made_up};

use super::{counts, create, settings};
use crate::support::clock::PinnedClock;
use crate::support::dart::{TestStore, now};
use crate::support::sandbox::CountingSandbox;

/// Every kind of failure that may pass, one answer in ten together.
const FAULTS: &str = "http500:1%,http503:1%,reset:1%,hang:1%,cut:1%,truncated:1%,html:1%,empty:1%,\
                      s900:1%,slow=400:1%,seed:7";

fn right_or_recorded(plan: Plan) {
    let server = CountingSandbox::start(Config {
        faults: Faults::parse(FAULTS).unwrap(),
        ..Config::new(Source::Market)
    })
    .unwrap();
    let transport = Transport::new(
        Origin::parse(&server.origin()).unwrap(),
        ApiKey::new("k".repeat(40)).unwrap(),
        Timeouts {
            attempt: Duration::from_millis(250),
        },
    );
    // Its waits take no time; those of the network do.
    let clock = Arc::new(PinnedClock::at(now()));
    let fetcher = Fetcher::new(Client::new(transport.unwrap()), Gate::unlimited(), clock);
    let is_drawn =
        |ticker: &Ticker| ticker.as_str().starts_with("9B") || ticker.as_str().starts_with("9C");
    let tickers: Vec<Ticker> = made_up::tickers().filter(is_drawn).take(150).collect();
    let asked = JobSettings {
        tickers: tickers.clone(),
        plan,
        ..settings(&["005930"], 2015, 2025)
    };
    let test_store = TestStore::new();
    let id = create(&test_store.store, &asked);
    let options = RunnerOptions::default();
    let mut runner = Runner::open(&test_store.store, Arc::new(fetcher), &id, options).unwrap();
    let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(job.status, JobStatus::Done);
    assert!(job.total_steps() >= 1_000);

    let failed = failures(&test_store.store, &id).unwrap();
    assert_eq!(counts(&job)[3], failed.len() as u64);
    let year = |number| FiscalYear::new(number).unwrap();
    for ticker in tickers {
        let rows = test_store
            .store
            .rows(ticker, year(2015), year(2025), ReprtCode::Annual)
            .unwrap();
        for of in year(2015).through(year(2025)) {
            let Some(row) = rows.iter().find(|row| row.year.fiscal_year == of) else {
                let is_it =
                    |one: &&dps::prefetch::Failure| one.ticker == ticker && one.fiscal_year == of;
                assert!(
                    failed.iter().any(|one| is_it(&one)),
                    "{ticker} {of} is lost"
                );
                continue;
            };
            let source = row.year.source_year.get();
            let truth = made_up::stated(ticker, source, ReprtCode::Annual, source - of.get());
            let truth = truth.unwrap();
            let said = (row.year.outcome, row.year.dps_cash);
            assert_eq!(said, (truth.outcome(), truth.dps_cash()), "{ticker} {of}");
        }
    }

    let stats = server.stats();
    let served: u64 = stats.faults.values().sum();
    assert!(
        served * 100 >= stats.total * 7,
        "{served} of {}",
        stats.total
    );
    let answers = stats.answers.len() as u64;
    let extra = job.dart_calls - answers;
    assert!(extra * 100 < answers * 15, "{extra} more than {answers}");
}

#[test]
fn under_plan_own_every_step_is_right_or_recorded_as_failed() {
    right_or_recorded(Plan::Own);
}

#[test]
fn under_plan_window_every_step_is_right_or_recorded_as_failed() {
    right_or_recorded(Plan::Window);
}
