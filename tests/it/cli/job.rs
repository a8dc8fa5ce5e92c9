//! Jobs from the command line: ids, states, exit codes, signals.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc;

use super::{dart, dart_with_faults};
use crate::support::dart::{CORP, Dart};
use crate::support::dps::Dps;

const LIST: &str = "900010,900015";

/// A new job of both shares' four years; its id.
fn create(dps: &Dps, more: &[&str]) -> String {
    let args = ["job", "create", "--tickers", LIST, "2021", "2024"];
    let ran = dps.run(args.iter().chain(more).copied()).exits(0);
    ran.stdout.trim_end().to_owned()
}

#[test]
fn create_prints_the_id_alone_and_needs_no_key() {
    let dps = Dps::new();
    let ran = dps
        .run([
            "job",
            "create",
            "--tickers",
            LIST,
            "2021",
            "2024",
            "--name",
            "mine",
        ])
        .exits(0)
        .saying(["2 tickers, 8 steps; at most 4 calls", "dps job run"]);
    let id = ran.stdout.trim_end();
    assert_eq!(id.len(), 36, "{id:?}");
    let list = dps
        .run(["job", "list", "--format", "json"])
        .exits(0)
        .quietly()
        .json();
    assert_eq!(list[0]["job_id"], id);
    assert_eq!(list[0]["status"], "PENDING");
    assert_eq!(list[0]["ticker_count"], 2);
    for text in [id, &id[..4], "mine", "latest"] {
        let shown = dps
            .run(["job", "show", text, "--format", "json"])
            .exits(0)
            .json();
        assert_eq!(shown["job_id"], id, "{text}");
    }
}

#[test]
fn a_job_asks_for_its_tickers_and_years() {
    let dps = Dps::new();
    dps.run(["job", "create", "--tickers", LIST])
        .exits(2)
        .saying(["years"]);
    dps.run(["job", "create", "2015", "2025"])
        .exits(2)
        .saying(["tickers"]);
    dps.run(["job", "create", "900010", "2015", "2025"])
        .exits(2)
        .saying(["--tickers"]);
    dps.run(["job", "create", "--tickers", "5930", "2015", "2025"])
        .exits(2)
        .saying(["005930"]);
    dps.run([
        "job",
        "create",
        "--tickers",
        LIST,
        "2021",
        "2024",
        "--plan",
        "window",
    ])
    .exits(2)
    .saying(["window"]);
}

#[test]
fn a_list_as_excel_saves_it_becomes_a_job_that_runs_to_its_end() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let file = dps.home().join("kr.txt");
    std::fs::write(&file, "\u{feff}종목코드\t종목명\r\n900010\t가상전자\r\n").unwrap();
    let ran = dps
        .run([
            "job",
            "create",
            "--tickers-file",
            "kr.txt",
            "2021",
            "2024",
            "--run",
        ])
        .exits(0)
        .saying(["done: 4 of 4 steps: 3 read, 1 without a report, 0 cached, 0 failed"]);
    assert_eq!(ran.stdout.lines().count(), 1, "the id alone");
    let rows = dps
        .run(["job", "series", "latest", "--format", "json"])
        .exits(0)
        .quietly()
        .json();
    assert_eq!(rows.as_array().unwrap().len(), 4);
    assert_eq!(rows[1]["dps_cash"], 1000);
}

#[test]
fn a_common_and_a_preferred_share_cost_one_call_a_year() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &["--run"]);
    assert_eq!(dart.calls(), 4);
    let job = dps
        .run(["job", "show", &id, "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(job["processed_count"], 8);
    assert_eq!(
        (&job["success_count"], &job["skip_count"]),
        (&6.into(), &2.into())
    );
}

#[test]
fn show_has_the_columns_scripts_depend_on() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &["--run"]);
    let job = dps
        .run(["job", "show", &id, "--format", "json"])
        .exits(0)
        .json();
    let of = |kind: &str| match kind {
        "text" => serde_json::Value::is_string,
        "number" => serde_json::Value::is_number,
        "flag" => serde_json::Value::is_boolean,
        "array" => serde_json::Value::is_array,
        _ => serde_json::Value::is_null,
    };
    let schema = [
        ("job_id", "text"),
        ("created_at", "text"),
        ("updated_at", "text"),
        ("status", "text"),
        ("job_name", "null"),
        ("tickers", "array"),
        ("start_year", "number"),
        ("end_year", "number"),
        ("reprt_code", "text"),
        ("force_refresh", "flag"),
        ("cursor_index", "number"),
        ("processed_count", "number"),
        ("success_count", "number"),
        ("skip_count", "number"),
        ("cached_count", "number"),
        ("fail_count", "number"),
        ("last_error", "null"),
        ("recheck_recent", "number"),
        ("plan", "text"),
        ("on_error", "text"),
        ("dart_calls", "number"),
        ("stop_reason", "null"),
        ("started_at", "text"),
        ("finished_at", "text"),
        ("lease_owner", "null"),
        ("lease_expires_at", "null"),
        ("total_steps", "number"),
        ("progress", "number"),
        ("current_ticker", "null"),
        ("current_year", "null"),
        ("interrupted", "flag"),
    ];
    for (name, kind) in schema {
        assert!(of(kind)(&job[name]), "{name} is {}, not {kind}", job[name]);
    }
    for hidden in ["lease_token", "tickers_json"] {
        assert!(job.get(hidden).is_none(), "{hidden}");
    }
    assert_eq!(job["progress"], 1);
}

#[test]
fn progress_as_json_ends_with_the_job_as_show_gives_it() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    let ran = dps.run(["job", "run", &id, "--progress", "json"]).exits(0);
    let events: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&events[0]["event"], &events[0]["job_id"]),
        (&"started".into(), &id.clone().into())
    );
    let last = events.last().unwrap();
    assert_eq!(last["event"], "finished");
    let shown = dps
        .run(["job", "show", &id, "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(last["job"], shown);
    let steps: u64 = events
        .iter()
        .filter_map(|event| event["steps"].as_u64())
        .sum();
    assert_eq!(steps, 8);
}

#[test]
fn what_fails_is_named_and_mended_by_retry() {
    let good = dart();
    let dps = Dps::asking(&good);
    let bad = dart().babbles(CORP, 2023, "{\"status\":\"000\",\"list\":7}");
    let dps = dps.with("DPS_API_BASE", &bad.server.origin());
    let ran = dps.run([
        "job",
        "create",
        "--tickers",
        "900010,900090,900020",
        "2022",
        "2023",
        "--run",
    ]);
    let ran = ran.exits(3).saying([
        "failed: 900010 2023",
        "unknown ticker 900090",
        "dps job retry",
    ]);
    let id = ran.stdout.trim_end().to_owned();
    let failures = dps
        .run(["job", "show", &id, "--failures", "--format", "json"])
        .exits(0)
        .json();
    let named: Vec<String> = failures
        .as_array()
        .unwrap()
        .iter()
        .map(|f| format!("{} {} {}", f["ticker"], f["fiscal_year"], f["kind"]))
        .collect();
    assert_eq!(
        named,
        [
            "\"900010\" 2023 \"unreadable\"",
            "\"900090\" 2022 \"unknown_ticker\"",
            "\"900090\" 2023 \"unknown_ticker\""
        ]
    );
    let dps = dps.with("DPS_API_BASE", &good.server.origin());
    dps.run(["job", "retry", &id]).exits(3).saying(["2 read"]);
    let failures = dps
        .run(["job", "show", &id, "--failures", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(
        failures.as_array().unwrap().len(),
        2,
        "the unknown ticker stays one"
    );
    dps.run(["job", "run", &id])
        .exits(3)
        .saying(["already done"]);
}

#[test]
fn a_refused_key_fails_the_job_and_the_days_limit_pauses_it() {
    let refusing = dart_with_faults("key010@2-");
    let dps = Dps::asking(&refusing);
    let id = create(&dps, &[]);
    dps.run(["job", "run"])
        .exits(6)
        .saying(["the newest unfinished job", &id, "key_refused"]);
    let limited = dart_with_faults("s020@2-");
    let dps = Dps::asking(&limited);
    create(&dps, &[]);
    dps.run(["job", "run"])
        .exits(5)
        .saying(["daily_quota", "go on with: dps job resume"]);
}

#[test]
fn or_resume_goes_on_with_the_unfinished_job_of_the_same_settings() {
    let dps = Dps::new();
    let id = create(&dps, &["--or-resume"]);
    assert_eq!(create(&dps, &["--or-resume"]), id);
    assert_ne!(create(&dps, &["--or-resume", "--on-error", "stop"]), id);
    assert_ne!(create(&dps, &[]), id);
}

#[test]
fn pause_cancel_restart_and_rm_say_what_they_did() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    for _twice in 0..2 {
        dps.run(["job", "pause", &id])
            .exits(0)
            .printing_nothing()
            .saying(["paused at 0 of 8"]);
    }
    dps.run(["job", "cancel", &id])
        .exits(0)
        .saying(["cancelled at 0 of 8", "resume"]);
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
        .saying(["already done, nothing was changed"]);
    dps.run(["job", "run", &new])
        .exits(0)
        .saying(["already done"]);
    dps.run(["job", "rm", &new]).exits(0);
    dps.run(["job", "show", &new])
        .exits(1)
        .saying(["no such job", "dps job list"]);
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
        .saying(["another process", "dps job pause or cancel"]);
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
    assert!(asked.elapsed().as_millis() < 1_500, "{:?}", asked.elapsed());
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
        assert!(
            asked.elapsed().as_millis() < 1_500,
            "{signal}: {:?}",
            asked.elapsed()
        );
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
fn events_name_tickers_and_importing_them_twice_changes_nothing() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let csv = "계좌,종목코드,지급일,배당금\n1,900010,2025-04-18,\"1,444\"\n1,900015,2025-04-18,1\n";
    std::fs::write(dps.home().join("held.csv"), csv).unwrap();
    dps.run(["events", "import", "held.csv"])
        .exits(0)
        .saying(["2 events read, 2 new"]);
    dps.run(["events", "import", "held.csv"])
        .exits(0)
        .saying(["2 events read, 0 new"]);
    let listed = dps
        .run(["events", "list", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(
        (&listed[0]["ticker"], &listed[0]["amount"]),
        (&"900010".into(), &1444.into())
    );
    let ran = dps
        .run(["job", "create", "--from-events", "2022", "2023"])
        .exits(0);
    assert!(ran.stderr.contains("2 tickers"), "{}", ran.stderr);
    dps.run(["events", "clear"])
        .exits(0)
        .saying(["2 events removed"]);
    dps.run(["job", "create", "--from-events", "2022", "2023"])
        .exits(2)
        .saying(["no events"]);
}

#[test]
fn quota_counts_the_days_calls() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    create(&dps, &["--run"]);
    dps.run(["series", "900020", "2024", "2024"]).exits(0);
    dps.run(["ticker", "sync"]).exits(0);
    let quota = dps
        .run(["quota", "--format", "json"])
        .exits(0)
        .quietly()
        .json();
    assert_eq!(quota["used"].as_u64().unwrap(), dart.server.stats().total);
    assert_eq!(quota["limit"], 20_000);
    assert!(
        quota["resets_at"]
            .as_str()
            .unwrap()
            .ends_with("15:00:00.000Z")
    );
}

/// A market whose third question is never answered, and word of it.
fn hanging() -> (Dart, mpsc::Receiver<()>) {
    let (tell, hanging) = mpsc::channel();
    let dart = super::dart_with(
        "hang@3-",
        Some(std::sync::Arc::new(
            move |nth, _: &dps::sandbox::Question| {
                if nth == 3 {
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
