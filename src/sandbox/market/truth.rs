//! What a perfect reader says of the market: the measure for everything that reads it.

use rust_decimal::Decimal;

use super::company::{Companies, Company, FIRST, Kind};
use super::facts::{self, Facts};
use super::trap::Trap;
use crate::domain::{Outcome, ReprtCode, Ticker, Won};

/// What a share's dividend for a year is, as far as the reports tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Cash dividend, won per share.
    Paid(Won),
    /// The report says that there was none.
    NoDividend,
    /// A report that tells no figure for this share, or none to be trusted.
    NotStated,
    /// Status 013.
    NoReport,
}

impl Truth {
    /// The outcome that stands for it.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Paid(_) => Outcome::Paid,
            Self::NoDividend => Outcome::NoDividend,
            Self::NotStated => Outcome::NotStated,
            Self::NoReport => Outcome::NoReport,
        }
    }

    /// The cash dividend, won per share: 0 where there was none, `None` where it is not known.
    #[must_use]
    pub fn dps_cash(self) -> Option<Won> {
        match self {
            Self::Paid(won) => Some(won),
            Self::NoDividend => Some(Won::ZERO),
            Self::NotStated | Self::NoReport => None,
        }
    }
}

/// What the year's own annual report says; of 2013 and 2014, which have none, the 2015 report.
/// `None` for a share the market does not know.
#[must_use]
pub fn truth(ticker: Ticker, year: u16) -> Option<Truth> {
    let source = year.max(FIRST);
    stated(ticker, source, ReprtCode::Annual, source - year)
}

/// Whether other annual reports contradict what a year's own says: then a reader who has read them
/// all takes no figure from it.
#[must_use]
pub fn is_contradicted(ticker: Ticker, year: u16) -> bool {
    let company = Companies::get().by_issuer(ticker);
    match company.and_then(Company::trap) {
        Some(Trap::DashBeforeMeeting) => year == 2022,
        Some(Trap::CopiedYear) => year == 2021,
        _ => false,
    }
}

/// What one column of a report says: `back` is 0 for `thstrm`, 1 for `frmtrm`, 2 for `lwfr`.
/// Interim reports are asked for `back` 0 alone: `None` for another, as for an unknown share.
#[must_use]
pub fn stated(ticker: Ticker, bsns_year: u16, report: ReprtCode, back: u16) -> Option<Truth> {
    let company = Companies::get().by_issuer(ticker)?;
    let class = class(company, ticker)?;
    if back > 2 || (report != ReprtCode::Annual && back > 0) {
        return None;
    }
    if !company.files(bsns_year, report) {
        return Some(Truth::NoReport);
    }
    let trap = company.trap().unwrap_or(Trap::Plain);
    if trap == Trap::TwoSettlements {
        return Some(settled_twice(company, bsns_year, back));
    }
    let facts = facts::columns(company, bsns_year, report)[usize::from(back)];
    // `-` in a later report's column means nothing was paid only where the column tells of a
    // net income; in the report's own it always does.
    let says_nothing_means_none = back == 0 || facts.income.is_some();
    let none = if says_nothing_means_none {
        Truth::NoDividend
    } else {
        Truth::NotStated
    };
    let seven_rows = matches!(trap, Trap::SevenRowsNone | Trap::SevenRowsPaid);
    let no_row = match (trap, class) {
        (Trap::CommonRowsAlone | Trap::RedeemableRow, Class::Preferred(_)) => true,
        (_, class) => seven_rows || class == Class::WithoutRow,
    };
    // What a careful reader would not believe.
    let doubtful = class == Class::Common
        && matches!(
            trap,
            Trap::TotalPerShare | Trap::CommonAsPreferred | Trap::SpecialRow
        );
    Some(match (trap, class) {
        // Without any per-share row the total speaks for every share; rows of other shares alone
        // say nothing about this one.
        _ if seven_rows && facts.total.is_none() && !company.is_real() => none,
        _ if no_row => Truth::NotStated,
        (Trap::SeveralPreferred, Class::Preferred(_)) => Truth::NotStated,
        _ if doubtful && facts.common.is_some() => Truth::NotStated,
        (Trap::InterimCopy, _) if report == ReprtCode::Half => Truth::NotStated,
        (_, class) => dividend(&facts, class).map_or(none, Truth::Paid),
    })
}

/// Par value in that column, in won; `None` where it is not stated or the share not known.
#[must_use]
pub fn par_value(ticker: Ticker, bsns_year: u16, report: ReprtCode, back: u16) -> Option<Won> {
    let company = Companies::get().by_issuer(ticker)?;
    // The other columns of a company with two settlements are about no year.
    let no_year = company.trap() == Some(Trap::TwoSettlements) && back > 0;
    if no_year || !company.files(bsns_year, report) {
        return None;
    }
    let columns = facts::columns(company, bsns_year, report);
    columns.get(usize::from(back))?.par.map(Won::from)
}

/// Every share of the market, each common one followed by its preferred ones.
pub fn tickers() -> impl Iterator<Item = Ticker> {
    Companies::get().all.iter().flat_map(Company::tickers)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Common,
    Preferred(usize),
    /// A real company's preferred share, of which nothing is claimed here.
    WithoutRow,
}

fn class(company: &Company, ticker: Ticker) -> Option<Class> {
    if ticker.is_common() {
        return Some(Class::Common);
    }
    match company.tickers().skip(1).position(|one| one == ticker) {
        Some(number) => Some(Class::Preferred(number)),
        None if matches!(company.kind, Kind::Real(_)) => Some(Class::WithoutRow),
        None => None,
    }
}

fn dividend(facts: &Facts, class: Class) -> Option<Won> {
    let cents = match class {
        Class::Common => facts.common?,
        Class::Preferred(number) => facts.preferred.get(number).copied()??,
        Class::WithoutRow => return None,
    };
    Some(Won::from(Decimal::new(cents, 2)))
}

/// A year with two settlements is their sum, and their other columns are no year's.
fn settled_twice(company: &Company, year: u16, back: u16) -> Truth {
    if back > 0 {
        return Truth::NotStated;
    }
    let both = [false, true].map(|second| facts::settlement(company, year, second)[0]);
    match both.map(|facts| dividend(&facts, Class::Common)) {
        [Some(first), Some(second)] => first
            .checked_add(second)
            .map_or(Truth::NotStated, Truth::Paid),
        [Some(one), None] | [None, Some(one)] => Truth::Paid(one),
        [None, None] => Truth::NoDividend,
    }
}
