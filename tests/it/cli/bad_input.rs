//! Each mistake has its own words, its own exit code, and does no harm.

use std::fs;

use super::{dart, dart_with_faults};
use crate::support::dart::{CORP, FakeDart};
use crate::support::dps::Dps;

#[test]
fn an_unknown_ticker_is_named_with_what_may_have_been_meant() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900050", "2024", "2024"])
        .exits(1)
        .no_stdout()
        .stderr_contains(["unknown ticker 900050", "near it: 9000", "hint:", "ETFs"]);
    let ran = dps
        .run(["series", "900050", "900010", "2024", "2024"])
        .exits(3);
    assert!(ran.stdout.contains("132.5"), "the other ticker is shown");
    dps.run([
        "series",
        "900050",
        "900010",
        "2024",
        "2024",
        "--skip-unknown",
    ])
    .exits(0)
    .stderr_contains(["skipped: unknown ticker 900050"]);
}

#[test]
fn malformed_tickers_are_refused_before_anything_is_asked_all_at_once() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "0059300", "KR7005930004", "900010"])
        .exits(2)
        .no_stdout()
        .stderr_contains(["\"0059300\"", "\"KR7005930004\"", "check digit", "hint:"]);
    assert_eq!(dart.server.stats().total, 0);
    assert!(!dps.db().exists() || dps.run(["cache", "stats"]).code == Some(0));
}

#[test]
fn a_lost_leading_zero_names_the_code_it_may_have_been() {
    let dps = Dps::new();
    dps.run(["series", "5930"])
        .exits(2)
        .stderr_contains(["\"5930\"", "005930"]);
    let file = dps.home().join("kr.csv");
    fs::write(&file, "code,name\n5930,Samsung\n660,SK\n").unwrap();
    dps.run(["series", "--tickers-file", "kr.csv"])
        .exits(2)
        .stderr_contains(["line 2", "005930", "line 3", "000660"]);
}

#[test]
fn years_that_cannot_be_asked_for_are_refused() {
    let dps = Dps::new();
    let says = |years: [&str; 2], word: &str| {
        dps.run(["series", "005930", years[0], years[1]])
            .exits(2)
            .no_stdout()
            .stderr_contains([word]);
    };
    says(["2012", "2024"], "2013");
    says(["2024", "2099"], "2099 has not begun");
    says(["2024", "2020"], "backwards");
    dps.run(["series", "005930", "2024"])
        .exits(2)
        .stderr_contains(["years come in two"]);
    dps.run(["series", "005930", "--from", "20x4"])
        .exits(2)
        .stderr_contains(["\"20x4\""]);
    dps.run(["series", "005930", "2020", "2024", "--to", "2022"])
        .exits(2)
        .stderr_contains(["twice"]);
}

#[test]
fn without_a_key_the_first_minute_is_explained() {
    Dps::new()
        .run(["series", "005930", "2020", "2024"])
        .exits(6)
        .no_stdout()
        .stderr_contains([
            "no OpenDART key is set",
            "https://opendart.fss.or.kr",
            "DART_API_KEY=",
            "dps series 005930 2020 2024 --sandbox",
        ]);
}

#[test]
fn a_key_that_cannot_be_one_is_not_repeated() {
    let dart = dart();
    let ran = Dps::asking(&dart)
        .with("DART_API_KEY", "too-short-secret")
        .run(["ticker", "sync"]);
    let ran = ran.exits(6);
    assert!(!ran.stderr.contains("too-short-secret"), "{}", ran.stderr);
}

#[test]
fn a_refused_key_stops_at_once() {
    let dart = dart_with_faults("key010@1-99");
    Dps::asking(&dart)
        .run(["ticker", "sync"])
        .exits(6)
        .stderr_contains(["010", "hint:"]);
    assert_eq!(dart.server.stats().total, 1);
}

#[test]
fn the_days_limit_says_when_it_ends() {
    let dart = dart_with_faults("s020@2-99");
    Dps::asking(&dart)
        .run(["series", "900010", "2015", "2025"])
        .exits(5)
        .stderr_contains(["limit", "00:00 in Korea", "missing: 900010 2015"]);
    assert!(dart.calls() <= 8, "those in flight: {}", dart.calls());
}

#[test]
fn without_a_network_what_is_cached_is_still_shown() {
    let dps = Dps::new().with("DART_API_KEY", crate::support::dps::KEY);
    dps.run(["series", "005930", "2024", "2024"])
        .exits(5)
        .stderr_contains(["hint:", "--offline"]);
}

#[test]
fn a_web_page_in_place_of_an_answer_is_not_stored() {
    let dart = dart().serve_raw(CORP, 2024, "<html><body>점검 중</body></html>");
    let dps = Dps::asking(&dart);
    let ran = dps
        .run(["series", "900010", "2023", "2024"])
        .exits(3)
        .stderr_contains(["missing: 900010 2024"]);
    assert!(ran.stdout.contains("2023"));
    assert!(!ran.stdout.contains("2024 |"));
}

#[test]
fn half_an_answer_is_not_stored() {
    let dart = dart().serve_raw(
        CORP,
        2024,
        "{\"status\":\"000\",\"list\":[{\"se\":\"주당 현금",
    );
    Dps::asking(&dart)
        .run(["series", "900010", "2024", "2024"])
        .exits(5)
        .no_stdout();
}

#[test]
fn an_answer_of_fifty_megabytes_is_refused() {
    let dart = dart_with_faults("huge@2");
    Dps::asking(&dart)
        .run(["series", "900010", "2024", "2024"])
        .exits(1)
        .no_stdout()
        .stderr_contains(["missing: 900010 2024", "bytes"]);
}

#[test]
fn a_company_list_that_is_no_zip_changes_nothing() {
    let good = dart();
    let dps = Dps::asking(&good);
    dps.run(["ticker", "sync"]).exits(0);
    let bad = FakeDart::new().with_company_file(b"this is not a zip");
    let dps = dps.with("DPS_API_BASE", &bad.server.origin());
    dps.run(["ticker", "sync"])
        .exits(1)
        .stderr_contains(["ZIP"]);
    dps.run(["ticker", "show", "900010"]).exits(0);
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let dps = Dps::new();
    fs::write(
        dps.db(),
        "my thesis, and only copy of it, padded to a page".repeat(100),
    )
    .unwrap();
    let before = fs::read(dps.db()).unwrap();
    dps.run(["cache", "stats"])
        .exits(1)
        .stderr_contains(["is not a database", "hint:"]);
    dps.run(["series", "005930", "2024", "2024"])
        .exits(1)
        .stderr_contains(["is not a database"]);
    assert_eq!(fs::read(dps.db()).unwrap(), before);
}

#[test]
fn a_read_only_database_says_so() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2024", "2024"]).exits(0);
    let mut permissions = fs::metadata(dps.db()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(dps.db(), permissions).unwrap();
    dps.run(["series", "900010", "2022", "2022"])
        .exits(1)
        .stderr_contains(["read-only", "hint:"]);
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2024", "2024"]).exits(0);
    let database = rusqlite::Connection::open(dps.db()).unwrap();
    database.pragma_update(None, "user_version", 9999).unwrap();
    drop(database);
    dps.run(["series", "900010", "2024", "2024"])
        .exits(1)
        .stderr_contains(["9999", "newer dps"]);
}

#[test]
fn a_sandbox_database_is_refused_without_the_sandbox() {
    let dps = Dps::new();
    let db = dps.home().join("toy.db").display().to_string();
    dps.run(["series", "005930", "2020", "2024", "--sandbox", "--db", &db])
        .exits(0)
        .stderr_contains(["sandbox: made-up data"]);
    dps.run(["series", "005930", "2020", "2024", "--db", &db])
        .exits(1)
        .stderr_contains(["--sandbox"]);
}

#[test]
fn settings_that_are_none_are_named() {
    let dps = Dps::new().with("DART_API_KEY", crate::support::dps::KEY);
    let says = |name: &str, value: &str, word: &str| {
        let mut command = dps.command(["ticker", "sync"]);
        let output = command.env(name, value).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(name) && said.contains(word), "{said}");
    };
    says("DPS_API_BASE", "http://example.com", "https");
    says("DPS_RATE_PER_MINUTE", "fast", "whole number");
    says("DPS_TIMEOUT_MS", "0", "milliseconds");
    let says_real = dps
        .command(["ticker", "sync"])
        .env("DPS_API_BASE", "https://gateway.invalid")
        .env("DPS_RATE_PER_MINUTE", "1001")
        .output()
        .unwrap();
    assert_eq!(says_real.status.code(), Some(2));
}

#[test]
fn a_code_that_no_share_can_have_is_unknown() {
    let dart = dart();
    Dps::asking(&dart)
        .run(["series", "900011", "2024", "2024"])
        .exits(1)
        .stderr_contains(["unknown"]);
    assert_eq!(dart.calls(), 0);
}

#[test]
fn interim_reports_before_there_were_any_cost_no_call() {
    Dps::new()
        .run(["series", "005930", "2013", "2016", "--report", "half"])
        .exits(2)
        .stderr_contains(["no interim report for 2013"]);
}

#[test]
fn the_way_to_the_sandbox_leaves_the_named_database_out() {
    let ran = Dps::new()
        .run(["--db", "mine.db", "series", "005930", "2024", "2024"])
        .exits(6);
    assert!(
        ran.stderr.contains("dps series 005930 2024 2024 --sandbox"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_key_file_that_cannot_be_read_is_a_missing_key() {
    let missing = Dps::new().with("DART_API_KEY_FILE", "nowhere");
    missing
        .run(["ticker", "sync"])
        .exits(6)
        .stderr_contains(["nowhere", "hint:"]);
    let empty = Dps::new()
        .with("DART_API_KEY_FILE", "")
        .with("DPS_CONFIG", "");
    empty
        .run(["ticker", "sync"])
        .exits(6)
        .stderr_contains(["no OpenDART key is set"]);
}

#[test]
fn a_config_file_that_is_none_names_the_line_and_quotes_nothing() {
    let dps = Dps::new().with("DPS_CONFIG", "config.toml");
    fs::write(
        dps.home().join("config.toml"),
        "timeout_ms = 5\napi_key = \"hunter2\"\n",
    )
    .unwrap();
    let ran = dps
        .run(["cache", "path"])
        .exits(2)
        .stderr_contains(["line 2", "api_key_file"]);
    assert!(!ran.stderr.contains("hunter2"));
}

#[test]
fn a_latency_or_fault_the_sandbox_does_not_know_is_refused_with_those_it_does() {
    let dps = Dps::new();
    for bad in ["fast", "-1", "exp:400", "3600001"] {
        dps.run(["sandbox", &format!("--latency={bad}")])
            .exits(2)
            .no_stdout()
            .stderr_contains([bad, "--latency"]);
    }
    dps.run(["sandbox", "--faults", "rest:2%"])
        .exits(2)
        .no_stdout()
        .stderr_contains(["\"rest\"", "reset", "hint:"]);
}
