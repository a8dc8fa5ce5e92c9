//! Amounts in today's shares: by whose par value, and where it is not certain in which they are.

use dps::domain::ReprtCode;
use dps::series::{Series, SeriesRequest, cached_series};

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, now};

/// Par value, the total and both dividends, each of three years.
fn stating(par: [&str; 3], total: [&str; 3], common: [&str; 3], preferred: [&str; 3]) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", par)
        .total(total)
        .net_income(["9", "8", "7"])
        .dps("보통주", common)
        .dps("우선주", preferred)
}

/// What the 2018 report says was paid altogether, millions of won.
const TOTALS: [&str; 3] = ["9,619,243", "5,826,302", "3,991,892"];

/// A split of 50:1 in 2018; no report for 2025.
fn split() -> FakeDart {
    let none = ["-", "-", "-"];
    FakeDart::new()
        .with_report(
            2017,
            ReprtCode::Annual,
            &stating(
                ["5,000", "5,000", "5,000"],
                ["5,826,302", "-", "-"],
                ["42,500", "-", "-"],
                ["42,550", "-", "-"],
            ),
        )
        .with_report(
            2018,
            ReprtCode::Annual,
            &stating(
                ["100", "5,000", "5,000"],
                TOTALS,
                ["1,416", "42,500", "28,500"],
                ["1,417", "42,550", "28,550"],
            ),
        )
        .with_report(
            2024,
            ReprtCode::Annual,
            &stating(
                ["100"; 3],
                ["9,810,767", "-", "-"],
                ["1,446", "-", "-"],
                none,
            ),
        )
}

fn factors(series: &Series) -> Vec<String> {
    let factor = |row: &dps::series::SeriesRow| {
        row.adjustment_factor
            .map_or_else(|| "?".to_owned(), |factor| factor.to_string())
    };
    series.rows.iter().map(factor).collect()
}

#[test]
fn a_preferred_shares_todays_par_is_in_the_answers_stored_for_the_common_one() {
    let (dart, mut test_store) = (split(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2017, 2025), now());
    let calls = dart.calls();
    let preferred = test_store.look_up(&dart, "900015", &annual(2017, 2018), now());
    assert_eq!(factors(&preferred), ["50", "1"]);
    assert_eq!(
        preferred.rows[0].dps_cash_adjusted().unwrap().to_string(),
        "851"
    );
    assert_eq!(dart.calls(), calls);
    let ticker = "900015".parse().unwrap();
    assert_eq!(
        test_store.store.rows_of(ticker).unwrap().len(),
        2,
        "looking it up writes no row of other years"
    );
    let cached = cached_series(&test_store.store, ticker, &annual(2017, 2017), now()).unwrap();
    assert_eq!(cached[0].adjustment_factor, Some(50.into()));
}

#[test]
fn a_par_value_of_its_own_class_counts_and_without_one_nothing_is_known() {
    let of = |answer: Answer| {
        let dart = split().with_report(2025, ReprtCode::Annual, &answer);
        let mut test_store = TestStore::new();
        test_store.look_up(&dart, "900010", &annual(2017, 2025), now());
        let preferred = test_store.look_up(&dart, "900015", &annual(2017, 2025), now());
        factors(&preferred).remove(0)
    };
    // Ten times as many shares as 2017's 137 million.
    let bare = || {
        Answer::of(CORP)
            .total(["1,940,000", "-", "-"])
            .dps("보통주", ["1,416", "-", "-"])
            .dps("우선주", ["1,417", "-", "-"])
    };
    let by_class = bare()
        .row("주당액면가액(원)", "보통주", ["100", "-", "-"])
        .row("주당액면가액(원)", "우선주", ["500", "-", "-"]);
    assert_eq!(of(by_class), "10");
    assert_eq!(of(bare()), "?", "the newest report states none");
}

#[test]
fn todays_par_is_unknown_while_a_report_that_is_due_was_read_for_neither_share() {
    let (dart, mut test_store) = (split(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2017, 2024), now());
    let preferred = test_store.look_up(&dart, "900015", &annual(2017, 2017), now());
    assert_eq!(factors(&preferred), ["?"], "2025 was not asked for");
}

fn by_window(first: u16, last: u16) -> SeriesRequest {
    SeriesRequest {
        plan: Some(dps::domain::job::Plan::Window),
        ..annual(first, last)
    }
}

#[test]
fn a_later_reports_figure_is_adjusted_only_where_its_column_is_in_that_reports_shares() {
    // As paid, or in new shares beside the par value as it was: nothing in the report tells.
    for (par, stated, factor) in [
        (
            ["100", "5,000", "5,000"],
            ["1,416", "42,500", "28,500"],
            "?",
        ),
        (["100", "5,000", "5,000"], ["1,416", "850", "570"], "?"),
        (["100", "100", "100"], ["1,416", "850", "570"], "1"),
    ] {
        let none = ["-", "-", "-"];
        let dart = FakeDart::new()
            .with_report(2018, ReprtCode::Annual, &stating(par, TOTALS, stated, none))
            .with_report(
                2025,
                ReprtCode::Annual,
                &stating(["100"; 3], none, none, none),
            );
        let mut test_store = TestStore::new();
        test_store.look_up(&dart, "900010", &annual(2025, 2025), now());
        let series = test_store.look_up(&dart, "900010", &by_window(2016, 2018), now());
        assert_eq!(
            factors(&series),
            [factor, factor, "1"],
            "{par:?} {stated:?}"
        );
        let notes: Vec<Option<String>> = series.rows.iter().map(|row| row.note()).collect();
        let note = (factor == "?").then(|| {
            "in which shares the 2018 report states this year is not certain: its par value is \
             5,000 for the year and 100 for its own"
                .to_owned()
        });
        assert_eq!(notes, [note.clone(), note, None]);
        // Nothing is nothing in any shares.
        let preferred = test_store.look_up(&dart, "900015", &by_window(2016, 2018), now());
        assert!(!factors(&preferred).contains(&"?".to_owned()));
    }
}

#[test]
fn the_years_own_report_settles_in_which_shares_it_is() {
    let (dart, mut test_store) = (split(), TestStore::new());
    test_store.look_up(&dart, "900010", &annual(2024, 2025), now());
    let later = test_store.look_up(&dart, "900010", &by_window(2016, 2018), now());
    assert_eq!(later.rows[1].cached.year.source_year.get(), 2018);
    let own = SeriesRequest {
        plan: Some(dps::domain::job::Plan::Own),
        ..annual(2017, 2017)
    };
    let own = test_store.look_up(&dart, "900010", &own, now());
    assert_eq!(factors(&own), ["50"]);
    assert_eq!(own.rows[0].note(), None);
}
