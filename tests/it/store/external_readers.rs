//! The database as other programs see it.

use dps::domain::{DividendYear, EarlierYear, Outcome, ReprtCode, Restatement, Won, restatements};
use dps::store::StoreError;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop, prop_assert_eq, prop_oneof, proptest,
};
use rust_decimal::Decimal;

use super::{Folder, new, no_report, noon, paid, paid_2024, samsung, ticker, year};

#[test]
fn a_stranger_reads_everything_with_plain_sql() {
    let at = Folder::new();
    at.store.replace_companies(&[samsung()], noon(1)).unwrap();
    let preferred = DividendYear {
        ticker: ticker("005935"),
        dps_cash: Some(Won::from(Decimal::new(14475, 1))),
        ..paid_2024()
    };
    at.save(&[
        new(paid_2024(), Some("answer"), 1),
        new(preferred, None, 1),
        new(no_report(2025), None, 1),
    ]);
    let stranger = at.stranger();
    let sum: f64 = stranger
        .query_row("SELECT sum(dps_cash) FROM dividend_series", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!((sum - 2893.5).abs() < f64::EPSILON);
    let of_preferred: String = stranger
        .query_row(
            "SELECT concat_ws(' ', corp_name, fiscal_year, dps_cash, typeof(dps_cash), stlm_dt,
                              fetched_at)
               FROM dividend_series WHERE ticker = '005935' AND dps_cash > 1000",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(
        of_preferred,
        "삼성전자 2024 1447.5 real 2024-12-31 2026-11-01T12:00:00.000Z"
    );
}

#[test]
fn the_view_is_the_cache_less_the_payload_and_with_the_name() {
    let at = Folder::new();
    let stranger = at.stranger();
    let columns = |table: &str| -> Vec<String> {
        let query = stranger.prepare(&format!("SELECT * FROM {table}")).unwrap();
        query.column_names().map(str::to_owned).collect()
    };
    let mut expected = columns("dividend_dps_cache");
    expected.retain(|column| column != "raw_payload");
    expected.insert(1, "corp_name".to_owned());
    expected.extend(
        [
            "restated_dps_cash",
            "restated_source_year",
            "restated_rcept_no",
        ]
        .map(str::to_owned),
    );
    assert_eq!(columns("dividend_series"), expected);
}

#[test]
fn a_stranger_is_told_what_the_program_is_told_of_restated_years() {
    let at = Folder::new();
    let won = |amount: Option<u16>| amount.map(|amount| Won::from(i64::from(amount)));
    let amount = || prop::option::of(prop_oneof![0_u16..3, 99_u16..103, 4_999_u16..5_002]);
    let par = || prop::option::of(prop_oneof![Just(100_u16), Just(500), Just(5_000)]);
    let column = || {
        (amount(), par()).prop_map(move |(dps_cash, par_value)| EarlierYear {
            dps_cash: won(dps_cash),
            par_value: won(par_value),
        })
    };
    let settlements = || prop_oneof![6 => Just(Some(1)), 1 => Just(Some(2)), 1 => Just(None)];
    let years = prop::collection::vec((amount(), par(), column(), column(), settlements()), 4);
    let lines = |of: &str| -> Vec<String> {
        let stranger = at.stranger();
        let mut query = stranger.prepare(of).unwrap();
        let found = query.query_map([], |row| row.get(0)).unwrap();
        found.collect::<Result<_, _>>().unwrap()
    };
    proptest!(ProptestConfig::with_cases(96), |(years in years)| {
        at.stranger().execute_batch("DELETE FROM dividend_dps_cache").unwrap();
        let rows: Vec<DividendYear> = (2018..)
            .zip(years)
            .map(|(of, (dps_cash, par_value, frmtrm, lwfr, settlements))| DividendYear {
                outcome: match dps_cash {
                    Some(0) => Outcome::NoDividend,
                    Some(_) => Outcome::Paid,
                    None => Outcome::NotStated,
                },
                dps_cash: won(dps_cash),
                par_value: won(par_value),
                frmtrm,
                lwfr,
                settlements,
                ..paid(of, of, 1, &format!("{of}0311001085"))
            })
            .collect();
        at.save(&rows.iter().map(|year| new(year.clone(), None, 1)).collect::<Vec<_>>());
        let mut every = Vec::new();
        let mut nearest = Vec::new();
        for row in &rows {
            let line = |it: &Restatement| format!("{} {} {} {}", row.fiscal_year, it.source_year, it.dps_cash, it.rcept_no.unwrap());
            let found = restatements(row, &rows.iter().collect::<Vec<_>>());
            nearest.extend(found.first().map(line));
            every.extend(found.iter().map(line));
        }
        let in_full = "SELECT concat_ws(' ', fiscal_year, restated_source_year, CAST(restated_dps_cash AS INTEGER), restated_rcept_no)
                         FROM dividend_restatements ORDER BY fiscal_year, restated_source_year";
        prop_assert_eq!(lines(in_full), every);
        let in_series = "SELECT concat_ws(' ', fiscal_year, restated_source_year, CAST(restated_dps_cash AS INTEGER), restated_rcept_no)
                           FROM dividend_series WHERE restated_dps_cash IS NOT NULL ORDER BY fiscal_year";
        prop_assert_eq!(lines(in_series), nearest);
    });
}

#[test]
fn a_series_is_read_along_the_primary_key_and_answers_and_history_by_their_indexes() {
    let at = Folder::new();
    let plan = |sql: &str| -> String {
        at.stranger()
            .query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get(3))
            .unwrap()
    };
    let series = plan(
        "SELECT * FROM dividend_dps_cache WHERE ticker = '005930'
            AND fiscal_year BETWEEN 2015 AND 2025 AND reprt_code = '11011' ORDER BY fiscal_year",
    );
    assert!(
        series.contains("sqlite_autoindex_dividend_dps_cache_1"),
        "{series}"
    );
    let answer = plan(
        "SELECT raw_payload FROM dividend_dps_cache
          WHERE corp_code = '00126380' AND source_year = 2024 AND reprt_code = '11011'",
    );
    assert!(answer.contains("dividend_dps_cache_by_answer"), "{answer}");
    let history = plan(
        "SELECT * FROM dps_history WHERE ticker = '005930'
            AND fiscal_year BETWEEN 2015 AND 2025 AND reprt_code = '11011'
          ORDER BY fiscal_year, replaced_at, history_id",
    );
    assert!(history.contains("dps_history_by_row"), "{history}");
}

#[test]
fn the_database_itself_refuses_what_breaks_the_rules() {
    let at = Folder::new();
    let wrong = DividendYear {
        dps_cash: None,
        ..paid_2024()
    };
    let error = at
        .store
        .save(&[new(wrong, None, 1)], noon(1))
        .expect_err("a dividend without its figure");
    assert!(
        matches!(&error, StoreError::Refused { row, .. } if row == "005930 2024 11011"),
        "{error}"
    );
    at.save(&[new(paid_2024(), None, 1)]);
    let stranger = at.stranger();
    for change in [
        "dps_cash = NULL",
        "dps_cash = 0",
        "dps_cash = -1",
        "dps_cash = 'much'",
        "outcome = 'NO_DIVIDEND'",
        "outcome = 'NO_REPORT'",
        "outcome = 'FAILED'",
        "reprt_code = '11015'",
        "corp_cls = 'X'",
        "source_year = 2023",
        "fiscal_year = 2012",
        "fetched_at = '2026-11-23 10:00:00'",
        "rcept_no = '12'",
        "ticker = '5930'",
        "frmtrm_dps_cash = -1",
        "frmtrm_par_value = 0",
        "lwfr_dps_cash = 1, source_year = 2025",
        "lwfr_par_value = 100, reprt_code = '11012'",
        "settlements = 0",
    ] {
        let sql = format!("UPDATE dividend_dps_cache SET {change}");
        assert!(stranger.execute(&sql, []).is_err(), "{change}");
    }
    let mark = "UPDATE meta SET value = 'imagined' WHERE key = 'origin_kind'";
    assert!(stranger.execute(mark, []).is_err());
}

#[test]
fn a_value_somebody_else_wrote_is_named_with_its_place() {
    let at = Folder::new();
    at.save(&[new(paid_2024(), None, 1)]);
    at.stranger()
        .execute_batch("UPDATE dividend_dps_cache SET stlm_dt = '2024-19-39'")
        .unwrap();
    let error = at
        .store
        .rows(ticker("005930"), year(2024), year(2024), ReprtCode::Annual)
        .unwrap_err();
    assert!(
        matches!(
            &error,
            StoreError::Unreadable { table: "dividend_dps_cache", column: "stlm_dt", row, value, .. }
                if row == "005930 2024 11011" && value == "2024-19-39"
        ),
        "{error}"
    );
}
