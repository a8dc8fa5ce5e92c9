//! Which row may take another's place, and what becomes of the one that was there.

use dps::domain::{DividendYear, Note, Outcome, ReprtCode, Won};

use super::{Folder, new, no_report, noon, paid, ticker, year};

/// The history, oldest first: the figure, its filing, and the filing that replaced it.
fn history(at: &Folder) -> Vec<String> {
    let stranger = at.stranger();
    let mut query = stranger
        .prepare(
            "SELECT concat_ws(' ', outcome, dps_cash, rcept_no, '->', replaced_by_rcept_no)
               FROM dps_history ORDER BY history_id",
        )
        .unwrap();
    query
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn the_nearest_report_wins_and_a_013_replaces_nothing_but_a_013() {
    let own = || paid(2023, 2023, 1444, "20240312000736");
    let next = || paid(2023, 2024, 1400, "20250311001085");
    let after_next = || paid(2023, 2025, 1300, "20260310000001");
    let correction = || paid(2023, 2023, 1450, "20240501000001");
    let unstated = || DividendYear {
        outcome: Outcome::NotStated,
        dps_cash: None,
        notes: vec![Note::PreferredRowsUnclear],
        ..own()
    };
    let of_another = || DividendYear {
        corp_code: "00000001".parse().unwrap(),
        ..unstated()
    };
    let none = || no_report(2023);
    for (name, there, comes, replaced, kept_in_history) in [
        ("own over later", next(), own(), true, true),
        ("own unstated over later", next(), unstated(), true, true),
        ("later over own", own(), next(), false, false),
        ("later over own unstated", unstated(), next(), false, false),
        ("nearer over farther", after_next(), next(), true, true),
        ("farther over nearer", next(), after_next(), false, false),
        ("a correction", own(), correction(), true, true),
        ("the same again", own(), own(), true, false),
        ("the same filing, cut", own(), unstated(), false, false),
        (
            "the same filing, and more of it",
            unstated(),
            own(),
            true,
            true,
        ),
        ("an older filing", correction(), own(), false, false),
        (
            "another issuer's, whatever it says",
            own(),
            of_another(),
            true,
            true,
        ),
        ("013 over a figure", own(), none(), false, false),
        ("013 over a later figure", next(), none(), false, false),
        ("013 over unstated", unstated(), none(), false, false),
        ("a figure over 013", none(), own(), true, false),
        ("a later figure over 013", none(), next(), true, false),
        ("013 again", none(), none(), true, false),
    ] {
        let at = Folder::new();
        at.store
            .save(&[new(there.clone(), None, 1)], noon(1))
            .unwrap();
        let written = at
            .store
            .save(&[new(comes.clone(), None, 2)], noon(3))
            .unwrap();
        assert_eq!(written, usize::from(replaced), "{name}");
        let now = at.row(2023);
        assert_eq!(now.year, if replaced { comes } else { there }, "{name}");
        let updated = noon(if replaced { 3 } else { 1 });
        assert_eq!(now.updated_at, updated, "{name}");
        assert_eq!(history(&at).len(), usize::from(kept_in_history), "{name}");
    }
}

#[test]
fn the_2015_report_is_the_own_one_of_2014() {
    let at = Folder::new();
    let written = at.save(&[
        new(paid(2014, 2015, 20_000, "20160330003536"), None, 1),
        new(paid(2014, 2016, 19_000, "20170331004518"), None, 2),
    ]);
    assert_eq!(written, 1);
    assert_eq!(at.row(2014).year.dps_cash, Some(Won::from(20_000)));
}

#[test]
fn of_one_report_the_later_filing_counts_whatever_the_clocks_say() {
    let at = Folder::new();
    at.save(&[new(paid(2023, 2023, 1450, "20240501000001"), None, 5)]);
    for (why, day) in [("overtaken", 4), ("an old copy, asked later", 6)] {
        let older = new(paid(2023, 2023, 1444, "20240312000736"), None, day);
        assert_eq!(at.save(&[older]), 0, "{why}");
        assert_eq!(at.row(2023).year.dps_cash, Some(Won::from(1450)), "{why}");
    }
    // Stored by a clock that ran ahead, it gives way to the later filing all the same.
    let later = new(paid(2023, 2023, 1460, "20240601000001"), None, 2);
    assert_eq!(at.save(&[later]), 1);
    assert_eq!(at.row(2023).year.dps_cash, Some(Won::from(1460)));
}

#[test]
fn a_replaced_figure_stays_in_the_history_with_both_filings() {
    let at = Folder::new();
    for (dps, rcept_no, day) in [
        (1400, "20240312000736", 1),
        (1444, "20240501000001", 2),
        (1444, "20240601000001", 3),
        // Under an unchanged filing, too.
        (1500, "20240601000001", 4),
    ] {
        at.save(&[new(paid(2023, 2023, dps, rcept_no), Some("answer"), day)]);
    }
    assert_eq!(
        history(&at),
        [
            "PAID 1400.0 20240312000736 -> 20240501000001",
            "PAID 1444.0 20240501000001 -> 20240601000001",
            "PAID 1444.0 20240601000001 -> 20240601000001",
        ]
    );
    let times: String = at
        .stranger()
        .query_row(
            "SELECT fetched_at || ' ' || replaced_at FROM dps_history ORDER BY 1 LIMIT 1",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(times, "2026-11-01T12:00:00.000Z 2026-11-02T12:00:00.000Z");
    assert_eq!(at.store.stats().unwrap().replaced, 3);
}

#[test]
fn the_history_of_a_share_is_read_back_year_by_year_oldest_first() {
    let at = Folder::new();
    for (year, source, dps, rcept_no, day) in [
        (2024, 2024, 1400, "20250311001085", 1),
        (2023, 2024, 1440, "20250311001085", 1),
        (2024, 2024, 1446, "20250501000001", 2),
        (2023, 2023, 1444, "20240312000736", 3),
        (2024, 2024, 1450, "20250501000001", 4),
    ] {
        at.save(&[new(paid(year, source, dps, rcept_no), None, day)]);
    }
    let history = at
        .store
        .history(ticker("005930"), year(2020), year(2024), ReprtCode::Annual)
        .unwrap();
    let brief: Vec<String> = history
        .iter()
        .map(|row| {
            format!(
                "{} {:?} of the {} report {}, until {} {}: {} of the {} report",
                row.fiscal_year,
                row.dps_cash,
                row.source_year,
                row.rcept_no.unwrap(),
                row.replaced_at.format("%d"),
                row.outcome,
                row.replaced_by_rcept_no.unwrap(),
                row.replaced_by_source_year,
            )
        })
        .collect();
    assert_eq!(
        brief,
        [
            "2023 Some(Won(1440)) of the 2024 report 20250311001085, until 03 PAID: \
             20240312000736 of the 2023 report",
            "2024 Some(Won(1400)) of the 2024 report 20250311001085, until 02 PAID: \
             20250501000001 of the 2024 report",
            "2024 Some(Won(1446)) of the 2024 report 20250501000001, until 04 PAID: \
             20250501000001 of the 2024 report",
        ]
    );
    assert_eq!(history[1].fetched_at, noon(1));
    let of = |first, last, reprt| {
        let history = at
            .store
            .history(ticker("005930"), year(first), year(last), reprt);
        history.unwrap().len()
    };
    assert_eq!(of(2023, 2023, ReprtCode::Annual), 1);
    assert_eq!(of(2020, 2024, ReprtCode::Half), 0);
}

#[test]
fn a_history_row_that_is_none_is_named() {
    let at = Folder::new();
    at.save(&[new(paid(2023, 2023, 1400, "20240312000736"), None, 1)]);
    at.save(&[new(paid(2023, 2023, 1444, "20240501000001"), None, 2)]);
    at.stranger()
        .execute("UPDATE dps_history SET rcept_no = 'gone'", [])
        .unwrap();
    let error = at
        .store
        .history(ticker("005930"), year(2023), year(2023), ReprtCode::Annual)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("gone in dps_history.rcept_no of 1"),
        "{error}"
    );
}

#[test]
fn a_row_derived_anew_keeps_its_payload_and_one_from_another_answer_does_not() {
    let at = Folder::new();
    let own = || paid(2023, 2023, 1444, "20240312000736");
    at.save(&[new(own(), Some("first"), 1)]);
    let mut derived = new(own(), None, 1);
    derived.parser_version = 2;
    at.save(&[derived]);
    assert_eq!(at.payload(2023).as_deref(), Some("first"));
    assert_eq!(at.row(2023).parser_version, 2);

    // The same answer, by another of its filings.
    let renamed = paid(2023, 2023, 1444, "20240401000001");
    at.save(&[new(renamed, None, 1)]);
    assert_eq!(at.payload(2023).as_deref(), Some("first"));

    // A later answer, which need not say the same, by the same filing or by another.
    for (dps, rcept_no, day) in [(1444, "20240401000001", 3), (1450, "20240501000001", 5)] {
        at.save(&[new(own(), Some("first"), day - 1)]);
        at.save(&[new(paid(2023, 2023, dps, rcept_no), None, day)]);
        assert_eq!(at.payload(2023), None, "{dps}");
    }
}

#[test]
fn a_row_derived_anew_takes_the_place_of_the_very_row_it_was_derived_from_and_of_no_other() {
    let at = Folder::new();
    let stored = paid(2023, 2023, 1444, "20240312000736");
    at.save(&[new(stored, Some("first"), 1)]);
    let read_at = at.row(2023).updated_at;
    let derived = || {
        let mut row = new(paid(2023, 2023, 1400, "20240312000736"), None, 1);
        row.parser_version = 2;
        row
    };
    let save = |row, day| at.store.save_derived(&[(row, read_at)], noon(day)).unwrap();
    assert_eq!(save(derived(), 2), [true]);
    assert_eq!(at.row(2023).year.dps_cash, Some(Won::from(1400)));
    assert_eq!(at.payload(2023).as_deref(), Some("first"));
    assert_eq!(
        history(&at),
        ["PAID 1444.0 20240312000736 -> 20240312000736"]
    );
    // Another process has written it since it was read.
    assert_eq!(save(derived(), 3), [false]);
    let absent = (new(paid(2022, 2022, 1, "20230312000736"), None, 1), read_at);
    let written = at.store.save_derived(&[absent], noon(3)).unwrap();
    assert_eq!(written, [false]);
}
