use std::io::Read;

use serde_json::Value;

use super::{Trap, Truth, answer, companies, corp_code_zip, par_value, stated, tickers, truth};
use crate::domain::{ReprtCode, Ticker, Won};
use crate::sandbox::{AnswerId, chance::splitmix};

fn ticker(code: &str) -> Ticker {
    code.parse().unwrap()
}

fn of(trap: Trap) -> &'static super::Company {
    companies()
        .iter()
        .find(|one| one.trap() == Some(trap))
        .unwrap()
}

fn id(company: &super::Company, year: u16, reprt_code: ReprtCode) -> AnswerId {
    AnswerId {
        corp_code: company.corp_code,
        bsns_year: year,
        reprt_code,
    }
}

fn rows(company: &super::Company, year: u16, report: ReprtCode) -> Vec<Value> {
    let json: Value = serde_json::from_str(&answer(id(company, year, report)).unwrap()).unwrap();
    assert_eq!(json["status"], "000");
    json["list"].as_array().unwrap().clone()
}

/// Every company of a trap of its own or real, and a share of the others.
fn sample() -> impl Iterator<Item = &'static super::Company> {
    let ordinary = companies().iter().skip(72).step_by(40);
    companies().iter().take(72).chain(ordinary)
}

fn paid(won: i64) -> Option<Truth> {
    Some(Truth::Paid(Won::from(won)))
}

#[test]
fn the_real_companies_state_what_their_reports_do() {
    assert_eq!(truth(ticker("005930"), 2024), paid(1446));
    assert_eq!(truth(ticker("005935"), 2024), paid(1447));
    assert_eq!(truth(ticker("005935"), 2017), paid(42_550));
    assert_eq!(truth(ticker("005935"), 2015), paid(21_050));
    assert_eq!(truth(ticker("005930"), 2014), paid(20_000));
    assert_eq!(truth(ticker("000660"), 2024), paid(2204));
    assert_eq!(truth(ticker("000660"), 2014), Some(Truth::NotStated));
    assert_eq!(truth(ticker("005380"), 2025), Some(Truth::NoReport));
    assert_eq!(truth(ticker("005385"), 2024), Some(Truth::NotStated));
    assert_eq!(truth(ticker("999990"), 2024), None);
}

#[test]
fn a_split_is_stated_as_it_was_paid() {
    let annual = ReprtCode::Annual;
    let samsung = ticker("005930");
    for (back, won, par) in [(0, 1416, 100), (1, 42_500, 5000), (2, 28_500, 5000)] {
        assert_eq!(stated(samsung, 2018, annual, back), paid(won));
        assert_eq!(par_value(samsung, 2018, annual, back), Some(Won::from(par)));
    }
    let company = companies()
        .iter()
        .find(|one| one.ticker == Some(samsung))
        .unwrap();
    let rows = rows(company, 2018, annual);
    let cash = rows
        .iter()
        .find(|row| row["se"] == "주당 현금배당금(원)")
        .unwrap();
    let cells = ["thstrm", "frmtrm", "lwfr"].map(|key| cash[key].as_str().unwrap());
    assert_eq!(cells, ["1,416", "42,500", "28,500"]);
    let skt = ticker("017670");
    for (back, par) in [(0, 100), (1, 500), (2, 500)] {
        assert_eq!(par_value(skt, 2021, annual, back), Some(Won::from(par)));
    }
}

#[test]
fn invented_companies_can_be_taken_for_no_real_one() {
    for company in companies().iter().filter(|one| !one.is_real()) {
        assert!(company.corp_code.as_str() > "99000000");
        assert!(company.name.starts_with("가상") && company.english.starts_with("Madeup"));
        if let Some(ticker) = company.ticker {
            let code = ticker.as_str();
            assert!(code.starts_with('9') && code.ends_with('0'));
            assert!(matches!(code.as_bytes()[1], b'A'..=b'C'), "{code}");
        }
    }
    let listed = companies()
        .iter()
        .filter(|one| one.ticker.is_some())
        .count();
    assert_eq!((listed, companies().len()), (2083, 2383));
}

#[test]
fn a_column_is_stated_alike_by_three_reports_unless_the_company_restates() {
    for company in sample() {
        let keeps = company.trap().is_none_or(Trap::keeps_three_year_law);
        let mut differs = false;
        for year in 2015..=2025 {
            for (key, later) in [("frmtrm", 1), ("lwfr", 2)] {
                if !company.files(year, ReprtCode::Annual)
                    || !company.files(year + later, ReprtCode::Annual)
                {
                    continue;
                }
                let cells = |year, key: &str| -> Vec<Value> {
                    let rows = rows(company, year, ReprtCode::Annual);
                    // A real company's total is left out where it is not known of all three years.
                    let counts = |row: &&Value| !company.is_real() || !is_total(row["se"].as_str());
                    rows.iter()
                        .filter(counts)
                        .map(|row| row[key].clone())
                        .collect()
                };
                let same = cells(year, "thstrm") == cells(year + later, key);
                assert!(same || !keeps, "{} {year} {key}", company.name);
                differs |= !same;
            }
        }
        assert!(keeps || differs, "{} does not restate", company.name);
    }
}

fn is_total(se: Option<&str>) -> bool {
    se == Some("현금배당금총액(백만원)")
}

#[test]
fn every_answer_has_the_rows_and_keys_its_trap_calls_for() {
    for company in sample() {
        for (year, report) in (2015..=2025).flat_map(|y| ReprtCode::ALL.map(|r| (y, r))) {
            if !company.files(year, report) {
                assert_eq!(answer(id(company, year, report)), None);
                continue;
            }
            let rows = rows(company, year, report);
            let expected = match company.trap() {
                Some(Trap::SevenRowsNone | Trap::SevenRowsPaid) => 7,
                Some(Trap::SixteenRows | Trap::SpecialRow) => 16,
                Some(Trap::QuarterRows) => 17,
                Some(Trap::TwoSettlements | Trap::Corrections) => 30,
                Some(Trap::SeveralPreferred | Trap::NumberedPreferred) => 19,
                Some(Trap::CommonRowsAlone) => 11,
                // No total but where it is known, and, but for 005935, no preferred row.
                None => {
                    let totals = rows.iter().filter(|row| is_total(row["se"].as_str()));
                    let others = if company.preferred_classes() == 0 {
                        10
                    } else {
                        14
                    };
                    others + totals.count()
                }
                _ => 15,
            };
            assert_eq!(rows.len(), expected, "{} {year} {report}", company.name);
            for row in rows {
                assert_eq!(row["corp_code"], company.corp_code.as_str());
                assert_eq!(row["corp_name"], company.name.as_str());
                assert_eq!(row["rcept_no"].as_str().unwrap().len(), 14);
                assert!(row.as_object().unwrap().values().all(Value::is_string));
                let dateless = company.trap() == Some(Trap::NoSettlementDate) && year <= 2018;
                assert_eq!(row.get("stlm_dt").is_none(), dateless);
            }
        }
    }
}

#[test]
fn the_truth_agrees_with_the_plain_rows() {
    for company in sample().filter(|one| one.trap() == Some(Trap::Plain)) {
        for year in 2015..=2025 {
            let said = truth(company.ticker.unwrap(), year).unwrap();
            if !company.files(year, ReprtCode::Annual) {
                assert_eq!(said, Truth::NoReport);
                continue;
            }
            let rows = rows(company, year, ReprtCode::Annual);
            let cash = rows
                .iter()
                .find(|row| row["se"] == "주당 현금배당금(원)" && row["stock_knd"] == "보통주")
                .unwrap();
            let expected = match cash["thstrm"].as_str().unwrap() {
                "-" => Truth::NoDividend,
                text => Truth::Paid(Won::from(text.replace(',', "").parse::<i64>().unwrap())),
            };
            assert_eq!(said, expected, "{} {year}", company.name);
        }
    }
}

#[test]
fn each_trap_shows_what_it_is_for() {
    let annual = |trap| stated(of(trap).ticker.unwrap(), 2024, ReprtCode::Annual, 0).unwrap();
    assert_eq!(annual(Trap::NeverPaysZero), Truth::NoDividend);
    assert_eq!(annual(Trap::SevenRowsNone), Truth::NoDividend);
    assert_eq!(annual(Trap::SevenRowsPaid), Truth::NotStated);
    assert_eq!(annual(Trap::PreferredOnly), Truth::NoDividend);
    assert_eq!(annual(Trap::NeverFiles), Truth::NoReport);
    assert_eq!(annual(Trap::Delisted), Truth::NoReport);
    for doubtful in [
        Trap::TotalPerShare,
        Trap::CommonAsPreferred,
        Trap::SpecialRow,
    ] {
        assert_eq!(annual(doubtful), Truth::NotStated, "{doubtful:?}");
    }
    for paid in [Trap::QuarterRows, Trap::HolderRows, Trap::WonTotals] {
        assert!(matches!(annual(paid), Truth::Paid(_)), "{paid:?}");
    }
    assert!(matches!(annual(Trap::TwoSettlements), Truth::Paid(_)));
    assert!(matches!(annual(Trap::Fractions), Truth::Paid(won) if !won.get().is_integer()));

    let early = |trap, back| stated(of(trap).ticker.unwrap(), 2021, ReprtCode::Annual, back);
    assert_eq!(early(Trap::ListedLateEmpty, 2), Some(Truth::NotStated));
    assert_eq!(early(Trap::ListedLateHistory, 2), Some(Truth::NoDividend));

    let half = |trap| stated(of(trap).ticker.unwrap(), 2024, ReprtCode::Half, 0).unwrap();
    assert!(matches!(half(Trap::InterimPayer), Truth::Paid(_)));
    assert_eq!(half(Trap::InterimCopy), Truth::NotStated);

    let preferred: Vec<Truth> = tickers()
        .filter(|one| of(Trap::PreferredOnly).ticker == Some(one.issuer()))
        .skip(1)
        .filter_map(|one| truth(one, 2024))
        .collect();
    assert!(matches!(preferred[..], [Truth::Paid(_)]));
}

#[test]
fn every_outcome_is_frequent_enough() {
    let mut counts = [0; 4];
    for (ticker, year) in tickers().flat_map(|one| (2015..=2025).map(move |y| (one, y))) {
        let outcome = truth(ticker, year).unwrap().outcome();
        counts[outcome as usize] += 1;
    }
    assert!(counts.iter().all(|n| *n > 300), "{counts:?}");
}

#[test]
fn the_table_of_traps_lists_each_with_its_ticker() {
    let head = include_str!("mod.rs");
    for (number, trap) in (1..).zip(Trap::ALL) {
        let row = format!("//! | 9A{number:03}0 | [`{trap:?}`](Trap::{trap:?}) | ");
        assert!(head.contains(&row), "{row}");
        assert_eq!(of(trap).ticker, Some(ticker(&format!("9A{number:03}0"))));
    }
}

#[test]
fn the_list_of_companies_looks_like_the_real_one() {
    let zip = corp_code_zip().unwrap();
    // DOS dates hold the month in bits 5 to 8.
    let date = u16::from_le_bytes([zip[12], zip[13]]);
    assert_eq!((&zip[..2], date >> 5 & 15), (&b"PK"[..], 15));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&zip[..])).unwrap();
    assert_eq!(archive.len(), 1);
    let mut xml = String::new();
    let mut file = archive.by_name("CORPCODE.xml").unwrap();
    file.read_to_string(&mut xml).unwrap();
    assert_eq!(xml.matches("<corp_code>").count(), companies().len());
    assert_eq!(xml.matches("<stock_code> </stock_code>").count(), 300);
    assert!(xml.contains("    <list>\n        <corp_code>00126380</corp_code>\n"));
    assert!(xml.contains("<corp_eng_name>KT&amp;G Corporation</corp_eng_name>"));
    assert!(!xml.replace("&amp;", "").contains('&'));
}

/// A database keeps the market's answers under [`DATA_VERSION`](super::DATA_VERSION): if this
/// fails, the answers changed, and the version must.
#[test]
fn the_answers_are_those_of_this_data_version() {
    let mut sum = 0;
    for company in sample() {
        for (year, report) in (2015..=2025).flat_map(|y| ReprtCode::ALL.map(|r| (y, r))) {
            for byte in answer(id(company, year, report))
                .unwrap_or_default()
                .bytes()
            {
                sum = splitmix(sum ^ u64::from(byte));
            }
        }
    }
    assert_eq!((super::DATA_VERSION, sum), (2, 15_005_029_756_152_708_094));
}
