//! What a report says about the two years before its own: kept on its row, and held against those
//! years' own reports.

use dps::domain::{EarlierYear, FiscalYear, ReprtCode, Won};
use dps::opendart::alot_matter::{Column, PARSER_VERSION, Report};

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, now};

/// An annual answer with these columns of par value and of both dividends.
fn stating(par: [&str; 3], common: [&str; 3], preferred: [&str; 3]) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", par)
        .net_income(["9", "8", "-"])
        .dps("보통주", common)
        .dps("우선주", preferred)
}

fn column(dps: Option<i64>, par: Option<i64>) -> EarlierYear {
    EarlierYear {
        dps_cash: dps.map(Won::from),
        par_value: par.map(Won::from),
    }
}

fn own_row(answer: &Answer, ticker: &str, code: ReprtCode) -> [EarlierYear; 2] {
    let year = FiscalYear::new(2024).unwrap();
    let report = Report::read(&answer.body(), CORP.parse().unwrap(), year, code).unwrap();
    let row = report
        .dividend_year(ticker.parse().unwrap(), Column::Own, None)
        .unwrap();
    [row.frmtrm, row.lwfr]
}

#[test]
fn the_own_row_of_an_annual_report_has_its_earlier_columns_for_the_same_share() {
    let answer = stating(
        ["100", "5,000", "-"],
        ["1,416", "42,500", "-"],
        ["1,417", "-", "28,550"],
    );
    let [before, two_before] = own_row(&answer, "900010", ReprtCode::Annual);
    assert_eq!(before, column(Some(42_500), Some(5_000)));
    assert_eq!(
        two_before,
        column(None, None),
        "no net income beside the dash"
    );
    let [before, two_before] = own_row(&answer, "900015", ReprtCode::Annual);
    assert_eq!(before, column(Some(0), Some(5_000)));
    assert_eq!(two_before, column(Some(28_550), None));
}

#[test]
fn interim_reports_second_settlements_and_other_years_rows_have_none() {
    let answer = stating(["100"; 3], ["30", "20", "10"], ["-"; 3]);
    let none = [EarlierYear::default(); 2];
    assert_eq!(own_row(&answer, "900010", ReprtCode::Half), none);
    let twice = answer
        .clone()
        .filing("20240930000001", "2024-06-30")
        .dps("보통주", ["30", "20", "10"]);
    assert_eq!(own_row(&twice, "900010", ReprtCode::Annual), none);
    let year = FiscalYear::new(2024).unwrap();
    let report = Report::read(
        &answer.body(),
        CORP.parse().unwrap(),
        year,
        ReprtCode::Annual,
    );
    let of_2023 = report
        .unwrap()
        .dividend_year("900010".parse().unwrap(), Column::YearBefore, None)
        .unwrap();
    assert_eq!([of_2023.frmtrm, of_2023.lwfr], none);
}

#[test]
fn a_year_that_a_later_report_restates_says_so_without_another_call() {
    let dart = FakeDart::new()
        .with_report(
            2021,
            ReprtCode::Annual,
            &stating(["500"; 3], ["100", "-", "-"], ["105", "-", "-"]),
        )
        .with_report(
            2022,
            ReprtCode::Annual,
            &stating(["500"; 3], ["200", "90", "-"], ["205", "105", "-"]),
        )
        .with_report(
            2023,
            ReprtCode::Annual,
            &stating(["100"; 3], ["50", "40", "90"], ["55", "41", "105"]),
        );
    let mut test_store = TestStore::new();
    let all = test_store.look_up(&dart, "900010", &annual(2021, 2023), now());
    let notes = |series: &dps::series::Series| -> Vec<String> {
        let note = |row: &dps::series::SeriesRow| row.note().unwrap_or_default();
        series.rows.iter().map(note).collect()
    };
    assert_eq!(
        notes(&all),
        ["the 2022 and 2023 reports state 90 for this year", "", ""]
    );
    let alone = test_store.look_up_offline("900010", &annual(2021, 2021));
    assert_eq!(
        notes(&alone),
        ["the 2022 and 2023 reports state 90 for this year"],
        "years beyond the range are heard as well, and not shown"
    );
    let nearest = alone.rows[0].restated[0];
    assert_eq!(nearest.source_year.get(), 2022);
    assert_eq!(nearest.rcept_no.unwrap().as_str(), "20230331000001");
    assert_eq!(dart.calls(), 3);
    let preferred = test_store.look_up_offline("900015", &annual(2021, 2023));
    assert_eq!(
        notes(&preferred),
        ["", "", ""],
        "105; 205 and 41 are one across 5:1"
    );
}

#[test]
fn a_sum_over_two_settlement_dates_is_not_restated_by_a_later_report_of_one_of_them() {
    let twice = Answer::of(CORP)
        .filing("20220930000001", "2022-06-30")
        .dps("보통주", ["30", "-", "-"])
        .filing("20230331000001", "2022-12-31")
        .dps("보통주", ["40", "-", "-"]);
    let next = stating(["500"; 3], ["80", "75", "-"], ["-"; 3]);
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &twice)
        .with_report(2023, ReprtCode::Annual, &next);
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2022, 2023), now());
    assert_eq!(
        series.rows[0].note().unwrap(),
        "sum over 2 settlement dates (2022-06-30: 30, 2022-12-31: 40)"
    );
    assert_eq!(series.rows[0].restated, []);
    let counts: Vec<_> = series
        .rows
        .iter()
        .map(|row| row.cached.year.settlements)
        .collect();
    assert_eq!(counts, [Some(2), Some(1)]);
    let audited = dps::series::audit(&test_store.store, &["900010".parse().unwrap()], now())
        .unwrap()
        .remove(0);
    assert_eq!(audited.findings, []);
    let in_the_view: u32 = rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .query_row("SELECT count(*) FROM dividend_restatements", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(in_the_view, 0);
}

#[test]
fn a_stored_note_comes_before_restatements() {
    let then = stating(["500"; 3], ["80", "-", "-"], ["-"; 3]);
    let next = stating(["500"; 3], ["80", "75", "-"], ["-"; 3]);
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &then)
        .with_report(2023, ReprtCode::Annual, &next);
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, "900010", &annual(2022, 2023), now());
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch("UPDATE dividend_dps_cache SET note = 'a remark'")
        .unwrap();
    let series = test_store.look_up_offline("900010", &annual(2022, 2022));
    assert_eq!(
        series.rows[0].note().unwrap(),
        "a remark; the 2023 report states 75 for this year"
    );
}

#[test]
fn a_row_of_the_parser_before_gains_its_columns_without_a_call() {
    let answer = stating(["500"; 3], ["200", "100", "90"], ["-"; 3]);
    let dart = FakeDart::new()
        .with_report(
            2022,
            ReprtCode::Annual,
            &stating(["500"; 3], ["110", "-", "-"], ["-"; 3]),
        )
        .with_report(2023, ReprtCode::Annual, &answer);
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, "900010", &annual(2022, 2023), now());
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch(
            "UPDATE dividend_dps_cache
                SET parser_version = 1, frmtrm_dps_cash = NULL, frmtrm_par_value = NULL,
                    lwfr_dps_cash = NULL, lwfr_par_value = NULL",
        )
        .unwrap();
    let calls = dart.calls();
    let series = test_store.look_up_offline("900010", &annual(2022, 2023));
    assert!(series.missing.is_empty());
    let row = &series.rows[1].cached;
    assert_eq!(row.parser_version, PARSER_VERSION);
    assert_eq!(row.year.frmtrm, column(Some(100), Some(500)));
    assert_eq!(
        series.rows[0].note().unwrap(),
        "the 2023 report states 100 for this year"
    );
    assert_eq!(dart.calls(), calls);
    let replaced = test_store.store.stats().unwrap().replaced;
    assert_eq!(replaced, 0, "no figure has changed");
}

#[test]
fn an_earlier_column_with_too_many_digits_is_left_out_and_costs_nothing_else() {
    let odd = stating(["500"; 3], ["200", "1234567.12345678901", "90"], ["-"; 3]);
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &odd);
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    let year = &series.rows[0].cached.year;
    assert_eq!(year.dps_cash, Some(Won::from(200)));
    assert_eq!(year.frmtrm, column(None, Some(500)));
    assert_eq!(year.lwfr, column(Some(90), Some(500)));
}
