//! What stops a job, who may run it, and in which state it is left.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use dps::domain::OriginKind;
use dps::fetch::Interrupt;
use dps::prefetch::{
    Event, JobError, JobSettings, JobStatus, Runner, RunnerOptions, StopReason, is_interrupted,
    load_job, remove_job, request_cancel, request_pause, restart_job, resume_job,
};
use dps::store::Store;

use super::{AtRequest, counts, create, everything, fetcher, market, run, run_with};
use crate::support::dart::{TestStore, now};

/// A second, and room for a machine that does other things too; the call hangs for thirty.
const SOON: Duration = Duration::from_secs(4);

/// A job whose third call hangs; `act` is done once it does. How the job is left, and how long
/// after `act` that is.
fn while_a_call_hangs(
    act: impl Fn(&Store, &dps::prefetch::JobId, &Interrupt) + Send + 'static,
) -> (dps::prefetch::Job, Duration) {
    let (hangs, is_hanging) = mpsc::sync_channel(1);
    let at = AtRequest::default();
    let (dart, test_store) = (market("hang@4", Some(at.hook())), TestStore::new());
    at.do_this(move |request| {
        if request == 12 {
            let _nobody_waits_any_more = hangs.try_send(());
        }
    });
    let id = create(&test_store.store, &everything());
    let path = test_store.path.clone();
    let interrupt = Interrupt::new();
    let options = RunnerOptions {
        interrupt: interrupt.clone(),
        ..RunnerOptions::default()
    };
    let elsewhere = std::thread::spawn(move || {
        is_hanging.recv().unwrap();
        let store = Store::open(&path, OriginKind::Loopback).unwrap();
        let at = Instant::now();
        act(&store, &id, &interrupt);
        at
    });
    let (job, _) = run_with(&test_store.store, &dart, &id, options);
    let took = elsewhere.join().unwrap().elapsed();
    counts(&job);
    (job, took)
}

#[test]
fn a_pause_takes_effect_within_a_second_while_a_call_hangs() {
    let (job, took) = while_a_call_hangs(|store, id, _| {
        request_pause(store, id, now()).unwrap();
    });
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::PauseRequested));
    assert!(took < SOON, "{took:?}");
}

#[test]
fn a_cancellation_takes_effect_within_a_second_while_a_call_hangs() {
    let (job, took) = while_a_call_hangs(|store, id, _| {
        request_cancel(store, id, now()).unwrap();
    });
    assert_eq!(job.status, JobStatus::Cancelled);
    assert_eq!(job.stop_reason, Some(StopReason::CancelRequested));
    assert!(took < SOON, "{took:?}");
}

#[test]
fn an_interrupt_takes_effect_within_a_second_while_a_call_hangs() {
    let (job, took) = while_a_call_hangs(|_, _, interrupt| interrupt.raise());
    assert_eq!(job.status, JobStatus::Cancelled);
    assert_eq!(job.stop_reason, Some(StopReason::Signal));
    assert!(took < SOON, "{took:?}");
}

#[test]
fn while_a_call_hangs_the_run_ticks_so_that_people_can_be_told() {
    let (dart, test_store) = (market("hang@2-", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let interrupt = Interrupt::new();
    let options = RunnerOptions {
        interrupt: interrupt.clone(),
        ..RunnerOptions::default()
    };
    let mut runner = Runner::open(&test_store.store, fetcher(&dart), &id, options).unwrap();
    let job = runner
        .run_job_step(u64::MAX, &mut |event| {
            if event == Event::Tick {
                interrupt.raise();
            }
        })
        .unwrap();
    assert_eq!(job.stop_reason, Some(StopReason::Signal));
}

#[test]
fn of_two_runners_one_is_told_who_has_the_job() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let elsewhere = Store::open(&test_store.path, OriginKind::Loopback).unwrap();
    let open = |store| Runner::open(store, fetcher(&dart), &id, RunnerOptions::default());
    let first = open(&test_store.store).unwrap();
    let Err(JobError::Held {
        owner: Some(owner), ..
    }) = open(&elsewhere)
    else {
        panic!("a second runner got the job");
    };
    assert!(owner.starts_with(&format!("{}@", std::process::id())));
    let job = load_job(&elsewhere, &id).unwrap();
    assert!(!is_interrupted(&elsewhere, &job, now()));
    assert!(matches!(
        remove_job(&elsewhere, &id, now()),
        Err(JobError::Running { .. })
    ));
    drop(first);
    let job = load_job(&elsewhere, &id).unwrap();
    assert!(is_interrupted(&elsewhere, &job, now()));
    assert!(open(&elsewhere).is_ok());
}

#[test]
fn nothing_is_counted_once_the_lease_is_anothers() {
    let at = AtRequest::default();
    let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
    let id = create(&test_store.store, &everything());
    let path = test_store.path.clone();
    at.do_this(move |request| {
        if request == 20 {
            let thief = rusqlite::Connection::open(&path).unwrap();
            thief
                .execute_batch(
                    "UPDATE prefetch_jobs SET lease_token = 'stolen', lease_owner = 'a@b'",
                )
                .unwrap();
        }
    });
    let mut told = 0;
    let mut runner = Runner::open(
        &test_store.store,
        fetcher(&dart),
        &id,
        RunnerOptions::default(),
    )
    .unwrap();
    let ended = runner.run_job_step(u64::MAX, &mut |event| {
        if let Event::StepsDone { steps, .. } = event {
            told += steps;
        }
    });
    assert!(
        matches!(&ended, Err(JobError::Held { owner, .. }) if owner.as_deref() == Some("a@b")),
        "{ended:?}"
    );
    drop(runner);
    let job = load_job(&test_store.store, &id).unwrap();
    assert_eq!(job.processed_count, told);
    assert!(told < job.total_steps());
    assert_eq!(job.lease_owner.as_deref(), Some("a@b"), "the thief's stays");
    counts(&job);
}

#[test]
fn a_lease_of_another_host_is_believed_until_it_runs_out() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let other = rusqlite::Connection::open(&test_store.path).unwrap();
    let lease_until = |time: &str| {
        let sql = format!(
            "UPDATE prefetch_jobs SET status = 'RUNNING', started_at = created_at,
             lease_token = 't', lease_owner = '1@elsewhere', lease_expires_at = '{time}'"
        );
        other.execute_batch(&sql).unwrap();
    };
    let open = || {
        Runner::open(
            &test_store.store,
            fetcher(&dart),
            &id,
            RunnerOptions::default(),
        )
    };
    lease_until("2026-06-01T00:00:30.000Z");
    assert!(matches!(open(), Err(JobError::Held { .. })));
    lease_until("2026-06-01T00:00:00.000Z");
    assert!(open().is_ok());
}

#[test]
fn pause_and_cancel_are_idempotent_and_leave_a_done_job_alone() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let store = &test_store.store;
    let id = create(store, &everything());
    for _ in 0..2 {
        assert_eq!(
            request_pause(store, &id, now()).unwrap().status,
            JobStatus::Paused
        );
    }
    for _ in 0..2 {
        let cancelled = request_cancel(store, &id, now()).unwrap();
        assert_eq!(cancelled.stop_reason, Some(StopReason::CancelRequested));
    }
    assert_eq!(
        request_pause(store, &id, now()).unwrap().status,
        JobStatus::Cancelled
    );
    assert_eq!(
        resume_job(store, &id, now()).unwrap().status,
        JobStatus::Pending
    );
    let (done, _) = run(store, &dart, &id);
    for ended in [
        request_pause(store, &id, now()),
        request_cancel(store, &id, now()),
        resume_job(store, &id, now()),
    ] {
        assert!(matches!(ended, Err(JobError::Done { .. })));
    }
    assert_eq!(load_job(store, &id).unwrap(), done);
    let again = Runner::open(store, fetcher(&dart), &id, RunnerOptions::default());
    assert!(matches!(again, Err(JobError::Done { .. })));
}

#[test]
fn a_restarted_job_is_another_one_with_the_same_settings() {
    let test_store = TestStore::new();
    let id = create(&test_store.store, &everything());
    let new = restart_job(&test_store.store, &id, now()).unwrap();
    assert_eq!(new.status, JobStatus::Pending);
    let old = load_job(&test_store.store, &id).unwrap();
    assert_eq!(old.status, JobStatus::Cancelled);
    assert_eq!(new.settings(), old.settings());
    assert_ne!(new.job_id, old.job_id);
}

#[test]
fn the_day_s_own_limit_is_not_overstepped_and_pauses_the_job() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let limited = JobSettings {
        daily_limit: Some(20),
        ..everything()
    };
    let id = create(&test_store.store, &limited);
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::DailyQuota));
    // The list of companies took one of them.
    assert_eq!((job.dart_calls, dart.calls()), (20, 19));
    let (again, _) = run(&test_store.store, &dart, &id);
    assert_eq!(
        (again.processed_count, dart.calls()),
        (job.processed_count, 19)
    );
}

#[test]
fn who_waits_for_the_next_day_goes_on_after_midnight_in_seoul() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let limited = JobSettings {
        daily_limit: Some(50),
        ..everything()
    };
    let id = create(&test_store.store, &limited);
    let fetcher = fetcher(&dart);
    let options = RunnerOptions {
        waits_for_quota: true,
        ..RunnerOptions::default()
    };
    let mut waited = Vec::new();
    let mut runner = Runner::open(&test_store.store, fetcher.clone(), &id, options).unwrap();
    let job = runner
        .run_job_step(u64::MAX, &mut |event| {
            if let Event::Waiting { until } = event {
                waited.push(until.to_rfc3339());
            }
        })
        .unwrap();
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(waited, ["2026-06-01T15:00:00+00:00"]);
    assert!(
        fetcher.clock().now()
            >= "2026-06-01T15:00:00Z"
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
    );
    assert_eq!(dart.calls(), 66);
}

#[test]
fn opendart_s_own_limit_pauses_and_its_step_has_not_failed() {
    let (dart, test_store) = (market("s020@30-", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.stop_reason, Some(StopReason::DailyQuota));
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(counts(&job)[3], 0);
    assert!(job.processed_count > 0);
}

#[test]
fn a_refused_key_fails_the_job_at_once() {
    let (dart, test_store) = (market("key010@10-", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let (job, events) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Failed);
    assert_eq!(job.stop_reason, Some(StopReason::KeyRefused));
    assert!(job.last_error.unwrap().contains("010"));
    assert!(dart.calls() < 9 + 2 * 8);
    assert!(matches!(events.last(), Some(Event::Stopped { .. })));
}

#[test]
fn maintenance_pauses_the_job() {
    let (dart, test_store) = (market("s800@10-", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Paused);
    assert_eq!(job.stop_reason, Some(StopReason::Maintenance));
    assert_eq!(counts(&job)[3], 0);
}

#[cfg(unix)]
#[test]
fn a_database_that_vanishes_is_noticed_and_no_more_is_asked() {
    let (hold, held) = mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let at = AtRequest::default();
    let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
    let id = create(&test_store.store, &everything());
    let path = test_store.path.clone();
    at.do_this(move |request| {
        if request == 20 {
            std::fs::remove_file(&path).unwrap();
        }
        if request >= 20 {
            // Until the test ends.
            let _released = held.lock().unwrap().recv();
        }
    });
    let mut runner = Runner::open(
        &test_store.store,
        fetcher(&dart),
        &id,
        RunnerOptions::default(),
    )
    .unwrap();
    let ended = runner.run_job_step(u64::MAX, &mut |_| {});
    assert!(
        matches!(ended, Err(JobError::DatabaseGone { .. })),
        "{ended:?}"
    );
    drop(runner);
    drop(hold);
}

#[test]
fn a_write_that_fails_ends_the_run_with_nothing_half_written_and_the_job_can_be_resumed() {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let obstacle = rusqlite::Connection::open(&test_store.path).unwrap();
    obstacle
        .execute_batch(
            "CREATE TRIGGER obstacle BEFORE INSERT ON dividend_dps_cache
             WHEN new.ticker = '900030' BEGIN SELECT RAISE(ABORT, 'no room'); END",
        )
        .unwrap();
    let mut told = 0;
    let mut runner = Runner::open(
        &test_store.store,
        fetcher(&dart),
        &id,
        RunnerOptions::default(),
    )
    .unwrap();
    let ended = runner.run_job_step(u64::MAX, &mut |event| {
        if let Event::StepsDone { steps, .. } = event {
            told += steps;
        }
    });
    assert!(matches!(ended, Err(JobError::Store(_))), "{ended:?}");
    drop(runner);
    let left = load_job(&test_store.store, &id).unwrap();
    assert_eq!(left.processed_count, told);
    assert!(is_interrupted(&test_store.store, &left, now()));
    obstacle.execute_batch("DROP TRIGGER obstacle").unwrap();
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(
        (counts(&job), super::rows(&test_store, &everything())),
        super::undisturbed()
    );
}
