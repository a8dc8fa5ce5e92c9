//! What happened at a company in a year, and what a column of a report makes of it.
//!
//! Amounts per share are in hundredths of a won, sums in millions of won, as the template has them.

use super::super::chance::splitmix;
use super::company::{Company, FIRST, Kind};
use super::trap::Trap;
use crate::domain::ReprtCode;

/// One column of a report. `None` is `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts {
    /// Par value, won.
    pub(super) par: Option<i64>,
    /// Net income, millions of won.
    pub(super) income: Option<i64>,
    /// Net income of the company alone, millions of won.
    pub(super) separate_income: Option<i64>,
    /// Earnings per share, won.
    pub(super) eps: Option<i64>,
    /// All cash dividends, millions of won.
    pub(super) total: Option<i64>,
    /// Cash dividend per common share, hundredths of a won.
    pub(super) common: Option<i64>,
    /// The same per preferred share, by class.
    pub(super) preferred: [Option<i64>; 2],
    /// Stock dividend, hundredths of a share.
    pub(super) stock: Option<i64>,
}

/// The three columns (`thstrm`, `frmtrm`, `lwfr`) of a report.
pub(super) fn columns(company: &Company, year: u16, report: ReprtCode) -> [Facts; 3] {
    if report == ReprtCode::Annual {
        // Last year's columns, left standing.
        let copies = company.trap() == Some(Trap::CopiedYear) && year == 2021;
        let year = if copies { year - 1 } else { year };
        return [0, 1, 2].map(|back| column(company, year, back));
    }
    let copies = company.trap() == Some(Trap::InterimCopy) && report == ReprtCode::Half;
    if copies {
        return [1, 2, 3].map(|back| own_year(company, year - back));
    }
    [
        so_far(company, year, report),
        own_year(company, year - 1),
        own_year(company, year - 2),
    ]
}

/// What the annual report of `bsns_year` says about the year `back` years before.
fn column(company: &Company, bsns_year: u16, back: u16) -> Facts {
    let year = bsns_year - back;
    let mut facts = own_year(company, year);
    if company.trap() == Some(Trap::DashBeforeMeeting) && (year, back) == (2022, 0) {
        facts.total = None;
        facts.common = None;
        facts.preferred = [None; 2];
    }
    if back > 0 {
        match company.trap() {
            Some(Trap::Restates) => {
                facts.common = facts.common.map(|dps| dps / 10 * 9);
                facts.preferred = facts.preferred.map(|class| Some(class? / 10 * 9));
            }
            Some(Trap::SplitRestated) => {
                let par_now = own_year(company, bsns_year).par;
                if let (Some(then), Some(now)) = (facts.par, par_now) {
                    let in_new_shares = |dps: Option<i64>| Some(dps? * now / then);
                    facts.common = in_new_shares(facts.common);
                    facts.preferred = facts.preferred.map(in_new_shares);
                    facts.eps = in_new_shares(facts.eps);
                    facts.par = Some(now);
                }
            }
            _ => {}
        }
    }
    facts
}

/// What happened in a year, as its own report states it or would.
pub(super) fn own_year(company: &Company, year: u16) -> Facts {
    match company.kind {
        Kind::Real(real) => Facts {
            par: real.dps(year).and(real.par(year)),
            common: real.dps(year).map(|won| won * 100),
            total: real.total(year),
            preferred: [real.preferred(year).map(|won| won * 100), None],
            ..Facts::default()
        },
        Kind::Invented { trap, seed } => invented(trap, seed, year),
        Kind::Unlisted => Facts::default(),
    }
}

fn invented(trap: Trap, seed: u64, year: u16) -> Facts {
    let before_listing = year < 2021;
    if trap == Trap::Hollow || (trap == Trap::ListedLateEmpty && before_listing) {
        return Facts::default();
    }
    let chance = splitmix(seed ^ u64::from(year)) >> 1;
    let draw = |from: u64, sides: u64| (from % sides) as i64;
    let shares = 1 + draw(seed, 100);
    let par = match (trap, year) {
        (Trap::Split | Trap::SplitRestated, ..2019) => 5000,
        (Trap::Split | Trap::SplitRestated, _) | (Trap::ReverseSplit, ..2020) => 100,
        (Trap::ReverseSplit, _) => 500,
        _ => [100, 500, 1000, 5000][(seed % 4) as usize],
    };
    let ups = match (trap, par) {
        (Trap::Split | Trap::SplitRestated, 5000) => 50,
        (Trap::ReverseSplit, 500) => 5,
        _ => 1,
    };
    let base = 50 * (1 + draw(seed / 7, 40));
    let won = (base + 10 * draw(chance / 63, 20)) * ups;

    let loses = match trap {
        Trap::ParenthesesLosses | Trap::MinusLosses => year.is_multiple_of(2),
        _ => !trap.always_pays() && chance.is_multiple_of(9),
    };
    let pays = trap.always_pays()
        || !(trap.never_pays_cash()
            || loses
            || (chance / 9).is_multiple_of(7)
            || (trap == Trap::ListedLateHistory && before_listing));
    let cents = match trap {
        Trap::Fractions => 100 * won + 50,
        _ => 100 * won,
    };
    let more = 500 * (1 + draw(seed / 3, 9)) * ups;
    let income = if loses {
        -(1 + draw(chance, 90_000))
    } else {
        base * shares * (2 + draw(chance, 3)) + draw(chance, 997)
    };
    let common = (pays && trap != Trap::PreferredOnly).then_some(cents);
    let preferred = [
        pays.then_some(cents + more),
        (pays && trap.preferred_classes() == Some(2)).then_some(cents + 2 * more),
    ];
    // A tenth of the shares are preferred ones, and those alone are paid for.
    let total = match trap {
        Trap::PreferredOnly => (cents + more) / 100 * shares / 10,
        _ => won * shares / ups,
    };
    let par = match trap {
        Trap::ParTyped if pays => cents / 100,
        _ => par,
    };
    Facts {
        par: Some(par),
        income: Some(income),
        separate_income: Some(income - income / 20),
        eps: Some(income * ups / shares),
        total: pays.then_some(total.max(1)),
        common,
        preferred,
        stock: (trap == Trap::StockDividend).then_some(5),
    }
}

/// The part of a year that an interim report covers; dividends are cumulative.
fn so_far(company: &Company, year: u16, report: ReprtCode) -> Facts {
    let whole = own_year(company, year);
    let quarters = match report {
        ReprtCode::Q1 => 1,
        ReprtCode::Half => 2,
        ReprtCode::Q3 | ReprtCode::Annual => 3,
    };
    let part = |amount: Option<i64>| Some(amount? * quarters / 4);
    let mut facts = Facts {
        par: whole.par,
        income: part(whole.income),
        separate_income: part(whole.separate_income),
        eps: part(whole.eps),
        ..Facts::default()
    };
    if company.trap() == Some(Trap::InterimPayer) && quarters > 1 {
        // A quarter of the year's dividend at half-year, in whole won.
        facts.common = whole.common.map(|dps| dps / 400 * 100);
        facts.preferred = whole.preferred.map(|class| Some(class? / 400 * 100));
        facts.total = whole.total.map(|total| total / 4);
    }
    facts
}

/// One of the two settlements a year of a REIT: its columns are settlements too, not years.
pub(super) fn settlement(company: &Company, year: u16, second: bool) -> [Facts; 3] {
    let half = |year: u16, second: bool| -> Facts {
        let whole = own_year(company, year);
        let part = |amount: Option<i64>| Some(amount? / 2 + i64::from(second) * (amount? % 2));
        Facts {
            par: whole.par,
            income: part(whole.income),
            separate_income: part(whole.separate_income),
            eps: part(whole.eps),
            total: part(whole.total),
            // The second pays 10 won more than the first.
            common: whole
                .common
                .map(|dps| dps / 200 * 100 + i64::from(second) * 1000),
            ..Facts::default()
        }
    };
    if second {
        [half(year, true), half(year, false), half(year - 1, true)]
    } else {
        [
            half(year, false),
            half(year - 1, true),
            half(year - 1, false),
        ]
    }
}

/// The wrong column that a correction replaced.
pub(super) fn before_correction(right: Facts) -> Facts {
    Facts {
        common: Some(right.common.unwrap_or(0) + 10_000),
        preferred: right
            .preferred
            .map(|class| Some(class.unwrap_or(0) + 10_000)),
        ..right
    }
}

/// Whether the year is one of those for which settlement dates are left out.
pub(super) fn has_settlement_date(company: &Company, year: u16) -> bool {
    !(company.trap() == Some(Trap::NoSettlementDate) && (FIRST..=2018).contains(&year))
}
