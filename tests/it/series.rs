//! The write-through lookup against a server on loopback that counts what it is asked.

use dps::domain::ReprtCode;
use dps::fetch::FetchError;
use dps::resolve::StepError;
use dps::series::SeriesRequest;

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, brief, now};

/// Another day.
fn later() -> chrono::DateTime<chrono::Utc> {
    now() + chrono::TimeDelta::days(1)
}

/// An annual answer that pays so much, and so much to the preferred share.
fn paying(common: &str, preferred: &str) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["500", "500", "500"])
        .dps("보통주", [common, "-", "-"])
        .dps("우선주", [preferred, "-", "-"])
}

fn three_years() -> FakeDart {
    FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &paying("100", "105"))
        .with_report(2023, ReprtCode::Annual, &paying("-", "-"))
        .with_report(2024, ReprtCode::Annual, &paying("200", "205"))
}

#[test]
fn the_second_look_makes_no_call() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    let first = test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    assert_eq!(
        brief(&first),
        [
            "2022 PAID 100 DART",
            "2023 NO_DIVIDEND 0 DART",
            "2024 PAID 200 DART"
        ]
    );
    assert_eq!(dart.calls(), 3);
    let second = test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    assert_eq!(
        brief(&second),
        [
            "2022 PAID 100 cache",
            "2023 NO_DIVIDEND 0 cache",
            "2024 PAID 200 cache"
        ]
    );
    assert_eq!(dart.calls(), 3);
}

#[test]
fn only_the_missing_years_are_asked() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2023, 2023), now());
    let all = test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    assert_eq!(
        brief(&all),
        [
            "2022 PAID 100 DART",
            "2023 NO_DIVIDEND 0 cache",
            "2024 PAID 200 DART"
        ]
    );
    assert_eq!(dart.calls(), 3);
}

#[test]
fn the_two_years_without_a_report_cost_one_call_together_with_2015() {
    let answer = Answer::of(CORP)
        .net_income(["9", "8", "7"])
        .dps("보통주", ["300", "-", "100"]);
    let dart = FakeDart::new().with_report(2015, ReprtCode::Annual, &answer);
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2013, 2015), now());
    assert_eq!(
        brief(&series),
        [
            "2013 PAID 100 DART",
            "2014 NO_DIVIDEND 0 DART",
            "2015 PAID 300 DART"
        ]
    );
    assert_eq!(series.rows[0].cached.year.source_year.get(), 2015);
    assert_eq!(dart.calls(), 1);
}

#[test]
fn a_year_before_2015_learns_2015_on_the_way() {
    let answer = Answer::of(CORP).dps("보통주", ["300", "200", "100"]);
    let dart = FakeDart::new().with_report(2015, ReprtCode::Annual, &answer);
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, "900010", &annual(2014, 2014), now());
    let own = test_store.look_up_offline("900010", &annual(2013, 2015));
    assert_eq!(
        brief(&own),
        [
            "2013 PAID 100 cache",
            "2014 PAID 200 cache",
            "2015 PAID 300 cache"
        ]
    );
}

#[test]
fn a_sibling_share_is_answered_from_the_stored_answer() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2021, 2024), now());
    assert_eq!(dart.calls(), 4);
    let preferred = test_store.look_up_offline("900015", &annual(2021, 2024));
    assert_eq!(
        brief(&preferred),
        [
            "2021 NO_REPORT cache",
            "2022 PAID 105 cache",
            "2023 NO_DIVIDEND 0 cache",
            "2024 PAID 205 cache"
        ]
    );
}

#[test]
fn the_common_share_is_answered_from_a_preferred_shares_answer_as_well() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900015", &annual(2022, 2024), now());
    let common = test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    assert_eq!(
        brief(&common),
        [
            "2022 PAID 100 cache",
            "2023 NO_DIVIDEND 0 cache",
            "2024 PAID 200 cache"
        ]
    );
    assert_eq!(dart.calls(), 3);
}

#[test]
fn no_report_is_believed_for_a_while_and_then_asked_again() {
    let (dart, mut test_store) = (FakeDart::new(), TestStore::new());
    let request = annual(2025, 2025);
    let look = |test_store: &mut TestStore, days: i64| {
        test_store.look_up(
            &dart,
            "900010",
            &request,
            now() + chrono::TimeDelta::days(days),
        );
        dart.calls()
    };
    assert_eq!(look(&mut test_store, 0), 1);
    assert_eq!(
        look(&mut test_store, 6),
        1,
        "two months after it was due a week is waited"
    );
    assert_eq!(look(&mut test_store, 7), 2);
    assert_eq!(look(&mut test_store, 13), 2);
}

#[test]
fn refresh_asks_again_and_keeps_a_value_that_is_gone() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    let nothing = FakeDart::new();
    let request = SeriesRequest {
        refresh: true,
        ..annual(2022, 2024)
    };
    let again = test_store.look_up(&nothing, "900010", &request, later());
    assert_eq!(nothing.calls(), 3);
    assert_eq!(
        brief(&again),
        [
            "2022 PAID 100 cache",
            "2023 NO_DIVIDEND 0 cache",
            "2024 PAID 200 cache"
        ],
        "a 013 never replaces a value"
    );
}

#[test]
fn a_correction_replaces_the_value_and_the_old_one_is_kept_as_history() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    let corrected = Answer::of(CORP)
        .filing("20250814003144", "2024-12-31")
        .dps("보통주", ["250", "-", "-"]);
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &corrected);
    let request = SeriesRequest {
        recheck_recent: 1,
        ..annual(2022, 2024)
    };
    test_store.look_up(&dart, "900010", &request, later());
    let series = test_store.look_up_offline("900010", &annual(2024, 2024));
    assert_eq!(brief(&series), ["2024 PAID 250 cache"]);
    let replaced: f64 = rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .query_row(
            "SELECT dps_cash FROM dps_history WHERE ticker = '900010'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(replaced, 200.0);
}

#[test]
fn recheck_recent_asks_again_for_the_latest_years_alone() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    let request = SeriesRequest {
        recheck_recent: 2,
        ..annual(2022, 2024)
    };
    let again = test_store.look_up(&dart, "900010", &request, later());
    assert_eq!(
        brief(&again),
        [
            "2022 PAID 100 cache",
            "2023 NO_DIVIDEND 0 DART",
            "2024 PAID 200 DART"
        ]
    );
    assert_eq!(dart.calls(), 5);
}

#[test]
fn offline_never_calls_and_says_what_is_missing() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2023, 2023), now());
    let series = test_store.look_up_offline("900010", &annual(2022, 2024));
    assert_eq!(brief(&series), ["2023 NO_DIVIDEND 0 cache"]);
    let missing: Vec<u16> = series.missing.iter().map(|(year, _)| year.get()).collect();
    assert_eq!(missing, [2022, 2024]);
    assert!(
        series
            .missing
            .iter()
            .all(|(_, why)| matches!(why, StepError::Offline))
    );
    assert_eq!(dart.calls(), 1);
}

#[test]
fn what_was_fetched_before_the_days_limit_stays_and_no_call_follows() {
    let mut dart = FakeDart::with_faults("s020@3-99");
    for year in 2015..=2025 {
        dart = dart.with_report(year, ReprtCode::Annual, &paying("100", "-"));
    }
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2015, 2025), now());
    assert_eq!(series.rows.len(), 2);
    assert!(
        brief(&series)
            .iter()
            .all(|row| row.ends_with("PAID 100 DART"))
    );
    assert_eq!(series.missing.len(), 9);
    let (met, others): (Vec<_>, Vec<_>) = series
        .missing
        .iter()
        .partition(|(_, why)| matches!(why, StepError::Fetch(FetchError::DailyLimit { .. })));
    assert!(!met.is_empty());
    assert!(others.iter().all(|(_, why)| *why == StepError::NotAsked));
    // Eight in flight, and one more for each of the two that were answered.
    assert!(dart.calls() <= 10, "{}", dart.calls());
    let again = test_store.look_up_offline("900010", &annual(2015, 2025));
    assert_eq!(again.rows.len(), 2);
}

#[test]
fn an_unreadable_answer_is_missing_and_the_other_years_go_on() {
    let dart = three_years().serve_raw(CORP, 2023, "{\"status\":\"000\",\"list\":7}");
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    assert_eq!(brief(&series), ["2022 PAID 100 DART", "2024 PAID 200 DART"]);
    assert!(matches!(series.missing[..], [(year, StepError::Unreadable(_))] if year.get() == 2023));
}

#[test]
fn an_interim_dividend_is_compared_with_the_annual_report_before_it_is_believed() {
    let copied = Answer::of(CORP)
        .net_income(["9", "8", "7"])
        .dps("보통주", ["430", "525", "450"]);
    let honest = Answer::of(CORP)
        .net_income(["5", "9", "8"])
        .dps("보통주", ["100", "430", "525"]);
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &copied)
        .with_report(2023, ReprtCode::Half, &copied)
        .with_report(2023, ReprtCode::Q3, &honest);
    let mut test_store = TestStore::new();
    let half = SeriesRequest {
        reprt_code: ReprtCode::Half,
        ..annual(2023, 2023)
    };
    let series = test_store.look_up(&dart, "900010", &half, now());
    assert_eq!(brief(&series), ["2023 NOT_STATED DART"]);
    assert_eq!(dart.calls(), 2, "the report and the annual one it copies");
    let third = SeriesRequest {
        reprt_code: ReprtCode::Q3,
        ..annual(2023, 2023)
    };
    let series = test_store.look_up(&dart, "900010", &third, now());
    assert_eq!(brief(&series), ["2023 PAID 100 DART"]);
    assert_eq!(dart.calls(), 3, "the annual one is in the database by now");
}

#[test]
fn rows_of_an_older_parser_are_read_anew_without_a_call() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute(
            "UPDATE dividend_dps_cache
                SET parser_version = 0, outcome = 'NOT_STATED', dps_cash = NULL, note = 'old'
              WHERE fiscal_year = 2024",
            [],
        )
        .unwrap();
    let series = test_store.look_up_offline("900010", &annual(2024, 2024));
    assert_eq!(brief(&series), ["2024 PAID 200 cache"]);
    assert_eq!(
        series.rows[0].cached.parser_version,
        dps::opendart::alot_matter::PARSER_VERSION
    );
}

#[test]
fn amounts_are_compared_in_todays_shares() {
    let with_par = |par: &str, dps: &str, total: &str| {
        Answer::of(CORP)
            .row("주당액면가액(원)", "-", [par, "-", "-"])
            .total([total, "-", "-"])
            .dps("보통주", [dps, "-", "-"])
    };
    let dart = FakeDart::new()
        .with_report(
            2017,
            ReprtCode::Annual,
            &with_par("5,000", "42,500", "5,826,302"),
        )
        .with_report(
            2018,
            ReprtCode::Annual,
            &with_par("100", "1,416", "9,619,243"),
        );
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2016, 2025), now());
    let adjusted: Vec<String> = series
        .rows
        .iter()
        .take(3)
        .map(|row| {
            let factor = row
                .adjustment_factor
                .map_or_else(String::new, |f| f.to_string());
            let amount = row
                .dps_cash_adjusted()
                .map_or_else(String::new, |won| won.to_string());
            format!("{} {amount} {factor}", row.cached.year.fiscal_year)
        })
        .collect();
    assert_eq!(adjusted, ["2016  ", "2017 850 50", "2018 1416 1"]);
}

#[test]
fn a_cached_series_of_eleven_years_makes_no_call_and_no_write() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2015, 2025), now());
    let watcher = rusqlite::Connection::open(&test_store.path).unwrap();
    let version = || -> i64 {
        watcher
            .query_row("PRAGMA data_version", [], |row| row.get(0))
            .unwrap()
    };
    let before = version();
    let calls = dart.calls();
    let series = test_store.look_up(&dart, "900010", &annual(2015, 2025), now());
    assert_eq!(series.rows.len(), 11);
    assert_eq!((dart.calls(), version()), (calls, before));
}

#[test]
fn todays_shares_are_unknown_until_the_newest_due_report_was_read() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    let factor = |series: &dps::series::Series| series.rows[0].adjustment_factor;
    let past = test_store.look_up(&dart, "900010", &annual(2022, 2023), now());
    assert_eq!(factor(&past), None, "2025 was due in March 2026");
    test_store.look_up(&dart, "900010", &annual(2024, 2025), now());
    let past = test_store.look_up(&dart, "900010", &annual(2022, 2023), now());
    assert_eq!(
        factor(&past),
        Some(1.into()),
        "2025 has no report, so 2024 has the word"
    );
}

#[test]
fn a_refresh_brings_the_issuers_other_rows_along() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    test_store.look_up(&dart, "900015", &annual(2024, 2024), now());
    let corrected = Answer::of(CORP)
        .filing("20250814003144", "2024-12-31")
        .dps("보통주", ["250", "-", "-"])
        .dps("우선주", ["255", "-", "-"]);
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &corrected);
    let request = SeriesRequest {
        refresh: true,
        ..annual(2024, 2024)
    };
    test_store.look_up(&dart, "900010", &request, later());
    let preferred = test_store.look_up_offline("900015", &annual(2024, 2024));
    assert_eq!(brief(&preferred), ["2024 PAID 255 cache"]);
    let filing = preferred.rows[0].cached.year.rcept_no.unwrap();
    assert_eq!(filing.as_str(), "20250814003144");
}

#[test]
fn both_classes_refreshed_at_once_cost_one_call() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    let request = SeriesRequest {
        refresh: true,
        ..annual(2024, 2024)
    };
    test_store.look_up(&dart, "900010", &request, now());
    let preferred = test_store.look_up(&dart, "900015", &request, now());
    assert_eq!(brief(&preferred), ["2024 PAID 205 cache"]);
    assert_eq!(dart.calls(), 1);
}

#[test]
fn an_outdated_row_whose_answer_is_gone_is_asked_for_again_and_not_shown_before() {
    let (dart, mut test_store) = (three_years(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    let database = rusqlite::Connection::open(&test_store.path).unwrap();
    let gone = "UPDATE dividend_dps_cache SET parser_version = 0, dps_cash = 999, raw_payload = ";
    for payload in ["NULL", "x'00112233'"] {
        database.execute(&format!("{gone}{payload}"), []).unwrap();
        let offline = test_store.look_up_offline("900010", &annual(2024, 2024));
        assert!(
            offline.rows.is_empty() && offline.missing.len() == 1,
            "{payload}"
        );
        let asked = test_store.look_up(&dart, "900010", &annual(2024, 2024), later());
        assert_eq!(brief(&asked), ["2024 PAID 200 DART"], "{payload}");
    }
}

#[test]
fn a_figure_with_too_many_digits_costs_neither_its_row_nor_the_others() {
    let odd_eps = paying("200", "205").row(
        "(연결)주당순이익(원)",
        "-",
        ["1234567.12345678901", "-", "-"],
    );
    let odd_dps = Answer::of(CORP).dps("보통주", ["1234567.12345678901", "-", "-"]);
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &odd_dps)
        .with_report(2023, ReprtCode::Annual, &odd_eps)
        .with_report(2024, ReprtCode::Annual, &paying("300", "305"));
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    assert_eq!(brief(&series), ["2023 PAID 200 DART", "2024 PAID 300 DART"]);
    assert_eq!(series.rows[0].cached.year.eps, None);
    assert!(matches!(series.missing[..], [(year, StepError::NotKept(_))] if year.get() == 2022));
}
