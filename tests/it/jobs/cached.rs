//! What is known already costs no call, and hardly any time.

use chrono::TimeDelta;
use dps::domain::{CorpCode, DividendYear, FiscalYear, ReprtCode, Ticker};
use dps::prefetch::{Event, JobSettings, JobStatus, Runner, RunnerOptions};
use dps::store::NewRow;

use super::{counts, create, everything, fetcher, market, rows, run, settings};
use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, now};

#[test]
fn what_another_job_learnt_is_cached_and_recent_years_are_rechecked() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let first = create(&test_store.store, &everything());
    run(&test_store.store, &dart, &first);
    let calls = dart.calls();
    // What was fetched in the very millisecond a job starts in counts as its own.
    let sql = "UPDATE dividend_dps_cache SET fetched_at = '2026-05-31T00:00:00.000Z'";
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    let id = create(&test_store.store, &everything());
    let (job, events) = run(&test_store.store, &dart, &id);
    assert_eq!(counts(&job), [0, 0, 78, 0]);
    assert_eq!((job.dart_calls, dart.calls()), (0, calls));
    let commits = |events: &[Event]| {
        let is_commit = |event: &&Event| matches!(event, Event::StepsDone { .. });
        events.iter().filter(is_commit).count()
    };
    assert_eq!(commits(&events), 1);
    let rechecking = JobSettings {
        recheck_recent: 2,
        ..everything()
    };
    let id = create(&test_store.store, &rechecking);
    let (job, _) = run(&test_store.store, &dart, &id);
    let [success, skip, cached, fail] = counts(&job);
    assert_eq!((success + skip, cached, fail), (12, 66, 0));
    assert_eq!(dart.calls(), calls + 12);
}

#[test]
fn an_outdated_row_is_read_anew_from_its_answer_and_asked_for_where_that_is_gone() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let of_two_years = settings(&["900010"], 2021, 2022);
    let first = create(&test_store.store, &of_two_years);
    run(&test_store.store, &dart, &first);
    let expected = rows(&test_store, &of_two_years);
    let calls = dart.calls();
    let sql = "UPDATE dividend_dps_cache
                  SET fetched_at = '2026-05-31T00:00:00.000Z', parser_version = 0,
                      outcome = 'PAID', dps_cash = 999;
               UPDATE dividend_dps_cache SET raw_payload = NULL WHERE fiscal_year = 2022";
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    let again = create(&test_store.store, &of_two_years);
    let (job, _) = run(&test_store.store, &dart, &again);
    assert_eq!(counts(&job), [1, 0, 1, 0]);
    assert_eq!(dart.calls(), calls + 1);
    assert_eq!(rows(&test_store, &of_two_years), expected);
}

#[test]
fn a_sibling_s_stored_answer_is_used_before_a_call() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let common = create(&test_store.store, &settings(&["900010"], 2020, 2025));
    run(&test_store.store, &dart, &common);
    let calls = dart.calls();
    let preferred = create(&test_store.store, &settings(&["900015"], 2020, 2025));
    let (job, _) = run(&test_store.store, &dart, &preferred);
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(dart.calls(), calls);
}

#[test]
fn a_whole_market_that_is_cached_is_passed_over_in_a_few_transactions() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let tickers: Vec<Ticker> = (0..2_600)
        .map(|n| format!("{:05}0", n + 10).parse().unwrap())
        .collect();
    let (first, last) = (
        FiscalYear::new(2015).unwrap(),
        FiscalYear::new(2025).unwrap(),
    );
    let before = now() - TimeDelta::days(1);
    let rows: Vec<NewRow> = tickers
        .iter()
        .enumerate()
        .flat_map(|(n, ticker)| {
            let corp_code: CorpCode = format!("{n:08}").parse().unwrap();
            first.through(last).map(move |year| NewRow {
                year: DividendYear::no_report(*ticker, corp_code, year, ReprtCode::Annual, year),
                payload: None,
                parser_version: 1,
                fetched_at: before,
                expires_at: None,
            })
        })
        .collect();
    test_store.store.save(&rows, before).unwrap();
    let whole = JobSettings {
        tickers,
        ..settings(&["005930"], 2015, 2025)
    };
    let id = create(&test_store.store, &whole);
    let (job, events) = run(&test_store.store, &dart, &id);
    assert_eq!(counts(&job), [0, 0, 28_600, 0]);
    assert_eq!((job.dart_calls, dart.server.stats().total), (0, 0));
    let commits = events
        .iter()
        .filter(|event| matches!(event, Event::StepsDone { .. }))
        .count();
    assert!(commits <= 8, "{commits} commits");
}

#[test]
fn an_interrupt_ends_a_run_whose_steps_need_no_call() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let tickers: Vec<Ticker> = (0..500)
        .map(|n| format!("{:05}0", n + 10).parse().unwrap())
        .collect();
    let unknown = JobSettings {
        tickers,
        ..settings(&["005930"], 2015, 2025)
    };
    let id = create(&test_store.store, &unknown);
    let options = RunnerOptions::default();
    let interrupt = options.interrupt.clone();
    let mut runner = Runner::open(&test_store.store, fetcher(&dart), &id, options).unwrap();
    // As the command does: a thousand steps at a time.
    let mut job = runner.run_job_step(1_000, &mut |_| {}).unwrap();
    while job.status == JobStatus::Running {
        interrupt.raise();
        job = runner.run_job_step(1_000, &mut |_| {}).unwrap();
    }
    assert_eq!(job.status, JobStatus::Cancelled);
    assert!(job.processed_count < job.total_steps());
}

#[test]
fn half_a_year_that_was_read_before_its_report_was_due_is_asked_again() {
    let of_2025 = |dps: &str| {
        Answer::of(CORP)
            .filing("20250930000001", "2025-06-30")
            .dps("보통주", [dps, "-", "-"])
    };
    let early = FakeDart::new().with_report(2025, ReprtCode::Annual, &of_2025("30"));
    let mut test_store = TestStore::new();
    let autumn = "2025-10-01T00:00:00Z".parse().unwrap();
    test_store.look_up(&early, "900010", &annual(2025, 2025), autumn);
    let dart = FakeDart::new()
        .with_companies(&[(CORP, "가상리츠", "Madeup REIT", "900010")])
        .with_report(2025, ReprtCode::Annual, &of_2025("70"));
    let of_one = settings(&["900010"], 2025, 2025);
    let id = create(&test_store.store, &of_one);
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!((counts(&job), dart.calls()), ([1, 0, 0, 0], 1));
    let said = rows(&test_store, &of_one);
    assert_eq!(said, ["900010 2025 PAID Some(Won(70)) 2025"]);
}
