//! Rows of an older parser are read again before they are shown, without a call.

use dps::domain::{FiscalYear, ReprtCode, Ticker};
use dps::opendart::alot_matter::PARSER_VERSION;
use dps::series::{audit, cached_series};

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, now};
use crate::support::dps::Dps;

fn stating(columns: [&str; 3]) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["500"; 3])
        .net_income(["9", "8", "7"])
        .dps("보통주", columns)
}

/// The report of 2024 says 90 about 2022, which paid 100.
fn dart() -> FakeDart {
    FakeDart::new()
        .with_companies(&[(CORP, "가상전자", "Madeup & Co", "900010")])
        .with_report(2022, ReprtCode::Annual, &stating(["100", "-", "-"]))
        .with_report(2023, ReprtCode::Annual, &stating(["200", "100", "-"]))
        .with_report(2024, ReprtCode::Annual, &stating(["300", "200", "90"]))
}

/// As the parser before left them, and wrong.
const OLD: &str = "UPDATE dividend_dps_cache
                      SET parser_version = 1, frmtrm_dps_cash = NULL, frmtrm_par_value = NULL,
                          lwfr_dps_cash = NULL, lwfr_par_value = NULL, settlements = NULL,
                          dps_cash = dps_cash + 7, par_value = 5
                    WHERE outcome <> 'NO_REPORT'";

fn change(path: &std::path::Path, sql: &str) {
    rusqlite::Connection::open(path)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

fn filled(dart: &FakeDart) -> TestStore {
    let mut test_store = TestStore::new();
    test_store.look_up(dart, "900010", &annual(2022, 2025), now());
    change(&test_store.path, OLD);
    test_store
}

const RESTATED: &str = "the 2024 report states 90 for this year";

fn ticker() -> Ticker {
    "900010".parse().unwrap()
}

#[test]
fn the_reports_after_the_range_are_read_again_as_well_and_so_is_todays_par() {
    let dart = dart();
    let calls = || dart.calls();
    let mut test_store = filled(&dart);
    let before = calls();
    let looked_up = test_store.look_up_offline("900010", &annual(2022, 2022));
    assert_eq!(looked_up.rows[0].note().unwrap(), RESTATED);
    let another = filled(&dart);
    let cached = cached_series(&another.store, ticker(), &annual(2022, 2022), now()).unwrap();
    for row in [&looked_up.rows[0], &cached[0]] {
        assert_eq!(row.note().unwrap(), RESTATED);
        assert_eq!(row.cached.parser_version, PARSER_VERSION);
        assert_eq!(row.dps_cash_adjusted().unwrap().to_string(), "100");
    }
    assert_eq!(calls(), 2 * before);
}

#[test]
fn an_audit_reads_them_again_first() {
    let dart = dart();
    let test_store = filled(&dart);
    let calls = dart.calls();
    let audited = audit(&test_store.store, &[ticker()], now())
        .unwrap()
        .remove(0);
    let found: Vec<&str> = audited
        .findings
        .iter()
        .map(|it| it.detail.as_str())
        .collect();
    assert_eq!(
        found,
        ["the 2024 report (20250331000001) states 90 for this year, not 100"]
    );
    assert_eq!((audited.rows, audited.unread.len()), (3, 0));
    assert_eq!(dart.calls(), calls);
    change(&test_store.path, OLD);
    change(
        &test_store.path,
        "UPDATE dividend_dps_cache SET raw_payload = NULL WHERE fiscal_year = 2024",
    );
    let audited = audit(&test_store.store, &[ticker()], now())
        .unwrap()
        .remove(0);
    assert_eq!(
        (audited.rows, audited.findings.len()),
        (3, 0),
        "what is not known is not said"
    );
    assert!(matches!(audited.unread[..], [(year, ..)] if year.get() == 2024));
}

#[test]
fn one_that_cannot_be_read_again_is_not_shown() {
    let dart = dart();
    let test_store = filled(&dart);
    change(
        &test_store.path,
        "UPDATE dividend_dps_cache SET raw_payload = NULL WHERE fiscal_year = 2023",
    );
    let rows = cached_series(&test_store.store, ticker(), &annual(2022, 2025), now()).unwrap();
    let years: Vec<FiscalYear> = rows.iter().map(|row| row.cached.year.fiscal_year).collect();
    assert_eq!(
        years,
        [2022, 2024, 2025].map(|year| FiscalYear::new(year).unwrap())
    );
}

#[test]
fn every_command_that_shows_rows_reads_them_again_first() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2022", "2024"]).exits(0);
    dps.run([
        "job",
        "create",
        "--tickers",
        "900010",
        "2022",
        "2024",
        "--name",
        "all",
    ])
    .exits(0);
    let calls = dart.calls();
    for command in [
        &["cache", "show", "900010", "2022", "--format", "json"][..],
        &["job", "series", "all", "--format", "json"],
        &["cache", "audit", "--format", "json"],
        &[
            "series",
            "900010",
            "2022",
            "2022",
            "--offline",
            "--format",
            "json",
        ],
    ] {
        change(&dps.db(), OLD);
        let shown = dps.run(command.iter().copied()).exits(0);
        assert!(shown.stdout.contains("states 90"), "{}", shown.stdout);
        assert!(!shown.stdout.contains("107"), "{}", shown.stdout);
    }
    let read_from_the_store = dps.run(["series", "900010", "--history"]).exits(3);
    assert!(
        read_from_the_store.stdout.contains("stands"),
        "{}",
        read_from_the_store.stdout
    );
    assert_eq!(dart.calls(), calls);

    change(&dps.db(), OLD);
    change(
        &dps.db(),
        "UPDATE dividend_dps_cache SET raw_payload = NULL WHERE fiscal_year = 2022",
    );
    dps.run(["cache", "show", "900010", "2022"])
        .exits(1)
        .no_stdout()
        .stderr_contains(["older version", "dps series 900010 2022 2022"]);
    dps.run(["job", "series", "all"])
        .exits(3)
        .stderr_contains(["missing: 900010 2022"]);
    dps.run(["cache", "audit"])
        .exits(3)
        .stderr_contains(["not checked against its answer: 900010 2022"]);
}
