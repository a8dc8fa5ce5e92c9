//! What `audit` stops at, kind by kind, and what it passes over.

use dps::domain::ReprtCode;
use dps::series::{Audited, SeriesRequest, audit};

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, now};

/// The findings of a share, each on a line.
fn lines(audited: &Audited) -> Vec<String> {
    let line = |it: &dps::series::Finding| {
        let (year, kind) = (it.fiscal_year, it.kind.as_str());
        format!("{year} {} {kind}: {}", it.reprt_code, it.detail)
    };
    audited.findings.iter().map(line).collect()
}

/// What the audit of one annual answer of 2024 finds for a share.
fn of(ticker: &str, answer: Answer) -> Vec<String> {
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &answer);
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, ticker, &annual(2024, 2024), now());
    let audited = audit(&test_store.store, &[ticker.parse().unwrap()], now())
        .unwrap()
        .remove(0);
    assert_eq!((audited.rows, audited.unread.len()), (1, 0));
    lines(&audited)
}

/// An answer with nothing the matter: 20 % of 10,000 million won paid out.
fn sound() -> Answer {
    Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["500", "500", "500"])
        .net_income(["10,000", "9,000", "8,000"])
        .row("(별도)당기순이익(백만원)", "-", ["8,000", "7,000", "6,000"])
        .total(["2,000", "-", "-"])
        .row("현금배당수익률(%)", "보통주", ["2.5", "-", "-"])
        .dps("보통주", ["200", "-", "-"])
}

fn payout(answer: Answer, label: &str, ratio: &str) -> Answer {
    answer.row(label, "-", [ratio, "-", "-"])
}

#[test]
fn a_sound_filing_has_no_findings() {
    assert_eq!(
        of("900010", payout(sound(), "(연결)현금배당성향(%)", "20.00")),
        [""; 0]
    );
    let nothing_paid = Answer::of(CORP)
        .net_income(["10", "9", "8"])
        .total(["-", "-", "-"])
        .dps("보통주", ["-", "-", "-"]);
    assert_eq!(of("900010", nothing_paid), [""; 0]);
    let bare = Answer::of(CORP).dps("보통주", ["200", "-", "-"]);
    assert_eq!(
        of("900010", bare),
        [""; 0],
        "no total is not a total of none"
    );
}

#[test]
fn a_payout_ratio_is_held_against_the_net_income_it_belongs_to() {
    for (label, ratio) in [
        ("(연결)현금배당성향(%)", "20"),
        ("(연결)현금배당성향(%)", "20.02"),
        ("(연결)현금배당성향(%)", "19.9"),
        ("현금배당성향(%)", "20.0"),
        ("(별도)현금배당성향(%)", "25.0"),
        ("(연결)현금배당성향(%)", "-"),
    ] {
        assert_eq!(
            of("900010", payout(sound(), label, ratio)),
            [""; 0],
            "{label} {ratio}"
        );
    }
    let found = |label, ratio| of("900010", payout(sound(), label, ratio));
    assert_eq!(
        found("(연결)현금배당성향(%)", "21.5"),
        [
            "2024 11011 payout_mismatch: a payout ratio of 21.5 % is stated; total and net income \
          make 20 %"
        ]
    );
    assert_eq!(
        found("(연결)현금배당성향(%)", "25.0"),
        [
            "2024 11011 payout_mismatch: a payout ratio of 25 % is stated; total and net income make \
          20 %, and the separate net income makes the stated one"
        ]
    );
    assert_eq!(found("(별도)현금배당성향(%)", "20.0").len(), 1);
    let without_consolidated = Answer::of(CORP)
        .net_income(["-", "-", "-"])
        .row("(별도)당기순이익(백만원)", "-", ["8,000", "-", "-"])
        .total(["2,000", "-", "-"])
        .dps("보통주", ["200", "-", "-"]);
    let ratio = |ratio| payout(without_consolidated.clone(), "(연결)현금배당성향(%)", ratio);
    assert_eq!(of("900010", ratio("25.0")), [""; 0]);
    assert_eq!(of("900010", ratio("20.0")).len(), 1);
    let at_a_loss = Answer::of(CORP)
        .net_income(["-10,000", "-", "-"])
        .total(["2,000", "-", "-"])
        .dps("보통주", ["200", "-", "-"]);
    let ratio = |ratio| payout(at_a_loss.clone(), "(연결)현금배당성향(%)", ratio);
    assert_eq!(of("900010", ratio("(20.0)")), [""; 0]);
    assert_eq!(of("900010", ratio("20.0")).len(), 1);
    let of_small_amounts = Answer::of(CORP)
        .net_income(["3", "-", "-"])
        .total(["1", "-", "-"])
        .dps("보통주", ["200", "-", "-"]);
    let ratio = |ratio| payout(of_small_amounts.clone(), "(연결)현금배당성향(%)", ratio);
    assert_eq!(
        of("900010", ratio("41.7")),
        [""; 0],
        "1 of 3 millions may be 1.4 of 3.4"
    );
    assert_eq!(of("900010", ratio("120")).len(), 1);
}

#[test]
fn filings_that_contradict_themselves_are_named() {
    let with = |total: &str, common: &str, preferred: &str| {
        Answer::of(CORP)
            .total([total, "-", "-"])
            .dps("보통주", [common, "-", "-"])
            .dps("우선주", [preferred, "-", "-"])
    };
    let said = |lines: Vec<String>| -> Vec<String> {
        let words = |line: String| line.replace("2024 11011 contradiction: ", "");
        lines.into_iter().map(words).collect()
    };
    assert_eq!(
        said(of("900010", with("1,000", "-", "-"))),
        ["a total of 1,000,000,000 won is stated, and no amount per share"]
    );
    assert_eq!(
        said(of("900010", Answer::of(CORP).total(["1,000", "-", "-"]))),
        ["a total of 1,000,000,000 won is stated, and no amount per share"]
    );
    assert_eq!(
        said(of("900010", with("-", "200", "-"))),
        ["200 won a share are stated, and a total that says there was none"]
    );
    assert_eq!(
        said(of("900015", with("-", "200", "-"))),
        [""; 0],
        "not of this share"
    );
    let in_won = Answer::of(CORP)
        .row("현금배당금총액(원)", "-", ["150", "-", "-"])
        .dps("보통주", ["200", "-", "-"]);
    assert_eq!(
        said(of("900010", in_won)),
        ["200 won a share are more than the total of 150 won"]
    );
    let twice = with("1,000", "200", "205").dps("보통주", ["300", "-", "-"]);
    assert_eq!(
        said(of("900010", twice)),
        ["several rows for the common share differ"]
    );
    let yielding = with("1,000", "-", "205")
        .row("현금배당수익률(%)", "보통주", ["2.5", "-", "-"])
        .row("현금배당수익률(%)", "우선주", ["3.5", "-", "-"]);
    assert_eq!(
        said(of("900010", yielding.clone())),
        ["a yield of 2.5 % is stated, and no dividend"]
    );
    assert_eq!(said(of("900015", yielding)), [""; 0]);
}

#[test]
fn a_yield_that_is_the_dividend_over_par_is_found_out() {
    let by_par = Answer::of(CORP)
        .row("주당액면가액(원)", "-", ["5,000", "5,000", "5,000"])
        .row("현금배당수익률(%)", "보통주", ["4.00", "-", "-"])
        .dps("보통주", ["200", "-", "-"]);
    assert_eq!(
        of("900010", by_par),
        [
            "2024 11011 par_based_yield: the yield is the dividend over the par value (4 %); only a \
          price at par would give the same"
        ]
    );
}

#[test]
fn restated_years_and_interim_copies_are_listed_with_their_rows() {
    let year = |columns: [&str; 3]| {
        Answer::of(CORP)
            .net_income(["9", "8", "7"])
            .total(["50", "40", "30"])
            .dps("보통주", columns)
    };
    let dart = FakeDart::new()
        .with_report(2022, ReprtCode::Annual, &year(["300", "200", "100"]))
        .with_report(2023, ReprtCode::Annual, &year(["400", "290", "200"]))
        .with_report(2023, ReprtCode::Half, &year(["300", "200", "100"]));
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, "900010", &annual(2022, 2024), now());
    let half = SeriesRequest {
        reprt_code: ReprtCode::Half,
        ..annual(2023, 2023)
    };
    test_store.look_up(&dart, "900010", &half, now());
    let calls = dart.calls();
    let watcher = rusqlite::Connection::open(&test_store.path).unwrap();
    let version = || -> i64 {
        watcher
            .query_row("PRAGMA data_version", [], |row| row.get(0))
            .unwrap()
    };
    let before = version();
    let audited = audit(&test_store.store, &["900010".parse().unwrap()], now())
        .unwrap()
        .remove(0);
    assert_eq!(audited.rows, 3, "2024 has no report");
    assert_eq!(
        lines(&audited),
        [
            "2022 11011 restated: the 2023 report (20240331000001) states 290 for this year, not 300",
            "2023 11012 interim_copy: the interim report repeats last year's annual figures",
        ]
    );
    assert_eq!(
        (dart.calls(), version()),
        (calls, before),
        "no call, no write"
    );
}

#[test]
fn a_row_whose_answer_is_gone_is_told_apart_from_one_with_nothing_the_matter() {
    let dart = FakeDart::new().with_report(2024, ReprtCode::Annual, &sound());
    let mut test_store = TestStore::new();
    test_store.look_up(&dart, "900010", &annual(2024, 2024), now());
    rusqlite::Connection::open(&test_store.path)
        .unwrap()
        .execute_batch("UPDATE dividend_dps_cache SET raw_payload = NULL")
        .unwrap();
    let audited = audit(&test_store.store, &["900010".parse().unwrap()], now())
        .unwrap()
        .remove(0);
    assert_eq!((audited.findings.len(), audited.unread.len()), (0, 1));
}
