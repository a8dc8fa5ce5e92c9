//! What in a report does not fit together: its figures compared with each other.
//!
//! Nothing here changes what a report is taken to say; it tells a reader where to look.

use std::fmt;

use rust_decimal::Decimal;

use crate::domain::{Note, Percent, ShareClass, Ticker, Won, with_separators};

use super::figure::Figure;
use super::filing::{Cash, Filing};
use super::label::Item;
use super::report::{Column, Report};
use super::share_class::Stated;

/// Two figures of a report that cannot both be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inconsistency {
    /// A total of cash dividends, and no amount per share for any class.
    TotalWithoutAmount {
        /// 현금배당금총액, won.
        total: Won,
    },
    /// An amount per share, and a total that says there was none.
    AmountWithoutTotal {
        /// 주당 현금배당금, won.
        amount: Won,
    },
    /// More paid for one share than for all of them.
    AmountBeyondTotal {
        /// 주당 현금배당금, won.
        amount: Won,
        /// 현금배당금총액, won.
        total: Won,
    },
    /// Several rows for the common share that state different amounts.
    CommonRowsDiffer,
    /// A yield, and no dividend it could be the yield of.
    YieldWithoutDividend {
        /// 현금배당수익률.
        cash_yield: Percent,
    },
    /// A payout ratio that is not the total over the net income.
    PayoutMismatch {
        /// 현금배당성향 as the report states it.
        stated: Percent,
        /// What its total and net income make, to two decimals.
        computed: Percent,
        /// Whether the separate net income makes the stated one.
        fits_separate: bool,
    },
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let won = |amount: &Won| with_separators(amount.get());
        match self {
            Self::TotalWithoutAmount { total } => write!(
                f,
                "a total of {} won is stated, and no amount per share",
                won(total)
            ),
            Self::AmountWithoutTotal { amount } => write!(
                f,
                "{} won a share are stated, and a total that says there was none",
                won(amount)
            ),
            Self::AmountBeyondTotal { amount, total } => write!(
                f,
                "{} won a share are more than the total of {} won",
                won(amount),
                won(total)
            ),
            Self::CommonRowsDiffer => f.write_str("several rows for the common share differ"),
            Self::YieldWithoutDividend { cash_yield } => {
                write!(f, "a yield of {cash_yield} % is stated, and no dividend")
            }
            Self::PayoutMismatch {
                stated,
                computed,
                fits_separate,
            } => {
                write!(
                    f,
                    "a payout ratio of {stated} % is stated; total and net income make {computed} %"
                )?;
                if *fits_separate {
                    f.write_str(", and the separate net income makes the stated one")?;
                }
                Ok(())
            }
        }
    }
}

impl Report {
    /// What does not fit together in what the report says about a share in one of its years.
    #[must_use]
    pub fn inconsistencies(&self, ticker: Ticker, column: Column) -> Vec<Inconsistency> {
        let at = column.index();
        let Some(class) = self.class_at(ticker, column) else {
            return Vec::new();
        };
        if self.ambiguous_reason.is_some() || (at > 0 && self.filings.len() > 1) {
            return Vec::new();
        }
        let mut found: Vec<Inconsistency> = self
            .filings
            .iter()
            .flat_map(|filing| contradictions(filing, class, at))
            .collect();
        if let [only] = &self.filings[..] {
            found.extend(payout_mismatch(only, class, at));
        }
        found
    }
}

fn contradictions(filing: &Filing, class: ShareClass, at: usize) -> Vec<Inconsistency> {
    let mut found = Vec::new();
    let total = filing.total(at).amount().map(Won::from);
    if let Some(total) = total.filter(|total| total.is_positive())
        && !filing.states_some(at)
    {
        found.push(Inconsistency::TotalWithoutAmount { total });
    }
    match filing.cash(class, at) {
        Cash::Paid(amount) if filing.total_says_none(at) => {
            found.push(Inconsistency::AmountWithoutTotal { amount });
        }
        Cash::NotStated(Note::AmountBeyondTotal { amount, total }) => {
            found.push(Inconsistency::AmountBeyondTotal { amount, total });
        }
        _ => {}
    }
    if class == ShareClass::Common
        && filing.stated(Item::DpsCash, class, at) == Stated::Unclear(Note::CommonRowsDiffer)
    {
        found.push(Inconsistency::CommonRowsDiffer);
    }
    let cash_yield = filing.amount(Item::CashYield, class, at);
    if filing.cash_amount(class, at) == Some(Decimal::ZERO)
        && let Some(cash_yield) = cash_yield.filter(|it| *it > Decimal::ZERO)
    {
        found.push(Inconsistency::YieldWithoutDividend {
            cash_yield: Percent::from(cash_yield),
        });
    }
    found
}

/// An amount as the filing rounded it, in won: it may be one unit off either way.
#[derive(Clone, Copy)]
struct Rounded {
    amount: Decimal,
    unit: Decimal,
}

/// The ratio is compared with the net income it belongs to: the consolidated one unless its label
/// says otherwise, and the separate one where there are no consolidated statements.
fn payout_mismatch(filing: &Filing, class: ShareClass, at: usize) -> Option<Inconsistency> {
    let stated = filing.company_amount(Item::PayoutRatio, class, at)?;
    let of_separate = filing
        .rows_of(Item::PayoutRatio)
        .all(|row| row.label.separate);
    let total = only_amount(filing, Item::CashTotal, at, |_| true)?;
    let consolidated = only_amount(filing, Item::NetIncome, at, |separate| !separate);
    let separate = only_amount(filing, Item::NetIncome, at, |separate| separate);
    let income = if of_separate {
        separate?
    } else {
        consolidated.or(separate)?
    };
    let fits = |income: Rounded| ratio_fits(total, income, stated);
    if fits(income)? {
        return None;
    }
    let computed = total
        .amount
        .checked_mul(Decimal::ONE_HUNDRED)?
        .checked_div(income.amount)?;
    Some(Inconsistency::PayoutMismatch {
        stated: Percent::from(stated),
        computed: Percent::from(computed.round_dp(2)),
        fits_separate: !of_separate && separate.and_then(fits).unwrap_or_default(),
    })
}

/// The one amount of an item; `-` is 0. `None` where it is not stated, or stated twice over.
fn only_amount(
    filing: &Filing,
    item: Item,
    at: usize,
    is_of: impl Fn(bool) -> bool,
) -> Option<Rounded> {
    let mut rows = filing
        .rows_of(item)
        .filter(|row| is_of(row.label.separate))
        .filter_map(|row| Some((row.cells.get(at)?, row.label.unit?)));
    let (cell, unit) = rows.next()?;
    if rows.any(|(other, _)| other != cell) {
        return None;
    }
    let amount = match (cell, item) {
        (Figure::Amount(amount), _) => *amount,
        (Figure::Dash, Item::CashTotal) => Decimal::ZERO,
        _ => return None,
    };
    Some(Rounded { amount, unit })
}

/// Whether total ÷ income makes the ratio, as far as rounding tells: each amount may be a unit off,
/// the ratio by one of its last decimal. `None` where the income may be nothing at all.
fn ratio_fits(total: Rounded, income: Rounded, ratio: Decimal) -> Option<bool> {
    if income.amount.abs() <= income.unit {
        return None;
    }
    let last_decimal = Decimal::new(1, ratio.normalize().scale().min(2));
    let mut bounds = Vec::with_capacity(4);
    for off in [-total.unit, total.unit] {
        for under in [-income.unit, income.unit] {
            let total = total.amount.checked_add(off)?;
            let income = income.amount.checked_add(under)?;
            let ratio = total
                .checked_mul(Decimal::ONE_HUNDRED)?
                .checked_div(income)?;
            bounds.push(ratio);
        }
    }
    let lowest = bounds.iter().min()?.checked_sub(last_decimal)?;
    let highest = bounds.iter().max()?.checked_add(last_decimal)?;
    Some((lowest..=highest).contains(&ratio))
}
