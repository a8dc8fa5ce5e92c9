//! `dps series --report all`: a year as its four reports tell it.

use dps::domain::ReprtCode;
use dps::sandbox::{Config, Server, Source};
use serde_json::Value;

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart};
use crate::support::dps::{Dps, KEY};

/// A report of a company that pays twice a year: so much so far, and of the two years before.
fn so_far(income: &str, cells: [&str; 3]) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["500", "500", "500"])
        .net_income([income, "98", "97"])
        .dps("보통주", cells)
}

fn listed(dart: FakeDart) -> FakeDart {
    dart.with_companies(&[(CORP, "가상전자", "Madeup & Co", "900010")])
}

fn quarterly() -> FakeDart {
    listed(FakeDart::new())
        .with_report(2023, ReprtCode::Annual, &so_far("98", ["400", "-", "-"]))
        .with_report(2024, ReprtCode::Q1, &so_far("11", ["100", "400", "-"]))
        .with_report(2024, ReprtCode::Half, &so_far("22", ["250", "400", "-"]))
        .with_report(2024, ReprtCode::Q3, &so_far("33", ["250", "400", "-"]))
        .with_report(
            2024,
            ReprtCode::Annual,
            &so_far("44", ["600.5", "400", "-"]),
        )
}

/// Every row: year, report, outcome, amount and increment.
fn brief(rows: &Value) -> Vec<String> {
    let line = |row: &Value| {
        format!(
            "{} {} {} {} {}",
            row["fiscal_year"],
            row["reprt_code"].as_str().unwrap(),
            row["outcome"].as_str().unwrap(),
            row["dps_cash"],
            row["dps_cash_increment"]
        )
    };
    rows.as_array().unwrap().iter().map(line).collect()
}

fn all_of(dps: &Dps, first: &str, last: &str) -> Value {
    dps.run([
        "series", "900010", first, last, "--report", "all", "--format", "json",
    ])
    .exits(0)
    .json()
}

#[test]
fn a_year_goes_from_the_first_quarter_to_the_annual_report_with_what_each_adds() {
    let dart = quarterly();
    let dps = Dps::asking(&dart);
    assert_eq!(
        brief(&all_of(&dps, "2023", "2024")),
        [
            "2023 11013 NO_REPORT null null",
            "2023 11012 NO_REPORT null null",
            "2023 11014 NO_REPORT null null",
            "2023 11011 PAID 400 null",
            "2024 11013 PAID 100 100",
            "2024 11012 PAID 250 150",
            "2024 11014 PAID 250 0",
            "2024 11011 PAID 600.5 350.5",
        ]
    );
    assert_eq!(dart.calls(), 8, "each report is asked for once");
    let again = dps
        .run(["series", "900010", "2024", "2024", "--report", "all"])
        .exits(0)
        .no_stderr();
    let expected = "\
\x20Ticker | Company  | Year | Report | DPS (won) | Increment (won) | Outcome | Par (won) | Settled    | Filing (rcept_no) | From
--------+----------+------+--------+-----------+-----------------+---------+-----------+------------+-------------------+-------
 900010 | 가상전자 | 2024 | q1     |       100 |             100 | PAID    |       500 | 2024-12-31 | 20250331000001    | cache
 900010 | 가상전자 | 2024 | half   |       250 |             150 | PAID    |       500 | 2024-12-31 | 20250331000001    | cache
 900010 | 가상전자 | 2024 | q3     |       250 |               0 | PAID    |       500 | 2024-12-31 | 20250331000001    | cache
 900010 | 가상전자 | 2024 | annual |     600.5 |           350.5 | PAID    |       500 | 2024-12-31 | 20250331000001    | cache
";
    assert_eq!(again.stdout, expected);
    assert_eq!(dart.calls(), 8);
}

#[test]
fn what_contradicts_or_is_missing_has_no_increment_and_a_contradiction_says_so() {
    let dart = listed(FakeDart::new())
        .with_report(2023, ReprtCode::Annual, &so_far("98", ["400", "-", "-"]))
        .with_report(2024, ReprtCode::Q1, &so_far("11", ["100", "400", "-"]))
        .with_report(2024, ReprtCode::Half, &so_far("22", ["90", "400", "-"]))
        // Last year's annual columns, copied.
        .with_report(2024, ReprtCode::Q3, &so_far("98", ["400", "-", "-"]))
        .with_report(2024, ReprtCode::Annual, &so_far("44", ["600", "400", "-"]));
    let dps = Dps::asking(&dart);
    let rows = all_of(&dps, "2024", "2024");
    assert_eq!(
        brief(&rows),
        [
            "2024 11013 PAID 100 100",
            "2024 11012 PAID 90 null",
            "2024 11014 NOT_STATED null null",
            "2024 11011 PAID 600 null",
        ]
    );
    assert_eq!(rows[0]["note"], Value::Null);
    assert_eq!(rows[1]["note"], "less than the report before it states");
    let copied = "the interim report repeats last year's annual figures";
    assert_eq!(rows[2]["note"], copied);
    let codes = |row: &Value| row["note_codes"].to_string();
    assert_eq!(
        rows.as_array()
            .unwrap()
            .iter()
            .map(codes)
            .collect::<Vec<_>>(),
        [
            "[]",
            r#"[{"code":"no_increment","reason":"less"}]"#,
            r#"[{"code":"interim_copy","year":2023}]"#,
            "[]",
        ]
    );
    assert_eq!(rows[3]["note"], Value::Null);
    assert_eq!(
        dart.calls(),
        5,
        "2023's annual report vouches for the first"
    );
    let table = dps
        .run(["series", "900010", "2024", "2024", "--report", "all"])
        .exits(0);
    assert!(table.stdout.contains(copied), "{}", table.stdout);
    let csv = dps
        .run([
            "series", "900010", "2024", "2024", "--report", "all", "--format", "csv",
        ])
        .exits(0)
        .stdout;
    assert!(csv.contains(copied), "{csv}");
    assert!(!csv.contains("interim_copy"), "words are for people: {csv}");
    let alone = dps
        .run([
            "series", "900010", "2024", "2024", "--report", "half", "--format", "json",
        ])
        .exits(0)
        .json();
    assert_eq!(brief(&alone), ["2024 11012 PAID 90 null"]);
    assert_eq!(alone[0]["note"], Value::Null, "nothing is compared");
}

#[test]
fn an_annual_figure_of_a_later_report_adds_nothing_to_the_years_own_interim_ones() {
    let interim = |amount| so_far("11", [amount, "80", "-"]);
    let dart = listed(FakeDart::new())
        .with_report(2022, ReprtCode::Annual, &so_far("90", ["80", "-", "-"]))
        .with_report(2023, ReprtCode::Q1, &interim("100"))
        .with_report(2023, ReprtCode::Half, &interim("200"))
        .with_report(2023, ReprtCode::Q3, &interim("300"))
        // In new shares, and the par value as it was.
        .with_report(2024, ReprtCode::Annual, &so_far("44", ["600", "400", "-"]));
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2023", "2024", "--plan", "window"])
        .exits(0);
    let rows = all_of(&dps, "2023", "2023");
    assert_eq!(
        brief(&rows),
        [
            "2023 11013 PAID 100 100",
            "2023 11012 PAID 200 100",
            "2023 11014 PAID 300 100",
            "2023 11011 PAID 400 null",
        ]
    );
    assert_eq!(rows[3]["note"], "the annual figure is from the 2024 report");
}

#[test]
fn the_made_up_markets_interim_payer_and_copier_are_told_apart() {
    let server = Server::start(Config::new(Source::Market)).unwrap();
    let dps = Dps::new()
        .with("DPS_API_BASE", &server.origin())
        .with("DART_API_KEY", KEY);
    let ran = dps
        .run([
            "series", "9A0340", "9A0350", "2023", "2023", "--report", "all", "--format", "json",
        ])
        .exits(0);
    assert_eq!(
        brief(&ran.json()),
        [
            "2023 11013 NO_DIVIDEND 0 0",
            "2023 11012 PAID 95 95",
            "2023 11014 PAID 95 0",
            "2023 11011 PAID 380 285",
            "2023 11013 NO_DIVIDEND 0 0",
            "2023 11012 NOT_STATED null null",
            "2023 11014 NO_DIVIDEND 0 null",
            "2023 11011 PAID 1520 1520",
        ]
    );
}

#[test]
fn what_is_missing_is_named_by_its_report() {
    let dart = quarterly();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2024", "2024", "--report", "all"])
        .exits(0);
    let some = dps
        .run([
            "series",
            "900010",
            "2023",
            "2024",
            "--report",
            "all",
            "--offline",
            "--format",
            "json",
        ])
        .exits(3)
        .stderr_contains([
            "missing: 900010 2023 q1: not in the database",
            "missing: 900010 2023 half: not in the database",
            "missing: 900010 2023 q3: not in the database",
        ]);
    let annual = "2023 11011 PAID 400 null";
    assert_eq!(
        brief(&some.json())[0],
        annual,
        "it vouched for 2024's first"
    );
}

#[test]
fn only_series_takes_all_reports_and_only_for_years_that_have_them() {
    let dps = Dps::new();
    dps.run([
        "job",
        "create",
        "--tickers",
        "900010",
        "2024",
        "2024",
        "--report",
        "all",
    ])
    .exits(2)
    .no_stdout()
    .stderr_contains([
        "a job asks for one kind of report",
        "dps series --report all",
    ]);
    dps.run(["series", "900010", "2014", "2024", "--report", "all"])
        .exits(2)
        .stderr_contains(["no interim report for 2014"]);
    dps.run(["series", "900010", "--report", "q2"])
        .exits(2)
        .stderr_contains(["\"q2\" names no report", "or all for the four of them"]);
}
