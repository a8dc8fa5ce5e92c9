//! `dps series --history`: what was stated before something took its place.

use dps::domain::ReprtCode;
use serde_json::Value;

use super::dart;
use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart};
use crate::support::dps::Dps;

const CORRECTION: &str = "20250814003144";

/// A program whose 2023 and 2024 were read, then the correction of 2024, then, under the same
/// filing, another figure; and OpenDART gone.
fn corrected_twice() -> Dps {
    let first = dart();
    let dps = Dps::asking(&first);
    dps.run(["series", "900010", "2023", "2024"]).exits(0);
    let read = |dps: Dps, amount| {
        let answer = Answer::of(CORP)
            .filing(CORRECTION, "2024-12-31")
            .row("주당액면가액(원)", "-", ["500", "500", "500"])
            .dps("보통주", [amount, "-", "-"]);
        let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &answer);
        let dps = dps.with("DPS_API_BASE", &dart.server.origin());
        dps.run(["series", "900010", "2024", "2024", "--refresh"])
            .exits(0);
        dps
    };
    ["250", "260"].into_iter().fold(dps, read)
}

fn brief(rows: &Value) -> Vec<String> {
    let line = |row: &Value| {
        format!(
            "{} {} {} -> {}",
            row["fiscal_year"],
            row["dps_cash"],
            row["rcept_no"].as_str().unwrap(),
            row["replaced_by_rcept_no"].as_str().unwrap_or("stands"),
        )
    };
    rows.as_array().unwrap().iter().map(line).collect()
}

#[test]
fn earlier_values_stand_beside_the_current_one_with_their_filings_and_times() {
    let dps = corrected_twice();
    let ran = dps
        .run(["series", "900010", "2023", "2024", "--history"])
        .exits(0)
        .no_stderr();
    let cells: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(
        cells[0],
        [
            "Ticker",
            "Company",
            "Year",
            "DPS (won)",
            "Outcome",
            "Par (won)",
            "Filing (rcept_no)",
            "Report of",
            "Fetched",
            "Replaced",
            "Replaced by"
        ]
    );
    let told: Vec<String> = cells[2..]
        .iter()
        .map(|row| format!("{} {} {} -> {}", row[2], row[3], row[6], row[10]))
        .collect();
    assert_eq!(
        told,
        [
            format!("2024 132.5 20250331000001 -> {CORRECTION}"),
            format!("2024 250 {CORRECTION} -> {CORRECTION}, read anew"),
            format!("2024 260 {CORRECTION} -> "),
        ],
        "2023 was never replaced"
    );
    assert_eq!(cells[4][9], "stands");
}

#[test]
fn json_has_the_columns_of_the_history_and_the_way_to_each_filing() {
    let dps = corrected_twice();
    let ran = dps
        .run([
            "series",
            "900010",
            "2023",
            "2024",
            "--history",
            "--format",
            "json",
        ])
        .exits(0)
        .no_stderr();
    let rows = ran.json();
    assert_eq!(
        brief(&rows),
        [
            format!("2024 132.5 20250331000001 -> {CORRECTION}"),
            format!("2024 250 {CORRECTION} -> {CORRECTION}"),
            format!("2024 260 {CORRECTION} -> stands"),
        ]
    );
    let database = rusqlite::Connection::open(dps.db()).unwrap();
    let table = database.prepare("SELECT * FROM dps_history").unwrap();
    let mut columns: Vec<&str> = table.column_names().collect();
    columns.extend(["corp_name", "viewer_url"]);
    columns.sort_unstable();
    for row in rows.as_array().unwrap() {
        let mut names: Vec<&str> = row
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(names, columns);
        assert_eq!(row["corp_name"], "가상전자");
        let filing = row["rcept_no"].as_str().unwrap();
        assert!(row["viewer_url"].as_str().unwrap().ends_with(filing));
    }
    assert_eq!(rows[2]["history_id"], Value::Null);
    assert_eq!(rows[2]["replaced_at"], Value::Null);
    let times = ["fetched_at", "updated_at", "replaced_at"].map(|name| rows[0][name].as_str());
    assert!(times.iter().all(|time| time.unwrap().ends_with('Z')));
    assert!(times.is_sorted());
    let lines = dps
        .run([
            "series",
            "900010",
            "2024",
            "2024",
            "--history",
            "--format",
            "csv",
        ])
        .exits(0);
    assert_eq!(lines.stdout.lines().count(), 4);
}

#[test]
fn history_asks_nothing_and_names_what_the_database_does_not_have() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2023", "2024"]).exits(0);
    dps.run(["series", "900010", "2023", "2024", "--history"])
        .exits(0)
        .no_stdout()
        .stderr_contains(["nothing was replaced: the database has 2 rows of these years"]);
    let empty = dps
        .run([
            "series",
            "900010",
            "2023",
            "2024",
            "--history",
            "--format",
            "json",
        ])
        .exits(0);
    assert_eq!(empty.json(), serde_json::json!([]));
    dps.run(["series", "900010", "2021", "2024", "--history"])
        .exits(3)
        .stderr_contains(["missing: 900010 2021-2022: not in the database"]);
    dps.run(["series", "900020", "2024", "2024", "--history"])
        .exits(1)
        .no_stdout()
        .stderr_contains(["missing: 900020 2024: not in the database"]);
    assert_eq!(dart.calls(), 2);
    dps.without("DART_API_KEY")
        .run(["series", "900010", "2023", "2024", "--history"])
        .exits(0);
}

#[test]
fn tickers_keep_the_order_given_and_each_report_is_told_apart() {
    let dps = corrected_twice();
    let half = |amount: &str, rcept_no: &str| {
        let answer = Answer::of(CORP)
            .filing(rcept_no, "2024-06-30")
            .dps("보통주", [amount, "-", "-"])
            .dps("우선주", [amount, "-", "-"]);
        FakeDart::new().with_report(2024, ReprtCode::Half, &answer)
    };
    let mut dps = dps;
    for (amount, rcept_no) in [("-", "20240814000001"), ("-", "20240901000001")] {
        let dart = half(amount, rcept_no);
        dps = dps.with("DPS_API_BASE", &dart.server.origin());
        for share in ["900015", "900010"] {
            dps.run([
                "series",
                share,
                "2024",
                "2024",
                "--report",
                "half",
                "--refresh",
            ])
            .exits(0);
        }
    }
    let ran = dps
        .run([
            "series",
            "900015",
            "900010",
            "2024",
            "2024",
            "--report",
            "all",
            "--history",
            "--format",
            "json",
        ])
        .exits(3)
        .stderr_contains(["missing: 900015 2024 annual", "missing: 900010 2024 q1"]);
    let order: Vec<String> = ran
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{} {}", row["ticker"].as_str().unwrap(), row["reprt_code"]))
        .collect();
    let half_then_annual = ["900015 \"11012\""; 2]
        .into_iter()
        .chain(["900010 \"11012\""; 2]);
    let expected: Vec<&str> = half_then_annual.chain(["900010 \"11011\""; 3]).collect();
    assert_eq!(order, expected);
}

#[test]
fn history_is_not_asked_for_together_with_what_asks_anew() {
    for other in [
        "--refresh",
        "--adjusted",
        "--as-filed",
        "--recheck-recent=1",
    ] {
        Dps::new()
            .run(["series", "900010", "--history", other])
            .exits(2)
            .no_stdout();
    }
}
