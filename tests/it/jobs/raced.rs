//! Pauses, cancellations and resumptions from everywhere while the job is run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dps::domain::OriginKind;
use dps::prefetch::{
    JobError, JobId, JobStatus, Runner, RunnerOptions, load_job, request_cancel, request_pause,
    resume_job,
};
use dps::store::Store;

use super::{counts, create, everything, fetcher, market, rows, undisturbed};
use crate::support::dart::{FakeDart, TestStore, now};

/// Opens the job again and again until it is DONE; a few steps each time.
fn run_until_done(path: &std::path::Path, dart: &FakeDart, id: &JobId) {
    let store = Store::open(path, OriginKind::Loopback).unwrap();
    loop {
        let opened = Runner::open(&store, fetcher(dart), id, RunnerOptions::default());
        let ended = opened.and_then(|mut runner| runner.run_job_step(5, &mut |_| {}));
        match ended {
            Ok(job) => drop(counts(&job)),
            Err(JobError::Held { .. }) => thread::yield_now(),
            Err(JobError::Done { .. }) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn pause_cancel_and_resume_from_everywhere_never_leave_a_wrong_state() {
    let expected = undisturbed();
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for act in [request_pause, request_cancel, resume_job] {
            let (path, is_over) = (&test_store.path, &is_over);
            scope.spawn(move || {
                let store = Store::open(path, OriginKind::Loopback).unwrap();
                while !is_over.load(Ordering::SeqCst) {
                    match act(&store, &id, now()) {
                        Ok(job) => drop(counts(&job)),
                        Err(JobError::Done { .. }) => return,
                        Err(error) => panic!("{error}"),
                    }
                    thread::yield_now();
                }
            });
        }
        let runners: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| run_until_done(&test_store.path, &dart, &id)))
            .collect();
        for runner in runners {
            let ended = runner.join();
            is_over.store(true, Ordering::SeqCst);
            ended.unwrap();
        }
    });
    let job = load_job(&test_store.store, &id).unwrap();
    assert_eq!(
        (job.status, job.lease_owner.clone()),
        (JobStatus::Done, None)
    );
    assert_eq!((counts(&job), rows(&test_store, &everything())), expected);
}
