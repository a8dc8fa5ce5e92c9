//! What a share's reports say against each other, in whichever order they were read.

use dps::domain::job::Plan;
use dps::domain::{FiscalYear, ReprtCode, note_words};
use dps::series::{Series, SeriesRequest, cached_series};
use serde_json::Value;

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, brief, now};
use crate::support::dps::Dps;

/// An annual answer with these columns of dividends, totals and net incomes.
fn stating(dps: [&str; 3], total: [&str; 3], income: [&str; 3]) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["5,000"; 3])
        .net_income(income)
        .total(total)
        .dps("보통주", dps)
        .dps("우선주", dps)
}

fn paying(dps: [&str; 3]) -> Answer {
    stating(dps, dps, ["90", "80", "70"])
}

/// What the rows of these years say after the reports were read in this order.
fn after_reading(dart: &FakeDart, ticker: &str, order: &[u16], years: (u16, u16)) -> Series {
    let mut test_store = TestStore::new();
    for year in order {
        test_store.look_up(dart, ticker, &annual(*year, *year), now());
    }
    test_store.look_up_offline(ticker, &annual(years.0, years.1))
}

fn states(series: &Series) -> Vec<String> {
    let line = |line: String| line.rsplit_once(' ').unwrap().0.to_owned();
    brief(series).into_iter().map(line).collect()
}

#[test]
fn a_dash_that_later_reports_agree_was_a_dividend_is_not_stated_with_their_amount_beside_it() {
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &paying(["-", "500", "450"]))
        .with_report(2023, ReprtCode::Annual, &paying(["600", "550", "500"]))
        .with_report(2024, ReprtCode::Annual, &paying(["650", "600", "550"]));
    for ticker in ["900010", "900015"] {
        for order in [
            &[2022, 2023][..],
            &[2023, 2022],
            &[2022, 2023, 2024],
            &[2024, 2023, 2022],
            &[2022, 2024],
        ] {
            let series = after_reading(&dart, ticker, order, (2022, 2022));
            assert_eq!(states(&series), ["2022 NOT_STATED"], "{ticker} {order:?}");
            let row = &series.rows[0];
            let beside = row.restated[0].dps_cash.to_string();
            assert_eq!(beside, "550", "{ticker} {order:?}");
            assert!(row.note().unwrap().contains("later ones state an amount"));
        }
    }
    let alone = after_reading(&dart, "900010", &[2022], (2022, 2022));
    assert_eq!(states(&alone), ["2022 NO_DIVIDEND 0"]);
    assert!(alone.rows[0].is_unconfirmed);
}

#[test]
fn a_dash_that_the_next_report_repeats_stays_one() {
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &paying(["-", "500", "450"]))
        .with_report(2023, ReprtCode::Annual, &paying(["600", "-", "500"]))
        .with_report(2024, ReprtCode::Annual, &paying(["650", "600", "550"]));
    let series = after_reading(&dart, "900010", &[2022, 2023, 2024], (2022, 2022));
    assert_eq!(states(&series), ["2022 NO_DIVIDEND 0"]);
    assert!(!series.rows[0].is_unconfirmed);
}

/// 2020 and 2022 as they are, and between them a report with last year's columns left standing.
fn copied() -> FakeDart {
    let of_2020 = || {
        stating(
            ["15,000", "14,000", "11,000"],
            ["265,114", "247,439", "194,417"],
            ["572,956", "632,926", "527,414"],
        )
    };
    FakeDart::new()
        .with_report(2020, ReprtCode::Annual, &of_2020())
        .with_report(2021, ReprtCode::Annual, &of_2020())
        .with_report(
            2022,
            ReprtCode::Annual,
            &stating(
                ["20,000", "20,000", "15,000"],
                ["397,263", "353,484", "265,114"],
                ["798,264", "811,106", "572,956"],
            ),
        )
}

#[test]
fn an_annual_report_with_last_years_columns_left_standing_states_nothing() {
    let dart = copied();
    for order in [
        &[2020, 2021][..],
        &[2021, 2020],
        &[2022, 2021],
        &[2020, 2022, 2021],
    ] {
        let series = after_reading(&dart, "900010", order, (2021, 2021));
        assert_eq!(states(&series), ["2021 NOT_STATED"], "{order:?}");
        let note = series.rows[0].note().unwrap();
        assert!(
            note.starts_with("the 2021 report repeats the figures of 2020"),
            "{note}"
        );
    }
    let all = after_reading(&dart, "900010", &[2020, 2021, 2022], (2020, 2022));
    assert_eq!(
        states(&all),
        ["2020 PAID 15000", "2021 NOT_STATED", "2022 PAID 20000"]
    );
    assert_eq!(all.rows[0].note(), None, "the copy restates nothing");
    let beside = all.rows[1].restated[0].dps_cash.to_string();
    assert_eq!(beside, "20000");
}

#[test]
fn its_earlier_columns_serve_no_other_year() {
    let dart = copied();
    let mut test_store = TestStore::new();
    let window = SeriesRequest {
        plan: Some(Plan::Window),
        ..annual(2019, 2021)
    };
    let before = test_store.look_up(&dart, "900010", &window, now());
    assert_eq!(dart.calls(), 1, "the 2021 report speaks for all three");
    assert_eq!(before.rows[1].cached.year.source_year.get(), 2021);
    test_store.look_up(&dart, "900010", &annual(2022, 2022), now());
    let series = test_store.look_up_offline("900010", &annual(2019, 2022));
    assert_eq!(
        states(&series),
        [
            "2019 NOT_STATED",
            "2020 NOT_STATED",
            "2021 NOT_STATED",
            "2022 PAID 20000"
        ]
    );
}

#[test]
fn a_company_that_pays_the_same_each_year_copies_nothing() {
    let same = |income| stating(["500"; 3], ["1,000"; 3], income);
    let dart = FakeDart::new()
        .with_report(2020, ReprtCode::Annual, &same(["70", "60", "50"]))
        .with_report(2021, ReprtCode::Annual, &same(["80", "70", "60"]))
        .with_report(2022, ReprtCode::Annual, &same(["90", "80", "70"]));
    let series = after_reading(&dart, "900010", &[2020, 2021, 2022], (2020, 2022));
    assert_eq!(
        states(&series),
        ["2020 PAID 500", "2021 PAID 500", "2022 PAID 500"]
    );
}

#[test]
fn an_interim_copy_is_one_also_where_a_net_income_differs() {
    let figures = |income| {
        stating(
            ["430", "525", "450"],
            ["52,771", "53,691", "46,021"],
            income,
        )
    };
    let annual_report = figures(["157,857", "153,347", "142,052"]);
    for income in [
        ["157,855", "153,347", "142,052"],
        ["-", "-", "-"],
        ["80,000", "157,857", "153,347"],
    ] {
        let dart = FakeDart::new()
            .with_report(2022, ReprtCode::Annual, &annual_report)
            .with_report(2023, ReprtCode::Half, &figures(income));
        let half = SeriesRequest {
            reprt_code: ReprtCode::Half,
            ..annual(2023, 2023)
        };
        let series = TestStore::new().look_up(&dart, "900010", &half, now());
        assert_eq!(states(&series), ["2023 NOT_STATED"], "{income:?}");
    }
}

#[test]
fn years_of_another_settlement_month_are_not_taken_from_a_later_report() {
    let closing = |rcept_no: &str, stlm_dt: &str, dps| {
        Answer::of(CORP)
            .filing(rcept_no, stlm_dt)
            .net_income(["90", "80", "70"])
            .dps("보통주", dps)
    };
    let dart = FakeDart::new()
        .with_report(
            2019,
            ReprtCode::Annual,
            &closing("20191230000001", "2019-09-30", ["90", "80", "70"]),
        )
        .with_report(
            2022,
            ReprtCode::Annual,
            &closing("20230330000001", "2022-12-31", ["120", "110", "100"]),
        );
    let mut test_store = TestStore::new();
    let window = SeriesRequest {
        plan: Some(Plan::Window),
        ..annual(2019, 2022)
    };
    let series = test_store.look_up(&dart, "900010", &window, now());
    assert_eq!(
        states(&series),
        [
            "2019 PAID 90",
            "2020 NOT_STATED",
            "2021 NOT_STATED",
            "2022 PAID 120"
        ]
    );
    let note = series.rows[1].note().unwrap();
    assert!(note.contains("settlement month"), "{note}");
}

#[test]
fn one_closing_of_a_company_that_had_two_the_year_before_is_provisional() {
    let half = |year: u16| {
        Answer::of(CORP)
            .filing(&format!("{year}0930000001"), &format!("{year}-06-30"))
            .net_income(["9", "8", "7"])
            .dps("보통주", ["30", "-", "-"])
    };
    let both = |year: u16| {
        half(year)
            .filing(&format!("{}0330000001", year + 1), &format!("{year}-12-31"))
            .net_income(["8", "9", "8"])
            .dps("보통주", ["40", "-", "-"])
    };
    let dart = FakeDart::new()
        .with_report(2023, ReprtCode::Annual, &both(2023))
        .with_report(2024, ReprtCode::Annual, &half(2024));
    let mut test_store = TestStore::new();
    // Long after the 2024 report was due.
    let series = test_store.look_up(&dart, "900010", &annual(2023, 2024), now());
    assert_eq!(states(&series), ["2023 PAID 70", "2024 PAID 30"]);
    let note = note_words(&series.rows[1].notes()).unwrap();
    assert!(note.contains("another may follow"), "{note}");
    let calls = dart.calls();
    for (days, asked) in [(6, 0), (8, 1)] {
        let later = now() + chrono::TimeDelta::days(days);
        test_store.look_up(&dart, "900010", &annual(2023, 2024), later);
        assert_eq!(dart.calls(), calls + asked, "after {days} days");
    }
}

#[test]
fn an_answer_without_rows_and_a_013_from_a_clock_that_ran_ahead_are_asked_again() {
    let nothing = r#"{"status":"000","message":"정상","list":[]}"#;
    let empty = FakeDart::new()
        .serve_raw(CORP, 2022, nothing)
        .serve_raw(CORP, 2025, nothing);
    let paid = FakeDart::new()
        .with_report(2021, ReprtCode::Annual, &paying(["400", "-", "-"]))
        .with_report(2022, ReprtCode::Annual, &paying(["500", "400", "-"]))
        .with_report(2025, ReprtCode::Annual, &paying(["700", "-", "-"]));
    let ahead = now() + chrono::TimeDelta::days(365);
    let mut test_store = TestStore::new();
    let nothing = test_store.look_up(&empty, "900010", &annual(2021, 2022), ahead);
    assert_eq!(states(&nothing), ["2021 NO_REPORT", "2022 NOT_STATED"]);
    let series = test_store.look_up(&paid, "900010", &annual(2021, 2022), now());
    assert_eq!(states(&series), ["2021 PAID 400", "2022 PAID 500"]);

    // By a right clock, an answer without rows is believed no longer than a 013.
    let mut test_store = TestStore::new();
    test_store.look_up(&empty, "900010", &annual(2025, 2025), now());
    let later = now() + chrono::TimeDelta::days(8);
    let series = test_store.look_up(&paid, "900010", &annual(2025, 2025), later);
    assert_eq!(states(&series), ["2025 PAID 700"]);
}

#[test]
fn a_ticker_that_passed_to_another_company_shows_nothing_of_the_former_one() {
    let former = FakeDart::new()
        .with_companies(&[(CORP, "가상구상사", "Madeup Old", "900010")])
        .with_report(2022, ReprtCode::Annual, &paying(["500", "-", "-"]))
        .with_report(2023, ReprtCode::Annual, &paying(["600", "500", "-"]));
    let answer = Answer::of("99999998")
        .row("주당액면가액(원)", "-", ["100", "-", "-"])
        .dps("보통주", ["70", "-", "-"]);
    let today = FakeDart::new()
        .with_companies(&[("99999998", "가상신상사", "Madeup New", "900010")])
        .with_report(2023, ReprtCode::Annual, &answer);
    let dps = Dps::asking(&former);
    dps.run(["series", "900010", "2022", "2023"]).exits(0);
    let dps = dps.with("DPS_API_BASE", &today.server.origin());
    dps.run(["ticker", "sync"]).exits(0);
    let offline = dps.run(["series", "900010", "2022", "2023", "--offline"]);
    assert!(!offline.stdout.contains("600"), "{}", offline.stdout);
    let json = dps
        .run(["series", "900010", "2022", "2023", "--format", "json"])
        .exits(0)
        .json();
    let brief: Vec<(&Value, &Value, &Value)> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["corp_code"], &row["outcome"], &row["dps_cash"]))
        .collect();
    assert_eq!(
        brief,
        [
            (&"99999998".into(), &"NO_REPORT".into(), &Value::Null),
            (&"99999998".into(), &"PAID".into(), &70.into()),
        ]
    );
    let history = dps
        .run(["series", "900010", "2022", "2023", "--history"])
        .exits(0);
    assert!(!history.stdout.contains("600"), "{}", history.stdout);
}

#[test]
fn years_without_a_dividend_are_confirmed_by_the_next_report_where_asked() {
    let dart = FakeDart::new()
        .with_companies(&[(CORP, "가상전자", "Madeup & Co", "900010")])
        .with_report(2021, ReprtCode::Annual, &paying(["-", "500", "450"]))
        .with_report(2022, ReprtCode::Annual, &paying(["600", "550", "500"]));
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "--from", "2021", "--to", "2021"])
        .exits(0)
        .stderr_contains(["900010 paid nothing for 2021", "--confirm"]);
    let calls = dart.calls();
    let confirmed = dps
        .run([
            "series",
            "900010",
            "--from",
            "2021",
            "--to",
            "2021",
            "--confirm",
        ])
        .exits(0);
    assert_eq!(dart.calls(), calls + 1);
    assert!(
        confirmed.stdout.contains("NOT_STATED"),
        "{}",
        confirmed.stdout
    );
    let json = dps
        .run(["series", "900010", "2021", "2021", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(json[0]["restated_dps_cash"], 550);
    assert_eq!(json[0]["dps_cash"], Value::Null);
}

#[test]
fn the_cached_series_says_the_same() {
    let dart = copied();
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, "900010", &annual(2020, 2022), now());
    let ticker = "900010".parse().unwrap();
    let rows = cached_series(&test_store.store, ticker, &annual(2021, 2021), now()).unwrap();
    let year = &rows[0].cached.year;
    assert_eq!(year.fiscal_year, FiscalYear::new(2021).unwrap());
    assert_eq!((year.outcome.as_str(), year.dps_cash), ("NOT_STATED", None));
}
