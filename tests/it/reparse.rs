//! Every row read again from its stored answer.

use dps::domain::{ReprtCode, Won};
use dps::opendart::alot_matter::{PARSER_VERSION, unpack};
use dps::resolve::{NotRead, Reparsed, reparse};
use dps::series::{SeriesRequest, audit};

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, brief, now};

fn later() -> chrono::DateTime<chrono::Utc> {
    now() + chrono::TimeDelta::days(1)
}

fn paying(common: &str, preferred: &str) -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["500", "500", "500"])
        .net_income(["9", "8", "7"])
        .dps("보통주", [common, "90", "80"])
        .dps("우선주", [preferred, "95", "85"])
}

/// Both shares of a company over three years, one of them without a report.
fn filled() -> (FakeDart, TestStore) {
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &paying("100", "105"))
        .with_report(2024, ReprtCode::Annual, &paying("200", "205"));
    let mut test_store = TestStore::new();
    for ticker in ["900010", "900015"] {
        test_store.look_up(&dart, ticker, &annual(2022, 2024), now());
    }
    (dart, test_store)
}

fn change(test_store: &TestStore, sql: &str) {
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
}

fn again(test_store: &TestStore) -> Reparsed {
    reparse(&test_store.store, later()).unwrap()
}

#[test]
fn rows_that_say_what_they_said_are_left_as_they_are() {
    let (dart, test_store) = filled();
    let calls = dart.calls();
    let before = test_store.store.rows_of("900010".parse().unwrap()).unwrap();
    let done = again(&test_store);
    let expected = Reparsed {
        read: 4,
        same: 4,
        ..Reparsed::default()
    };
    assert_eq!(done, expected);
    assert_eq!(
        test_store.store.rows_of("900010".parse().unwrap()).unwrap(),
        before
    );
    assert_eq!(dart.calls(), calls);
}

#[test]
fn a_new_answer_for_one_share_is_the_answer_of_both_even_under_an_unchanged_filing() {
    let before = FakeDart::new().with_report(2024, ReprtCode::Annual, &paying("200", "205"));
    let after = FakeDart::new().with_report(2024, ReprtCode::Annual, &paying("250", "255"));
    let refresh = SeriesRequest {
        refresh: true,
        ..annual(2024, 2024)
    };
    for [first, second] in [["900010", "900015"], ["900015", "900010"]] {
        let mut test_store = TestStore::new();
        test_store.look_up(&before, first, &annual(2024, 2024), now());
        test_store.look_up(&before, second, &annual(2024, 2024), now());
        test_store.look_up(&after, second, &refresh, later());
        let rows =
            || ["900010", "900015"].map(|one| test_store.store.rows_of(one.parse().unwrap()));
        let said = rows().map(Result::unwrap);
        assert_eq!(said[0][0].year.dps_cash, Some(Won::from(250)));
        assert_eq!(said[1][0].year.dps_cash, Some(Won::from(255)));
        for share in ["900010", "900015"] {
            let year = said[0][0].year.fiscal_year;
            let packed = test_store
                .store
                .payload(share.parse().unwrap(), year, ReprtCode::Annual);
            let body = unpack(&packed.unwrap().unwrap()).unwrap();
            let body = String::from_utf8(body).unwrap();
            assert!(
                body.contains("\"250\"") && !body.contains("\"200\""),
                "{share}"
            );
        }
        change(
            &test_store,
            "UPDATE dividend_dps_cache SET parser_version = 1",
        );
        let done = again(&test_store);
        assert_eq!((done.read, done.same, done.changed.len()), (2, 2, 0));
        let kept = rows().map(Result::unwrap);
        assert_eq!(kept[0][0].year, said[0][0].year);
        assert_eq!(kept[1][0].year, said[1][0].year);
    }
}

#[test]
fn what_an_older_parser_read_otherwise_is_changed_reported_and_kept_in_the_history() {
    let (_dart, mut test_store) = filled();
    change(
        &test_store,
        "UPDATE dividend_dps_cache SET parser_version = 1, frmtrm_dps_cash = NULL, eps = NULL
          WHERE outcome <> 'NO_REPORT';
         UPDATE dividend_dps_cache SET outcome = 'NO_DIVIDEND', dps_cash = 0
          WHERE ticker = '900015' AND fiscal_year = 2024",
    );
    let done = again(&test_store);
    assert_eq!((done.read, done.filled, done.same), (4, 3, 0));
    let told: Vec<String> = done
        .changed
        .iter()
        .map(|change| {
            format!(
                "{} {} {} -> {} {}: {:?}",
                change.new.ticker,
                change.new.fiscal_year,
                change.old.outcome,
                change.new.outcome,
                change.new.dps_cash.unwrap(),
                change.columns()
            )
        })
        .collect();
    assert_eq!(
        told,
        ["900015 2024 NO_DIVIDEND -> PAID 205: [\"outcome\", \"dps_cash\", \"frmtrm_dps_cash\"]"]
    );
    for row in test_store.store.rows_of("900010".parse().unwrap()).unwrap() {
        if row.year.dps_cash.is_some() {
            assert_eq!(row.parser_version, PARSER_VERSION);
            assert_eq!(row.year.frmtrm.dps_cash, Some(Won::from(90)));
        }
    }
    assert_eq!(test_store.store.stats().unwrap().replaced, 1);
    let series = test_store.look_up_offline("900015", &annual(2024, 2024));
    assert_eq!(brief(&series), ["2024 PAID 205 cache"]);
    assert_eq!(again(&test_store).same, 4, "the answers are still there");
}

#[test]
fn a_row_whose_answer_is_gone_is_named_and_stays_as_it_was() {
    let (_dart, test_store) = filled();
    change(
        &test_store,
        "UPDATE dividend_dps_cache SET parser_version = 1;
         UPDATE dividend_dps_cache SET raw_payload = NULL WHERE fiscal_year = 2022;
         UPDATE dividend_dps_cache SET raw_payload = x'00' WHERE fiscal_year = 2024
            AND raw_payload IS NOT NULL",
    );
    let done = again(&test_store);
    assert_eq!((done.read, done.changed.len(), done.filled), (4, 0, 0));
    let named: Vec<String> = done
        .not_read
        .iter()
        .map(|(ticker, year, _, why)| format!("{ticker} {year}: {why}"))
        .collect();
    assert_eq!(
        named,
        [
            "900010 2022: its answer is not stored",
            "900010 2024: its answer is not stored",
            "900015 2022: its answer is not stored",
            "900015 2024: its answer is not stored",
        ]
    );
    let rows = test_store.store.rows_of("900010".parse().unwrap()).unwrap();
    assert!(
        rows.iter()
            .all(|row| row.parser_version == 1 || row.year.dps_cash.is_none())
    );
}

#[test]
fn what_a_later_version_of_the_program_read_is_left_to_it() {
    let (_dart, test_store) = filled();
    change(
        &test_store,
        "UPDATE dividend_dps_cache SET parser_version = 999, outcome = 'PAID', dps_cash = 7
          WHERE ticker = '900010' AND fiscal_year = 2024",
    );
    let done = again(&test_store);
    assert_eq!((done.read, done.same), (4, 3));
    assert_eq!((done.newer, done.overtaken), (1, 0));
}

#[test]
fn an_interim_row_is_compared_with_the_stored_annual_one_and_left_alone_without() {
    let copied = Answer::of(CORP)
        .net_income(["9", "8", "7"])
        .dps("보통주", ["430", "525", "450"]);
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &copied)
        .with_report(2023, ReprtCode::Half, &copied);
    let mut test_store = TestStore::new();
    let half = SeriesRequest {
        reprt_code: ReprtCode::Half,
        ..annual(2023, 2023)
    };
    test_store.look_up(&dart, "900010", &half, now());
    change(
        &test_store,
        "UPDATE dividend_dps_cache SET parser_version = 1, outcome = 'PAID', dps_cash = 430
          WHERE reprt_code = '11012'",
    );
    let calls = dart.calls();
    let done = again(&test_store);
    assert_eq!(done.changed.len(), 1);
    assert_eq!(done.changed[0].new.outcome.as_str(), "NOT_STATED");
    change(
        &test_store,
        "UPDATE dividend_dps_cache SET parser_version = 1;
         DELETE FROM dividend_dps_cache WHERE reprt_code = '11011'",
    );
    let done = again(&test_store);
    assert!(matches!(
        done.not_read[..],
        [(_, _, ReprtCode::Half, NotRead::NoAnnual)]
    ));
    assert_eq!(dart.calls(), calls);
}

#[test]
fn an_expired_013_is_still_what_was_said_when_a_stored_interim_answer_is_read() {
    let honest = Answer::of(CORP)
        .net_income(["5", "9", "8"])
        .dps("보통주", ["100", "430", "525"]);
    let dart = FakeDart::new().with_report(2025, ReprtCode::Half, &honest);
    let mut test_store = TestStore::new();
    let half = SeriesRequest {
        reprt_code: ReprtCode::Half,
        ..annual(2025, 2025)
    };
    let series = test_store.look_up(&dart, "900010", &half, now());
    assert_eq!(
        brief(&series),
        ["2025 PAID 100 DART"],
        "there is no annual report"
    );
    let calls = dart.calls();
    let a_year_on = now() + chrono::TimeDelta::days(365);
    for at in [later(), a_year_on] {
        change(
            &test_store,
            "UPDATE dividend_dps_cache SET parser_version = 1",
        );
        let done = reparse(&test_store.store, at).unwrap();
        assert_eq!((done.read, done.same), (1, 1), "{:?}", done.not_read);
        let audited = audit(&test_store.store, &["900010".parse().unwrap()], at)
            .unwrap()
            .remove(0);
        assert_eq!((audited.rows, audited.unread.len()), (1, 0));
    }
    assert_eq!(dart.calls(), calls);
    test_store.look_up(&dart, "900010", &annual(2024, 2025), a_year_on);
    assert_eq!(dart.calls(), calls + 2, "who asks for them asks again");
}

#[test]
fn an_interim_answer_from_before_its_years_annual_report_was_due_needs_none_to_be_read() {
    let honest = Answer::of(CORP)
        .net_income(["5", "9", "8"])
        .dps("보통주", ["100", "430", "525"]);
    let dart = FakeDart::new().with_report(2025, ReprtCode::Half, &honest);
    let mut test_store = TestStore::new();
    let half = SeriesRequest {
        reprt_code: ReprtCode::Half,
        ..annual(2025, 2025)
    };
    let in_august = "2025-08-20T00:00:00Z".parse().unwrap();
    test_store.look_up(&dart, "900010", &half, in_august);
    change(
        &test_store,
        "UPDATE dividend_dps_cache SET parser_version = 1",
    );
    let done = reparse(&test_store.store, later()).unwrap();
    assert_eq!((done.read, done.same), (1, 1), "{:?}", done.not_read);
}

/// What the database has in the column `note` of the one row that has something there.
fn stored_note(test_store: &TestStore) -> String {
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .query_row(
            "SELECT note FROM dividend_dps_cache WHERE note IS NOT NULL",
            [],
            |row| row.get(0),
        )
        .unwrap()
}

/// One row whose filing states a total and no amount per share.
fn noted() -> TestStore {
    let without_amount = Answer::of(CORP)
        .row("현금배당금총액(백만원)", "-", ["7", "-", "-"])
        .dps("보통주", ["-", "-", "-"]);
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &without_amount);
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    assert_eq!(brief(&series), ["2024 NOT_STATED DART"]);
    assert_eq!(
        series.rows[0].note().unwrap(),
        "the filing states a total of cash dividends but no amount per share"
    );
    test_store
}

#[test]
fn rows_are_compared_by_codes_and_keep_no_words_that_could_be_reworded() {
    let test_store = noted();
    assert_eq!(
        stored_note(&test_store),
        r#"[{"code":"total_without_amount"}]"#
    );
    change(
        &test_store,
        r#"UPDATE dividend_dps_cache SET note = '[ { "code" : "total_without_amount" } ]'"#,
    );
    assert_eq!(again(&test_store).same, 1);
    change(
        &test_store,
        r#"UPDATE dividend_dps_cache SET note = '[{"code":"no_dividend_rows"}]'"#,
    );
    let done = again(&test_store);
    assert_eq!(done.changed.len(), 1);
    assert_eq!(done.changed[0].columns(), ["note"]);
}

#[test]
fn words_from_before_the_codes_give_way_to_them_and_are_a_change_where_they_say_something_else() {
    for (words, same, changed) in [
        (
            "the filing states a total of cash dividends but no amount per share",
            1,
            0,
        ),
        ("something else", 0, 1),
    ] {
        let test_store = noted();
        change(
            &test_store,
            &format!(
                "UPDATE dividend_dps_cache
                    SET note = json_array(json_object('code', 'text', 'text', '{words}')),
                        parser_version = 1"
            ),
        );
        let done = again(&test_store);
        assert_eq!((done.same, done.changed.len()), (same, changed), "{words}");
        assert_eq!(
            stored_note(&test_store),
            r#"[{"code":"total_without_amount"}]"#
        );
    }
}

#[test]
fn a_note_of_a_later_version_is_shown_as_its_code_and_left_as_it_stands() {
    let mut test_store = noted();
    change(
        &test_store,
        r#"UPDATE dividend_dps_cache
              SET note = '[{"code":"eclipse","of":"sun"},{"code":"capped"}]', parser_version = 999"#,
    );
    let series = test_store.look_up_offline("900010", &annual(2024, 2024));
    assert_eq!(
        series.rows[0].note().unwrap(),
        "eclipse; read from the dividend rows alone: the stored answer was too large to keep whole"
    );
    assert_eq!(again(&test_store).newer, 1);
    assert_eq!(
        stored_note(&test_store),
        r#"[{"code":"eclipse","of":"sun"},{"code":"capped"}]"#
    );
}

#[test]
fn a_row_of_an_answer_too_large_to_keep_whole_says_so_once_it_is_read_from_what_is_left() {
    let mut noise = String::new();
    let mut state = 1_u64;
    while noise.len() < 256 * 1024 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        noise.push_str(&format!("{state:016x}"));
    }
    let large = paying("100", "105").row(&noise, "-", ["-", "-", "-"]);
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &large);
    let mut test_store = TestStore::new();
    let series = test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    assert_eq!(series.rows[0].note(), None, "it was read whole");
    let done = again(&test_store);
    assert_eq!(done.changed.len(), 1);
    assert_eq!(done.changed[0].columns(), ["note"]);
    let series = test_store.look_up_offline("900010", &annual(2024, 2024));
    assert_eq!(brief(&series), ["2024 PAID 100 cache"]);
    assert_eq!(
        series.rows[0].note().unwrap(),
        "read from the dividend rows alone: the stored answer was too large to keep whole"
    );
    assert_eq!(again(&test_store).same, 1);
}
