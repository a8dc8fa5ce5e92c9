//! Annual answers from before the year's report was due: what they say may be half of the year.

use chrono::{DateTime, TimeDelta, Utc};
use dps::domain::ReprtCode;
use dps::prefetch::Plan;
use dps::resolve::reparse;
use dps::series::SeriesRequest;

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, brief};
use crate::support::dps::Dps;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The year's report is due on 31 March 2026.
fn autumn() -> DateTime<Utc> {
    utc("2025-10-01T00:00:00Z")
}

/// A trust that closes its books in June and in December, after the first of them.
fn half() -> Answer {
    half_of(2025)
}

fn half_of(year: u16) -> Answer {
    Answer::of(CORP)
        .filing(&format!("{year}0930000001"), &format!("{year}-06-30"))
        .row("주당액면가액(원)", "-", ["500"; 3])
        .dps("보통주", ["30", "-", "-"])
}

fn whole() -> Answer {
    half()
        .filing("20260330000001", "2025-12-31")
        .row("주당액면가액(원)", "-", ["500"; 3])
        .dps("보통주", ["40", "-", "-"])
}

#[test]
fn half_a_year_is_shown_with_a_note_for_a_while_and_asked_again() {
    let early = FakeDart::new().with_report(2025, ReprtCode::Annual, &half());
    let mut test_store = TestStore::new();
    let first = test_store.look_up(&early, "900010", &annual(2025, 2025), autumn());
    assert_eq!(brief(&first), ["2025 PAID 30 DART"]);
    let row = &first.rows[0];
    assert_eq!(row.cached.expires_at, Some(autumn() + TimeDelta::days(7)));
    assert_eq!(
        row.note().unwrap(),
        "read before the report was due (2026-03-31): more may be filed for this year"
    );
    let six_days_on = autumn() + TimeDelta::days(6);
    test_store.look_up(&early, "900010", &annual(2025, 2025), six_days_on);
    assert_eq!(early.calls(), 1);

    let late = FakeDart::new().with_report(2025, ReprtCode::Annual, &whole());
    let spring = utc("2026-04-01T00:00:00Z");
    let again = test_store.look_up(&late, "900010", &annual(2025, 2025), spring);
    assert_eq!(brief(&again), ["2025 PAID 70 DART"]);
    assert_eq!(again.rows[0].cached.expires_at, None);
    assert!(!again.rows[0].note().unwrap().contains("due"));
    let years_on = utc("2028-04-01T00:00:00Z");
    test_store.look_up(&late, "900010", &annual(2025, 2025), years_on);
    assert_eq!(late.calls(), 1, "then it is kept for good");
}

#[test]
fn a_value_that_cannot_be_asked_again_is_shown_as_it_is() {
    let early = FakeDart::new().with_report(2025, ReprtCode::Annual, &half());
    let mut test_store = TestStore::new();
    test_store.look_up(&early, "900010", &annual(2025, 2025), autumn());
    let offline = test_store.look_up_offline("900010", &annual(2025, 2025));
    assert_eq!(brief(&offline), ["2025 PAID 30 cache"]);
    assert_eq!(offline.missing.len(), 1, "it would be asked again");
    let gone = FakeDart::new();
    let spring = utc("2026-04-01T00:00:00Z");
    let series = test_store.look_up(&gone, "900010", &annual(2025, 2025), spring);
    assert_eq!(
        brief(&series),
        ["2025 PAID 30 cache"],
        "a 013 replaces no value"
    );
    let calls = gone.calls();
    test_store.look_up(&gone, "900010", &annual(2025, 2025), spring);
    assert_eq!(gone.calls(), calls, "and is not asked for at every look");
}

#[test]
fn half_a_year_s_earlier_columns_are_used_for_no_other_year() {
    let dart = FakeDart::new().with_report(2025, ReprtCode::Annual, &half());
    let mut test_store = TestStore::new();
    let request = SeriesRequest {
        plan: Some(Plan::Window),
        ..annual(2024, 2025)
    };
    let series = test_store.look_up(&dart, "900010", &request, autumn());
    assert_eq!(brief(&series), ["2024 NO_REPORT DART", "2025 PAID 30 DART"]);
}

#[test]
fn years_that_a_report_no_longer_speaks_for_are_asked_again_by_their_own() {
    // One filing when it was read, two later: its columns are whole years no more.
    let summer = utc("2026-06-01T00:00:00Z");
    let one = Answer::of(CORP)
        .filing("20260330000001", "2025-12-31")
        .net_income(["9", "8", "7"])
        .dps("보통주", ["40", "35", "33"]);
    let mut test_store = TestStore::new();
    let window = SeriesRequest {
        plan: Some(Plan::Window),
        ..annual(2024, 2025)
    };
    let before = FakeDart::new().with_report(2025, ReprtCode::Annual, &one);
    let series = test_store.look_up(&before, "900010", &window, summer);
    assert_eq!(brief(&series), ["2024 PAID 35 DART", "2025 PAID 40 DART"]);
    let own = Answer::of(CORP)
        .filing("20250331000001", "2024-12-31")
        .dps("보통주", ["72", "-", "-"]);
    let after = FakeDart::new()
        .with_report(2025, ReprtCode::Annual, &whole())
        .with_report(2024, ReprtCode::Annual, &own);
    let refresh = SeriesRequest {
        refresh: true,
        ..annual(2025, 2025)
    };
    let august = utc("2026-08-01T00:00:00Z");
    test_store.look_up(&after, "900010", &refresh, august);
    // Reading it again, as after an update, changes nothing about that.
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch("UPDATE dividend_dps_cache SET parser_version = 1")
        .unwrap();
    reparse(&test_store.store, august).unwrap();
    let later = august + TimeDelta::seconds(1);
    let series = test_store.look_up(&after, "900010", &annual(2024, 2025), later);
    assert_eq!(brief(&series), ["2024 PAID 72 DART", "2025 PAID 70 cache"]);
}

#[test]
fn offline_such_a_value_is_no_less_there_than_any_other() {
    let dart = FakeDart::new()
        .with_companies(&[(CORP, "가상리츠", "Madeup REIT", "900010")])
        .with_report(2022, ReprtCode::Annual, &half_of(2022));
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "2021", "2022"]).exits(0);
    let expire = "UPDATE dividend_dps_cache SET expires_at = '2024-01-01T00:00:00.000Z'";
    rusqlite::Connection::open(dps.db())
        .unwrap()
        .execute_batch(expire)
        .unwrap();
    let value = ["series", "900010", "2022", "2022", "--offline"];
    let shown = dps.run(value).exits(0).no_stderr();
    assert!(shown.stdout.contains("PAID"), "{}", shown.stdout);
    let with_a_013 = ["series", "900010", "2021", "2022", "--offline"];
    let ran = dps
        .run(with_a_013)
        .exits(3)
        .stderr_contains(["900010 2021:"]);
    assert!(!ran.stderr.contains("2022"), "{}", ran.stderr);
}

#[test]
fn a_sibling_is_not_answered_from_half_a_year() {
    let early = FakeDart::new().with_report(2025, ReprtCode::Annual, &half());
    let mut test_store = TestStore::new();
    test_store.look_up(&early, "900010", &annual(2025, 2025), autumn());
    let late = FakeDart::new().with_report(
        2025,
        ReprtCode::Annual,
        &whole().dps("우선주", ["45", "-", "-"]),
    );
    let spring = utc("2026-04-01T00:00:00Z");
    test_store.look_up(&late, "900015", &annual(2025, 2025), spring);
    assert_eq!(late.calls(), 1);
    let common = test_store.look_up(&late, "900010", &annual(2025, 2025), spring);
    assert_eq!(brief(&common), ["2025 PAID 70 cache"], "brought along");
}

#[test]
fn an_interim_answer_is_complete_when_it_is_read() {
    let dart = FakeDart::new().with_report(2025, ReprtCode::Q3, &half());
    let mut test_store = TestStore::new();
    let third = dps::series::SeriesRequest {
        reprt_code: ReprtCode::Q3,
        ..annual(2025, 2025)
    };
    let series = test_store.look_up(&dart, "900010", &third, autumn());
    assert_eq!(series.rows[0].cached.expires_at, None);
    assert_eq!(series.rows[0].note(), None);
}
