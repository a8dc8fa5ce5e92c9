//! A job and the lookup read the same answers into the same rows.

use std::sync::Arc;

use dps::domain::{FiscalYear, OriginKind, ReprtCode, Ticker};
use dps::fetch::Interrupt;
use dps::prefetch::{JobSettings, JobStatus, Runner, RunnerOptions};
use dps::sandbox::{Config, Server, Source, market};
use dps::series::{SeriesRequest, get_dps_series};

use super::{counts, create, rows, settings};
use crate::support::dart::{TestStore, fetcher_to, now};

fn agree(reprt_code: ReprtCode, first: u16, last: u16) {
    let server = Server::start(Config::new(Source::Market)).unwrap();
    // Every share that stands for a trap, and the real companies; the rest is drawn by lot.
    let is_drawn =
        |ticker: &Ticker| ticker.as_str().starts_with("9B") || ticker.as_str().starts_with("9C");
    let tickers: Vec<Ticker> = market::tickers()
        .filter(|ticker| !is_drawn(ticker))
        .collect();
    let asked = JobSettings {
        tickers: tickers.clone(),
        reprt_code,
        ..settings(&["005930"], first, last)
    };
    let by_job = TestStore::new();
    let id = create(&by_job.store, &asked);
    let fetcher = Arc::new(fetcher_to(&server.origin()));
    let mut runner = Runner::open(&by_job.store, fetcher, &id, RunnerOptions::default()).unwrap();
    let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(counts(&job)[3], 0);

    let by_lookup = TestStore::new();
    let fetcher = Arc::new(fetcher_to(&server.origin()));
    let list = fetcher.companies(&Interrupt::new()).unwrap();
    by_lookup
        .store
        .replace_companies(&list.companies, now())
        .unwrap();
    let request = SeriesRequest {
        first: FiscalYear::new(first).unwrap(),
        last: FiscalYear::new(last).unwrap(),
        reprt_code,
        refresh: false,
        recheck_recent: 0,
        plan: None,
    };
    for ticker in tickers {
        let company = by_lookup.store.company(ticker).unwrap().unwrap();
        let mut source = dps::series::Source::dart(Arc::clone(&fetcher), Interrupt::new());
        let shares = [(ticker, company.corp_code)];
        let series =
            get_dps_series(&by_lookup.store, &mut source, &shares, &request, now()).unwrap();
        assert!(series[0].missing.is_empty());
    }
    assert_eq!(rows(&by_job, &asked), rows(&by_lookup, &asked));
    let kind = by_job.store.origin_kind().unwrap();
    assert_eq!(kind, Some(OriginKind::Loopback));
}

#[test]
fn a_job_and_the_lookup_come_to_the_same_annual_rows() {
    agree(ReprtCode::Annual, 2013, 2025);
}

#[test]
fn a_job_and_the_lookup_come_to_the_same_half_year_rows() {
    agree(ReprtCode::Half, 2015, 2025);
}
