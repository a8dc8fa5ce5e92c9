//! One question to OpenDART, politely: every attempt passes the breaker and the gate, and a failure
//! that may be temporary is tried again.
//!
//! - `gate`, `rate`, `gcra`: calls a minute and a day, over all processes.
//! - `breaker`: a pause for every call when connections are dropped.
//! - `retry`: what is tried again, and when.
//! - `error`: why a question has no answer, and what that means for the next.
//!
//! All waiting is on a [`Clock`] and ends when an [`Interrupt`] is raised.

mod breaker;
mod clock;
mod error;
mod gate;
mod gcra;
mod interrupt;
#[cfg(test)]
#[path = "../../tests/support/clock.rs"]
mod pinned_clock;
mod rate;
mod retry;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

pub use clock::{Clock, SystemClock};
pub(crate) use error::Decision;
pub use error::{FetchError, GateError};
pub use gate::Gate;
pub use interrupt::{Interrupt, Interrupted};
pub use rate::{MOST_IN_FLIGHT, Rate, RateError};

use crate::domain::{CorpCode, FiscalYear, ReprtCode, next_kst_midnight};
use crate::opendart::{Answer, Client, CompanyList, Error, Kind};
use breaker::Breaker;
use retry::Retries;

/// How far OpenDART's clock may be behind ours.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// Asks OpenDART; to be shared between threads.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    gate: Gate,
    breaker: Breaker,
    key_fingerprint: String,
    clock: Arc<dyn Clock>,
    attempts: AtomicU64,
}

/// Who a call is made for.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Raised when the answer is no longer wanted.
    pub interrupt: &'a Interrupt,
    /// Counts its attempts as well, each as it begins.
    pub tally: Option<&'a AtomicU64>,
    /// Calls a day (KST) that the key may be used for, by all processes; `None` for what OpenDART
    /// allows. Kept by a [`Gate`] that counts.
    pub daily_limit: Option<u32>,
    /// Whether to wait, over a minute if necessary, when connections are dropped; else the question
    /// fails after its retries.
    pub wait_on_outage: bool,
}

impl<'a> From<&'a Interrupt> for Caller<'a> {
    /// A caller that neither counts, limits nor waits.
    fn from(interrupt: &'a Interrupt) -> Self {
        Self {
            interrupt,
            tally: None,
            daily_limit: None,
            wait_on_outage: false,
        }
    }
}

impl Fetcher {
    /// A fetcher that asks through `client`, each attempt after passing `gate`.
    #[must_use]
    pub fn new(client: Client, gate: Gate, clock: Arc<dyn Clock>) -> Self {
        Self {
            key_fingerprint: client.transport().key_fingerprint(),
            client,
            gate,
            breaker: Breaker::default(),
            clock,
            attempts: AtomicU64::new(0),
        }
    }

    /// The dividend section (`alotMatter`) of one report.
    ///
    /// # Errors
    /// [`FetchError`] if neither a report nor a 013 came.
    pub fn alot_matter<'a>(
        &self,
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
        caller: impl Into<Caller<'a>>,
    ) -> Result<Answer, FetchError> {
        self.ask(caller.into(), || {
            self.client.alot_matter(corp_code, bsns_year, reprt_code)
        })
    }

    /// The list of companies (`corpCode.xml`).
    ///
    /// # Errors
    /// [`FetchError`] if it did not come or cannot be read.
    pub fn companies<'a>(&self, caller: impl Into<Caller<'a>>) -> Result<CompanyList, FetchError> {
        self.ask(caller.into(), || self.client.companies())
    }

    /// Whether the gate counts the calls by key and day; else the caller has to.
    #[must_use]
    pub fn counts_calls(&self) -> bool {
        self.gate.counts()
    }

    /// HTTP attempts so far, each one call of the day's limit.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// The client that asks.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The clock it waits by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Identifies its key without revealing it; calls are counted by it.
    #[must_use]
    pub fn key_fingerprint(&self) -> &str {
        &self.key_fingerprint
    }

    /// Ends the calls in flight, and refuses none of the later ones. With the interrupt raised
    /// before, those calls end as interrupted.
    pub fn end_calls(&self) {
        self.client.transport().end_calls();
    }

    /// Ends the calls in flight and refuses later ones. With the interrupt raised before, those
    /// calls end as interrupted.
    pub fn shutdown(&self) {
        self.client.transport().shutdown();
    }

    fn ask<T>(
        &self,
        caller: Caller<'_>,
        attempt: impl Fn() -> Result<T, Error>,
    ) -> Result<T, FetchError> {
        let clock = self.clock.as_ref();
        let mut retries = Retries::default();
        let mut attempts = 0;
        loop {
            let pass = self.breaker.admit(clock, caller)?;
            self.gate.pass(clock, &self.key_fingerprint, caller)?;
            if !self.breaker.is_valid(&pass) {
                continue;
            }
            self.attempts.fetch_add(1, Ordering::Relaxed);
            if let Some(tally) = caller.tally {
                tally.fetch_add(1, Ordering::Relaxed);
            }
            attempts += 1;
            let asked_at = clock.now();
            let error = match attempt() {
                Ok(answer) => {
                    self.breaker.note(clock, &pass, Ok(()));
                    return Ok(answer);
                }
                Err(error) => error,
            };
            // A call that ended because its caller was interrupted has not failed.
            caller.interrupt.check()?;
            if self.breaker.note(clock, &pass, Err(&error)) && caller.wait_on_outage {
                continue;
            }
            match retries.after(&error) {
                Some(wait) => clock.wait(wait, caller.interrupt)?,
                None => return Err(given_up(error, attempts, asked_at)),
            }
        }
    }
}

fn given_up(error: Error, attempts: u32, asked_at: DateTime<Utc>) -> FetchError {
    match (error.kind(), error) {
        (Kind::KeyRefused, Error::Refused { status, message }) => {
            FetchError::KeyRefused { status, message }
        }
        (Kind::DailyLimit, _) => FetchError::DailyLimit {
            resets_at: limit_resets_at(asked_at),
        },
        (Kind::Maintenance, _) => FetchError::Maintenance,
        (Kind::Transient { .. }, last) => FetchError::SourceDown { attempts, last },
        (Kind::Permanent | Kind::KeyRefused, error) => FetchError::Failed(error),
    }
}

/// When a limit that was reached then (020) resets: the next 00:00 KST. Just after midnight,
/// OpenDART's clock is behind ours, since nobody uses up a day's calls in minutes: try again in a
/// minute.
fn limit_resets_at(asked_at: DateTime<Utc>) -> DateTime<Utc> {
    let next = next_kst_midnight(asked_at);
    if next - asked_at > TimeDelta::hours(24) - CLOCKS_DIFFER {
        asked_at + TimeDelta::minutes(1)
    } else {
        next
    }
}

#[cfg(test)]
mod tests {
    use super::limit_resets_at;

    #[test]
    fn a_limit_met_just_after_midnight_is_yesterday_s_and_asked_about_again_in_a_minute() {
        let resets_at = |asked_at: &str| limit_resets_at(asked_at.parse().unwrap()).to_rfc3339();
        let midnight = "2026-11-23T15:00:00+00:00";
        assert_eq!(resets_at("2026-11-23T09:00:00Z"), midnight);
        assert_eq!(resets_at("2026-11-23T14:59:59.999Z"), midnight);
        assert_eq!(
            resets_at("2026-11-23T15:00:00Z"),
            "2026-11-23T15:01:00+00:00"
        );
        assert_eq!(
            resets_at("2026-11-23T15:04:59Z"),
            "2026-11-23T15:05:59+00:00"
        );
        assert_eq!(
            resets_at("2026-11-23T15:05:00Z"),
            "2026-11-24T15:00:00+00:00"
        );
    }
}
