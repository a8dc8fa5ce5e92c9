//! Jobs from the command line: ids, counts, exit codes.

use super::{dart, dart_with_faults};
use crate::support::dart::CORP;
use crate::support::dps::Dps;

pub(super) const LIST: &str = "900010,900015";

/// A new job of both shares' four years; its id.
pub(super) fn create(dps: &Dps, more: &[&str]) -> String {
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
        .stderr_contains([
            "2 tickers, 8 steps\n",
            "* plan own: at most 4 calls, no limit a minute, 1% of a day's 20000\n",
            "  plan window: 2 calls",
            "dps job run",
        ]);
    let id = ran.stdout.trim_end();
    assert_eq!(id.len(), 36, "{id:?}");
    let list = dps
        .run(["job", "list", "--format", "json"])
        .exits(0)
        .no_stderr()
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
        .stderr_contains(["years"]);
    dps.run(["job", "create", "2015", "2025"])
        .exits(2)
        .stderr_contains(["tickers"]);
    dps.run(["job", "create", "900010", "2015", "2025"])
        .exits(2)
        .stderr_contains(["--tickers"]);
    dps.run(["job", "create", "--tickers", "5930", "2015", "2025"])
        .exits(2)
        .stderr_contains(["005930"]);
    dps.run([
        "job",
        "create",
        "--tickers",
        LIST,
        "2021",
        "2024",
        "--plan",
        "window",
        "--report",
        "half",
    ])
    .exits(2)
    .stderr_contains(["window reads annual reports alone", "leave out --plan"]);
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
        .stderr_contains(["done: 4 of 4 steps: 3 read, 1 without a report, 0 cached, 0 failed"]);
    assert_eq!(ran.stdout.lines().count(), 1, "the id alone");
    let rows = dps
        .run(["job", "series", "latest", "--format", "json"])
        .exits(0)
        .no_stderr()
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
fn create_and_run_with_json_events_writes_nothing_else() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let args = ["job", "create", "--tickers", LIST, "2021", "2024"];
    let json = ["--run", "--progress", "json"];
    let ran = dps.run(args.into_iter().chain(json)).exits(0);
    let events: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["event"], "started");
    assert_eq!(events[0]["job_id"].as_str().unwrap().len(), 36);
}

#[test]
fn what_fails_is_named_and_mended_by_retry() {
    let good = dart();
    let dps = Dps::asking(&good);
    let bad = dart().serve_raw(CORP, 2023, "{\"status\":\"000\",\"list\":7}");
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
    let ran = ran.exits(3).stderr_contains([
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
    dps.run(["job", "retry", &id])
        .exits(3)
        .stderr_contains(["3 failed steps again: 1 recovered, 2 still failed"]);
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
        .stderr_contains(["already done"]);
}

#[test]
fn a_refused_key_fails_the_job_and_the_days_limit_pauses_it() {
    let refusing = dart_with_faults("key010@2-");
    let dps = Dps::asking(&refusing);
    let id = create(&dps, &[]);
    dps.run(["job", "run"]).exits(6).stderr_contains([
        "the newest unfinished job",
        &id,
        "key_refused",
    ]);
    let limited = dart_with_faults("s020@2-");
    let dps = Dps::asking(&limited);
    create(&dps, &[]);
    dps.run(["job", "run"])
        .exits(5)
        .stderr_contains(["daily_quota", "go on with: dps job resume"]);
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
fn a_retry_that_mends_everything_exits_0_whatever_stopped_the_job_before() {
    let good = dart();
    let bad = dart().serve_raw(CORP, 2023, "{\"status\":\"000\",\"list\":7}");
    let dps = Dps::asking(&bad);
    let id = create(&dps, &["--on-error", "stop"]);
    dps.run(["job", "run", &id])
        .exits(5)
        .stderr_contains(["paused (on_error)"]);
    let dps = dps.with("DPS_API_BASE", &good.server.origin());
    dps.run(["job", "retry", &id])
        .exits(0)
        .stderr_contains(["1 failed steps again: 1 recovered, 0 still failed"]);
    let job = dps
        .run(["job", "show", &id, "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(job["last_error"], serde_json::Value::Null);
}

#[test]
fn series_of_a_job_names_what_is_missing() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &[]);
    dps.run(["job", "series", &id]).exits(1).no_stdout();
    dps.run(["series", "900010", "2022", "2022"]).exits(0);
    dps.run(["job", "series", &id, "--format", "csv"])
        .exits(3)
        .stderr_contains(["missing: 900010 2021: not in", "missing: 900015 2021-2024"]);
}

#[test]
fn a_name_is_one_that_can_be_found_again() {
    let dps = Dps::new();
    let args = ["job", "create", "--tickers", LIST, "2021", "2024", "--name"];
    for bad in ["", "  ", "a\u{1b}[31m"] {
        dps.run(args.into_iter().chain([bad]))
            .exits(2)
            .stderr_contains(["cannot be named"]);
    }
    let odd = "12345678-1234-4234-8234-123456789012";
    dps.run(args.into_iter().chain([odd])).exits(0);
    dps.run(["job", "show", odd]).exits(0);
    dps.run(args.into_iter().chain([" x "])).exits(0);
    dps.run(["job", "show", "x"]).exits(0);
}

#[test]
fn a_done_job_still_tells_programs_its_first_and_last_event() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let id = create(&dps, &["--run"]);
    let ran = dps.run(["job", "run", &id, "--progress", "json"]).exits(0);
    let events: Vec<serde_json::Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&events[0]["event"], &events[0]["job_id"]),
        (&"started".into(), &id.into())
    );
    assert_eq!(events.last().unwrap()["event"], "finished");
}

#[test]
fn a_job_all_of_whose_steps_are_cached_runs_without_a_key_and_another_asks_for_one() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let create = |dps: &Dps, last: &str| {
        dps.run(["job", "create", "--tickers", LIST, "2021", last])
            .exits(0);
    };
    create(&dps, "2023");
    dps.run(["job", "run"]).exits(0);
    let dps = dps.without("DART_API_KEY");
    create(&dps, "2023");
    dps.run(["job", "run"])
        .exits(0)
        .stderr_contains(["6 cached", "0 calls"]);
    create(&dps, "2024");
    let ran = dps.run(["job", "run"]).exits(6);
    ran.stderr_contains(["no OpenDART key is set", "--sandbox"]);
    let job = dps.run(["job", "show", "--format", "json"]).json();
    assert_eq!(job["status"], "PENDING", "nothing was begun");
    let quota = dps.run(["quota", "--format", "json"]).json();
    assert!(quota["used"].as_u64().unwrap() > 0, "{quota}");
}
