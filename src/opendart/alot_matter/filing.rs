//! One filing's rows about one settlement date, and what they say about a share.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::{Note, RceptNo, ShareClass, Won};

use super::figure::Figure;
use super::label::Item;
use super::row::Row;
use super::share_class::{Class, Stated, resolve};

/// The rows of one filing (`rcept_no`) about one settlement date (`stlm_dt`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filing {
    pub(super) rcept_no: Option<RceptNo>,
    pub(super) stlm_dt: Option<NaiveDate>,
    pub(super) rows: Vec<Row>,
}

/// From here on [`Filing::shares_to_amount`] says that an amount is that of a few preferred shares. Of
/// a market's answers the genuine ones have 2.9 and more, the others 0.3 to 1.9.
const GENUINE: Decimal = Decimal::from_parts(25, 0, 0, false, 1);

/// No Korean company has as many shares as this; the largest has seven billion.
const TOO_MANY_SHARES: u64 = 50_000_000_000;

/// What a filing states about a share's cash dividend in one of its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cash {
    /// So much a share; more than 0.
    Paid(Won),
    /// None.
    Nothing,
    /// No reliable figure; why.
    NotStated(Note),
}

impl Filing {
    /// The dividend per share of a class, in the column `at` (0 is the report's own year).
    ///
    /// In the own year `-` means none. In a later report's column it means none only where that
    /// column states a net income: companies leave columns before their listing empty.
    pub(super) fn cash(&self, class: ShareClass, at: usize) -> Cash {
        let found = match self.stated(Item::DpsCash, class, at) {
            Stated::Figure(figure) => self.cash_of(figure, at),
            Stated::Sum(amount, _) => Cash::Paid(Won::from(amount)),
            // Where no class has an amount the total speaks for every share; rows of other classes
            // say nothing about this one.
            Stated::Absent
                if self.total_says_none(at)
                    && !self.states_some(at)
                    && (class == ShareClass::Common || !self.has(Item::DpsCash)) =>
            {
                Cash::Nothing
            }
            Stated::Absent => Cash::NotStated(Note::NoRowForClass),
            Stated::Unclear(_) if self.total_says_none(at) && !self.states_some(at) => {
                Cash::Nothing
            }
            Stated::Unclear(why) => Cash::NotStated(why),
        };
        let doubt = match &found {
            Cash::Paid(amount) => self.doubt_about_paid(class, amount.get(), at),
            Cash::Nothing => self.doubt_about_none(class, at),
            Cash::NotStated(_) => None,
        };
        doubt.map_or(found, Cash::NotStated)
    }

    /// Why an amount per share cannot be one.
    fn doubt_about_paid(&self, class: ShareClass, amount: Decimal, at: usize) -> Option<Note> {
        let total = self.total(at).amount().unwrap_or_default();
        if total <= Decimal::ZERO {
            return None;
        }
        // The total is rounded to its unit: what leaves fewer than a hundred shares was typed into
        // the wrong row.
        if amount
            .checked_mul(Decimal::ONE_HUNDRED)
            .is_none_or(|hundred| hundred > total)
        {
            return Some(Note::AmountBeyondTotal {
                amount: Won::from(amount),
                total: Won::from(total),
            });
        }
        let common_has_none = self.cash_amount(ShareClass::Common, at) == Some(Decimal::ZERO);
        (class != ShareClass::Common
            && common_has_none
            && self
                .shares_to_amount(amount, at)
                .is_some_and(|ratio| ratio < GENUINE))
        .then_some(Note::AmountInAnotherRow {
            amount: Won::from(amount),
        })
    }

    /// Why a dash may not mean that there was no dividend.
    fn doubt_about_none(&self, class: ShareClass, at: usize) -> Option<Note> {
        let total = self.total(at);
        let total_is_unclear = matches!(total, Figure::UnknownUnit(_) | Figure::Unreadable(_));
        if !self.states_some(at) {
            if total.is_positive() {
                return Some(Note::TotalWithoutAmount);
            }
            if total_is_unclear {
                return Some(Note::UnclearTotal);
            }
        } else if class == ShareClass::Common && (total.is_positive() || total_is_unclear) {
            let other = self.largest_amount(at).unwrap_or_default();
            let genuine = self
                .shares_to_amount(other, at)
                .is_some_and(|ratio| ratio >= GENUINE);
            if !genuine {
                return Some(Note::AmountInAnotherRow {
                    amount: Won::from(other),
                });
            }
        }
        if self.is_filler(class) && !self.total_says_none(at) {
            return Some(Note::NoPreferredShare);
        }
        let positive = |amount: Option<Decimal>| amount.is_some_and(|it| it > Decimal::ZERO);
        let has_yield = positive(self.amount(Item::CashYield, class, at));
        let has_payout = positive(self.company_amount(Item::PayoutRatio, class, at));
        (has_yield || (has_payout && !self.states_some(at) && !total.is_positive()))
            .then_some(Note::YieldWithoutAmount)
    }

    /// How many times as many shares the company has as would get `amount` each out of the total:
    /// about 1 where it is the common share's, several times more where it is that of a few
    /// preferred ones. `None` where a loss or a missing figure leaves it open.
    fn shares_to_amount(&self, amount: Decimal, at: usize) -> Option<Decimal> {
        let paid_on = self.total(at).amount()?.checked_div(amount)?;
        let ratio = self.shares(at)?.checked_div(paid_on)?;
        (ratio > Decimal::ZERO).then_some(ratio)
    }

    /// How many shares the company has: net income over net income per share, in this column or,
    /// where it cannot be told there, in another.
    fn shares(&self, at: usize) -> Option<Decimal> {
        let in_column = |at: usize| {
            let either = |item| {
                let consolidated = self.only_amount(item, false, at);
                consolidated.or_else(|| self.only_amount(item, true, at))
            };
            let (income, per_share) = (either(Item::NetIncome)?, either(Item::Eps)?);
            let shares = income.checked_div(per_share)?;
            (shares > Decimal::ZERO).then_some(shares)
        };
        in_column(at).or_else(|| (0..3).find_map(in_column))
    }

    /// Net income in won, of the consolidated or the separate statements.
    pub(super) fn net_income(&self, separate: bool, at: usize) -> Option<Decimal> {
        self.only_amount(Item::NetIncome, separate, at)
    }

    /// The amount of an item's one row of these statements that states one.
    fn only_amount(&self, item: Item, separate: bool, at: usize) -> Option<Decimal> {
        let mut amounts = self
            .rows_of(item)
            .filter(|row| row.label.separate == separate)
            .filter_map(|row| row.cells.get(at)?.amount());
        amounts.next().filter(|_| amounts.next().is_none())
    }

    /// The largest amount per share in a column, of whichever class.
    fn largest_amount(&self, at: usize) -> Option<Decimal> {
        self.rows_of(Item::DpsCash)
            .filter_map(|row| row.cells.get(at)?.amount())
            .max()
    }

    /// How the dividend of a class came about, where one row does not state all of it.
    pub(super) fn sum_note(&self, class: ShareClass, at: usize) -> Option<Note> {
        match self.stated(Item::DpsCash, class, at) {
            Stated::Sum(_, parts) => Some(Note::SumOfRows { parts }),
            _ => None,
        }
    }

    /// The total of cash dividends in won.
    ///
    /// # Errors
    /// A note, where it fits the amount per share only in another unit than its label's: typed in
    /// won under 백만원 it is a million times too large.
    pub(super) fn cash_total(&self, class: ShareClass, at: usize) -> Result<Option<Won>, Note> {
        let Some(total) = self.company_amount(Item::CashTotal, class, at) else {
            return Ok(None);
        };
        let paid_on = self
            .largest_amount(at)
            .and_then(|amount| total.checked_div(amount));
        let misfits = |paid_on: Decimal| {
            let ratio = self.shares(at).and_then(|all| all.checked_div(paid_on));
            paid_on > Decimal::from(TOO_MANY_SHARES)
                || ratio.is_some_and(|ratio| ratio < Decimal::new(3, 3))
        };
        match paid_on {
            Some(paid_on) if paid_on > Decimal::ZERO && misfits(paid_on) => {
                Err(Note::TotalInAnotherUnit {
                    total: Won::from(total),
                })
            }
            _ => Ok(Some(Won::from(total))),
        }
    }

    fn cash_of(&self, figure: Figure, at: usize) -> Cash {
        match figure {
            Figure::Amount(amount) if amount > Decimal::ZERO => Cash::Paid(Won::from(amount)),
            Figure::Amount(amount) if amount.is_zero() => Cash::Nothing,
            Figure::Amount(amount) => Cash::NotStated(Note::NegativeAmount {
                amount: Won::from(amount),
            }),
            Figure::UnknownUnit(amount) => Cash::NotStated(Note::UnknownUnit {
                amount: amount.to_string(),
            }),
            Figure::Unreadable(text) => Cash::NotStated(Note::UnreadableAmount { text }),
            Figure::Dash if at == 0 || self.states_net_income(at) => Cash::Nothing,
            Figure::Blank if self.total_says_none(at) => Cash::Nothing,
            Figure::Dash | Figure::Blank => Cash::NotStated(Note::EmptyColumn),
        }
    }

    /// The dividend per share of a class as a bare number: 0 where it says none.
    pub(super) fn cash_amount(&self, class: ShareClass, at: usize) -> Option<Decimal> {
        match self.stated(Item::DpsCash, class, at) {
            Stated::Figure(figure) if figure.says_none() => Some(Decimal::ZERO),
            Stated::Figure(figure) => figure.amount(),
            Stated::Sum(amount, _) => Some(amount),
            Stated::Absent | Stated::Unclear(_) => None,
        }
    }

    /// An item's amount for a class; `None` where it is not clearly stated.
    pub(super) fn amount(&self, item: Item, class: ShareClass, at: usize) -> Option<Decimal> {
        match self.stated(item, class, at) {
            Stated::Figure(figure) => figure.amount(),
            Stated::Sum(..) | Stated::Absent | Stated::Unclear(_) => None,
        }
    }

    /// An item that the company states as a whole, or, where rows do tell classes, for this one.
    pub(super) fn company_amount(
        &self,
        item: Item,
        class: ShareClass,
        at: usize,
    ) -> Option<Decimal> {
        let rows: Vec<&Row> = self.rows_of(item).collect();
        let consolidated: Vec<&Row> = rows
            .iter()
            .copied()
            .filter(|row| !row.label.separate)
            .collect();
        let rows = if consolidated.is_empty() {
            rows
        } else {
            consolidated
        };
        match rows[..] {
            [only] => only.cells.get(at).and_then(Figure::amount),
            _ => self.amount(item, class, at),
        }
    }

    /// Whether a preferred share's row may be the template's second one, which stands there
    /// without a label even where there is no such share.
    fn is_filler(&self, class: ShareClass) -> bool {
        let names_one = |row: &Row| matches!(row.stock_knd.class, Class::Preferred(_));
        class != ShareClass::Common && !self.rows.iter().any(names_one)
    }

    fn has(&self, item: Item) -> bool {
        self.rows_of(item).next().is_some()
    }

    /// Whether one of the per-share rows states a dividend, for whichever class.
    pub(super) fn states_some(&self, at: usize) -> bool {
        self.rows_of(Item::DpsCash).any(|row| {
            row.cells
                .get(at)
                .is_some_and(|cell| !cell.says_none() && *cell != Figure::Blank)
        })
    }

    pub(super) fn states_net_income(&self, at: usize) -> bool {
        self.rows_of(Item::NetIncome).any(|row| {
            row.cells
                .get(at)
                .is_some_and(|cell| cell.amount().is_some())
        })
    }

    /// The total of cash dividends: the largest amount that a row states, else what is said instead
    /// of one.
    pub(super) fn total(&self, at: usize) -> Figure {
        let cells = || {
            self.rows_of(Item::CashTotal)
                .filter_map(|row| row.cells.get(at))
        };
        let largest = cells()
            .filter(|cell| cell.is_positive())
            .max_by_key(|cell| cell.amount());
        let unclear =
            || cells().find(|cell| matches!(cell, Figure::UnknownUnit(_) | Figure::Unreadable(_)));
        largest
            .or_else(unclear)
            .or_else(|| cells().next())
            .cloned()
            .unwrap_or(Figure::Blank)
    }

    pub(super) fn total_says_none(&self, at: usize) -> bool {
        let total = self.total(at);
        total.says_none() && (at == 0 || total != Figure::Dash || self.states_net_income(at))
    }

    pub(super) fn stated(&self, item: Item, class: ShareClass, at: usize) -> Stated {
        let rows: Vec<_> = self
            .rows_of(item)
            .map(|row| (&row.stock_knd, row.cells.get(at).unwrap_or(&Figure::Blank)))
            .collect();
        resolve(class, &rows)
    }

    pub(super) fn rows_of(&self, item: Item) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.label.item == item)
    }
}
