//! Which year an answer is about, and which of its filings count.

use dps::domain::{FiscalYear, ReprtCode, note_words};
use dps::opendart::alot_matter::{Column, Report, UnreadableAnswer};

use crate::support::answer::Answer;
use crate::support::reading::{CORP, own, reads, report_of, state_of};

#[test]
fn two_settlement_dates_add_up_and_their_earlier_columns_are_used_for_no_year() {
    let reit = Answer::of(CORP)
        .filing("20240930000001", "2024-06-30")
        .dps("보통주", ["132.5", "130", "-"])
        .filing("20250331000002", "2024-12-31")
        .dps("보통주", ["140", "132.5", "-"]);
    assert_eq!(own(&reit, "900010"), "PAID 272.5");
    let report = report_of(&reit, 2024, ReprtCode::Annual);
    assert!(!report.speaks_for_other_years());
    let year = report
        .dividend_year("900010".parse().unwrap(), Column::Own, None)
        .unwrap();
    assert_eq!(year.stlm_dt.unwrap().to_string(), "2024-12-31");
    assert_eq!(year.rcept_no.unwrap().as_str(), "20250331000002");
    let note = note_words(&year.notes).unwrap();
    assert!(
        note.contains("2024-06-30: 132.5") && note.contains("2024-12-31: 140"),
        "{note}"
    );
    assert_eq!(reads(&reit, "900010", Column::YearBefore), "NOT_STATED");
}

#[test]
fn a_sum_that_lacks_a_part_is_not_stated() {
    let reit = Answer::of(CORP)
        .filing("20240930000001", "2024-06-30")
        .dps("보통주", ["별첨", "-", "-"])
        .filing("20250331000002", "2024-12-31")
        .dps("보통주", ["140", "-", "-"]);
    assert_eq!(own(&reit, "900010"), "NOT_STATED");
}

#[test]
fn the_same_settlement_date_twice_is_a_correction_and_the_later_filing_counts() {
    let corrected = Answer::of(CORP)
        .filing("20250814003144", "2024-12-31")
        .dps("보통주", ["120", "-", "-"])
        .filing("20250331000001", "2024-12-31")
        .dps("보통주", ["100", "-", "-"]);
    assert_eq!(own(&corrected, "900010"), "PAID 120");
}

#[test]
fn undated_filings_count_where_they_are_the_same_and_are_refused_where_they_are_not() {
    let reads = |answer: &Answer| {
        let report = report_of(answer, 2015, ReprtCode::Annual);
        let ticker = "900010".parse().unwrap();
        state_of(&report.dividend_year(ticker, Column::Own, None).unwrap())
    };
    let undated = Answer::of(CORP)
        .filing("20160330000001", "")
        .net_income(["900", "-", "-"])
        .dps("보통주", ["100", "-", "-"]);
    assert_eq!(reads(&undated), "PAID 100");
    let second = |answer: Answer, income, dps| {
        answer
            .filing("20160530000002", "-")
            .net_income([income, "-", "-"])
            .dps("보통주", [dps, "-", "-"])
    };
    let same = second(undated.clone(), "900", "100");
    assert_eq!(reads(&same), "PAID 100");
    for (income, dps) in [("900", "50"), ("800", "100")] {
        let other = second(undated.clone(), income, dps);
        assert_eq!(
            reads(&other),
            "NOT_STATED",
            "a correction or a second closing"
        );
    }
    let beside_a_half_year = Answer::of(CORP)
        .filing("20150930000001", "2015-06-30")
        .dps("보통주", ["500", "-", "-"])
        .filing("20160330000001", "")
        .dps("보통주", ["500", "-", "-"]);
    assert_eq!(reads(&beside_a_half_year), "NOT_STATED");
    let half_dated = undated
        .filing("20160330000001", "2015-12-31")
        .total(["100", "-", "-"]);
    assert_eq!(
        reads(&half_dated),
        "PAID 100",
        "one filing that dates some rows only"
    );
}

#[test]
fn rows_without_a_label_are_not_told_apart_across_filings_or_dates() {
    let rows = |first: (&str, &str), second: (&str, &str)| {
        Answer::of(CORP)
            .filing(first.0, first.1)
            .dps("-", ["500", "-", "-"])
            .filing(second.0, second.1)
            .dps("-", ["510", "-", "-"])
    };
    let day = ("20250331000001", "2024-12-31");
    for (first, second) in [
        (day, ("20250331000001", "")),
        (("20250331000001", ""), day),
        (day, ("20250331000001", "2024-12-30")),
        (day, ("20250401000002", "2024-12-31")),
    ] {
        let split = rows(first, second);
        for ticker in ["900010", "900015"] {
            let state = own(&split, ticker);
            assert_eq!(state, "NOT_STATED", "{ticker} of {first:?} {second:?}");
        }
    }
    let whole = rows(day, day);
    assert_eq!(own(&whole, "900010"), "PAID 500");
    assert_eq!(own(&whole, "900015"), "PAID 510");
}

#[test]
fn settlement_dates_add_up_only_where_they_are_the_parts_of_a_year() {
    let two = |first: &str, second: &str| {
        Answer::of(CORP)
            .filing("20240930000001", first)
            .net_income(["70", "60", "50"])
            .dps("보통주", ["500", "480", "460"])
            .filing("20250331000002", second)
            .net_income(["80", "70", "60"])
            .dps("보통주", ["550", "500", "480"])
    };
    assert_eq!(own(&two("2024-06-30", "2024-12-31"), "900010"), "PAID 1050");
    assert_eq!(own(&two("2024-02-29", "2024-08-31"), "900010"), "PAID 1050");
    for (first, second) in [
        ("2024-12-30", "2024-12-31"),
        ("2023-12-31", "2024-12-31"),
        ("2024-03-31", "2024-12-31"),
    ] {
        let uneven = two(first, second);
        assert_eq!(own(&uneven, "900010"), "NOT_STATED", "{first} {second}");
    }
    // The half-year's report of a company that closes once: its year includes what it paid by then.
    let interim = Answer::of(CORP)
        .filing("20240814000001", "2024-06-30")
        .net_income(["40", "90", "80"])
        .total(["100", "300", "250"])
        .dps("보통주", ["100", "300", "250"])
        .filing("20250331000002", "2024-12-31")
        .net_income(["95", "90", "80"])
        .total(["400", "300", "250"])
        .dps("보통주", ["400", "300", "250"]);
    assert_eq!(own(&interim, "900010"), "NOT_STATED");
    let without_one = Answer::of(CORP)
        .filing("20240514000001", "2024-03-31")
        .dps("보통주", ["-", "300", "250"])
        .filing("20250331000002", "2024-12-31")
        .dps("보통주", ["400", "300", "250"]);
    assert_eq!(own(&without_one, "900010"), "PAID 400");
}

#[test]
fn an_answer_about_another_year_is_refused() {
    let refused = |rcept_no: &str, stlm_dt: &str| {
        let answer = Answer::of(CORP)
            .filing(rcept_no, stlm_dt)
            .dps("보통주", ["100", "-", "-"]);
        let year = FiscalYear::new(2024).unwrap();
        Report::read(
            &answer.body(),
            CORP.parse().unwrap(),
            year,
            ReprtCode::Annual,
        )
        .err()
    };
    let other = |found: &str| {
        Some(UnreadableAnswer::OtherYear {
            asked: FiscalYear::new(2024).unwrap(),
            found: found.to_owned(),
        })
    };
    let old = refused("20200330000001", "2019-12-31");
    assert_eq!(old, other("2019-12-31"));
    assert_eq!(
        old.unwrap().to_string(),
        "the answer is about 2019-12-31, not 2024"
    );
    assert_eq!(refused("20240330000001", "2023-12-31"), other("2023-12-31"));
    assert_eq!(
        refused("20200330000001", ""),
        other("2020 or a year before it")
    );
    for (rcept_no, stlm_dt) in [
        ("20240628000001", "2024-03-31"),
        ("20250331000001", "2024-12-31"),
        ("20270102000001", "2024-12-31"),
        ("", ""),
    ] {
        assert_eq!(refused(rcept_no, stlm_dt), None, "{rcept_no} {stlm_dt}");
    }
}
