use std::collections::HashSet;

use proptest::prelude::{prop_assert, proptest};

use super::{ALIASES, NameMatch, exact, near, normalize, normalize_english, search, slips};
use crate::domain::Company;

fn company(ticker: &str, name: &str, english: &str, modified: &str) -> Company {
    let digits: String = ticker.chars().filter(char::is_ascii_digit).collect();
    Company {
        ticker: ticker.parse().unwrap(),
        corp_code: format!("{digits:0>8}").parse().unwrap(),
        corp_name: name.to_owned(),
        corp_eng_name: english.to_owned(),
        modify_date: modified.parse().ok(),
        corp_cls: None,
    }
}

fn market() -> Vec<Company> {
    [
        (
            "005930",
            "삼성전자",
            "SAMSUNG ELECTRONICS CO,.LTD",
            "2025-12-01",
        ),
        (
            "009150",
            "삼성전기",
            "SAMSUNG ELECTRO-MECHANICS CO.,LTD",
            "2023-01-02",
        ),
        (
            "000810",
            "삼성화재해상보험",
            "SAMSUNG FIRE & MARINE INSURANCE CO.,LTD",
            "2024-03-21",
        ),
        ("005380", "현대자동차", "HYUNDAI MOTOR CO", "2026-03-31"),
        ("035420", "NAVER", "NAVER Corporation", "2024-03-11"),
        ("033780", "케이티앤지", "KT&G Corporation", "2025-09-17"),
        ("030200", "케이티", "KT CORPORATION", "2026-04-01"),
        ("003600", "SK", "SK Holdings Co., Ltd.", "2017-06-30"),
        ("034730", "SK", "SK Inc.", "2024-03-28"),
        ("017670", "SK텔레콤", "SK TELECOM CO.,LTD", "2026-03-27"),
        ("0068Y0", "이름모를스팩", " ", ""),
    ]
    .map(|(ticker, name, english, modified)| company(ticker, name, english, modified))
    .to_vec()
}

fn one(name: &str) -> String {
    match exact(&market(), name) {
        NameMatch::One(company) => company.ticker.to_string(),
        other => panic!("{name}: {other:?}"),
    }
}

fn tickers(found: &[&Company]) -> Vec<String> {
    found
        .iter()
        .map(|company| company.ticker.to_string())
        .collect()
}

#[test]
fn case_spaces_width_and_the_legal_form_do_not_matter() {
    for name in [
        "삼성전자",
        " 삼성 전자 ",
        "(주)삼성전자",
        "㈜ 삼성전자",
        "삼성전자(주)",
        "삼성전자 주식회사",
        "삼성전자（주）",
    ] {
        assert_eq!(one(name), "005930", "{name}");
    }
    assert_eq!(one("sk텔레콤"), "017670");
    assert_eq!(one("ＳＫ텔레콤"), "017670");
}

#[test]
fn what_brokers_write_finds_the_name_as_filed() {
    for (name, ticker) in [
        ("현대차", "005380"),
        ("KT&G", "033780"),
        ("kt", "030200"),
        ("네이버", "035420"),
        ("삼성화재", "000810"),
        ("에스케이텔레콤", "017670"),
    ] {
        assert_eq!(one(name), ticker, "{name}");
    }
}

#[test]
fn the_english_name_needs_no_legal_form() {
    assert_eq!(one("Samsung Electronics"), "005930");
    assert_eq!(one("samsung electronics co., ltd."), "005930");
    assert_eq!(one("Hyundai Motor Company"), "005380");
    assert_eq!(normalize_english("Co., Ltd."), "");
}

#[test]
fn a_name_two_companies_have_stands_for_neither() {
    let market = market();
    let NameMatch::Several(found) = exact(&market, "SK") else {
        panic!("SK is two companies");
    };
    assert_eq!(tickers(&found), ["034730", "003600"], "the living first");
}

#[test]
fn the_beginning_of_a_name_is_no_match_but_a_candidate() {
    let market = market();
    let near = |name| match exact(&market, name) {
        NameMatch::None { near } => tickers(&near),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(near("삼성"), ["009150", "005930", "000810"]);
    assert_eq!(near("삼성전자우")[0], "005930");
    assert_eq!(near("삼섬전자")[0], "005930");
    assert_eq!(near("zzzzzz"), [""; 0]);
    assert_eq!(near("  "), [""; 0]);
}

#[test]
fn search_ranks_exact_before_prefix_before_inside() {
    let market = market();
    let find = |text| tickers(&search(&market, text, 10));
    assert_eq!(find("sk"), ["034730", "003600", "017670"]);
    assert_eq!(find("전자"), ["005930"]);
    assert_eq!(find("electr"), ["009150", "005930"]);
    assert_eq!(find("현대차"), ["005380"]);
    assert_eq!(
        find("네이"),
        ["035420"],
        "aliases are found by their beginning"
    );
    assert_eq!(search(&market, "sk", 1).len(), 1);
    assert_eq!(find(""), [""; 0]);
}

#[test]
fn search_takes_codes_in_every_spelling() {
    let market = market();
    for text in ["005930", "A005930", "005935", "KR7005930003", "00005930"] {
        assert_eq!(tickers(&search(&market, text, 1)), ["005930"], "{text}");
    }
    assert_eq!(tickers(&search(&market, "0068y", 5)), ["0068Y0"]);
    assert_eq!(tickers(&search(&market, "0342", 5)), [""; 0]);
}

#[test]
fn an_unknown_ticker_names_those_one_slip_away() {
    let market = market();
    let near = |ticker: &str| tickers(&near(&market, ticker.parse().unwrap()));
    assert_eq!(near("005390"), ["005930", "005380"], "swapped first");
    assert_eq!(near("005830"), ["005380", "005930"]);
    assert_eq!(near("005937"), [""; 0]);
    assert_eq!(near("015930"), ["005930"]);
    assert_eq!(
        near("017675"),
        [""; 0],
        "a preferred share's issuer is no slip"
    );
    assert_eq!(near("999990"), [""; 0]);
}

#[test]
fn each_alias_is_written_once_and_differs_from_the_name() {
    let written: HashSet<String> = ALIASES.iter().map(|(alias, _)| normalize(alias)).collect();
    assert_eq!(written.len(), ALIASES.len());
    for (alias, name) in ALIASES {
        assert_ne!(normalize(alias), normalize(name));
    }
}

proptest! {
    #[test]
    fn no_text_at_all_makes_it_panic(text in "\\PC{0,12}") {
        let market = market();
        prop_assert!(search(&market, &text, 3).len() <= 3);
        if let NameMatch::None { near } = exact(&market, &text) {
            prop_assert!(near.len() <= 5);
        }
        prop_assert!(normalize(&normalize(&text)) == normalize(&text) || text.contains("주"));
    }

    #[test]
    fn slips_are_a_distance(a in "[가-나]{0,6}", b in "[가-나]{0,6}") {
        prop_assert!(slips(&a, &b) == slips(&b, &a));
        prop_assert!((slips(&a, &b) == 0) == (a == b));
    }
}
