use std::io::Read;
use std::process::Stdio;

use dps::sandbox::{Config, Source};
use serde_json::Value;

use super::dart;
use crate::support::dps::{Dps, KEY};
use crate::support::sandbox::CountingSandbox;

#[test]
fn a_table_names_units_aligns_amounts_and_says_where_each_row_comes_from() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let ran = dps.run(["series", "900010", "2022", "2024"]).exits(0);
    assert!(ran.stderr.contains("list of companies"), "{}", ran.stderr);
    let expected = "\
\x20Ticker | Company  | Year | DPS (won) | Outcome     | Par (won) | Settled    | Filing (rcept_no) | From
--------+----------+------+-----------+-------------+-----------+------------+-------------------+------
 900010 | 가상전자 | 2022 |     1,000 | PAID        |       500 | 2022-12-31 | 20230331000001    | DART
 900010 | 가상전자 | 2023 |         0 | NO_DIVIDEND |       500 | 2023-12-31 | 20240331000001    | DART
 900010 | 가상전자 | 2024 |     132.5 | PAID        |       500 | 2024-12-31 | 20250331000001    | DART
";
    assert_eq!(ran.stdout, expected);
    let again = dps
        .run(["series", "900010", "2022", "2024"])
        .exits(0)
        .no_stderr();
    let from_cache = again.stdout.replace("| cache\n", "| DART\n");
    let rows = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&from_cache), rows(expected));
}

#[test]
fn json_has_the_columns_scripts_depend_on() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let ran = dps
        .run(["series", "900010", "2021", "2024", "--format", "json"])
        .exits(0);
    let rows = ran.json();
    let rows = rows.as_array().unwrap();
    let names: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    let columns = [
        "ticker",
        "corp_name",
        "fiscal_year",
        "reprt_code",
        "corp_code",
        "corp_cls",
        "dps_cash",
        "outcome",
        "par_value",
        "dps_stock",
        "cash_yield_pct",
        "payout_ratio_pct",
        "eps",
        "cash_total",
        "stlm_dt",
        "rcept_no",
        "source_year",
        "note",
        "note_codes",
        "parser_version",
        "fetched_at",
        "updated_at",
        "expires_at",
        "frmtrm_dps_cash",
        "frmtrm_par_value",
        "lwfr_dps_cash",
        "lwfr_par_value",
        "settlements",
        "restated_dps_cash",
        "restated_source_year",
        "restated_rcept_no",
        "dps_cash_adjusted",
        "adjustment_factor",
        "from_cache",
        "dps_cash_increment",
        "viewer_url",
        "net_income",
        "net_income_separate",
    ];
    assert_eq!(names, columns);
    let brief: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {}",
                row["fiscal_year"], row["outcome"], row["dps_cash"]
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            "2021 \"NO_REPORT\" null",
            "2022 \"PAID\" 1000",
            "2023 \"NO_DIVIDEND\" 0",
            "2024 \"PAID\" 132.5"
        ]
    );
    assert_eq!(
        rows[3]["dps_cash_adjusted"],
        Value::Null,
        "later reports are due"
    );
    assert_eq!(rows[3]["from_cache"], false);
    assert_eq!(
        rows[3]["viewer_url"],
        "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20250331000001"
    );
    assert_eq!(rows[0]["viewer_url"], Value::Null, "no report, no filing");
    assert_eq!(rows[3]["dps_cash_increment"], Value::Null, "not asked for");
    assert!(rows[3]["fetched_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn the_other_formats_say_the_same() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let lines = dps
        .run(["series", "900010", "2022", "2024", "--format", "jsonl"])
        .exits(0);
    let parsed: Vec<Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(parsed.len(), 3);
    assert_eq!(parsed[0]["dps_cash"], 1000);
    let csv = dps
        .run(["series", "900010", "2022", "2024", "--format", "csv"])
        .exits(0);
    let mut reader = csv::Reader::from_reader(csv.stdout.as_bytes());
    let head = reader.headers().unwrap().clone();
    let at = |name: &str| head.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(&rows[0][at("dps_cash")], "1000", "no separators in data");
    assert_eq!(&rows[2][at("dps_cash")], "132.5");
    assert_eq!(&rows[0][at("corp_name")], "가상전자");
}

#[test]
fn a_preferred_share_has_its_own_figures_and_costs_no_call_beside_the_common_one() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2022", "2024"]).exits(0);
    let calls = dart.calls();
    let ran = dps
        .run(["series", "900015", "2022", "2024", "--format", "json"])
        .exits(0)
        .no_stderr();
    assert_eq!(ran.json()[0]["dps_cash"], 1050);
    assert_eq!(ran.json()[2]["dps_cash"], 182.5);
    assert_eq!(dart.calls(), calls);
}

#[test]
fn samsungs_two_shares_have_their_own_figures_and_either_costs_no_call_after_the_other() {
    let figures = |share: &str| match share {
        "005930" => [1_444, 1_446],
        _ => [1_445, 1_447],
    };
    for order in [["005935", "005930"], ["005930", "005935"]] {
        let server = CountingSandbox::start(Config::new(Source::Market)).unwrap();
        let asked = || {
            let stats = server.stats();
            stats.by_path.get("/api/alotMatter.json").copied()
        };
        let dps = Dps::new()
            .with("DPS_API_BASE", &server.origin())
            .with("DART_API_KEY", KEY);
        for share in order {
            let ran = dps
                .run(["series", share, "2023", "2024", "--format", "json"])
                .exits(0);
            let rows = ran.json();
            for (row, dps_cash) in rows.as_array().unwrap().iter().zip(figures(share)) {
                assert_eq!(row["ticker"], share);
                assert_eq!(row["dps_cash"], dps_cash, "{share} of {order:?}");
                assert_eq!(row["from_cache"], share != order[0]);
            }
            assert_eq!(asked(), Some(2), "{share} of {order:?}");
        }
    }
    let built_in = Dps::new()
        .run(["series", "005935", "2023", "2024", "--sandbox"])
        .exits(0);
    assert!(
        built_in.stdout.contains("|     1,447 |"),
        "{}",
        built_in.stdout
    );
}

#[test]
fn tickers_keep_the_order_given_and_each_is_shown_once() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let ran = dps
        .run([
            "series",
            "900020",
            "900010.KS",
            "A900010",
            "2024",
            "2024",
            "--format",
            "jsonl",
        ])
        .exits(0);
    let tickers: Vec<String> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["ticker"].to_string())
        .collect();
    assert_eq!(tickers, ["\"900020\"", "\"900010\""]);
}

#[test]
fn a_name_stands_for_a_ticker_only_where_it_is_exact_and_alone() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let ran = dps
        .run(["series", "(주)가상전자", "2024", "2024", "--format", "json"])
        .exits(0);
    assert_eq!(ran.json()[0]["ticker"], "900010");
    dps.run(["series", "겹침", "2024", "2024"])
        .exits(1)
        .no_stdout()
        .stderr_contains(["several companies", "900030", "900040"]);
    dps.run(["series", "가상", "2024", "2024"])
        .exits(1)
        .stderr_contains(["no company is named \"가상\""]);
}

#[test]
fn lists_of_tickers_come_from_options_files_and_the_company_list() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let file = dps.home().join("kr.txt");
    std::fs::write(&file, "\u{feff}종목코드,종목명\r\n900010,가상전자\r\n").unwrap();
    let count = |args: &[&str]| {
        let all = args
            .iter()
            .copied()
            .chain(["--from", "2024", "--to", "2024", "--format", "jsonl"]);
        dps.run(std::iter::once("series").chain(all))
            .exits(0)
            .stdout
            .lines()
            .count()
    };
    assert_eq!(count(&["--tickers-file", "kr.txt"]), 1);
    assert_eq!(
        count(&[
            "--tickers",
            "900010,900015",
            "--tickers-file",
            "kr.txt",
            "900020"
        ]),
        3
    );
    assert_eq!(count(&["--from-master"]), 4);
    assert_eq!(count(&["--from-master", "--limit", "2"]), 2);
    assert_eq!(
        count(&["--from-master", "--market", "Y"]),
        1,
        "one market is known so far"
    );
}

#[test]
fn offline_shows_what_is_stored_with_the_server_gone() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2022", "2023"]).exits(0);
    dart.server.stop();
    let all = dps
        .run(["series", "900010", "2022", "2023", "--offline"])
        .exits(0)
        .no_stderr();
    assert_eq!(all.stdout.lines().count(), 4);
    let some = dps
        .run(["series", "900010", "2022", "2024", "--offline"])
        .exits(3)
        .stderr_contains(["missing: 900010 2024: not in the database"]);
    assert_eq!(some.stdout.lines().count(), 4);
    dps.run(["series", "900010", "2024", "2024", "--offline"])
        .exits(1)
        .no_stdout();
}

#[test]
fn what_is_cached_needs_no_key() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2022", "2024"]).exits(0);
    let dps = dps.without("DART_API_KEY");
    dps.run(["series", "900010", "2022", "2024"])
        .exits(0)
        .no_stderr();
    let some = dps
        .run(["series", "900010", "2021", "2024"])
        .exits(3)
        .stderr_contains(["missing: 900010 2021: not asked", "no OpenDART key is set"]);
    assert_eq!(some.stdout.lines().count(), 5);
    assert!(!some.stderr.contains("--offline"), "nobody asked for it");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2022", "2024"]).exits(0);
    let mut child = dps
        .command(["series", "900010", "2022", "2024"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(said, "");
}

#[test]
fn a_pipe_that_closes_amid_many_rows_ends_quietly_in_every_format() {
    let dps = Dps::new();
    let many = |format| {
        let args = ["series", "--from-master", "--limit", "60", "2015", "2025"];
        let rest = ["--sandbox", "--db", "many.db", "--format", format];
        dps.command(args.into_iter().chain(rest))
    };
    assert!(many("json").output().unwrap().status.success());
    for format in ["table", "json", "jsonl", "csv"] {
        let mut child = many(format)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.success(), "{format}: {said}");
        assert!(!said.contains("error"), "{format}: {said}");
    }
}

#[test]
fn the_stored_answer_of_a_row_is_printed_as_it_came() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2024", "2024"]).exits(0);
    let raw = dps
        .run(["cache", "show", "900010", "2024", "--raw"])
        .exits(0)
        .no_stderr()
        .json();
    assert_eq!(raw["list"][2]["thstrm"], "132.5");
    let row = dps
        .run(["cache", "show", "900010", "2024", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(row["dps_cash"], 132.5);
    let shown = dps.run(["cache", "show", "900010", "2024"]).exits(0).stdout;
    let fields: Vec<&str> = shown.split_whitespace().collect();
    assert!(
        fields.windows(2).any(|pair| pair == ["Report", "annual"]),
        "{shown}"
    );
    assert!(
        fields.contains(&row["viewer_url"].as_str().unwrap()),
        "{shown}"
    );
    let stats = dps
        .run(["cache", "stats", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!((&stats["rows"], &stats["paid"]), (&1.into(), &1.into()));
    let path = dps.run(["cache", "path"]).exits(0).no_stderr();
    assert_eq!(path.stdout.trim_end(), dps.db().display().to_string());
}

#[test]
fn the_default_database_of_a_local_origin_is_named_after_it() {
    let dart = dart();
    let dps = Dps::asking(&dart).without("DPS_DB");
    let path = dps.run(["cache", "path"]).exits(0).stdout;
    assert!(path.contains("127.0.0.1"), "{path}");
    dps.run(["series", "900010", "2024", "2024"]).exits(0);
    assert!(std::path::Path::new(path.trim_end()).is_file());
}

#[test]
fn offline_a_later_report_s_row_is_not_what_plan_own_asks_for() {
    let dps = Dps::new();
    let series = |rest: &[&str]| {
        let args = ["series", "005930", "2023", "2024", "--sandbox"];
        let db = ["--db", "sandbox.db"];
        dps.run(args.iter().chain(&db).chain(rest).copied())
    };
    series(&["--plan", "window"]).exits(0);
    series(&["--offline"]).exits(0);
    let ran = series(&["--plan", "own", "--offline"]).exits(3);
    ran.stderr_contains(["missing: 005930 2023"]);
}
