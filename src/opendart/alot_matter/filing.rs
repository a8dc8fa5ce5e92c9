//! One filing's rows about one settlement date, and what they say about a share.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::domain::{Note, RceptNo, ShareClass, Won};

use super::figure::Figure;
use super::label::Item;
use super::row::Row;
use super::share_class::{Stated, StockKnd, resolve};

/// The rows of one filing (`rcept_no`) about one settlement date (`stlm_dt`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filing {
    pub(super) rcept_no: Option<RceptNo>,
    pub(super) stlm_dt: Option<NaiveDate>,
    pub(super) rows: Vec<Row>,
}

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
            // Without any per-share row the total speaks for every share; rows of other classes
            // say nothing about this one.
            Stated::Absent if !self.has(Item::DpsCash) && self.total_says_none(at) => Cash::Nothing,
            Stated::Absent => Cash::NotStated(Note::NoRowForClass),
            Stated::Unclear(_) if self.total_says_none(at) && !self.states_some(at) => {
                Cash::Nothing
            }
            Stated::Unclear(why) => Cash::NotStated(why),
        };
        match found {
            Cash::Nothing if self.total(at).is_positive() && !self.states_some(at) => {
                Cash::NotStated(Note::TotalWithoutAmount)
            }
            Cash::Nothing if self.is_filler(class) && !self.total_says_none(at) => {
                Cash::NotStated(Note::NoPreferredShare)
            }
            found => found,
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
            Stated::Absent | Stated::Unclear(_) => None,
        }
    }

    /// An item's amount for a class; `None` where it is not clearly stated.
    pub(super) fn amount(&self, item: Item, class: ShareClass, at: usize) -> Option<Decimal> {
        match self.stated(item, class, at) {
            Stated::Figure(figure) => figure.amount(),
            Stated::Absent | Stated::Unclear(_) => None,
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
        let names_one = |row: &Row| matches!(row.stock_knd, StockKnd::Preferred(_));
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

    pub(super) fn total(&self, at: usize) -> Figure {
        self.rows_of(Item::CashTotal)
            .find_map(|row| row.cells.get(at).cloned())
            .unwrap_or(Figure::Blank)
    }

    pub(super) fn total_says_none(&self, at: usize) -> bool {
        let total = self.total(at);
        total.says_none() && (at == 0 || total != Figure::Dash || self.states_net_income(at))
    }

    pub(super) fn stated(&self, item: Item, class: ShareClass, at: usize) -> Stated {
        let cell = |row: &Row| row.cells.get(at).cloned().unwrap_or(Figure::Blank);
        let rows: Vec<_> = self
            .rows_of(item)
            .map(|row| (row.stock_knd.clone(), cell(row)))
            .collect();
        resolve(class, &rows)
    }

    pub(super) fn rows_of(&self, item: Item) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.label.item == item)
    }
}
