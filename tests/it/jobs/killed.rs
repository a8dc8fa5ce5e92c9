//! A process that is killed while it runs a job: another goes on where the commits ended.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use dps::domain::OriginKind;
use dps::prefetch::{JobId, JobStatus, Runner, RunnerOptions, is_interrupted, load_job};
use dps::store::Store;

use super::{AtRequest, counts, create, everything, market, rows, run, undisturbed};
use crate::support::dart::{TestStore, fetcher_to, now};

const DATABASE: &str = "DPS_TEST_JOB_DATABASE";
const ORIGIN: &str = "DPS_TEST_JOB_ORIGIN";
const JOB: &str = "DPS_TEST_JOB_ID";

/// This test binary again, to run a job in a process of its own.
fn in_a_process(test_store: &TestStore, origin: &str, id: &JobId) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "jobs::killed::runs_a_job_for_another_test"])
        .arg("--ignored")
        .env(DATABASE, &test_store.path)
        .env(ORIGIN, origin)
        .env(JOB, id.as_str())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "run in a process of its own by the test below"]
fn runs_a_job_for_another_test() {
    let Some(database) = std::env::var_os(DATABASE) else {
        return;
    };
    let store = Store::open(database.as_ref(), OriginKind::Loopback).unwrap();
    let fetcher = Arc::new(fetcher_to(&std::env::var(ORIGIN).unwrap()));
    let id = std::env::var(JOB).unwrap().parse().unwrap();
    let mut runner = Runner::open(&store, fetcher, &id, RunnerOptions::default()).unwrap();
    runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
}

#[test]
fn killed_at_any_request_a_job_comes_to_what_an_undisturbed_one_does() {
    let expected = undisturbed();
    // The first question is about the list of companies, the last of 66 comes when most is done.
    for nth in [1, 2, 3, 8, 13, 21, 34, 47, 60, 66] {
        let child: Arc<Mutex<Option<Child>>> = Arc::default();
        let at = AtRequest::default();
        let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
        let victim = Arc::clone(&child);
        at.do_this(move |request| {
            if request == nth {
                let mut victim = victim.lock().unwrap();
                let victim = victim.as_mut().unwrap();
                victim.kill().unwrap();
                victim.wait().unwrap();
            }
        });
        let id = create(&test_store.store, &everything());
        {
            // Held until the child is in its place: its first question may be the fatal one.
            let mut child = child.lock().unwrap();
            *child = Some(in_a_process(&test_store, &dart.server.origin(), &id));
        }
        // The hook has it while it kills; killed, it has been waited for.
        let status = loop {
            let mut child = child.lock().unwrap();
            if let Some(status) = child.as_mut().unwrap().try_wait().unwrap() {
                break status;
            }
            drop(child);
            std::thread::yield_now();
        };
        assert!(!status.success(), "killed at {nth}");
        let left = load_job(&test_store.store, &id).unwrap();
        assert_eq!(left.status, JobStatus::Running);
        assert!(is_interrupted(&test_store.store, &left, now()));
        counts(&left);

        let (job, _) = run(&test_store.store, &dart, &id);
        assert_eq!(job.status, JobStatus::Done);
        assert_eq!((counts(&job), rows(&test_store, &everything())), expected);
        let again: u64 = dart
            .server
            .stats()
            .answers
            .values()
            .map(|times| times.asked - 1)
            .sum();
        assert!(again <= 8, "{again} asked again after a kill at {nth}");
    }
}
