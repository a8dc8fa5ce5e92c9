//! Steps that fail, and what becomes of them.

use dps::prefetch::{
    Event, JobError, JobSettings, JobStatus, OnError, Runner, RunnerOptions, StopReason, failures,
};

use super::{counts, create, everything, fetcher, market, run, settings};
use crate::support::dart::{TestStore, now};

fn three_in_a_bad_way() -> JobSettings {
    settings(&["999990", "900010", "900020"], 2023, 2024)
}

#[test]
fn an_unknown_ticker_and_broken_answers_fail_their_own_steps_alone_and_retry_mends_them() {
    let broken = market("", None)
        .serve_raw("90000002", 2023, "{\"status\":\"000\"")
        .serve_raw("90000002", 2024, "<html>");
    let test_store = TestStore::new();
    let id = create(&test_store.store, &three_in_a_bad_way());
    let (job, _) = run(&test_store.store, &broken, &id);
    assert_eq!(job.status, JobStatus::Done);
    let [success, skip, cached, fail] = counts(&job);
    assert_eq!((success + skip, cached, fail), (2, 0, 4));
    let brief = |id| -> Vec<String> {
        let line = |failure: &dps::prefetch::Failure| {
            format!(
                "{} {} {}",
                failure.ticker, failure.fiscal_year, failure.kind
            )
        };
        failures(&test_store.store, id)
            .unwrap()
            .iter()
            .map(line)
            .collect()
    };
    assert_eq!(
        brief(&id),
        [
            "999990 2023 unknown_ticker",
            "999990 2024 unknown_ticker",
            "900020 2023 unreadable",
            "900020 2024 unreadable"
        ]
    );

    let recovered = market("", None);
    let retry = |dart| {
        let options = RunnerOptions::default();
        let mut runner =
            Runner::open_to_retry(&test_store.store, fetcher(dart), &id, options).unwrap();
        runner.retry_failed(&mut |_| {}).unwrap()
    };
    let retried = retry(&recovered);
    assert_eq!(retried.status, JobStatus::Done);
    assert_eq!(
        (retried.processed_count, retried.cursor_index),
        (job.processed_count, job.cursor_index)
    );
    assert_eq!(counts(&retried)[3], 2);
    assert_eq!(
        brief(&id),
        ["999990 2023 unknown_ticker", "999990 2024 unknown_ticker"]
    );
    assert_eq!(recovered.calls(), 2);
    assert_eq!(counts(&retry(&recovered))[3], 2);
    assert_eq!(recovered.calls(), 2, "an unknown ticker is not asked for");
}

#[test]
fn a_retry_that_is_stopped_leaves_a_done_job_done() {
    let broken = market("", None).serve_raw("90000002", 2023, "{\"status\":\"000\"");
    let test_store = TestStore::new();
    let id = create(
        &test_store.store,
        &settings(&["900010", "900020"], 2023, 2023),
    );
    let (done, _) = run(&test_store.store, &broken, &id);
    assert_eq!((done.status, counts(&done)[3]), (JobStatus::Done, 1));
    for fault in ["s020", "s800", "key010", "html"] {
        let source = market(fault, None);
        let options = RunnerOptions::default();
        let mut runner =
            Runner::open_to_retry(&test_store.store, fetcher(&source), &id, options).unwrap();
        let mut events = Vec::new();
        let job = runner
            .retry_failed(&mut |event| events.push(event))
            .unwrap();
        assert_eq!(job.status, JobStatus::Done, "{fault}");
        assert_eq!(job.stop_reason, None, "{fault}");
        assert_eq!(counts(&job), counts(&done), "{fault}");
        let is_stopped = |event: &Event| matches!(event, Event::Stopped { .. });
        assert_eq!(events.iter().any(is_stopped), fault != "html", "{fault}");
    }
}

#[test]
fn a_retry_that_is_paused_from_elsewhere_leaves_a_done_job_done() {
    let broken = market("", None).serve_raw("90000002", 2023, "{\"status\":\"000\"");
    let test_store = TestStore::new();
    let id = create(
        &test_store.store,
        &settings(&["900010", "900020"], 2023, 2023),
    );
    let (done, _) = run(&test_store.store, &broken, &id);
    let options = RunnerOptions::default();
    let mut runner =
        Runner::open_to_retry(&test_store.store, fetcher(&broken), &id, options).unwrap();
    let paused = dps::prefetch::request_pause(&test_store.store, &id, now());
    assert!(matches!(paused, Err(JobError::Done { .. })), "{paused:?}");
    let job = runner.retry_failed(&mut |_| {}).unwrap();
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(counts(&job), counts(&done));
}

#[test]
fn the_first_failure_stops_a_job_that_is_to_stop() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let stopping = JobSettings {
        on_error: OnError::Stop,
        ..three_in_a_bad_way()
    };
    let id = create(&test_store.store, &stopping);
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::OnError));
    assert_eq!(counts(&job), [0, 0, 0, 1]);
    assert_eq!(
        job.last_error.as_deref(),
        Some("999990 2023: unknown ticker 999990")
    );
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(counts(&job)[3], 2, "it goes on behind the step that failed");
}

#[test]
fn calls_in_a_row_without_a_verdict_pause_the_job_whatever_their_kind_and_no_step_has_failed() {
    for fault in [
        "http401", "http403", "http500", "http503", "html", "empty", "badjson", "s021", "s100",
        "s900", "s999",
    ] {
        let (dart, recovered) = (market(&format!("{fault}@2-"), None), market("", None));
        let test_store = TestStore::new();
        let id = create(&test_store.store, &everything());
        let (job, _) = run(&test_store.store, &dart, &id);
        assert_eq!(job.status, JobStatus::Paused, "{fault}");
        assert_eq!(job.stop_reason, Some(StopReason::SourceDown), "{fault}");
        assert_eq!(counts(&job), [0; 4], "{fault} says nothing of the steps");
        assert!(dart.calls() <= 60, "{fault}: {} calls", dart.calls());
        assert!(failures(&test_store.store, &id).unwrap().is_empty());

        let (job, _) = run(&test_store.store, &recovered, &id);
        assert_eq!(job.status, JobStatus::Done, "{fault}");
        assert_eq!(
            (counts(&job), super::rows(&test_store, &everything())),
            super::undisturbed(),
            "{fault}"
        );
    }
}

#[test]
fn what_was_fetched_before_an_outage_is_kept_also_by_a_job_that_stops_at_its_first_failure() {
    let (dart, test_store) = (market("html@12-", None), TestStore::new());
    let stopping = JobSettings {
        on_error: OnError::Stop,
        ..everything()
    };
    let id = create(&test_store.store, &stopping);
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.stop_reason, Some(StopReason::SourceDown));
    assert_eq!(counts(&job)[3], 0);
    let stored = super::rows(&test_store, &everything());
    assert!(stored.len() >= 10, "{stored:?}");
    assert!(dart.calls() <= 10 + 60, "{} calls", dart.calls());
}

#[test]
fn a_job_in_which_nothing_succeeded_is_paused_and_never_done() {
    let (dart, recovered) = (market("html@2-", None), market("", None));
    let test_store = TestStore::new();
    let id = create(&test_store.store, &settings(&["900010"], 2023, 2024));
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::SourceDown));
    assert_eq!(counts(&job), [0; 4]);
    let (job, _) = run(&test_store.store, &recovered, &id);
    assert_eq!((job.status, counts(&job)[3]), (JobStatus::Done, 0));
}

#[test]
fn one_company_s_broken_answers_fail_its_steps_once_another_s_show_that_the_source_works() {
    let mut broken = market("", None);
    for year in 2015..=2025 {
        broken = broken.serve_raw("90000000", year, "<html>");
    }
    let test_store = TestStore::new();
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store.store, &broken, &id);
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(counts(&job)[3], 13);
}

#[test]
fn connections_that_break_off_in_a_row_pause_the_job_after_a_few_tries_and_no_step_has_failed() {
    // The list of companies is heard.
    let (dart, recovered) = (market("reset@2-", None), market("", None));
    let test_store = TestStore::new();
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::SourceDown));
    assert_eq!(counts(&job), [0; 4], "they say nothing of the steps");
    // Three in a row: eight were in flight, and two may have been tried again by then. And a try
    // after each of four pauses.
    let in_vain = dart.calls();
    assert!((7..=14).contains(&in_vain), "{in_vain} calls in vain");

    let (job, _) = run(&test_store.store, &recovered, &id);
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(
        (counts(&job), super::rows(&test_store, &everything())),
        super::undisturbed()
    );
}

#[test]
fn without_a_network_the_job_pauses_at_once() {
    let (dart, test_store) = (market("reset", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let fetcher = fetcher(&dart);
    let options = RunnerOptions::default();
    let mut runner = Runner::open(&test_store.store, fetcher.clone(), &id, options).unwrap();
    let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(job.stop_reason, Some(StopReason::SourceDown));
    assert_eq!(job.processed_count, 0);
    assert_eq!(dart.server.stats().total, 3);
    let waited = fetcher.clock().now() - now();
    assert!(waited <= chrono::TimeDelta::seconds(5), "{waited}");
}

#[test]
fn without_a_list_of_companies_the_job_pauses_and_no_step_has_failed() {
    let (dart, test_store) = (market("http500", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.stop_reason, Some(StopReason::SourceDown));
    assert_eq!(counts(&job), [0; 4]);
    assert_eq!(dart.calls(), 0);
}

#[test]
fn a_job_cut_off_behind_its_last_step_is_done_when_it_is_run_again() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &three_in_a_bad_way());
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Done);
    let options = RunnerOptions::default();
    // Taken up to ask its failed steps again, and left.
    drop(Runner::open_to_retry(&test_store.store, fetcher(&dart), &id, options).unwrap());
    let left = dps::prefetch::load_job(&test_store.store, &id).unwrap();
    assert_eq!(left.status, JobStatus::Running);
    let (again, _) = run(&test_store.store, &dart, &id);
    assert_eq!(again.status, JobStatus::Done);
    assert_eq!(counts(&again), counts(&job));
}
