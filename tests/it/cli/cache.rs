use super::dart;
use crate::support::dps::Dps;

/// A database with the years 2021 to 2024 of 900010, one of them changed behind the program's back.
fn filled() -> Dps {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2021", "2024"]).exits(0);
    dps.without("DART_API_KEY")
        .with("DPS_API_BASE", "http://127.0.0.1:9")
}

fn change(dps: &Dps, sql: &str) {
    rusqlite::Connection::open(dps.db())
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

#[test]
fn audit_lists_findings_on_stdout_and_counts_them_on_stderr_without_a_key() {
    let dps = filled();
    dps.run(["cache", "audit"])
        .exits(0)
        .no_stdout()
        .stderr_contains(["0 findings in 3 rows"]);
    change(
        &dps,
        "UPDATE dividend_dps_cache SET frmtrm_dps_cash = 990 WHERE fiscal_year = 2023",
    );
    let expected = "\
\x20Ticker | Company  | Year | Report | Kind     | Detail                                                               | Filing
--------+----------+------+--------+----------+----------------------------------------------------------------------+-------------------------------------------------------------
 900010 | 가상전자 | 2022 | 11011  | restated | the 2023 report (20240331000001) states 990 for this year, not 1,000 | https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20230331000001
";
    let ran = dps
        .run(["cache", "audit"])
        .exits(0)
        .stderr_contains(["1 finding in 3 rows"]);
    assert_eq!(ran.stdout, expected);
    let json = dps
        .run(["cache", "audit", "900010", "--format", "json"])
        .exits(0)
        .json();
    let viewer = "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20230331000001";
    assert_eq!(json[0]["viewer_url"], viewer);
    let fields: Vec<&String> = json[0].as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "ticker",
            "corp_name",
            "fiscal_year",
            "reprt_code",
            "kind",
            "detail",
            "rcept_no",
            "viewer_url"
        ]
    );
}

#[test]
fn audit_refuses_what_is_no_ticker_and_names_shares_without_rows() {
    let dps = filled();
    dps.run(["cache", "audit", "5930"]).exits(2).no_stdout();
    dps.run(["cache", "audit", "900020"])
        .exits(1)
        .no_stdout()
        .stderr_contains(["no rows: 900020"]);
    dps.run(["cache", "audit", "900010", "900020"])
        .exits(3)
        .stderr_contains(["no rows: 900020", "0 findings in 3 rows"]);
    Dps::new()
        .run(["cache", "audit"])
        .exits(1)
        .stderr_contains(["there is no database"]);
}

#[test]
fn reparse_says_what_changed_and_names_what_it_could_not_read() {
    let dps = filled();
    dps.run(["cache", "reparse"])
        .exits(0)
        .no_stdout()
        .stderr_contains(["3 rows read again: 0 changed, 0 gained figures, 3 unchanged"]);
    let spoil = "UPDATE dividend_dps_cache SET parser_version = 1 WHERE outcome <> 'NO_REPORT';
         UPDATE dividend_dps_cache SET par_value = NULL WHERE fiscal_year = 2022;
         UPDATE dividend_dps_cache SET outcome = 'PAID', dps_cash = 7 WHERE fiscal_year = 2023;
         UPDATE dividend_dps_cache SET raw_payload = NULL WHERE fiscal_year = 2024";
    change(&dps, spoil);
    let ran = dps.run(["cache", "reparse"]).exits(3).stderr_contains([
        "3 rows read again: 1 changed, 1 gained figures, 0 unchanged, 1 not read",
        "not read: 900010 2024 11011: its answer is not stored",
    ]);
    for word in ["900010", "가상전자", "2023", "PAID 7", "NO_DIVIDEND 0"] {
        assert!(ran.stdout.contains(word), "{word}:\n{}", ran.stdout);
    }
    change(&dps, spoil);
    let json = dps
        .run(["cache", "reparse", "--format", "json"])
        .exits(3)
        .json();
    let viewer = "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20240331000001";
    assert_eq!(json[0]["viewer_url"], viewer);
    let brief: Vec<String> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let was = (&row["old_outcome"], &row["old_dps_cash"]);
            let is = (&row["outcome"], &row["dps_cash"]);
            format!(
                "{} {}: {was:?} -> {is:?} {}",
                row["ticker"], row["fiscal_year"], row["changed"]
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            "\"900010\" 2023: (String(\"PAID\"), Number(7)) -> (String(\"NO_DIVIDEND\"), Number(0)) \
          [\"outcome\",\"dps_cash\"]"
        ]
    );
}

#[test]
fn reparse_tells_what_a_newer_version_read() {
    let dps = filled();
    change(
        &dps,
        "UPDATE dividend_dps_cache SET parser_version = 999 WHERE fiscal_year = 2024",
    );
    let ran = dps.run(["cache", "reparse"]).exits(0);
    assert_eq!(
        ran.stderr.trim_end(),
        "3 rows read again: 0 changed, 0 gained figures, 2 unchanged, \
         1 left to the newer version that read them"
    );
}

#[test]
fn a_row_that_is_not_there_is_named_with_its_report_and_the_way_to_it() {
    let dps = filled();
    for (report, named, way) in [
        (
            "half",
            "no row of 900010 for 2024 (half report)",
            "dps series 900010 2024 2024 --report half",
        ),
        (
            "11014",
            "no row of 900010 for 2024 (q3 report)",
            "dps series 900010 2024 2024 --report q3",
        ),
    ] {
        dps.run(["cache", "show", "900010", "2024", "--report", report])
            .exits(1)
            .no_stdout()
            .stderr_contains([named, way]);
    }
    let ran = dps
        .run(["cache", "show", "900010", "2020"])
        .exits(1)
        .stderr_contains(["(annual report)"]);
    assert!(
        ran.stderr.ends_with("dps series 900010 2020 2020\n"),
        "{}",
        ran.stderr
    );
    dps.run(["cache", "show", "900010", "2021", "--raw"])
        .exits(1)
        .stderr_contains(["NO_REPORT", "dps series 900010 2021 2021 --refresh"]);
}
