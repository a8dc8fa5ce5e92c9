//! Labels, and the table of rules.

use super::{Class, Figure, Stated, StockKnd, resolve};
use crate::domain::{FiscalYear, ShareClass, Ticker};

fn class(ticker: &str) -> ShareClass {
    let year = FiscalYear::new(2024).unwrap();
    ticker.parse::<Ticker>().unwrap().class_in(year)
}

/// The class a label names; no part beside it.
fn labelled(label: &str) -> Class {
    let knd = StockKnd::read(label, None);
    assert_eq!(knd.part, None, "{label}");
    knd.class
}

/// What `ticker` gets from rows given as (label, cell).
fn stated(ticker: &str, rows: &[(&str, &str)]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|(knd, cell)| (StockKnd::read(knd, None), Figure::read(cell, Some('원'))))
        .collect();
    let rows: Vec<_> = rows.iter().map(|(knd, cell)| (knd, cell)).collect();
    match resolve(class(ticker), &rows) {
        Stated::Figure(Figure::Amount(amount)) => amount.to_string(),
        Stated::Sum(amount, parts) => format!("{amount} of {}", parts.len()),
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
        "의결권 있는 주식수",
        "보통주*",
        "보통주(주1)",
        "보통주 외",
        "일반주",
        "보동주",
        "보퉁주",
        "보통부",
    ] {
        assert_eq!(labelled(common), Class::Common, "{common}");
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
        "우량주",
        "우선주 등",
        "우선주(없음)",
        "우선주(주2)",
        "우선주주4)",
        "(*)우선주",
        "우선주(2)",
        "삼성전자우",
    ] {
        assert_eq!(labelled(preferred), Class::Preferred(None), "{preferred}");
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
        ("제2우선주(*)", 2),
        ("3우선주식(주2)", 3),
        ("3우선주(전환)", 3),
        ("CJ4우(전환)", 4),
        ("현대차2우B", 2),
    ] {
        assert_eq!(labelled(numbered), Class::Preferred(Some(n)), "{numbered}");
    }
    for none in ["", " ", "-", "–"] {
        assert_eq!(labelled(none), Class::Unlabelled, "{none:?}");
    }
    for other in [
        "보통주/우선주",
        "주식",
        "기타",
        "기타주식",
        "전환주",
        "배당주",
    ] {
        assert_eq!(labelled(other), Class::Other, "{other}");
    }
    for unlisted in ["상환전환우선주", "상환우선주", "우선주(비상장)"] {
        assert_eq!(labelled(unlisted), Class::Unlisted, "{unlisted}");
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
            labelled(no_class_s_number),
            Class::Preferred(None),
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
        // The form's second row, labelled like the first.
        (&[("보통주", "100"), ("보통주", "-")], "100", "absent"),
        (&[("보통주", "-"), ("보통주", "100")], "unclear", "absent"),
        (&[("보통주", "100"), ("보통주", "110")], "unclear", "absent"),
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
        (&[("", "100"), ("기타주식", "-")], "100", "absent"),
        (&[("-", "100"), ("전환주", "-")], "100", "absent"),
        (&[("-", "100"), ("전환주", "50")], "unclear", "unclear"),
        (&[("보통주", "100"), ("우량주", "-")], "100", "-"),
        (
            &[("보통주", "130"), ("상환전환우선주", "163")],
            "130",
            "absent",
        ),
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
        "3"
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

#[test]
fn what_a_label_says_beside_its_class_counts() {
    // (rows, common, preferred)
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
    let cases: &[Case] = &[
        (
            &[
                ("보통주(1분기)", "361"),
                ("보통주(2분기)", "361"),
                ("보통주(3분기)", "361"),
                ("보통주(결산)", "361"),
            ],
            "1444 of 4",
            "absent",
        ),
        (
            &[
                ("보통주(중간)", "100"),
                ("보통주(결산)", "100"),
                ("우선주", "-"),
            ],
            "200 of 2",
            "-",
        ),
        (
            &[("기말배당금", "150"), ("중간, 분기배당금", "50")],
            "200 of 2",
            "absent",
        ),
        (
            &[("기말배당금", "150"), ("중간, 분기배당금", "-")],
            "150",
            "absent",
        ),
        (&[("-", "-"), ("기말배당", "50")], "50", "-"),
        (&[("-", "100"), ("기말배당", "50")], "unclear", "unclear"),
        // Without the closing one the year's are not all there; one of two is not told apart.
        (&[("보통주(중간)", "100")], "unclear", "absent"),
        (
            &[("보통주(결산)", "100"), ("보통주(결산)", "100")],
            "unclear",
            "absent",
        ),
        (
            &[("보통주", "300"), ("보통주(중간)", "100")],
            "unclear",
            "absent",
        ),
        (&[("보통주", "300"), ("보통주(중간)", "-")], "300", "absent"),
        (&[("대주주", "150"), ("소액주주", "150")], "150", "absent"),
        (
            &[("대주주", "50"), ("소액주주", "100")],
            "unclear",
            "absent",
        ),
        (&[("보통주식", "50"), ("기타주주", "-")], "50", "absent"),
        (&[("보통주", "100"), ("대주주", "50")], "unclear", "absent"),
        (
            &[
                ("보통주", "500"),
                ("보통주(특별)", "200"),
                ("우선주", "510"),
            ],
            "unclear",
            "510",
        ),
        (&[("보통주", "500"), ("보통주(특별)", "-")], "500", "absent"),
        (
            &[("보통주", "500"), ("특별배당금", "200"), ("우선주", "510")],
            "unclear",
            "unclear",
        ),
    ];
    for (rows, common, preferred) in cases {
        assert_eq!(stated("900010", rows), *common, "common of {rows:?}");
        assert_eq!(stated("900015", rows), *preferred, "preferred of {rows:?}");
    }
}

#[test]
fn a_share_that_does_not_exist_has_no_row_and_an_only_one_needs_no_number() {
    let rows = &[("보통주", "1"), ("우선주", "2")];
    assert_eq!(stated("00593K", rows), "absent");
    for only in ["005935", "03473K", "000087", "005257"] {
        assert_eq!(stated(only, rows), "2", "{only}");
    }
    let numbered = &[("보통주", "1"), ("우선주", "2"), ("3우선주(전환)", "3")];
    assert_eq!(stated("00279K", numbered), "3");
    assert_eq!(stated("002795", numbered), "2");
}
