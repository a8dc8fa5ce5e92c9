//! Jobs behind a gate that counts, as they run against OpenDART: the rate and the day's count in
//! the database. The clock stands still but for what is waited for.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use dps::domain::{OriginKind, kst_date};
use dps::fetch::{Fetcher, Gate, Interrupt, Rate};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::prefetch::{
    Event, Job, JobError, JobId, JobSettings, JobStatus, Runner, RunnerOptions, StopReason,
    load_job,
};
use dps::resolve::ResolveError;
use dps::store::Store;

use super::{AtRequest, counts, create, everything, market, rows, undisturbed};
use crate::support::clock::PinnedClock;
use crate::support::dart::{FakeDart, TestStore, now};

/// A fetcher behind a gate in the database at `test_store`, as one more process would have it.
fn gated(dart: &FakeDart, test_store: &TestStore, clock: &Arc<PinnedClock>) -> Arc<Fetcher> {
    let origin = Origin::parse(&dart.server.origin()).unwrap();
    let key = ApiKey::new("k".repeat(40)).unwrap();
    let client = Client::new(Transport::new(origin, key, Timeouts::default()).unwrap());
    let ledger = Store::open(&test_store.path, OriginKind::Loopback)
        .unwrap()
        .gate_ledger()
        .unwrap();
    Arc::new(Fetcher::new(
        client,
        Gate::new(Rate::default(), ledger),
        Arc::clone(clock) as Arc<dyn dps::fetch::Clock>,
    ))
}

fn clock() -> Arc<PinnedClock> {
    Arc::new(PinnedClock::at(now()))
}

fn run(
    test_store: &TestStore,
    fetcher: &Arc<Fetcher>,
    id: &JobId,
    options: RunnerOptions,
) -> (Job, Vec<Event>) {
    let mut events = Vec::new();
    let mut runner = Runner::open(&test_store.store, Arc::clone(fetcher), id, options).unwrap();
    let job = runner
        .run_job_step(u64::MAX, &mut |event| events.push(event))
        .unwrap();
    (job, events)
}

fn counted(test_store: &TestStore, fetcher: &Fetcher, at: DateTime<Utc>) -> u64 {
    let day = kst_date(at);
    test_store
        .store
        .calls_on(fetcher.key_fingerprint(), day)
        .unwrap()
}

fn limited(daily_limit: u32) -> JobSettings {
    JobSettings {
        daily_limit: Some(daily_limit),
        ..everything()
    }
}

#[test]
fn each_call_is_counted_once_and_the_job_comes_to_what_an_undisturbed_one_does() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let fetcher = gated(&dart, &test_store, &clock());
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store, &fetcher, &id, RunnerOptions::default());
    assert_eq!(
        (counts(&job), rows(&test_store, &everything())),
        undisturbed()
    );
    let seen = dart.server.stats().total;
    assert_eq!(
        (job.dart_calls, counted(&test_store, &fetcher, now())),
        (seen, seen)
    );
}

#[test]
fn the_day_s_own_limit_pauses_the_job_is_not_overstepped_and_fails_no_step() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let fetcher = gated(&dart, &test_store, &clock());
    let id = create(&test_store.store, &limited(20));
    let (job, _) = run(&test_store, &fetcher, &id, RunnerOptions::default());
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::DailyQuota));
    assert_eq!(counts(&job)[3], 0);
    assert_eq!(dart.server.stats().total, 20);
    assert_eq!(counted(&test_store, &fetcher, now()), 20);
    let (again, _) = run(&test_store, &fetcher, &id, RunnerOptions::default());
    assert_eq!(again.processed_count, job.processed_count);
    assert_eq!(dart.server.stats().total, 20);
}

#[test]
fn who_waits_for_the_next_day_goes_on_also_where_the_list_of_companies_met_the_limit() {
    for first_day in [0, 1, 50] {
        let (dart, test_store) = (market("", None), TestStore::new());
        let clock = clock();
        let fetcher = gated(&dart, &test_store, &clock);
        let day = kst_date(now());
        // So many of the day's fifty calls are left.
        let spent = 50 - first_day;
        test_store
            .store
            .count_calls(fetcher.key_fingerprint(), day, spent)
            .unwrap();
        let id = create(&test_store.store, &limited(50));
        let options = RunnerOptions {
            waits_for_quota: true,
            ..RunnerOptions::default()
        };
        let (job, events) = run(&test_store, &fetcher, &id, options);
        assert_eq!(job.status, JobStatus::Done, "{first_day} left");
        assert_eq!(
            (counts(&job), rows(&test_store, &everything())),
            undisturbed()
        );
        let waited: Vec<&Event> = events
            .iter()
            .filter(|event| matches!(event, Event::Waiting { .. }))
            .collect();
        // The list and 66 reports, fifty calls a day.
        assert_eq!(waited.len(), if first_day < 17 { 2 } else { 1 });
        let seen = dart.server.stats().total;
        assert_eq!(seen, 67);
        assert_eq!(job.dart_calls, seen);
    }
}

#[test]
fn an_interrupt_wastes_no_more_slots_than_there_are_calls_in_flight() {
    let at = AtRequest::default();
    let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
    let interrupt = Interrupt::new();
    let raised = interrupt.clone();
    at.do_this(move |request| {
        if request == 30 {
            raised.raise();
        }
    });
    let fetcher = gated(&dart, &test_store, &clock());
    let id = create(&test_store.store, &everything());
    let options = RunnerOptions {
        interrupt,
        ..RunnerOptions::default()
    };
    let (job, _) = run(&test_store, &fetcher, &id, options);
    assert_eq!(job.stop_reason, Some(StopReason::Signal));
    let (seen, counted) = (
        dart.server.stats().total,
        counted(&test_store, &fetcher, now()),
    );
    // Eight at most: each has taken its slot and may be ended before the server has heard of it.
    assert!((seen..=seen + 8).contains(&counted), "{counted} for {seen}");
    let (job, _) = run(&test_store, &fetcher, &id, RunnerOptions::default());
    assert_eq!(
        (counts(&job), rows(&test_store, &everything())),
        undisturbed()
    );
}

#[test]
fn three_runners_on_one_database_keep_one_count_and_one_rate() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let clock = clock();
    let tickers = everything().tickers;
    let jobs: Vec<JobId> = tickers
        .chunks(2)
        .map(|tickers| {
            let settings = JobSettings {
                tickers: tickers.to_vec(),
                ..everything()
            };
            create(&test_store.store, &settings)
        })
        .collect();
    std::thread::scope(|scope| {
        for id in &jobs {
            let fetcher = gated(&dart, &test_store, &clock);
            let path = test_store.path.clone();
            scope.spawn(move || {
                let store = Store::open(&path, OriginKind::Loopback).unwrap();
                let options = RunnerOptions::default();
                let mut runner = Runner::open(&store, fetcher, id, options).unwrap();
                let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
                assert_eq!(job.status, JobStatus::Done);
            });
        }
    });
    let seen = dart.server.stats().total;
    let fetcher = gated(&dart, &test_store, &clock);
    assert_eq!(counted(&test_store, &fetcher, now()), seen);
    let made: u64 = jobs
        .iter()
        .map(|id| load_job(&test_store.store, id).unwrap().dart_calls)
        .sum();
    assert_eq!(made, seen);
    // A burst of fifty, and the rest at 876 a minute while that is paid back, whoever calls.
    let apart = (seen - 50) as f64 * 60.0 / 876.0 - 0.001;
    let took = dps::fetch::Clock::monotonic(&*clock).as_secs_f64();
    assert!(took >= apart, "{took} s for {seen} calls");
}

#[test]
fn a_gate_that_cannot_be_written_ends_the_run_and_the_job_can_be_resumed() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let fetcher = gated(&dart, &test_store, &clock());
    let id = create(&test_store.store, &everything());
    let elsewhere = rusqlite::Connection::open(&test_store.path).unwrap();
    let say = |sql: &str| elsewhere.execute_batch(sql).unwrap();
    say("CREATE TRIGGER obstacle BEFORE UPDATE ON dart_gate
         WHEN new.next_at_us > 0 AND (SELECT calls FROM dart_usage) >= 25
         BEGIN SELECT RAISE(ABORT, 'no room'); END");
    let mut runner = Runner::open(
        &test_store.store,
        Arc::clone(&fetcher),
        &id,
        RunnerOptions::default(),
    )
    .unwrap();
    let ended = runner.run_job_step(u64::MAX, &mut |_| {});
    assert!(
        matches!(ended, Err(JobError::Resolve(ResolveError::Gate(_)))),
        "{ended:?}"
    );
    drop(runner);
    let seen = dart.server.stats().total;
    assert_eq!(seen, 25);
    say("DROP TRIGGER obstacle");
    let (job, _) = run(&test_store, &fetcher, &id, RunnerOptions::default());
    assert_eq!(
        (counts(&job), rows(&test_store, &everything())),
        undisturbed()
    );
    assert_eq!(dart.server.stats().total, 67, "nothing learnt was lost");
    assert_eq!(job.dart_calls, 67);
}
