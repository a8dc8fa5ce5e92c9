//! A whole market's answers, where this machine has them: no number that the same answer contradicts,
//! and the figures that were once read wrong.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};

use dps::domain::{
    CorpCode, DividendYear, FiscalYear, Outcome, ReprtCode, Ticker, cross_check, restatements,
};
use dps::opendart::alot_matter::{Column, Report};
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::corpus;
use crate::support::reading::state_of;

/// (corp_code, ticker, bsns_year, what its annual report says of its own year), each checked by hand.
const CHECKED: &[(&str, &str, u16, &str)] = &[
    // The total stands in the row per share.
    ("00190756", "067900", 2022, "NOT_STATED"),
    ("00190756", "067900", 2023, "NOT_STATED"),
    ("00190756", "067900", 2024, "NOT_STATED"),
    // The common dividend stands in the preferred row.
    ("00415628", "075580", 2021, "NOT_STATED"),
    ("00415628", "075580", 2022, "NOT_STATED"),
    ("00415628", "075580", 2023, "NOT_STATED"),
    ("01003040", "192250", 2021, "NOT_STATED"),
    ("01003040", "192250", 2022, "NOT_STATED"),
    ("01003040", "192250", 2023, "NOT_STATED"),
    ("01003040", "192250", 2024, "NOT_STATED"),
    ("00958664", "162300", 2024, "NOT_STATED"),
    // Preferred shares that are paid for alone.
    ("00108913", "019680", 2023, "NO_DIVIDEND 0"),
    ("00108913", "019680", 2024, "NO_DIVIDEND 0"),
    ("00108913", "019685", 2024, "PAID 45"),
    ("00119140", "143210", 2022, "NO_DIVIDEND 0"),
    ("00119140", "143215", 2022, "NOT_STATED"),
    // Labels.
    ("00120924", "005990", 2021, "PAID 150"),
    ("00120924", "005990", 2023, "PAID 200"),
    ("00120924", "005990", 2024, "PAID 250"),
    ("00374738", "065370", 2021, "PAID 150"),
    ("00374738", "065370", 2022, "PAID 150"),
    ("00925587", "348350", 2022, "NOT_STATED"),
    ("00925587", "348350", 2023, "NO_DIVIDEND 0"),
    ("00568461", "225530", 2021, "PAID 150"),
    ("00150633", "013890", 2022, "PAID 530"),
    ("00253985", "066620", 2021, "PAID 340"),
    ("00253985", "066620", 2022, "PAID 400"),
    ("00178790", "003650", 2024, "PAID 600"),
    ("00261009", "036620", 2023, "NO_DIVIDEND 0"),
    ("01112700", "246250", 2023, "PAID 50"),
    ("01234507", "267980", 2021, "PAID 1200"),
    // Preferred shares by their numbers.
    ("00154462", "002795", 2024, "PAID 335"),
    ("00154462", "00279K", 2021, "PAID 667"),
    ("00154462", "00279K", 2024, "PAID 667"),
    ("01524093", "37550K", 2023, "PAID 550"),
    ("01524093", "37550L", 2023, "PAID 500"),
    // Several closings a year, and one year's quarters.
    ("01180118", "417310", 2023, "PAID 320"),
    ("01276594", "293940", 2023, "PAID 376"),
    ("01535150", "395400", 2021, "PAID 123"),
];

/// Common shares of annual reports, by outcome: at least so many are stated.
const STATED: [(Outcome, usize); 2] = [(Outcome::Paid, 3_249), (Outcome::NoDividend, 3_740)];

struct Answer {
    corp_code: CorpCode,
    bsns_year: FiscalYear,
    reprt_code: ReprtCode,
    rows: Vec<Value>,
    report: Report,
}

/// Every answer with status 000. `None`, and said so, where the file is not there.
#[allow(clippy::print_stderr)] // a test that is passed over says so
fn market() -> Option<Vec<Answer>> {
    let path = corpus::folder().map(|folder| folder.join("market-answers.jsonl.gz"));
    let Some(file) = path.and_then(|path| std::fs::File::open(path).ok()) else {
        eprintln!("market-answers.jsonl.gz is not here: its answers are not read");
        return None;
    };
    let lines = BufReader::new(GzDecoder::new(file)).lines();
    let answers = lines.filter_map(|line| {
        let mut line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let of = |name: &str| line[name].as_str().unwrap();
        let (corp_code, year, code) = (of("c").parse(), of("y").parse(), of("r").parse());
        let (corp_code, bsns_year, reprt_code) = (corp_code.unwrap(), year.unwrap(), code.unwrap());
        if line["j"]["status"] != "000" {
            return None;
        }
        let body = line["j"].to_string();
        let report = Report::read(body.as_bytes(), corp_code, bsns_year, reprt_code).unwrap();
        let Value::Array(rows) = line["j"]["list"].take() else {
            panic!("{corp_code} {bsns_year} {reprt_code}");
        };
        Some(Answer {
            corp_code,
            bsns_year,
            reprt_code,
            rows,
            report,
        })
    });
    Some(answers.collect())
}

impl Answer {
    /// The numbers of a column in the rows whose `se` is this, spaces aside.
    fn numbers(&self, se: &str, column: &str) -> Vec<f64> {
        self.rows
            .iter()
            .filter(|row| row["se"].as_str().unwrap_or_default().replace(' ', "") == se)
            .filter_map(|row| row[column].as_str()?.replace(',', "").trim().parse().ok())
            .collect()
    }
}

fn most(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(0.0, f64::max)
}

#[test]
fn no_number_is_stated_that_its_own_answer_contradicts() {
    let Some(market) = market() else { return };
    let common: Ticker = "900010".parse().unwrap();
    let mut stated: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for answer in &market {
        let columns = [
            (Column::Own, "thstrm"),
            (Column::YearBefore, "frmtrm"),
            (Column::TwoBefore, "lwfr"),
        ];
        for (column, name) in columns {
            let Some(year) = answer.report.dividend_year(common, column, None) else {
                continue;
            };
            let per_share = answer.numbers("주당현금배당금(원)", name);
            let totals = answer.numbers("현금배당금총액(백만원)", name);
            let total = most(&totals) * 1e6;
            let yields = answer.numbers("현금배당수익률(%)", name);
            let contradicted = match year.outcome {
                Outcome::Paid => total > 0.0 && most(&per_share) > total,
                Outcome::NoDividend => {
                    let nobody_paid = most(&per_share) == 0.0;
                    nobody_paid && (total > 0.0 || (yields.len() == 1 && most(&yields) > 0.0))
                }
                _ => false,
            };
            if contradicted {
                let (corp_code, year) = (answer.corp_code, year.fiscal_year);
                wrong.push(format!("{corp_code} {year} {}", answer.reprt_code));
            }
            if column == Column::Own && answer.reprt_code == ReprtCode::Annual {
                *stated.entry(year.outcome.as_str()).or_default() += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (outcome, least) in STATED {
        let found = stated[outcome.as_str()];
        assert!(found >= least, "{outcome}: {found} of {stated:?}");
    }
}

#[test]
fn figures_that_were_once_read_wrong_are_right_or_not_stated() {
    let Some(market) = market() else { return };
    let annual: HashMap<(CorpCode, FiscalYear), &Report> = market
        .iter()
        .filter(|answer| answer.reprt_code == ReprtCode::Annual)
        .map(|answer| ((answer.corp_code, answer.bsns_year), &answer.report))
        .collect();
    let mut wrong = Vec::new();
    for (corp_code, ticker, year, expected) in CHECKED {
        let year = FiscalYear::new(*year).unwrap();
        let report = annual[&(corp_code.parse().unwrap(), year)];
        let ticker: Ticker = ticker.parse().unwrap();
        let read = report.dividend_year(ticker, Column::Own, None).unwrap();
        let state = state_of(&read);
        if state != *expected {
            wrong.push(format!("{ticker} {year}: {state}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_other_reports_contradict_is_not_stated() {
    let Some(market) = market() else { return };
    // (corp_code, ticker, year, what later reports say that it was)
    for (corp_code, ticker, year, beside) in [
        ("00137997", "001500", 2022, "550"),
        ("00580199", "086900", 2022, "1000"),
        ("00102858", "010130", 2021, "20000"),
    ] {
        let corp_code: CorpCode = corp_code.parse().unwrap();
        let ticker: Ticker = ticker.parse().unwrap();
        let rows: Vec<DividendYear> = market
            .iter()
            .filter(|it| it.corp_code == corp_code && it.reprt_code == ReprtCode::Annual)
            .filter_map(|it| it.report.dividend_year(ticker, Column::Own, None))
            .collect();
        let rows: Vec<&DividendYear> = rows.iter().collect();
        let of = rows
            .iter()
            .find(|row| row.fiscal_year.get() == year)
            .unwrap();
        let doubted = of.dps_cash.is_none() || cross_check(of, &rows).is_some();
        assert!(doubted, "{ticker} {year}: {of:?}");
        let nearest = restatements(of, &rows)[0].dps_cash;
        assert_eq!(nearest.to_string(), beside, "{ticker} {year}");
    }
}

#[test]
fn no_interim_dividend_repeats_last_years_three_columns() {
    let Some(market) = market() else { return };
    let annual: HashMap<(CorpCode, FiscalYear), &Answer> = market
        .iter()
        .filter(|answer| answer.reprt_code == ReprtCode::Annual)
        .map(|answer| ((answer.corp_code, answer.bsns_year), answer))
        .collect();
    let common: Ticker = "900010".parse().unwrap();
    let columns = |answer: &Answer| {
        ["thstrm", "frmtrm", "lwfr"].map(|column| {
            let per_share = answer.numbers("주당현금배당금(원)", column);
            (per_share, answer.numbers("현금배당금총액(백만원)", column))
        })
    };
    let (mut copies, mut paid) = (Vec::new(), 0);
    for interim in market
        .iter()
        .filter(|it| it.reprt_code != ReprtCode::Annual)
    {
        let before = interim.bsns_year.back(1).unwrap();
        let before = annual.get(&(interim.corp_code, before));
        let read = interim
            .report
            .dividend_year(common, Column::Own, before.map(|it| &it.report))
            .unwrap();
        if read.outcome != Outcome::Paid {
            continue;
        }
        paid += 1;
        if before.is_some_and(|before| columns(interim) == columns(before)) {
            let (corp_code, year) = (interim.corp_code, interim.bsns_year);
            copies.push(format!("{corp_code} {year} {}", interim.reprt_code));
        }
    }
    assert!(copies.is_empty(), "{copies:?}");
    assert!(paid > 500, "{paid}");
}
