//! Cut off at any moment and gone on with, a job comes to what an undisturbed one comes to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dps::domain::OriginKind;
use dps::fetch::Interrupt;
use dps::prefetch::{
    Event, JobStatus, Runner, RunnerOptions, StopReason, load_job, request_pause, run_job_step,
};
use dps::store::Store;

use super::{
    AtRequest, COMPANIES, counts, create, everything, fetcher, market, rows, run, run_with,
    settings, undisturbed,
};
use crate::support::dart::{FakeDart, TestStore, now};

const CALLS: u64 = COMPANIES as u64 * 11;

/// The most that calls in flight can repeat at one cut.
const IN_FLIGHT: u64 = 8;

fn most_asked_in_vain(dart: &FakeDart) -> u64 {
    dart.server
        .stats()
        .answers
        .values()
        .map(|times| times.asked - 1)
        .sum()
}

#[test]
fn a_job_asks_each_report_once_and_counts_every_step() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let (job, events) = run(&test_store.store, &dart, &id);
    assert_eq!((job.status, job.stop_reason), (JobStatus::Done, None));
    let [success, skip, cached, fail] = counts(&job);
    assert_eq!(success + skip, u64::from(COMPANIES) * 13);
    assert_eq!((cached, fail), (0, 0));
    assert!(skip > 0);
    assert_eq!(dart.calls(), CALLS);
    // And the list of companies.
    assert_eq!(job.dart_calls, CALLS + 1);
    assert_eq!((job.current(), job.cursor_year), (None, None));
    assert!(matches!(events.first(), Some(Event::Started { .. })));
    assert_eq!(events.last(), Some(&Event::Finished));
    let told: u64 = events
        .iter()
        .map(|event| match event {
            Event::StepsDone { steps, .. } => *steps,
            _ => 0,
        })
        .sum();
    assert_eq!(told, job.total_steps());
}

#[test]
fn interrupted_at_any_request_it_comes_to_the_same() {
    let expected = undisturbed();
    for nth in (1..=CALLS).step_by(5) {
        let at = AtRequest::default();
        let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
        let interrupt = Interrupt::new();
        let raised = interrupt.clone();
        at.do_this(move |request| {
            if request == nth {
                raised.raise();
            }
        });
        let id = create(&test_store.store, &everything());
        let options = RunnerOptions {
            interrupt,
            ..RunnerOptions::default()
        };
        let (stopped, _) = run_with(&test_store.store, &dart, &id, options);
        if stopped.status != JobStatus::Done {
            assert_eq!(stopped.status, JobStatus::Cancelled);
            assert_eq!(stopped.stop_reason, Some(StopReason::Signal));
        }
        counts(&stopped);
        let job = if stopped.status == JobStatus::Done {
            stopped
        } else {
            run(&test_store.store, &dart, &id).0
        };
        assert_eq!((counts(&job), rows(&test_store, &everything())), expected);
        assert!(most_asked_in_vain(&dart) <= IN_FLIGHT, "cut at {nth}");
    }
}

#[test]
fn dropped_after_any_number_of_steps_it_comes_to_the_same() {
    let expected = undisturbed();
    for steps in [1, 2, 3, 7, 20] {
        let (dart, test_store) = (market("", None), TestStore::new());
        let id = create(&test_store.store, &everything());
        let mut cuts = 0;
        loop {
            let mut runner = Runner::open(
                &test_store.store,
                fetcher(&dart),
                &id,
                RunnerOptions::default(),
            )
            .unwrap();
            let job = runner.run_job_step(steps, &mut |_| {}).unwrap();
            counts(&job);
            if job.status == JobStatus::Done {
                break;
            }
            drop(runner);
            cuts += 1;
            let left = load_job(&test_store.store, &id).unwrap();
            assert_eq!((left.status, left.lease_owner), (JobStatus::Running, None));
        }
        let job = load_job(&test_store.store, &id).unwrap();
        assert_eq!((counts(&job), rows(&test_store, &everything())), expected);
        assert!(most_asked_in_vain(&dart) <= IN_FLIGHT * cuts);
    }
}

#[test]
fn step_by_step_it_asks_no_further_than_it_is_told_and_nothing_twice() {
    let expected = undisturbed();
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let fetcher = fetcher(&dart);
    let first = run_job_step(&test_store.store, &fetcher, &id, 1, &mut |_| {}).unwrap();
    // 2013, 2014 and 2015 are one call's.
    assert_eq!((first.processed_count, dart.calls()), (3, 1));
    let mut job = first;
    while job.status != JobStatus::Done {
        job = run_job_step(&test_store.store, &fetcher, &id, 2, &mut |_| {}).unwrap();
    }
    assert_eq!((counts(&job), rows(&test_store, &everything())), expected);
    assert_eq!(dart.calls(), CALLS);
}

#[test]
fn paused_from_elsewhere_at_many_requests_it_comes_to_the_same() {
    let expected = undisturbed();
    let at = AtRequest::default();
    let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
    let id = create(&test_store.store, &everything());
    let path = test_store.path.clone();
    let pauses = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&pauses);
    at.do_this(move |request| {
        if request % 10 == 0 {
            let elsewhere = Store::open(&path, OriginKind::Loopback).unwrap();
            if request_pause(&elsewhere, &id, now()).is_ok() {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let mut runs = 0;
    let job = loop {
        runs += 1;
        let (job, _) = run(&test_store.store, &dart, &id);
        counts(&job);
        if job.status == JobStatus::Done {
            break job;
        }
        assert_eq!(job.status, JobStatus::Paused);
        assert_eq!(job.stop_reason, Some(StopReason::PauseRequested));
    };
    assert_eq!((counts(&job), rows(&test_store, &everything())), expected);
    assert!(runs > 1);
    assert!(most_asked_in_vain(&dart) <= IN_FLIGHT * pauses.load(Ordering::SeqCst));
}

#[test]
fn a_common_and_a_preferred_share_cost_one_call_a_year() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let both = settings(&["900010", "900015"], 2013, 2025);
    let id = create(&test_store.store, &both);
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(counts(&job)[0] + counts(&job)[1], 26);
    assert_eq!(dart.calls(), 11);
    let payloads = rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .query_row(
            "SELECT count(*) FROM dividend_dps_cache
              WHERE ticker = '900015' AND raw_payload IS NOT NULL",
            [],
            |row| row.get::<_, i64>(0),
        )
        .unwrap();
    assert_eq!(payloads, 0, "a sibling's answer is kept once");
}

#[test]
fn what_a_job_learnt_it_does_not_ask_again_even_under_refresh() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let refreshing = dps::prefetch::JobSettings {
        force_refresh: true,
        ..everything()
    };
    let id = create(&test_store.store, &refreshing);
    let fetcher = fetcher(&dart);
    for steps in [5, 9, 1000] {
        run_job_step(&test_store.store, &fetcher, &id, steps, &mut |_| {}).unwrap();
    }
    let job = load_job(&test_store.store, &id).unwrap();
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(counts(&job)[2], 0);
    assert_eq!(dart.calls(), CALLS);
}

#[test]
fn what_comes_ahead_of_a_slow_answer_is_stored_at_once_and_counted_in_its_turn() {
    let at = AtRequest::default();
    let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
    let id = create(&test_store.store, &everything());
    let path = test_store.path.clone();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (release, released) = (
        std::sync::Mutex::new(release),
        std::sync::Mutex::new(released),
    );
    let (see, seen) = std::sync::mpsc::channel::<(i64, u64)>();
    at.do_this(move |request| {
        if request == 1 {
            released.lock().unwrap().recv().unwrap();
        }
        if request == 40 {
            let elsewhere = rusqlite::Connection::open(&path).unwrap();
            let stored = || -> i64 {
                let sql = "SELECT count(DISTINCT corp_code || source_year) FROM dividend_dps_cache";
                elsewhere.query_row(sql, [], |row| row.get(0)).unwrap()
            };
            // Of the 39 before, the first is held, and others may be on their way still.
            while stored() < 39 - 8 {
                std::thread::yield_now();
            }
            let store = Store::open(&path, OriginKind::Loopback).unwrap();
            let processed = load_job(&store, &id).unwrap().processed_count;
            see.send((stored(), processed)).unwrap();
            release.lock().unwrap().send(()).unwrap();
        }
    });
    let (job, _) = run(&test_store.store, &dart, &id);
    let (stored, processed) = seen.recv().unwrap();
    assert!(stored >= 31);
    // The one held is among the first eight, whose steps are the first company's.
    assert!(processed < 11, "{processed} counted past the answer held");
    assert_eq!(
        (counts(&job), rows(&test_store, &everything())),
        undisturbed()
    );
    assert!(dart.server.stats().max_in_flight <= 8);
}
