//! `dividend_events`: what the user holds or watches.
//!
//! Locking: an import is one transaction.
//! Compatibility: the same file twice is one: share, date, currency, note and the how-manieth of
//! its lines tell an event; its amount may change.
//! Performance: a probe of the index an event.

use std::collections::HashMap;

use chrono::NaiveDate;
use rusqlite::params;
use rust_decimal::Decimal;

use super::values::{RowReader, date_from};
use super::{Result, Store, StoreError};
use crate::domain::{Ticker, Won};

/// A row of `dividend_events`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DividendEvent {
    /// The share.
    pub ticker: Ticker,
    /// When it was or will be paid.
    pub event_date: Option<NaiveDate>,
    /// How much, in the currency's unit.
    pub amount: Option<Decimal>,
    /// ISO 4217, three capitals.
    pub currency: String,
    /// The user's own words.
    pub note: Option<String>,
}

impl Store {
    /// Takes events in, all in one transaction; how many were new or changed their amount.
    ///
    /// # Errors
    /// Nothing is written where an amount cannot be kept exactly, a row breaks a rule of the
    /// table, or the database cannot be written.
    pub fn upsert_events(&self, events: &[DividendEvent]) -> Result<usize> {
        if events.is_empty() {
            return Ok(0);
        }
        self.write(|transaction| {
            let mut upsert = transaction
                .prepare_cached(
                    "INSERT INTO dividend_events
                            (ticker, event_date, amount, currency, note, occurrence)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (ticker, coalesce(event_date, ''), currency, coalesce(note, ''),
                                  occurrence)
                     DO UPDATE SET amount = excluded.amount
                      WHERE dividend_events.amount IS NOT excluded.amount",
                )
                .map_err(self.at())?;
            let mut written = 0;
            let mut lines: HashMap<_, i64> = HashMap::new();
            for event in events {
                let payment = (event.ticker, event.event_date, &event.currency, &event.note);
                let occurrence = lines.entry(payment).or_default();
                *occurrence += 1;
                let row = || format!("{} {:?}", event.ticker, event.event_date);
                let exact = |amount: Decimal| {
                    Won::from(amount)
                        .to_exact_f64()
                        .ok_or_else(|| StoreError::NotExact {
                            path: self.path.clone(),
                            row: row(),
                            field: "amount",
                            value: amount.to_string(),
                        })
                };
                written += upsert
                    .execute(params![
                        event.ticker.as_str(),
                        event.event_date.map(|date| date.to_string()),
                        event.amount.map(exact).transpose()?,
                        event.currency,
                        event.note,
                        *occurrence,
                    ])
                    .map_err(self.at())?;
            }
            Ok(written)
        })
    }

    /// All events, by date and ticker; those without a date first.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn events(&self) -> Result<Vec<DividendEvent>> {
        const COLUMNS: [&str; 5] = ["ticker", "event_date", "amount", "currency", "note"];
        self.read_all(
            "SELECT ticker, event_date, amount, currency, note FROM dividend_events
              ORDER BY event_date, ticker, event_id",
            [],
            |row| {
                let mut row = RowReader::new(&self.path, "dividend_events", &COLUMNS, 2, row);
                Ok(DividendEvent {
                    ticker: row.text(|text| text.parse().ok())?,
                    event_date: row.optional_text(date_from)?,
                    amount: row.amount(Won::from_f64)?.map(Decimal::from),
                    currency: row.text(|text| Some(text.to_owned()))?,
                    note: row.optional_text(|text| Some(text.to_owned()))?,
                })
            },
        )
    }

    /// The shares that have an event, by ticker.
    ///
    /// # Errors
    /// As [`Store::events`].
    pub fn event_tickers(&self) -> Result<Vec<Ticker>> {
        self.read_all(
            "SELECT DISTINCT ticker FROM dividend_events ORDER BY ticker",
            [],
            |row| {
                let mut row = RowReader::new(&self.path, "dividend_events", &["ticker"], 1, row);
                row.text(|text| text.parse().ok())
            },
        )
    }

    /// Removes all events; how many there were.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn clear_events(&self) -> Result<usize> {
        self.write(|transaction| {
            transaction
                .execute("DELETE FROM dividend_events", [])
                .map_err(self.at())
        })
    }
}
