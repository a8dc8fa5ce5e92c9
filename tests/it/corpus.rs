//! Real answers, read whole. Passes without them and says so.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;

use dps::domain::{CorpCode, FiscalYear, OriginKind, Outcome, ReprtCode, Ticker};
use dps::fetch::Interrupt;
use dps::opendart::alot_matter::{Column, Report, pack, unpack};
use dps::resolve::reparse;
use dps::sandbox::{Config, Server};
use dps::series::{SeriesRequest, Source, audit, get_dps_series};
use dps::store::Store;

use crate::support::corpus;
use crate::support::dart::{annual, fetcher_to};

/// (corp_code, ticker, bsns_year, report, column back, what it says), each checked by hand against
/// the answer's rows.
const CHECKED: &[(&str, &str, u16, ReprtCode, u16, &str)] = {
    use ReprtCode::{Annual, Half, Q1, Q3};
    &[
        // 흥국화재: no labels, `-` everywhere; two preferred classes.
        ("00103176", "000540", 2023, Annual, 0, "NO_DIVIDEND 0"),
        ("00103176", "000540", 2025, Annual, 2, "NO_DIVIDEND 0"),
        ("00103176", "000545", 2024, Annual, 0, "NO_DIVIDEND 0"),
        ("00103176", "000540", 2026, Q1, 0, "NO_DIVIDEND 0"),
        // KDB생명 (no listed share; any ticker will do): labels in one report, none in another.
        ("00104069", "900010", 2024, Annual, 0, "NO_DIVIDEND 0"),
        ("00104069", "900010", 2025, Annual, 0, "NO_DIVIDEND 0"),
        // 미래에셋생명: 우선주 before 보통주.
        ("00112332", "085620", 2023, Annual, 0, "NO_DIVIDEND 0"),
        ("00112332", "085620", 2023, Annual, 2, "PAID 100"),
        ("00112332", "085625", 2023, Annual, 2, "NO_DIVIDEND 0"),
        ("00112332", "085620", 2024, Annual, 0, "NO_DIVIDEND 0"),
        ("00112332", "085620", 2025, Annual, 0, "NO_DIVIDEND 0"),
        // Only the seven rows without any per share, and a total of `-`.
        ("00112332", "085620", 2025, Q1, 0, "NO_DIVIDEND 0"),
        ("00120216", "002550", 2023, Q1, 0, "NO_DIVIDEND 0"),
        ("00120216", "002550", 2024, Q3, 0, "NO_DIVIDEND 0"),
        // 교보생명: zeros written as 0.
        ("00112882", "900010", 2023, Annual, 0, "NO_DIVIDEND 0"),
        ("00112882", "900010", 2023, Annual, 1, "PAID 500"),
        ("00112882", "900010", 2023, Annual, 2, "PAID 1500"),
        ("00112882", "900010", 2024, Annual, 0, "PAID 1200"),
        ("00112882", "900010", 2025, Annual, 0, "PAID 1190"),
        ("00112882", "900015", 2025, Annual, 0, "NO_DIVIDEND 0"),
        // 서울보증보험: par 2,500 / 2,500 / 5,000.
        ("00112998", "031210", 2024, Annual, 0, "PAID 2865"),
        ("00112998", "031210", 2024, Annual, 1, "PAID 2983"),
        ("00112998", "031210", 2024, Annual, 2, "PAID 4048"),
        ("00112998", "031210", 2025, Annual, 0, "PAID 2865"),
        ("00112998", "031210", 2025, Half, 0, "NO_DIVIDEND 0"),
        ("00112998", "031210", 2026, Half, 0, "PAID 430"),
        // 코리안리: interim reports that are last year's annual one.
        ("00113191", "003690", 2023, Annual, 0, "PAID 540"),
        ("00113191", "003690", 2023, Annual, 1, "PAID 430"),
        ("00113191", "003690", 2024, Annual, 0, "PAID 515"),
        ("00113191", "003690", 2025, Annual, 0, "PAID 570"),
        ("00113191", "003690", 2023, Q1, 0, "NOT_STATED"),
        ("00113191", "003690", 2023, Half, 0, "NOT_STATED"),
        ("00113191", "003690", 2023, Q3, 0, "NOT_STATED"),
        ("00113191", "003690", 2024, Q1, 0, "NOT_STATED"),
        ("00113191", "003690", 2024, Half, 0, "NOT_STATED"),
        ("00113191", "003690", 2024, Q3, 0, "NOT_STATED"),
        ("00113191", "003690", 2025, Half, 0, "NOT_STATED"),
        ("00113191", "003690", 2026, Q1, 0, "NOT_STATED"),
        ("00113191", "003690", 2026, Half, 0, "NO_DIVIDEND 0"),
        // 롯데손해보험: 보통주식 and 종류주식.
        ("00113562", "000400", 2023, Annual, 0, "NO_DIVIDEND 0"),
        ("00113562", "000400", 2025, Annual, 0, "NO_DIVIDEND 0"),
        ("00113562", "000405", 2025, Annual, 0, "NO_DIVIDEND 0"),
        // KB손해보험: unlabelled.
        ("00120216", "002550", 2024, Annual, 0, "PAID 8270"),
        ("00120216", "002550", 2024, Annual, 1, "NO_DIVIDEND 0"),
        ("00120216", "002550", 2024, Annual, 2, "PAID 5263"),
        ("00120216", "002550", 2024, Half, 0, "PAID 3759"),
        ("00120216", "002550", 2025, Annual, 0, "NO_DIVIDEND 0"),
        // 삼성생명: both rows `-`.
        ("00126256", "032830", 2023, Annual, 0, "PAID 3700"),
        ("00126256", "032830", 2024, Annual, 0, "PAID 4500"),
        ("00126256", "032830", 2025, Annual, 0, "PAID 5300"),
        ("00126256", "032830", 2023, Half, 0, "NO_DIVIDEND 0"),
        // 삼성화재: common and preferred.
        ("00139214", "000810", 2023, Annual, 0, "PAID 16000"),
        ("00139214", "000815", 2023, Annual, 0, "PAID 16005"),
        ("00139214", "000810", 2025, Annual, 0, "PAID 19500"),
        ("00139214", "000815", 2025, Annual, 0, "PAID 19505"),
        ("00139214", "000815", 2024, Annual, 2, "PAID 13805"),
        // 흥국생명: the preferred share alone, labelled in one report and not in another.
        ("00167068", "900010", 2023, Annual, 0, "NO_DIVIDEND 0"),
        ("00167068", "900015", 2023, Annual, 0, "PAID 6691"),
        ("00167068", "900015", 2025, Annual, 0, "PAID 6691"),
        ("00167068", "900010", 2025, Annual, 0, "NO_DIVIDEND 0"),
    ]
};

type Asked = (CorpCode, FiscalYear, ReprtCode);

/// Every recorded answer with status 000, by what was asked.
fn recorded() -> Option<HashMap<Asked, Report>> {
    let folder = corpus::folder()?.join("alotMatter");
    let mut reports = HashMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut parts = name.split('_');
        let mut part = || {
            parts
                .next()
                .unwrap_or_else(|| panic!("{name} names no question"))
        };
        let corp_code: CorpCode = part().parse().unwrap();
        let year: FiscalYear = part().parse().unwrap();
        let code: ReprtCode = part().parse().unwrap();
        let body = fs::read(&path).unwrap();
        let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
        if status["status"] != "000" {
            assert_eq!(status["status"], "013", "{name}");
            continue;
        }
        let report = Report::read(&body, corp_code, year, code).unwrap();
        let kept = unpack(&pack(&body).unwrap()).unwrap();
        let again = Report::read(&kept, corp_code, year, code).unwrap();
        assert_eq!(report, again, "{name} reads the same from the database");
        reports.insert((corp_code, year, code), report);
    }
    Some(reports)
}

#[test]
fn hand_checked_values_of_real_answers_hold() {
    let Some(reports) = recorded() else { return };
    let mut wrong = Vec::new();
    for (corp, ticker, year, code, back, expected) in CHECKED {
        let year = FiscalYear::new(*year).unwrap();
        let corp: CorpCode = corp.parse().unwrap();
        let report = &reports[&(corp, year, *code)];
        let annual = [year.back(1), Some(year)]
            .into_iter()
            .find_map(|y| reports.get(&(corp, y?, ReprtCode::Annual)));
        let column = Column::of(year, year.back(*back).unwrap()).unwrap();
        let ticker: Ticker = ticker.parse().unwrap();
        let read = report.dividend_year(ticker, column, annual).unwrap();
        let said = match read.dps_cash {
            Some(amount) => format!("{} {amount}", read.outcome),
            None => read.outcome.to_string(),
        };
        if said != *expected {
            wrong.push(format!(
                "{ticker} {year} {code} back {back}: {said}, not {expected}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_real_answer_gives_an_outcome_for_each_class() {
    let Some(reports) = recorded() else { return };
    let of = |code| reports.keys().filter(|asked| asked.2 == code).count();
    assert_eq!(ReprtCode::ALL.map(of), [42, 42, 31, 32]);
    for ((corp, year, code), report) in &reports {
        for ticker in ["900010", "900015", "005387", "00680K"] {
            let read = report.dividend_year(ticker.parse().unwrap(), Column::Own, None);
            let read = read.unwrap_or_else(|| panic!("{corp} {year} {code}"));
            assert!(
                read.rcept_no.is_some() && read.stlm_dt.is_some(),
                "{corp} {year} {code}"
            );
            let holds = match read.outcome {
                Outcome::Paid => read.dps_cash.is_some_and(|dps| dps.is_positive()),
                Outcome::NoDividend => read.dps_cash.is_some_and(|dps| dps.is_zero()),
                Outcome::NotStated => read.dps_cash.is_none() && !read.notes.is_empty(),
                Outcome::NoReport => false,
            };
            assert!(holds, "{ticker} {corp} {year} {code}: {read:?}");
        }
    }
}

/// The companies of the corpus with their common shares' tickers, or one made for the purpose.
const SHARES: [(&str, &str); 11] = [
    ("00103176", "000540"),
    ("00104069", "900010"),
    ("00112332", "085620"),
    ("00112882", "900020"),
    ("00112998", "031210"),
    ("00113191", "003690"),
    ("00113562", "000400"),
    ("00120216", "002550"),
    ("00126256", "032830"),
    ("00139214", "000810"),
    ("00167068", "900030"),
];

/// What the audit is to find, each line checked by hand against the answers: 코리안리 hands last
/// year's annual columns in with its interim reports (net income, total and dividend alike), until
/// the half-year's of 2026. Of the other companies' filings none restates a year, no yield is the
/// dividend over par, every payout ratio is the total over the consolidated net income (the
/// separate one where there is no other), and every total stands beside an amount per share.
const TO_BE_FOUND: [&str; 10] = [
    "003690 2023 11012 interim_copy 20230926000624",
    "003690 2023 11013 interim_copy 20230630000601",
    "003690 2023 11014 interim_copy 20231215000345",
    "003690 2024 11012 interim_copy 20240926000225",
    "003690 2024 11013 interim_copy 20240626000565",
    "003690 2024 11014 interim_copy 20241223000316",
    "003690 2025 11012 interim_copy 20250829002082",
    "003690 2025 11013 interim_copy 20250530001762",
    "003690 2025 11014 interim_copy 20251128001547",
    "003690 2026 11013 interim_copy 20260529002207",
];

#[test]
fn the_audit_of_the_whole_corpus_finds_what_is_there_and_nothing_else() {
    let Some(folder) = corpus::folder() else {
        return;
    };
    let source = dps::sandbox::Source::Folder(folder.join("alotMatter"));
    let server = Server::start(Config::new(source)).unwrap();
    let fetcher = Arc::new(fetcher_to(&server.origin()));
    let at = tempfile::TempDir::new().unwrap();
    let store = Store::open(&at.path().join("dps.db"), OriginKind::Loopback).unwrap();
    // All that was recorded is due by then.
    let now = "2027-06-01T00:00:00Z".parse().unwrap();
    let (mut found, mut rows) = (Vec::new(), 0);
    for (corp_code, common) in SHARES {
        let preferred = format!("{}5", &common[..5]);
        for ticker in [common, &preferred] {
            let ticker: Ticker = ticker.parse().unwrap();
            for reprt_code in ReprtCode::ALL {
                let request = SeriesRequest {
                    reprt_code,
                    ..annual(2023, 2026)
                };
                let mut dart = Source::dart(Arc::clone(&fetcher), Interrupt::default());
                let shares = [(ticker, corp_code.parse().unwrap())];
                let series = get_dps_series(&store, &mut dart, &shares, &request, now).unwrap();
                assert!(series[0].missing.is_empty(), "{ticker}");
            }
            let audited = audit(&store, &[ticker], now).unwrap().remove(0);
            assert!(audited.unread.is_empty(), "{ticker}: {:?}", audited.unread);
            rows += audited.rows;
            found.extend(audited.findings.iter().map(|it| {
                let filing = it
                    .rcept_no
                    .map(|number| number.to_string())
                    .unwrap_or_default();
                let (ticker, year, kind) = (it.ticker, it.fiscal_year, it.kind.as_str());
                format!("{ticker} {year} {} {kind} {filing}", it.reprt_code)
            }));
        }
    }
    assert_eq!(rows, 2 * 147, "every answer once for each share");
    assert_eq!(found, TO_BE_FOUND);
    // What was stored reads the same once more.
    let again = reparse(&store, now).unwrap();
    assert_eq!((again.read, again.same), (2 * 147, 2 * 147));
}
