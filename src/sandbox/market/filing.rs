//! Facts in the shape of alotMatter: filings, their rows, and the answer's JSON.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::Value;

use super::company::{Company, Kind};
use super::facts::{self, Facts};
use super::label::{Label, Sums, spelled};
use super::trap::Trap;
use crate::domain::ReprtCode;

/// One filing of an answer.
pub(super) struct Filing {
    rcept_no: String,
    stlm_dt: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    se: Cow<'static, str>,
    stock_knd: Label,
    cells: [String; 3],
}

/// The filings an answer holds.
pub(super) fn filings(company: &Company, year: u16, report: ReprtCode) -> Vec<Filing> {
    let trap = company.trap().unwrap_or(Trap::Plain);
    let filing = |serial: u32, received: &str, closed: String, columns: &[Facts; 3]| Filing {
        rcept_no: format!("{received}{serial:06}"),
        stlm_dt: facts::has_settlement_date(company, year).then_some(closed),
        rows: rows(company, trap, columns),
    };
    let corp: u32 = company.corp_code.as_str().parse().unwrap_or(0);
    // Far above the few thousand receipts DART numbers in a day.
    let serial = 900_000 + corp % 100_000;
    let received = match report {
        ReprtCode::Annual if trap == Trap::MarchCloser => format!("{year}0628"),
        ReprtCode::Annual if trap == Trap::JuneCloser => format!("{year}0928"),
        ReprtCode::Annual => format!("{}0331", year + 1),
        ReprtCode::Half => format!("{year}0814"),
        ReprtCode::Q1 => format!("{year}0515"),
        ReprtCode::Q3 => format!("{year}1114"),
    };
    let closed = closing_day(trap, year, report);
    let columns = facts::columns(company, year, report);
    match trap {
        Trap::TwoSettlements => {
            let first = facts::settlement(company, year, false);
            let second = facts::settlement(company, year, true);
            vec![
                filing(
                    serial,
                    &format!("{year}0928"),
                    format!("{year}-06-30"),
                    &first,
                ),
                filing(serial, &received, format!("{year}-12-31"), &second),
            ]
        }
        Trap::Corrections => {
            let [now, before, last] = columns;
            let wrong = [facts::before_correction(now), before, last];
            let corrected = format!("{}0814", year + 1);
            let mut both = vec![
                filing(serial, &received, closed.clone(), &wrong),
                filing(serial, &corrected, closed, &columns),
            ];
            if year.is_multiple_of(2) {
                both.reverse();
            }
            both
        }
        _ => {
            let mut only = filing(serial, &received, closed, &columns);
            if let Kind::Real(real) = company.kind
                && report == ReprtCode::Annual
                && let Some(known) = real.filing(year)
            {
                known.clone_into(&mut only.rcept_no);
            }
            vec![only]
        }
    }
}

fn closing_day(trap: Trap, year: u16, report: ReprtCode) -> String {
    match (trap, report) {
        (Trap::MarchCloser, ReprtCode::Annual) => format!("{year}-03-31"),
        (Trap::JuneCloser, ReprtCode::Annual) => format!("{year}-06-30"),
        (_, ReprtCode::Annual) => format!("{year}-12-31"),
        (_, ReprtCode::Half) => format!("{year}-06-30"),
        (_, ReprtCode::Q1) => format!("{year}-03-31"),
        (_, ReprtCode::Q3) => format!("{year}-09-30"),
    }
}

/// The template: seven rows of the company, then four groups with a row for each class.
fn rows(company: &Company, trap: Trap, columns: &[Facts; 3]) -> Vec<Row> {
    let mut rows = Vec::with_capacity(20);
    let unlabelled = Some("-");
    let mut row = |sums: Sums, stock_knd: Label, amount: &dyn Fn(&Facts) -> Option<Decimal>| {
        let (se, divisor) = spelled(trap, sums);
        let cells = columns.each_ref().map(|facts| {
            let amount = amount(facts).map(|amount| amount / Decimal::from(divisor));
            cell(trap, se.ends_with("(원)"), amount)
        });
        rows.push(Row {
            se: Cow::Borrowed(se),
            stock_knd,
            cells,
        });
    };
    let whole = |amount: Option<i64>| amount.map(Decimal::from);
    row(Sums::Par, unlabelled, &|f| whole(f.par));
    row(Sums::Income, unlabelled, &|f| whole(f.income));
    row(Sums::SeparateIncome, unlabelled, &|f| {
        whole(f.separate_income)
    });
    row(Sums::Eps, unlabelled, &|f| whole(f.eps));
    if trap == Trap::SixteenRows {
        row(Sums::SeparateEps, unlabelled, &|f| whole(f.eps));
    }
    // A `-` would say that nothing was paid; of most real companies the total is just not known here.
    if !company.is_real() || columns.iter().all(|facts| facts.total.is_some()) {
        row(Sums::CashTotal, unlabelled, &|f| {
            whole(f.total).map(|millions| millions * Decimal::from(1_000_000))
        });
    }
    row(Sums::StockTotal, unlabelled, &|_| None);
    row(Sums::Payout, unlabelled, &|f| {
        let (total, income) = (f.total?, f.income?);
        (income > 0).then(|| (Decimal::from(total * 100) / Decimal::from(income)).round_dp(2))
    });
    if matches!(trap, Trap::SevenRowsNone | Trap::SevenRowsPaid) {
        return rows;
    }
    for sums in [Sums::CashYield, Sums::StockYield, Sums::Cash, Sums::Stock] {
        for (class, label) in super::label::classes(company, trap, sums) {
            row(sums, label, &|f| {
                let cents = match class {
                    None => f.common,
                    Some(class) => f.preferred[class],
                };
                // A company that lists no such share leaves the template's row empty.
                let listed = class.is_none_or(|class| class < company.preferred_classes());
                match sums {
                    _ if !listed => None,
                    Sums::Cash => match trap {
                        Trap::TotalPerShare => whole(f.total.map(|total| total * 1_000_000)),
                        Trap::QuarterRows => {
                            cents.map(|cents| Decimal::new(cents, 2) / Decimal::from(4))
                        }
                        _ => cents.map(|cents| Decimal::new(cents, 2)),
                    },
                    // Some yield of a few percent, where there is a net income to speak of.
                    Sums::CashYield => f
                        .income
                        .and(cents)
                        .filter(|cents| *cents > 0)
                        .map(|cents| Decimal::new(100 + cents % 500, 2)),
                    Sums::Stock => f.stock.map(|shares| Decimal::new(shares, 2)),
                    _ => None,
                }
            });
        }
    }
    if trap == Trap::SpecialRow {
        row(Sums::Special, Some("보통주"), &|f| {
            f.common.map(|cents| Decimal::new(cents, 2))
        });
    }
    rows
}

/// A cell in the company's notation, in won or in the unit of another label.
fn cell(trap: Trap, in_won: bool, amount: Option<Decimal>) -> String {
    let nothing = match trap {
        Trap::PlainNumbers | Trap::NeverPaysZero => "0",
        _ => "-",
    };
    let Some(amount) = amount else {
        return nothing.to_owned();
    };
    let digits = amount.abs().normalize().to_string();
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits.as_str(), None),
    };
    let mut text = String::with_capacity(24);
    for (place, digit) in whole.chars().enumerate() {
        let left = whole.len() - place;
        if place > 0 && left.is_multiple_of(3) && trap != Trap::PlainNumbers {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    match (trap, amount.is_sign_negative()) {
        (Trap::ParenthesesLosses, true) => format!("({text})"),
        (_, true) => format!("-{text}"),
        (Trap::WonNumbers, _) if in_won => format!("{text}원"),
        (Trap::SpacedNumbers, _) => format!(" {text}  "),
        _ => text,
    }
}

/// The answer, as OpenDART sends it: every value a string.
pub(super) fn to_json(company: &Company, filings: &[Filing]) -> String {
    let mut json = String::with_capacity(6 * 1024);
    json.push_str("{\"status\":\"000\",\"message\":\"정상\",\"list\":[");
    let mut first = true;
    for filing in filings {
        let name = Value::from(company.name.as_str()).to_string();
        let head = format!(
            "{{\"rcept_no\":\"{}\",\"corp_cls\":\"{}\",\"corp_code\":\"{}\",\"corp_name\":{name}",
            filing.rcept_no,
            company.corp_cls().as_str(),
            company.corp_code,
        );
        for row in &filing.rows {
            if !first {
                json.push(',');
            }
            first = false;
            json.push_str(&head);
            let labelled = [("se", Some(row.se.as_ref())), ("stock_knd", row.stock_knd)];
            let cells = ["thstrm", "frmtrm", "lwfr"]
                .into_iter()
                .zip(row.cells.iter().map(|cell| Some(cell.as_str())));
            let date = [("stlm_dt", filing.stlm_dt.as_deref())];
            for (key, value) in labelled.into_iter().chain(cells).chain(date) {
                // Nothing in these texts needs escaping: labels, figures and dates.
                if let Some(value) = value {
                    json.push_str(",\"");
                    json.push_str(key);
                    json.push_str("\":\"");
                    json.push_str(value);
                    json.push('"');
                }
            }
            json.push('}');
        }
    }
    json.push_str("]}");
    json
}
