//! What is saved comes back.

use dps::domain::{
    Company, CorpCls, DividendYear, EarlierYear, Note, OriginKind, Outcome, Percent, ReprtCode,
    SettledPart, Shares, Won,
};
use dps::store::{CachedRow, NewRow, StoreError, StoredAnswer};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use rust_decimal::Decimal;

use super::{Folder, SAMSUNG, corp, new, no_report, noon, paid, paid_2024, samsung, ticker, year};

#[test]
fn a_row_comes_back_as_it_was_saved() {
    let at = Folder::new();
    let full = DividendYear {
        dps_stock: Some(Shares::from(Decimal::new(5, 2))),
        cash_yield_pct: Some(Percent::from(Decimal::new(27, 1))),
        payout_ratio_pct: Some(Percent::from(Decimal::new(251, 1))),
        eps: Some(Won::from(-4950)),
        cash_total: Some(Won::from(9_810_767_000_000)),
        notes: vec![
            Note::SumOfSettlements {
                parts: vec![SettledPart {
                    stlm_dt: None,
                    dps_cash: Won::from(Decimal::new(14465, 1)),
                }],
            },
            Note::Capped,
        ],
        frmtrm: EarlierYear {
            dps_cash: Some(Won::from(1444)),
            par_value: Some(Won::from(100)),
        },
        lwfr: EarlierYear {
            dps_cash: Some(Won::ZERO),
            par_value: None,
        },
        settlements: Some(2),
        ..paid_2024()
    };
    let mut row = new(full.clone(), Some("answer"), 1);
    row.expires_at = Some(noon(9));
    assert_eq!(at.store.save(&[row], noon(2)).unwrap(), 1);
    let expected = CachedRow {
        year: full,
        parser_version: 1,
        fetched_at: noon(1),
        updated_at: noon(2),
        expires_at: Some(noon(9)),
    };
    assert_eq!(at.row(2024), expected);
    assert_eq!(at.payload(2024).as_deref(), Some("answer"));
}

#[test]
fn rows_are_the_years_asked_for_in_order_and_of_one_report() {
    let at = Folder::new();
    let half = DividendYear {
        reprt_code: ReprtCode::Half,
        ..paid(2023, 2023, 722, "20230814002534")
    };
    let rows: Vec<NewRow> = [
        paid_2024(),
        half,
        paid(2022, 2022, 1444, "20230307000542"),
        paid(2023, 2023, 1444, "20240312000736"),
    ]
    .into_iter()
    .map(|year| new(year, None, 1))
    .collect();
    at.save(&rows);
    let years = |from, to, reprt| -> Vec<u16> {
        let rows = at.store.rows(ticker("005930"), year(from), year(to), reprt);
        rows.unwrap()
            .iter()
            .map(|row| row.year.fiscal_year.get())
            .collect()
    };
    assert_eq!(years(2013, 2026, ReprtCode::Annual), [2022, 2023, 2024]);
    assert_eq!(years(2023, 2023, ReprtCode::Annual), [2023]);
    assert_eq!(years(2013, 2026, ReprtCode::Half), [2023]);
    assert_eq!(years(2013, 2026, ReprtCode::Q1), [0; 0]);
}

#[test]
fn an_answer_is_found_from_the_rows_taken_from_it() {
    let at = Folder::new();
    let preferred = DividendYear {
        ticker: ticker("005935"),
        ..paid(2024, 2024, 1447, "20250311001085")
    };
    at.save(&[
        new(paid_2024(), Some("answer"), 1),
        new(paid(2023, 2024, 1444, "20250311001085"), None, 1),
        new(preferred, None, 1),
    ]);
    assert_eq!(at.payload(2023).as_deref(), Some("answer"));
    let sibling = at
        .store
        .payload(ticker("005935"), year(2024), ReprtCode::Annual);
    assert_eq!(sibling.unwrap().as_deref(), Some(b"answer".as_slice()));

    let stored = |source_year| {
        at.store
            .stored_answer(corp(SAMSUNG), year(source_year), ReprtCode::Annual)
            .unwrap()
    };
    let expected = StoredAnswer::Payload {
        deflated: b"answer".to_vec(),
        fetched_at: noon(1),
        expires_at: None,
    };
    assert_eq!(stored(2024), Some(expected));
    assert_eq!(stored(2023), None);
}

#[test]
fn a_stored_013_is_an_answer_unless_a_report_is_there() {
    let at = Folder::new();
    let mut asked = new(no_report(2025), None, 1);
    asked.expires_at = Some(noon(8));
    at.save(&[asked]);
    let stored = || {
        at.store
            .stored_answer(corp(SAMSUNG), year(2025), ReprtCode::Annual)
            .unwrap()
            .unwrap()
    };
    let no_report = StoredAnswer::NoReport {
        fetched_at: noon(1),
        expires_at: Some(noon(8)),
    };
    assert_eq!(stored(), no_report);
    assert_eq!(at.payload(2025), None);

    let preferred = DividendYear {
        ticker: ticker("005935"),
        ..paid(2025, 2025, 1447, "20260310000001")
    };
    at.save(&[new(preferred, Some("filed"), 2)]);
    assert!(matches!(stored(), StoredAnswer::Payload { deflated, .. } if deflated == b"filed"));
}

#[test]
fn the_latest_par_value_is_the_newest_year_that_states_one() {
    let at = Folder::new();
    assert_eq!(at.store.latest_par(ticker("005930")).unwrap(), None);
    let without = DividendYear {
        par_value: None,
        ..paid(2025, 2025, 1500, "20260310000001")
    };
    let before_the_split = DividendYear {
        par_value: Some(Won::from(5000)),
        ..paid(2017, 2017, 42_500, "20180402005019")
    };
    at.save(&[
        new(before_the_split, None, 1),
        new(paid_2024(), None, 1),
        new(without, None, 1),
    ]);
    assert_eq!(
        at.store.latest_par(ticker("005930")).unwrap(),
        Some((year(2024), Won::from(100)))
    );
}

#[test]
fn an_amount_that_cannot_be_kept_exactly_is_refused_and_nothing_is_written() {
    let at = Folder::new();
    let odd = DividendYear {
        eps: Some(Won::from(Decimal::new(1_234_567_890_123_456_789, 3))),
        ..paid_2024()
    };
    let rows = [
        new(paid(2023, 2023, 1444, "20240312000736"), None, 1),
        new(odd, None, 1),
    ];
    let error = at.store.save(&rows, noon(1)).unwrap_err();
    assert!(
        matches!(&error, StoreError::NotExact { field: "eps", row, .. } if row == "005930 2024 11011"),
        "{error}"
    );
    let stats = at.store.stats().unwrap();
    assert_eq!((stats.tickers, stats.origin_kind), (0, None));
}

#[test]
fn the_list_of_companies_is_replaced_as_a_whole_and_keeps_what_answers_told() {
    let at = Folder::new();
    let gone = Company {
        ticker: ticker("0068Y0"),
        corp_code: corp("00000001"),
        ..samsung()
    };
    assert_eq!(at.store.companies_synced_at().unwrap(), None);
    at.store
        .replace_companies(&[samsung(), gone], noon(1))
        .unwrap();
    assert_eq!(at.store.companies().unwrap().len(), 2);
    at.save(&[new(paid_2024(), None, 1)]);

    let renamed = Company {
        corp_name: "삼성".to_owned(),
        ..samsung()
    };
    at.store
        .replace_companies(std::slice::from_ref(&renamed), noon(2))
        .unwrap();
    let expected = Company {
        corp_cls: Some(CorpCls::Kospi),
        ..renamed
    };
    assert_eq!(
        at.store.companies().unwrap(),
        std::slice::from_ref(&expected)
    );
    assert_eq!(at.store.companies_synced_at().unwrap(), Some(noon(2)));
    let preferred = at.store.company(ticker("005935")).unwrap();
    assert_eq!(preferred.as_ref(), Some(&expected));
    let by_number = at.store.company_by_corp_code(corp(SAMSUNG)).unwrap();
    assert_eq!(by_number, Some(expected));
    assert_eq!(at.store.company(ticker("0068Y0")).unwrap(), None);
}

#[test]
fn a_ticker_that_went_to_another_company_leaves_the_old_ones_market_behind() {
    let at = Folder::new();
    at.store.replace_companies(&[samsung()], noon(1)).unwrap();
    at.save(&[new(paid_2024(), None, 1)]);
    let successor = Company {
        corp_code: corp("00999999"),
        ..samsung()
    };
    at.store
        .replace_companies(std::slice::from_ref(&successor), noon(2))
        .unwrap();
    assert_eq!(at.store.companies().unwrap(), [successor]);
}

#[test]
fn the_newest_answer_tells_the_market_whichever_is_saved_last() {
    let at = Folder::new();
    at.store.replace_companies(&[samsung()], noon(1)).unwrap();
    let before = DividendYear {
        corp_cls: Some(CorpCls::Kosdaq),
        ..paid(2023, 2023, 1444, "20240312000736")
    };
    at.save(&[new(paid_2024(), None, 5)]);
    at.save(&[new(before, None, 2)]);
    let company = at.store.company(ticker("005930")).unwrap().unwrap();
    assert_eq!(company.corp_cls, Some(CorpCls::Kospi));
}

#[test]
fn stats_count_what_is_there() {
    let at = Folder::new();
    let empty = at.store.stats().unwrap();
    assert_eq!((empty.tickers, empty.payload_bytes), (0, 0));
    assert_eq!((empty.first_year, empty.origin_kind), (None, None));
    let preferred = DividendYear {
        ticker: ticker("005935"),
        ..paid(2023, 2024, 1445, "20250311001085")
    };
    at.save(&[
        new(paid_2024(), Some("answer"), 1),
        new(preferred, None, 1),
        new(no_report(2025), None, 3),
    ]);
    at.store.replace_companies(&[samsung()], noon(4)).unwrap();
    let stats = at.store.stats().unwrap();
    let of = |outcome| stats.rows[&outcome];
    assert_eq!((of(Outcome::Paid), of(Outcome::NoReport)), (2, 1));
    assert_eq!((of(Outcome::NoDividend), of(Outcome::NotStated)), (0, 0));
    assert_eq!((stats.tickers, stats.companies), (2, 1));
    assert_eq!(stats.first_year, Some(year(2023)));
    assert_eq!(stats.last_year, Some(year(2025)));
    assert_eq!(stats.oldest_fetched_at, Some(noon(1)));
    assert_eq!(stats.newest_fetched_at, Some(noon(3)));
    assert_eq!(stats.payload_bytes, 6);
    assert!(stats.file_bytes > 0);
    assert_eq!(stats.companies_synced_at, Some(noon(4)));
    assert_eq!(stats.origin_kind, Some(OriginKind::Real));
}

#[test]
fn every_amount_of_fifteen_digits_comes_back_as_it_was() {
    let at = Folder::new();
    proptest!(
        ProptestConfig::with_cases(64),
        |(digits in 1_i64..=999_999_999_999_999, scale in 0_u32..=6, negative: bool)| {
            let amount = Decimal::new(digits, scale);
            let signed = if negative { -amount } else { amount };
            let saved = DividendYear {
                dps_cash: Some(Won::from(amount)),
                eps: Some(Won::from(signed)),
                cash_yield_pct: Some(Percent::from(signed)),
                dps_stock: Some(Shares::from(amount)),
                ..paid_2024()
            };
            at.save(&[new(saved.clone(), None, 1)]);
            prop_assert_eq!(at.row(2024).year, saved);
        }
    );
}
