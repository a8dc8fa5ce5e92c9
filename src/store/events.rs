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

use super::named_row::Table;
use super::sql_types::date_from;
use super::{Result, Store, StoreError};
use crate::domain::{Ticker, Won};

const TABLE: Table = Table {
    name: "dividend_events",
    key: &["ticker", "event_date"],
};

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
        self.write(|| {
            let mut upsert = self
                .connection
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
                let amount = event.amount.map(Won::from);
                if let Some(amount) = amount.filter(|amount| amount.to_exact_f64().is_none()) {
                    return Err(StoreError::NotExact {
                        path: self.path.clone(),
                        row: format!("{} {:?}", event.ticker, event.event_date),
                        field: "amount",
                        value: amount.to_string(),
                    });
                }
                written += upsert
                    .execute(params![
                        event.ticker,
                        event.event_date.map(|date| date.to_string()),
                        amount,
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
        self.read_all(
            &TABLE,
            "SELECT ticker, event_date, amount, currency, note FROM dividend_events
              ORDER BY event_date, ticker, event_id",
            [],
            |row| {
                Ok(DividendEvent {
                    ticker: row.get("ticker")?,
                    event_date: row.optional_text("event_date", date_from)?,
                    amount: row.get::<Option<Won>>("amount")?.map(Decimal::from),
                    currency: row.get("currency")?,
                    note: row.get("note")?,
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
            &TABLE,
            "SELECT DISTINCT ticker FROM dividend_events ORDER BY ticker",
            [],
            |row| row.get("ticker"),
        )
    }

    /// Removes all events; how many there were.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn clear_events(&self) -> Result<usize> {
        self.write_one("DELETE FROM dividend_events", [])
    }
}
