//! What holds of every answer, however it came about.

use std::collections::BTreeSet;

use dps::domain::{
    CorpCode, DividendYear, FiscalYear, OriginKind, Outcome, ReprtCode, Ticker, Won,
};
use dps::opendart::alot_matter::{Column, PARSER_VERSION, Report, pack, unpack};
use dps::store::{NewRow, Store};
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::strategy::Union;
use rust_decimal::Decimal;

use crate::support::answer::Answer;
use crate::support::dart::now;

const CORP: &str = "99999999";

const COLUMNS: [Column; 3] = [Column::Own, Column::YearBefore, Column::TwoBefore];

fn read(body: &[u8], code: ReprtCode) -> Option<Report> {
    let corp_code: CorpCode = CORP.parse().unwrap();
    Report::read(body, corp_code, FiscalYear::new(2024).unwrap(), code).ok()
}

fn stated(report: &Report, ticker: &str, column: Column) -> Option<DividendYear> {
    let ticker: Ticker = ticker.parse().unwrap();
    report.dividend_year(ticker, column, None)
}

/// Whether outcome, figure and note belong together.
fn holds_together(year: &DividendYear) -> bool {
    match year.outcome {
        Outcome::Paid => year.dps_cash.is_some_and(|dps| dps.is_positive()),
        Outcome::NoDividend => year.dps_cash.is_some_and(|dps| dps.is_zero()),
        Outcome::NotStated => year.dps_cash.is_none() && !year.notes.is_empty(),
        Outcome::NoReport => false,
    }
}

/// JSON that now and then looks like an answer.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let text = prop_oneof![
        Just("주당 현금배당금(원)".to_owned()),
        Just("현금배당금총액(백만원)".to_owned()),
        Just("보통주".to_owned()),
        Just("우선주".to_owned()),
        Just("-".to_owned()),
        Just("2024-12-31".to_owned()),
        "[0-9,.()원-]{0,12}",
        "\\PC{0,8}",
    ];
    let field = prop_oneof![
        Just("se".to_owned()),
        Just("stock_knd".to_owned()),
        Just("thstrm".to_owned()),
        Just("frmtrm".to_owned()),
        Just("lwfr".to_owned()),
        Just("stlm_dt".to_owned()),
        Just("rcept_no".to_owned()),
        "\\PC{0,4}",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        text.prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(3, 40, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(serde_json::Value::from),
            prop::collection::vec((field.clone(), inner), 0..8)
                .prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// Whose row a label says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Common,
    /// A preferred class, by its number where the label has one.
    Preferred(Option<u8>),
    Nobodys,
    Unknown,
}

fn any_label() -> impl Strategy<Value = (&'static str, Whose)> {
    const LABELS: [(&str, Whose); 19] = [
        ("보통주", Whose::Common),
        (" 보통주식 ", Whose::Common),
        ("의결권 있는 주식", Whose::Common),
        ("우선주", Whose::Preferred(None)),
        ("우선주식", Whose::Preferred(None)),
        ("종류주식", Whose::Preferred(None)),
        ("의결권 없는 주식", Whose::Preferred(None)),
        ("우선주(2019년 1회)", Whose::Preferred(None)),
        ("1우선주", Whose::Preferred(Some(1))),
        ("우선주(1우B)", Whose::Preferred(Some(1))),
        ("2우선주", Whose::Preferred(Some(2))),
        ("3우B", Whose::Preferred(Some(3))),
        ("-", Whose::Nobodys),
        ("", Whose::Nobodys),
        (" ", Whose::Nobodys),
        ("주식", Whose::Unknown),
        ("보통주/우선주", Whose::Unknown),
        ("대주주", Whose::Common),
        ("기타주식", Whose::Unknown),
    ];
    prop::sample::select(LABELS.to_vec())
}

/// A cell, and the number in it.
fn any_cell() -> impl Strategy<Value = String> {
    Union::new_weighted(vec![
        (2, Just("-".to_owned()).boxed()),
        (1, Just(String::new()).boxed()),
        (1, Just("0".to_owned()).boxed()),
        (1, Just("별첨".to_owned()).boxed()),
        (6, (1_u32..5000).prop_map(|won| won.to_string()).boxed()),
    ])
}

/// The amounts that stand in rows which may be a share's: those that say so by their label or, in
/// an answer, by the number of its class; and those that say nothing.
fn may_be(ticker: &str, rows: &[((&str, Whose), [String; 3])], at: usize) -> BTreeSet<Won> {
    let wanted = match ticker.as_bytes()[5] {
        b'0' => None,
        b'5' => Some(1),
        b'7' => Some(2),
        _ => Some(3),
    };
    rows.iter()
        .filter(|((_, whose), _)| match (whose, wanted) {
            (Whose::Common, None) | (Whose::Nobodys, _) | (Whose::Preferred(None), Some(_)) => true,
            (Whose::Preferred(Some(number)), Some(wanted)) => *number == wanted,
            _ => false,
        })
        .filter_map(|(_, cells)| cells[at].parse::<Decimal>().ok())
        .map(Won::from)
        .collect()
}

proptest! {
    #[test]
    fn any_json_at_all_gives_an_outcome_or_an_error(list in any_json()) {
        let body = serde_json::json!({"status": "000", "list": list}).to_string();
        for code in ReprtCode::ALL {
            let Some(report) = read(body.as_bytes(), code) else { continue };
            for ticker in ["900010", "900015", "005387"] {
                for column in COLUMNS {
                    let year = stated(&report, ticker, column);
                    prop_assert!(year.as_ref().is_none_or(holds_together), "{year:?}");
                    let _any = report.inconsistencies(ticker.parse().unwrap(), column);
                }
            }
        }
    }

    #[test]
    fn any_bytes_at_all_give_an_outcome_or_an_error(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&body, ReprtCode::Annual).is_none());
        let _refused_or_not = pack(&body);
        prop_assert!(unpack(&body).is_err());
    }

    #[test]
    fn no_share_gets_a_figure_that_no_row_of_its_own_states(
        rows in prop::collection::vec((any_label(), [any_cell(), any_cell(), any_cell()]), 0..5),
        total in any_cell(),
        income in any_cell(),
    ) {
        let mut answer = Answer::of(CORP).total([&total; 3]).net_income([&income; 3]);
        for ((label, _), cells) in &rows {
            answer = answer.dps(label, [&cells[0], &cells[1], &cells[2]]);
        }
        let report = read(&answer.body(), ReprtCode::Annual).unwrap();
        for ticker in ["900010", "900015", "005385", "005387", "005389"] {
            for (at, column) in COLUMNS.into_iter().enumerate() {
                let year = stated(&report, ticker, column).unwrap();
                prop_assert!(holds_together(&year), "{year:?}");
                let own = may_be(ticker, &rows, at);
                if let Some(paid) = year.dps_cash.filter(|dps| dps.is_positive()) {
                    prop_assert!(own.contains(&paid), "{ticker}: {paid} of {rows:?}");
                }
                let says_so = rows.iter().any(|((_, whose), _)| *whose == Whose::Common);
                if ticker == "900010" && says_so {
                    let labelled: Vec<_> = rows
                        .iter()
                        .filter(|((_, whose), _)| *whose == Whose::Common)
                        .cloned()
                        .collect();
                    let of_label = may_be(ticker, &labelled, at);
                    prop_assert!(
                        year.dps_cash.is_none_or(|dps| dps.is_zero() || of_label.contains(&dps)),
                        "a label was passed over: {year:?}"
                    );
                }
            }
            let earlier = stated(&report, ticker, Column::Own).unwrap();
            for (column, kept) in [
                (Column::YearBefore, earlier.frmtrm),
                (Column::TwoBefore, earlier.lwfr),
            ] {
                let said = stated(&report, ticker, column).unwrap();
                prop_assert_eq!(kept.dps_cash, said.dps_cash, "as the column's own row says");
                prop_assert_eq!(kept.par_value, said.par_value);
            }
        }
    }

    #[test]
    fn a_preferred_share_gets_nothing_where_another_class_alone_is_named(
        label in prop_oneof![Just("보통주"), Just("보통주식"), Just("의결권 있는 주식")],
        amount in 1_u32..1_000_000,
    ) {
        let answer = Answer::of(CORP).dps(label, [&amount.to_string(), "-", "-"]);
        let report = read(&answer.body(), ReprtCode::Annual).unwrap();
        let common = stated(&report, "900010", Column::Own).unwrap();
        prop_assert_eq!(common.dps_cash, Some(Won::from(i64::from(amount))));
        let preferred = stated(&report, "900015", Column::Own).unwrap();
        prop_assert_eq!(preferred.outcome, Outcome::NotStated);
    }
}

#[test]
fn numbers_survive_from_the_filing_s_text_to_json() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("dps.db"), OriginKind::Loopback).unwrap();
    let year = FiscalYear::new(2024).unwrap();
    proptest!(
        ProptestConfig::with_cases(128),
        |(whole in 0_u64..100_000_000_000, cents in 0_u32..10_000, grouped: bool, unit: bool)| {
            let digits = whole.to_string();
            let mut text = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if grouped && place > 0 && (digits.len() - place) % 3 == 0 {
                    text.push(',');
                }
                text.push(digit);
            }
            let plain = format!("{whole}.{cents:04}");
            text.push_str(&format!(".{cents:04}{}", if unit { " 원" } else { "" }));
            let expected = Won::from(plain.parse::<Decimal>().unwrap());

            let answer = Answer::of(CORP)
                .row("주당액면가액(원)", "-", [&text; 3])
                .dps("보통주", [&text; 3]);
            let kept = unpack(&pack(&answer.body()).unwrap()).unwrap();
            let report = read(&kept, ReprtCode::Annual).unwrap();
            let said = stated(&report, "900010", Column::Own).unwrap();
            prop_assert_eq!(said.dps_cash, Some(expected));

            let row = NewRow {
                year: said.clone(),
                payload: None,
                parser_version: PARSER_VERSION,
                fetched_at: now(),
                expires_at: None,
            };
            store.save(&[row], now()).unwrap();
            let stored = store.row(said.ticker, year, ReprtCode::Annual).unwrap().unwrap();
            prop_assert_eq!(&stored.year, &said);
            let json = serde_json::to_string(&stored.year.dps_cash).unwrap();
            prop_assert_eq!(json.parse::<Decimal>().unwrap(), expected.get());
            prop_assert!(cents > 0 || !json.contains('.'), "a whole amount is an integer");
        }
    );
}
