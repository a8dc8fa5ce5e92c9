//! The traps of alotMatter.json, one by one, on answers made for the purpose.

use dps::domain::{CorpCode, FiscalYear, Outcome, ReprtCode};
use dps::opendart::alot_matter::{Column, Report, UnreadableAnswer};

use crate::support::answer::Answer;
use crate::support::reading::{CORP, own, reads, report_of, state_of};

#[test]
fn labels_beat_the_order_of_the_rows() {
    let preferred_first = Answer::of(CORP)
        .dps("우선주", ["150", "-", "-"])
        .dps("보통주", ["100", "-", "-"]);
    assert_eq!(own(&preferred_first, "900010"), "PAID 100");
    assert_eq!(own(&preferred_first, "900015"), "PAID 150");
}

#[test]
fn the_templates_second_row_states_nothing_about_a_preferred_share_that_is_not_named() {
    let filler = Answer::of(CORP)
        .total(["664,427", "-", "-"])
        .dps("-", ["3,700", "-", "-"])
        .dps("-", ["-", "-", "-"]);
    assert_eq!(own(&filler, "900010"), "PAID 3700");
    assert_eq!(own(&filler, "900015"), "NOT_STATED");
    let nobody_paid = Answer::of(CORP)
        .total(["-", "-", "-"])
        .dps("-", ["-", "-", "-"])
        .dps("-", ["-", "-", "-"]);
    assert_eq!(own(&nobody_paid, "900015"), "NO_DIVIDEND 0");
}

#[test]
fn a_label_with_more_than_the_item_makes_its_group_unclear() {
    let two_labels = Answer::of(CORP)
        .row("주당 현금배당금(원)(보통주)", "-", ["100", "-", "-"])
        .dps("-", ["150", "-", "-"]);
    assert_eq!(own(&two_labels, "900010"), "NOT_STATED");
    assert_eq!(own(&two_labels, "900015"), "NOT_STATED");
}

#[test]
fn each_group_of_rows_is_resolved_by_itself() {
    let mixed = Answer::of(CORP)
        .row("현금배당수익률(%)", "우선주", ["2.5", "-", "-"])
        .row("현금배당수익률(%)", "보통주", ["1.5", "-", "-"])
        .dps("-", ["100", "-", "-"])
        .dps("-", ["150", "-", "-"]);
    let report = report_of(&mixed, 2024, ReprtCode::Annual);
    let common = report
        .dividend_year("900010".parse().unwrap(), Column::Own, None)
        .unwrap();
    assert_eq!(state_of(&common), "PAID 100");
    assert_eq!(common.cash_yield_pct.unwrap().to_string(), "1.5");
    assert_eq!(own(&mixed, "900015"), "PAID 150");
}

#[test]
fn a_dash_or_a_zero_where_the_section_is_filed_means_none() {
    for cell in ["-", "0", "0원", " - "] {
        let answer = Answer::of(CORP).dps("보통주", [cell, "-", "-"]);
        assert_eq!(own(&answer, "900010"), "NO_DIVIDEND 0", "{cell:?}");
    }
}

#[test]
fn a_blank_cell_means_none_only_where_the_total_says_so() {
    let blank = Answer::of(CORP).dps("보통주", ["", "", ""]);
    assert_eq!(own(&blank, "900010"), "NOT_STATED");
    let with_income = blank.clone().net_income(["5,000", "-", "-"]);
    assert_eq!(own(&with_income, "900010"), "NOT_STATED");
    assert_eq!(
        own(&blank.total(["-", "-", "-"]), "900010"),
        "NO_DIVIDEND 0"
    );
}

#[test]
fn without_per_share_rows_a_total_of_none_means_none_and_any_other_is_unknown() {
    let total = |cell: &str| Answer::of(CORP).total([cell, "-", "-"]);
    assert_eq!(own(&total("-"), "900010"), "NO_DIVIDEND 0");
    assert_eq!(own(&total("0"), "900010"), "NO_DIVIDEND 0");
    assert_eq!(own(&total("1,000"), "900010"), "NOT_STATED");
    assert_eq!(own(&total(""), "900010"), "NOT_STATED");
    assert_eq!(own(&Answer::of(CORP), "900010"), "NOT_STATED");
    let common_alone = total("-").dps("보통주", ["-", "-", "-"]);
    assert_eq!(
        own(&common_alone, "900015"),
        "NOT_STATED",
        "rows of another class"
    );
}

#[test]
fn a_total_without_any_amount_per_share_contradicts_itself() {
    let contradiction = Answer::of(CORP)
        .total(["1,000", "-", "-"])
        .dps("보통주", ["-", "-", "-"])
        .dps("우선주", ["-", "-", "-"]);
    assert_eq!(own(&contradiction, "900010"), "NOT_STATED");
    // 150,000 shares get it, and the company has ten million: the preferred ones alone.
    let preferred_only = Answer::of(CORP)
        .net_income(["20,000", "-", "-"])
        .row("(연결)주당순이익(원)", "-", ["2,000", "-", "-"])
        .total(["1,000", "-", "-"])
        .dps("보통주", ["-", "-", "-"])
        .dps("-", ["6,691", "-", "-"]);
    assert_eq!(own(&preferred_only, "900010"), "NO_DIVIDEND 0");
    assert_eq!(own(&preferred_only, "900015"), "PAID 6691");
}

#[test]
fn a_stock_dividend_is_shares_and_a_total_is_no_dividend_per_share() {
    let answer = Answer::of(CORP)
        .total(["-", "-", "-"])
        .row("주식배당금총액(백만원)", "-", ["9,999", "-", "-"])
        .row("주당 주식배당(주)", "보통주", ["0.05", "-", "-"])
        .dps("보통주", ["-", "-", "-"]);
    let report = report_of(&answer, 2024, ReprtCode::Annual);
    let year = report
        .dividend_year("900010".parse().unwrap(), Column::Own, None)
        .unwrap();
    assert_eq!(state_of(&year), "NO_DIVIDEND 0");
    assert_eq!(year.dps_stock.unwrap().to_string(), "0.05");
}

#[test]
fn units_of_the_label_count() {
    let thousands = Answer::of(CORP)
        .row("주당현금배당금 (천원)", "보통주", ["1.5", "-", "-"])
        .row("현금배당금총액(백만원)", "-", ["2,500", "-", "-"]);
    assert_eq!(own(&thousands, "900010"), "PAID 1500");
    let report = report_of(&thousands, 2024, ReprtCode::Annual);
    let year = report
        .dividend_year("900010".parse().unwrap(), Column::Own, None)
        .unwrap();
    assert_eq!(year.cash_total.unwrap().to_string(), "2500000000");
    let dollars = Answer::of(CORP).row("주당 현금배당금(USD)", "보통주", ["1.5", "-", "-"]);
    assert_eq!(own(&dollars, "900010"), "NOT_STATED");
}

#[test]
fn an_unreadable_or_negative_amount_is_not_stated_with_the_reason() {
    for cell in ["1,44", "보통주 100원, 우선주 150원", "(100)", "별도 공시"] {
        let answer = Answer::of(CORP).dps("보통주", [cell, "-", "-"]);
        let report = report_of(&answer, 2024, ReprtCode::Annual);
        let year = report
            .dividend_year("900010".parse().unwrap(), Column::Own, None)
            .unwrap();
        assert_eq!(year.outcome, Outcome::NotStated, "{cell}");
        assert!(!year.notes.is_empty(), "{cell}");
    }
}

#[test]
fn in_a_later_column_a_dash_means_none_only_with_a_net_income() {
    let answer = Answer::of(CORP)
        .net_income(["10", "9", "-"])
        .dps("보통주", ["100", "-", "-"]);
    assert_eq!(reads(&answer, "900010", Column::Own), "PAID 100");
    assert_eq!(
        reads(&answer, "900010", Column::YearBefore),
        "NO_DIVIDEND 0"
    );
    assert_eq!(reads(&answer, "900010", Column::TwoBefore), "NOT_STATED");
}

#[test]
fn a_later_column_is_about_its_own_year_and_says_where_it_comes_from() {
    let answer = Answer::of(CORP)
        .dps("보통주", ["1,416", "42,500", "28,500"])
        .row("주당액면가액(원)", "-", ["100", "5,000", "5,000"]);
    let report = report_of(&answer, 2018, ReprtCode::Annual);
    let year = report
        .dividend_year("900010".parse().unwrap(), Column::YearBefore, None)
        .unwrap();
    assert_eq!(
        (year.fiscal_year.get(), year.source_year.get()),
        (2017, 2018)
    );
    assert_eq!(state_of(&year), "PAID 42500");
    assert_eq!(year.par_value.unwrap().to_string(), "5000");
    assert_eq!(
        year.stlm_dt, None,
        "the settlement date is that of the report's own year"
    );
}

#[test]
fn an_interim_report_speaks_of_its_own_year_alone() {
    let half = Answer::of(CORP)
        .net_income(["5", "9", "8"])
        .dps("보통주", ["30", "100", "90"]);
    let report = report_of(&half, 2024, ReprtCode::Half);
    let ticker = "900010".parse().unwrap();
    assert_eq!(
        state_of(&report.dividend_year(ticker, Column::Own, None).unwrap()),
        "PAID 30"
    );
    assert_eq!(report.dividend_year(ticker, Column::YearBefore, None), None);
}

#[test]
fn an_interim_report_that_copies_last_years_annual_one_states_nothing() {
    let columns = Answer::of(CORP)
        .net_income(["157,857", "153,347", "142,052"])
        .total(["52,771", "53,691", "46,021"])
        .dps("보통주", ["430", "525", "450"]);
    let annual = report_of(&columns, 2022, ReprtCode::Annual);
    let half = report_of(&columns, 2023, ReprtCode::Half);
    let ticker = "900010".parse().unwrap();
    assert_eq!(
        state_of(
            &half
                .dividend_year(ticker, Column::Own, Some(&annual))
                .unwrap()
        ),
        "NOT_STATED"
    );
    let same_year = Answer::of(CORP)
        .net_income(["283,869", "157,857", "153,347"])
        .total(["79,524", "52,771", "53,691"])
        .dps("보통주", ["540", "430", "525"]);
    let same_year = report_of(&same_year, 2023, ReprtCode::Annual);
    assert_eq!(
        state_of(
            &half
                .dividend_year(ticker, Column::Own, Some(&same_year))
                .unwrap()
        ),
        "NOT_STATED",
        "found out by the same year's annual report as well"
    );
    let own = Answer::of(CORP)
        .net_income(["80,000", "157,857", "153,347"])
        .total(["12,000", "52,771", "53,691"])
        .dps("보통주", ["100", "430", "525"]);
    let own = report_of(&own, 2023, ReprtCode::Half);
    assert_eq!(
        state_of(
            &own.dividend_year(ticker, Column::Own, Some(&annual))
                .unwrap()
        ),
        "PAID 100"
    );
    let interim = Answer::of(CORP)
        .net_income(["157,857", "157,857", "153,347"])
        .dps("보통주", ["430", "430", "525"]);
    let interim = report_of(&interim, 2023, ReprtCode::Half);
    assert_eq!(
        state_of(&interim.dividend_year(ticker, Column::Own, None).unwrap()),
        "NOT_STATED",
        "a column that repeats the next one, net income and all"
    );
}

#[test]
fn an_answer_about_another_company_is_refused() {
    let body = Answer::of("00000001")
        .dps("보통주", ["100", "-", "-"])
        .body();
    let asked: CorpCode = CORP.parse().unwrap();
    let error =
        Report::read(&body, asked, FiscalYear::FIRST_REPORT, ReprtCode::Annual).unwrap_err();
    assert!(matches!(error, UnreadableAnswer::OtherCompany { .. }));
    for (body, expected) in [
        ("", UnreadableAnswer::NotJson),
        ("<html>", UnreadableAnswer::NotJson),
        ("[]", UnreadableAnswer::NotJson),
        ("{\"status\":\"000\"}", UnreadableAnswer::NoRows),
        ("{\"list\":{}}", UnreadableAnswer::NoRows),
    ] {
        let read = Report::read(
            body.as_bytes(),
            asked,
            FiscalYear::FIRST_REPORT,
            ReprtCode::Annual,
        );
        assert_eq!(read, Err(expected), "{body}");
    }
}

#[test]
fn rows_with_missing_null_or_numeric_fields_are_read_for_what_they_are() {
    let body = r#"{"status":"000","list":[
        {"se":"주당 현금배당금(원)","thstrm":361,"frmtrm":null},
        {"thstrm":"5"}, 7, null, {"se":null}, []
    ]}"#;
    let year = FiscalYear::new(2024).unwrap();
    let report = Report::read(
        body.as_bytes(),
        CORP.parse().unwrap(),
        year,
        ReprtCode::Annual,
    )
    .unwrap();
    let read = report
        .dividend_year("900010".parse().unwrap(), Column::Own, None)
        .unwrap();
    assert_eq!(state_of(&read), "PAID 361");
}
