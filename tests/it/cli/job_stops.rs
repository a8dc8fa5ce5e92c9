//! What stops a running job, and in which state it is left.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc;

use std::time::Duration;

use super::dart;
use super::job::create;
use crate::support::dart::FakeDart;
use crate::support::dps::Dps;

/// A second, and room for a machine that does other things too; the call hangs for thirty.
const SOON: Duration = Duration::from_secs(4);

#[test]
fn pause_cancel_restart_and_rm_say_what_they_did() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    for _twice in 0..2 {
        dps.run(["job", "pause", &id])
            .exits(0)
            .no_stdout()
            .stderr_contains(["paused at 0 of 8"]);
    }
    dps.run(["job", "cancel", &id])
        .exits(0)
        .stderr_contains(["cancelled at 0 of 8", "resume"]);
    dps.run(["job", "pause", &id])
        .exits(0)
        .stderr_contains(["already cancelled, nothing was changed"]);
    let new = dps
        .run(["job", "restart", &id])
        .exits(0)
        .stdout
        .trim_end()
        .to_owned();
    assert_ne!(new, id);
    dps.run(["job", "resume", &new]).exits(0);
    dps.run(["job", "cancel", &new])
        .exits(0)
        .stderr_contains(["already done, nothing was changed"]);
    dps.run(["job", "run", &new])
        .exits(0)
        .stderr_contains(["already done"]);
    dps.run(["job", "rm", &new]).exits(0);
    dps.run(["job", "show", &new])
        .exits(1)
        .stderr_contains(["no such job", "dps job list"]);
    dps.run(["series", "900010", "2022", "2024", "--offline"])
        .exits(0);
}

#[test]
fn a_second_runner_is_told_who_holds_the_job() {
    let (dart, hanging) = hanging();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    let mut first = spawn(&dps, &["job", "run", &id]);
    hanging.recv().unwrap();
    dps.run(["job", "run", &id])
        .exits(7)
        .stderr_contains(["another process", "dps job pause or cancel"]);
    let list = dps
        .run(["job", "list", "--status", "RUNNING", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(list[0]["interrupted"], false);
    first.kill().unwrap();
    first.wait().unwrap();
    let list = dps.run(["job", "list", "--format", "json"]).exits(0).json();
    assert_eq!(
        (&list[0]["status"], &list[0]["interrupted"]),
        (&"RUNNING".into(), &true.into())
    );
    let table = dps.run(["job", "list"]).exits(0).stdout;
    assert!(table.contains("interrupted"), "{table}");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_database_is_the_same_database() {
    let (dart, hanging) = hanging();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    let link = dps.home().join("link.db");
    std::os::unix::fs::symlink(dps.db(), &link).unwrap();
    let mut first = spawn(&dps, &["job", "run", &id]);
    hanging.recv().unwrap();
    let link = link.display().to_string();
    dps.run(["--db", &link, "job", "run", &id]).exits(7);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_reader_of_json_that_has_gone_away_does_not_turn_a_stop_into_success() {
    let (dart, hanging) = hanging();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    let mut child = spawn(&dps, &["job", "run", &id, "--progress", "json"]);
    hanging.recv().unwrap();
    drop(child.stdout.take());
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn pause_from_another_process_ends_a_run_while_a_call_hangs() {
    let (dart, hanging) = hanging();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    let child = spawn(&dps, &["job", "run", &id]);
    hanging.recv().unwrap();
    let asked = std::time::Instant::now();
    dps.run(["job", "pause", &id]).exits(0);
    let (code, said) = end_of(child);
    assert_eq!(code, Some(4), "{said}");
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert!(
        said.contains("paused (pause_requested)") && said.contains("dps job resume"),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_cancels_the_job_keeps_what_was_learnt_and_says_how_to_go_on() {
    for signal in ["INT", "TERM", "HUP"] {
        let (dart, hanging) = hanging();
        let dps = Dps::asking(&dart);
        let id = create(&dps, &[]);
        let child = spawn(&dps, &["job", "run", &id]);
        hanging.recv().unwrap();
        let asked = std::time::Instant::now();
        send(signal, &child);
        let (code, said) = end_of(child);
        assert_eq!(code, Some(130), "{signal}: {said}");
        assert!(asked.elapsed() < SOON, "{signal}: {:?}", asked.elapsed());
        assert!(
            said.contains("cancelled (signal)") && said.contains("dps job resume"),
            "{said}"
        );
        let job = dps
            .run(["job", "show", &id, "--format", "json"])
            .exits(0)
            .json();
        assert_eq!(
            (&job["status"], &job["stop_reason"]),
            (&"CANCELLED".into(), &"signal".into())
        );
    }
}

#[cfg(unix)]
#[test]
fn under_nohup_a_closed_terminal_changes_nothing() {
    let (dart, hanging) = hanging();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    let inner = dps.command(["job", "run", &id]);
    let mut outer = std::process::Command::new("nohup");
    outer.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.current_dir(dps.home()).stdin(Stdio::null());
    let mut child = outer
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    hanging.recv().unwrap();
    send("HUP", &child);
    // A pause is what ends it, which a process that the hang-up had ended could not show.
    dps.run(["job", "pause", &id]).exits(0);
    assert_eq!(child.wait().unwrap().code(), Some(4));
}

#[test]
fn processes_that_race_for_a_job_never_leave_a_wrong_state() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["ticker", "sync"]).exits(0);
    for _round in 0..3 {
        let id = create(&dps, &["--refresh"]);
        let children: Vec<Child> = ["run", "pause", "resume", "cancel", "run", "pause", "resume"]
            .into_iter()
            .cycle()
            .take(14)
            .map(|verb| spawn(&dps, &["job", verb, &id]))
            .collect();
        for child in children {
            let (code, said) = end_of(child);
            // Done, stopped from elsewhere, or held by another; nothing else.
            assert!(matches!(code, Some(0 | 4 | 7)), "{code:?}: {said}");
        }
        dps.run(["job", "run", &id]).exits(0);
        let job = dps
            .run(["job", "show", &id, "--format", "json"])
            .exits(0)
            .json();
        let count = |name: &str| job[name].as_u64().unwrap();
        assert_eq!(job["status"], "DONE");
        assert_eq!(count("processed_count"), 8);
        let all = ["success_count", "skip_count", "cached_count", "fail_count"];
        assert_eq!(all.into_iter().map(count).sum::<u64>(), 8);
    }
    let rows = dps
        .run([
            "series",
            "900010",
            "2021",
            "2024",
            "--offline",
            "--format",
            "json",
        ])
        .exits(0)
        .json();
    assert_eq!(rows[1]["dps_cash"], 1000);
}

/// A market whose third question is never answered, and word of it.
fn hanging() -> (FakeDart, mpsc::Receiver<()>) {
    let (tell, hanging) = mpsc::channel();
    let dart = super::dart_with(
        "hang@3-",
        Some(std::sync::Arc::new(
            move |event: &dps::sandbox::Event<'_>| {
                if matches!(event, dps::sandbox::Event::Asked { nth: 3, .. }) {
                    tell.send(()).unwrap_or_default();
                }
            },
        )),
    );
    (dart, hanging)
}

fn spawn(dps: &Dps, args: &[&str]) -> Child {
    let mut command = dps.command(args.iter().copied());
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The exit code, and all that was said on stderr.
fn end_of(mut child: Child) -> (Option<i32>, String) {
    let mut said = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    while stderr.read_line(&mut said).unwrap() > 0 {}
    let mut printed = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    (child.wait().unwrap().code(), said)
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    let sent = std::process::Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}
