//! Labels, and the table of rules.

use super::{Figure, Stated, StockKnd, resolve};
use crate::domain::{ShareClass, Ticker};

fn class(ticker: &str) -> ShareClass {
    ticker.parse::<Ticker>().unwrap().class()
}

/// What `ticker` gets from rows given as (label, cell).
fn stated(ticker: &str, rows: &[(&str, &str)]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|(knd, cell)| (StockKnd::read(knd), Figure::read(cell)))
        .collect();
    match resolve(class(ticker), &rows) {
        Stated::Figure(Figure::Amount(amount)) => amount.to_string(),
        Stated::Figure(Figure::Dash) => "-".to_owned(),
        Stated::Figure(Figure::Blank) => "blank".to_owned(),
        Stated::Figure(Figure::UnknownUnit(_) | Figure::Unreadable(_)) => "unreadable".to_owned(),
        Stated::Absent => "absent".to_owned(),
        Stated::Unclear(_) => "unclear".to_owned(),
    }
}

#[test]
fn labels_are_read_through_their_spellings() {
    for common in [
        "보통주",
        "보통주식",
        " 보 통 주 ",
        "기명식 보통주",
        "의결권 있는 주식",
    ] {
        assert_eq!(StockKnd::read(common), StockKnd::Common, "{common}");
    }
    for preferred in [
        "우선주",
        "우선주 ",
        "우선주식",
        "종류주식",
        "종류주",
        "의결권 없는 주식",
        "의결권이 없는 기명식 주식",
        "무의결권 주식",
        "의결권 있는 우선주",
        "종류주식(우선주)",
        "신형우선주",
        "상환전환우선주",
        "삼성전자우",
    ] {
        assert_eq!(
            StockKnd::read(preferred),
            StockKnd::Preferred(None),
            "{preferred}"
        );
    }
    for (numbered, n) in [
        ("1우선주", 1),
        ("2우선주", 2),
        ("우선주(1우B)", 1),
        ("3우B", 3),
        ("우선주 2", 2),
        ("2우선주B", 2),
        ("제1종 종류주식", 1),
        ("제 2 우선주", 2),
        ("2우선주(9%)", 2),
    ] {
        assert_eq!(
            StockKnd::read(numbered),
            StockKnd::Preferred(Some(n)),
            "{numbered}"
        );
    }
    for none in ["", " ", "-", "–"] {
        assert_eq!(StockKnd::read(none), StockKnd::Unlabelled, "{none:?}");
    }
    for other in ["보통주/우선주", "주식", "소액주주", "기타"] {
        assert_eq!(StockKnd::read(other), StockKnd::Other, "{other}");
    }
    for no_class_s_number in [
        "우선주(2019년 12회차)",
        "우선주(2%)",
        "우선주 1회",
        "3년 만기 우선주",
        "우선주(1.5%)",
        "우선주 12",
    ] {
        assert_eq!(
            StockKnd::read(no_class_s_number),
            StockKnd::Preferred(None),
            "{no_class_s_number}"
        );
    }
}

#[test]
fn the_table_of_rules_holds_row_by_row() {
    // (rows, common, preferred)
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: &[Case] = &[
        (&[("보통주", "100"), ("우선주", "150")], "100", "150"),
        (&[("우선주", "150"), ("보통주", "100")], "100", "150"),
        (&[("보통주식", "100"), ("종류주식", "-")], "100", "-"),
        (
            &[("의결권 있는 주식", "100"), ("의결권 없는 주식", "150")],
            "100",
            "150",
        ),
        (&[("-", "4,500"), ("-", "-")], "4500", "-"),
        (&[("", "100"), ("", "150")], "100", "150"),
        (&[("-", "-"), ("-", "6,691")], "-", "6691"),
        (&[("보통주", "-"), ("-", "6,691")], "-", "6691"),
        (&[("-", "6,691"), ("보통주", "-")], "-", "6691"),
        (&[("보통주", ""), ("-", "6,691")], "blank", "6691"),
        (&[("", "6,691"), ("보통주식", "")], "blank", "6691"),
        (&[("보통주", ""), ("우선주", "6,691")], "blank", "6691"),
        (&[("-", ""), ("우선주", "6,691")], "blank", "6691"),
        (&[("-", ""), ("-", "6,691")], "blank", "6691"),
        (&[("우선주", "150"), ("-", "100")], "100", "150"),
        (&[("-", "100"), ("우선주", "150")], "100", "150"),
        (&[("종류주식", "150"), ("", "100")], "100", "150"),
        (&[("의결권 없는 주식", "150"), ("-", "100")], "100", "150"),
        (&[("-", "150"), ("의결권 있는 주식", "100")], "100", "150"),
        (&[("-", "100")], "100", "absent"),
        (&[("보통주", "100")], "100", "absent"),
        (&[("우선주", "150")], "absent", "150"),
        (&[("보통주", "100"), ("보통주", "-")], "unclear", "absent"),
        (&[("보통주", "100"), ("보통주", "100")], "100", "absent"),
        (
            &[("보통주(대주주)", "50"), ("보통주(소액주주)", "100")],
            "unclear",
            "absent",
        ),
        (&[("우선주", "1"), ("-", "2"), ("-", "3")], "unclear", "1"),
        (&[("-", "1"), ("-", "2"), ("-", "3")], "1", "unclear"),
        (&[("보통주", "1"), ("우선주", "2"), ("-", "3")], "1", "2"),
        (
            &[("보통주", "1"), ("1우선주", "2"), ("2우선주", "3")],
            "1",
            "2",
        ),
        (
            &[("우선주(1우B)", "2"), ("2우선주", "3"), ("보통주", "1")],
            "1",
            "2",
        ),
        (&[("-", "1"), ("우선주", "2"), ("2우선주", "3")], "1", "2"),
        (&[("보통주", "1"), ("-", "2"), ("-", "3")], "1", "unclear"),
        (&[("보통주", "1"), ("-", "2"), ("-", "2")], "1", "2"),
        (&[("-", "1"), ("-", "2"), ("보통주", "3")], "3", "unclear"),
        (&[("-", "1"), ("-", "2"), ("우선주", "3")], "unclear", "3"),
        (&[("-", "1"), ("보통주", "2"), ("우선주", "3")], "2", "3"),
        (
            &[("보통주", "1"), ("우선주", "2"), ("종류주식", "3")],
            "1",
            "unclear",
        ),
        (
            &[("보통주", "1"), ("우선주", "2"), ("종류주식", "2")],
            "1",
            "2",
        ),
        (&[("보통주", "1"), ("우선주", "2"), ("기타", "3")], "1", "2"),
        (&[("보통주/우선주", "100")], "unclear", "unclear"),
        (&[("주식", "100"), ("-", "-")], "unclear", "unclear"),
        (&[("주식", "-")], "absent", "absent"),
        (&[], "absent", "absent"),
    ];
    for (rows, common, preferred) in cases {
        assert_eq!(stated("900010", rows), *common, "common of {rows:?}");
        assert_eq!(stated("900015", rows), *preferred, "preferred of {rows:?}");
    }
}

#[test]
fn several_preferred_classes_are_distinguished_by_their_numbers_or_not_at_all() {
    let numbered = &[
        ("보통주", "1"),
        ("우선주", "2"),
        ("2우선주", "3"),
        ("3우선주", "4"),
    ];
    assert_eq!(stated("005385", numbered), "2");
    assert_eq!(stated("005387", numbered), "3");
    assert_eq!(stated("005389", numbered), "4");
    let plain = &[("보통주", "1"), ("우선주", "2")];
    for one_of_several in ["005385", "005387", "00680K", "006805", "000547"] {
        assert_eq!(stated(one_of_several, plain), "unclear", "{one_of_several}");
    }
    assert_eq!(
        stated(
            "005385",
            &[("보통주", "1"), ("우선주", "2"), ("우선주", "3")]
        ),
        "unclear"
    );
    assert_eq!(
        stated(
            "005385",
            &[("보통주", "1"), ("우선주", "2"), ("우선주", "2")]
        ),
        "2"
    );
    assert_eq!(
        stated(
            "00680K",
            &[("보통주", "1"), ("1우선주", "2"), ("2우선주", "3")]
        ),
        "unclear"
    );
    assert_eq!(
        stated("005935", &[("보통주", "1"), ("2우선주", "3")]),
        "unclear"
    );
    for unlabelled in ["005385", "005387", "005389", "00680K", "00104K"] {
        assert_eq!(
            stated(unlabelled, &[("-", "1"), ("-", "2")]),
            "unclear",
            "{unlabelled}"
        );
        assert_eq!(
            stated(unlabelled, &[("보통주", "1")]),
            "absent",
            "{unlabelled}"
        );
    }
    // A rate is no class's number.
    let by_rate = &[("보통주", "1"), ("우선주(1%)", "2"), ("2우선주", "3")];
    assert_eq!(stated("005387", by_rate), "3");
    assert_eq!(stated("005389", by_rate), "unclear");
}
