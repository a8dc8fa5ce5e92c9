//! Figures that contradict each other, and rows that are not what they seem: one kind a test, for the
//! report's own year and for a column that stands for another year, common and preferred.

use dps::domain::{Note, note_words};
use dps::opendart::alot_matter::Column;

use crate::support::answer::Answer;
use crate::support::reading::{CORP, own, reads, year_of};

/// The same in every column, with a net income in each.
fn in_each_year(cell: &str) -> [&str; 3] {
    [cell; 3]
}

/// A company with ten million shares.
fn ten_million_shares() -> Answer {
    Answer::of(CORP).net_income(in_each_year("10,000")).row(
        "(연결)주당순이익(원)",
        "-",
        in_each_year("1,000"),
    )
}

/// What a ticker gets in the own column and in the two others: the same in all.
fn everywhere(answer: &Answer, ticker: &str) -> String {
    let own = own(answer, ticker);
    for column in [Column::YearBefore, Column::TwoBefore] {
        assert_eq!(reads(answer, ticker, column), own, "{ticker} {column:?}");
    }
    own
}

#[test]
fn more_for_one_share_than_for_all_of_them_is_not_stated() {
    for (amount, total) in [
        ("904,982,950", "904"),
        ("904,600,000", "905"),
        ("1,444,000,000", "1"),
    ] {
        let typed_over = ten_million_shares()
            .total(in_each_year(total))
            .dps("보통주", in_each_year(amount))
            .dps("우선주", in_each_year(amount));
        for ticker in ["900010", "900015"] {
            assert_eq!(everywhere(&typed_over, ticker), "NOT_STATED");
        }
        let notes = year_of(&typed_over, "900010", Column::Own).notes;
        assert!(
            matches!(notes[..], [Note::AmountBeyondTotal { .. }]),
            "{notes:?}"
        );
    }
    let few_shares = Answer::of(CORP)
        .total(in_each_year("577"))
        .dps("보통주", in_each_year("60,000"));
    assert_eq!(everywhere(&few_shares, "900010"), "PAID 60000");
}

#[test]
fn a_common_dividend_in_the_preferred_row_is_neithers() {
    let with = |total: &str, amount: &str| {
        ten_million_shares()
            .total(in_each_year(total))
            .dps("보통주", in_each_year("-"))
            .dps("우선주", in_each_year(amount))
    };
    // 1,500 million for 150 won each are ten million shares: all that the company has.
    let typed_over = with("1,500", "150");
    assert_eq!(everywhere(&typed_over, "900010"), "NOT_STATED");
    assert_eq!(everywhere(&typed_over, "900015"), "NOT_STATED");
    let year = year_of(&typed_over, "900010", Column::Own);
    assert_eq!(
        note_words(&year.notes).unwrap(),
        "the common share's row says none and another one 150, which the total does not tell \
         apart: the next year's report may"
    );
    // 150 million for 150 won each are a million: the preferred ones.
    let genuine = with("150", "150");
    assert_eq!(everywhere(&genuine, "900010"), "NO_DIVIDEND 0");
    assert_eq!(everywhere(&genuine, "900015"), "PAID 150");
    let cannot_be_told = Answer::of(CORP)
        .net_income(in_each_year("10,000"))
        .total(in_each_year("1,500"))
        .dps("보통주", in_each_year("-"))
        .dps("우선주", in_each_year("150"));
    assert_eq!(everywhere(&cannot_be_told, "900010"), "NOT_STATED");
    // A loss says nothing about the number of shares; another year's figures do.
    let at_a_loss = Answer::of(CORP)
        .net_income(["-500", "10,000", "10,000"])
        .row("(연결)주당순이익(원)", "-", ["40", "1,000", "1,000"])
        .total(in_each_year("150"))
        .dps("보통주", in_each_year("-"))
        .dps("우선주", in_each_year("150"));
    assert_eq!(own(&at_a_loss, "900010"), "NO_DIVIDEND 0");
}

#[test]
fn a_dash_beside_a_total_that_may_be_one_is_not_none() {
    let with = |se: &str, total: &str| {
        Answer::of(CORP)
            .net_income(in_each_year("900"))
            .row(se, "-", in_each_year(total))
            .dps("보통주", in_each_year("-"))
            .dps("우선주", in_each_year("-"))
    };
    for (se, total) in [
        ("현금배당금총액(백만원)", "1,000(주1)"),
        ("현금배당금총액(백만원)", "약 1,000"),
        ("현금배당금총액(백만원)", "#######"),
        ("현금배당금총액", "1,000"),
        ("현금배당금총액(천USD)", "1,000"),
    ] {
        let unclear = with(se, total);
        for ticker in ["900010", "900015"] {
            assert_eq!(everywhere(&unclear, ticker), "NOT_STATED", "{se} {total}");
        }
        let second = with("현금배당금총액(백만원)", "-").row(se, "-", in_each_year(total));
        assert_eq!(everywhere(&second, "900010"), "NOT_STATED", "{se} {total}");
    }
    for (se, total) in [
        ("현금배당금총액(백만원)", "-"),
        ("현금배당금총액", "0"),
        ("현금배당금총액(천USD)", "-"),
    ] {
        let none = with(se, total);
        assert_eq!(own(&none, "900010"), "NO_DIVIDEND 0", "{se} {total}");
    }
}

#[test]
fn none_against_the_filings_own_yield_or_payout_is_not_none() {
    let with = |common: &str, cash_yield: &str, payout: &str| {
        Answer::of(CORP)
            .net_income(in_each_year("900"))
            .total(in_each_year("-"))
            .row("(연결)현금배당성향(%)", "-", in_each_year(payout))
            .row("현금배당수익률(%)", "보통주", in_each_year(cash_yield))
            .dps("보통주", in_each_year(common))
            .dps("우선주", in_each_year("-"))
    };
    for common in ["", "-", "0"] {
        for (cash_yield, payout) in [("3.1", "25.1"), ("3.1", "-"), ("-", "25.1")] {
            let contradicted = with(common, cash_yield, payout);
            let state = everywhere(&contradicted, "900010");
            assert_eq!(state, "NOT_STATED", "{common:?} {cash_yield} {payout}");
        }
        assert_eq!(own(&with(common, "-", "-"), "900010"), "NO_DIVIDEND 0");
        assert_eq!(own(&with(common, "0.0", "0"), "900010"), "NO_DIVIDEND 0");
    }
    // A loss has a payout ratio of less than nothing, and is no contradiction.
    assert_eq!(own(&with("-", "-", "-3.5"), "900010"), "NO_DIVIDEND 0");
}

#[test]
fn what_is_in_another_unit_is_no_amount_in_won() {
    let with = |se: &str, cell: &str| {
        Answer::of(CORP)
            .net_income(in_each_year("900"))
            .total(in_each_year("1,000"))
            .row(se, "보통주", in_each_year(cell))
    };
    for (se, cell) in [
        ("주당 현금배당금(원)", "5%"),
        ("주당 현금배당금(원)", "0.05주"),
        ("주당 현금배당금(원)", "3배"),
        ("주당 현금배당금(천원)", "500원"),
        ("주당 현금배당금(USD)", "0.5"),
    ] {
        let state = everywhere(&with(se, cell), "900010");
        assert_eq!(state, "NOT_STATED", "{se} {cell}");
    }
    assert_eq!(
        everywhere(&with("주당 현금배당금(원)", "500(주1)"), "900010"),
        "PAID 500"
    );
    let in_dollars = |se: &str| {
        Answer::of(CORP)
            .row("(연결)당기순이익(천USD)", "-", in_each_year("900"))
            .row("현금배당금총액(천USD)", "-", in_each_year("100"))
            .row(se, "보통주", in_each_year("0.5"))
    };
    assert_eq!(own(&in_dollars("주당 현금배당금"), "900010"), "NOT_STATED");
    assert_eq!(
        own(&in_dollars("주당 현금배당금(원)"), "900010"),
        "PAID 0.5"
    );
}

#[test]
fn a_total_in_won_under_millions_is_not_kept_and_says_so() {
    let with = |total: &str| {
        ten_million_shares()
            .total(in_each_year(total))
            .dps("보통주", in_each_year("150"))
    };
    let in_won = year_of(&with("1,500,000,000"), "900010", Column::Own);
    assert_eq!(in_won.dps_cash.unwrap().to_string(), "150");
    assert_eq!(in_won.cash_total, None);
    assert!(
        matches!(in_won.notes[..], [Note::TotalInAnotherUnit { .. }]),
        "{:?}",
        in_won.notes
    );
    let in_millions = year_of(&with("1,500"), "900010", Column::Own);
    assert_eq!(in_millions.cash_total.unwrap().to_string(), "1500000000");
    assert_eq!(in_millions.notes, []);
    // Without a net income per share, by the number of shares alone.
    let without_eps = Answer::of(CORP)
        .total(in_each_year("358,740,000"))
        .dps("보통주", in_each_year("30"));
    assert_eq!(
        year_of(&without_eps, "900010", Column::Own).cash_total,
        None
    );
}

#[test]
fn a_special_dividend_beside_the_regular_one_is_never_dropped() {
    let beside = |se: &str, stock_knd: &str, cell: &str| {
        Answer::of(CORP)
            .net_income(in_each_year("900"))
            .dps("보통주", in_each_year("500"))
            .dps("우선주", in_each_year("510"))
            .row(se, stock_knd, in_each_year(cell))
    };
    for se in [
        "주당 현금배당금(특별)",
        "주당 특별현금배당금",
        "주당 현금배당금(특별)(원)",
    ] {
        let both = beside(se, "-", "200");
        assert_eq!(everywhere(&both, "900010"), "NOT_STATED", "{se}");
        assert_eq!(everywhere(&both, "900015"), "NOT_STATED", "{se}");
        let commons = beside(se, "보통주", "200");
        assert_eq!(everywhere(&commons, "900010"), "NOT_STATED", "{se}");
        assert_eq!(everywhere(&commons, "900015"), "PAID 510", "{se}");
        let none = beside(se, "-", "-");
        assert_eq!(everywhere(&none, "900010"), "PAID 500", "{se}");
    }
    let year = year_of(
        &beside("주당 현금배당금(특별)", "보통주", "200"),
        "900010",
        Column::Own,
    );
    assert_eq!(
        note_words(&year.notes).unwrap(),
        "a row labelled \"보통주 특별\" states a part of the dividend: the filing tells what it is"
    );
}

#[test]
fn the_periods_of_a_year_add_up_and_say_so() {
    let quarters = ["1분기", "2분기", "3분기", "결산"].iter().fold(
        Answer::of(CORP).net_income(in_each_year("900")),
        |answer, it| answer.dps(&format!("보통주({it})"), in_each_year("361")),
    );
    assert_eq!(everywhere(&quarters, "900010"), "PAID 1444");
    let year = year_of(&quarters, "900010", Column::Own);
    assert_eq!(
        note_words(&year.notes).unwrap(),
        "sum over 4 rows (보통주(1분기): 361, 보통주(2분기): 361, 보통주(3분기): 361, \
         보통주(결산): 361)"
    );
    let twice = Answer::of(CORP)
        .net_income(in_each_year("900"))
        .dps("기말배당금", in_each_year("150"))
        .dps("중간, 분기배당금", in_each_year("-"));
    assert_eq!(everywhere(&twice, "900010"), "PAID 150");
}

#[test]
fn dashes_everywhere_and_no_total_are_no_dividend_whatever_the_labels() {
    let with = |total: &str| {
        Answer::of(CORP)
            .net_income(in_each_year("900"))
            .total(in_each_year(total))
            .dps("배당주", in_each_year("-"))
            .dps("우선주", in_each_year("-"))
    };
    assert_eq!(everywhere(&with("-"), "900010"), "NO_DIVIDEND 0");
    assert_eq!(everywhere(&with("500"), "900010"), "NOT_STATED");
}

#[test]
fn an_only_row_for_a_preferred_share_was_one_of_several_while_there_were_several() {
    let answer = |year: u16| {
        let body = Answer::of(CORP)
            .net_income(in_each_year("900"))
            .dps("보통주", in_each_year("500"))
            .dps("우선주", in_each_year("510"))
            .body_of(year);
        (body, year)
    };
    let reads = |(body, year): (Vec<u8>, u16), ticker: &str| {
        let year = dps::domain::FiscalYear::new(year).unwrap();
        let annual = dps::domain::ReprtCode::Annual;
        let corp_code = CORP.parse().unwrap();
        let report =
            dps::opendart::alot_matter::Report::read(&body, corp_code, year, annual).unwrap();
        let year = report
            .dividend_year(ticker.parse().unwrap(), Column::Own, None)
            .unwrap();
        crate::support::reading::state_of(&year)
    };
    assert_eq!(reads(answer(2016), "001685"), "NOT_STATED");
    assert_eq!(reads(answer(2024), "001685"), "PAID 510");
    assert_eq!(reads(answer(2024), "000087"), "PAID 510");
    assert_eq!(reads(answer(2024), "00593K"), "NOT_STATED");
    assert_eq!(reads(answer(2024), "005385"), "NOT_STATED");
}
