//! One question to OpenDART, politely: every attempt passes the gate, what may pass is tried
//! again, and what cannot is not.
//!
//! All waiting is on a [`Clock`] and ends when an [`Interrupt`] is raised.

mod clock;
mod gate;
mod interrupt;
mod retry;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

pub use clock::{Clock, PinnedClock, SystemClock};
pub use gate::{Gate, Rate, RateError};
pub use interrupt::{Interrupt, Interrupted};

use crate::domain::{CorpCode, FiscalYear, ReprtCode, next_kst_midnight};
use crate::opendart::{Answer, Client, CompanyList, Error, Kind, Status};
use retry::{Next, Retries};

/// Asks OpenDART; to be shared between threads.
#[derive(Debug)]
pub struct Fetcher {
    client: Client,
    gate: Gate,
    clock: Arc<dyn Clock>,
    attempts: AtomicU64,
}

/// Why a question has no answer, after all that could be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// OpenDART refuses the key (010, 011, 012, 901): no later call works either.
    #[error("OpenDART answered {status}, {} ({message})", status.meaning())]
    KeyRefused {
        /// Its verdict.
        status: Status,
        /// Its own words, bounded and without the key.
        message: String,
    },
    /// The day's limit of calls is used up (020).
    #[error("the day's limit of requests is used up until {resets_at}")]
    DailyLimit {
        /// When it starts anew: the next 00:00 KST.
        resets_at: DateTime<Utc>,
    },
    /// OpenDART is down for maintenance (800), and still was a minute and a half later.
    #[error("OpenDART is down for maintenance")]
    Maintenance,
    /// Nothing but failures that may pass: by transport, 5xx, web pages, 900.
    #[error("OpenDART could not be asked, {attempts} attempts: {last}")]
    SourceDown {
        /// How often it was tried.
        attempts: u32,
        /// The last failure; it tells what `Retry-After` asked for, if that was too long to wait.
        last: Error,
    },
    /// A failure that another attempt cannot mend.
    #[error(transparent)]
    Failed(Error),
    /// The interrupt was raised.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl FetchError {
    /// Whether later questions would fare no better, as with a refused key or a source that is
    /// down; else the trouble is this one's alone.
    #[must_use]
    pub fn ends_asking(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

impl Fetcher {
    /// A fetcher that asks through `client`, each attempt after passing `gate`.
    #[must_use]
    pub fn new(client: Client, gate: Gate, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            gate,
            clock,
            attempts: AtomicU64::new(0),
        }
    }

    /// The dividend section (`alotMatter`) of one report.
    ///
    /// # Errors
    /// [`FetchError`] where neither a report nor a 013 could be had.
    pub fn alot_matter(
        &self,
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
        interrupt: &Interrupt,
    ) -> Result<Answer, FetchError> {
        self.alot_matter_counted(
            corp_code,
            bsns_year,
            reprt_code,
            interrupt,
            &AtomicU64::new(0),
        )
    }

    /// The same, each attempt counted in `tally` too, as it begins.
    ///
    /// # Errors
    /// As [`Fetcher::alot_matter`].
    pub fn alot_matter_counted(
        &self,
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
        interrupt: &Interrupt,
        tally: &AtomicU64,
    ) -> Result<Answer, FetchError> {
        self.ask(interrupt, tally, || {
            self.client.alot_matter(corp_code, bsns_year, reprt_code)
        })
    }

    /// The list of companies (`corpCode.xml`).
    ///
    /// # Errors
    /// [`FetchError`] where it could not be had or read.
    pub fn companies(&self, interrupt: &Interrupt) -> Result<CompanyList, FetchError> {
        self.companies_counted(interrupt, &AtomicU64::new(0))
    }

    /// The same, each attempt counted in `tally` too, as it begins.
    ///
    /// # Errors
    /// As [`Fetcher::companies`].
    pub fn companies_counted(
        &self,
        interrupt: &Interrupt,
        tally: &AtomicU64,
    ) -> Result<CompanyList, FetchError> {
        self.ask(interrupt, tally, || self.client.companies())
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

    /// Tells the key it asks with from another, without telling the key: by it, calls are counted.
    #[must_use]
    pub fn key_fingerprint(&self) -> String {
        self.client.transport().key_fingerprint()
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
        interrupt: &Interrupt,
        tally: &AtomicU64,
        attempt: impl Fn() -> Result<T, Error>,
    ) -> Result<T, FetchError> {
        let mut retries = Retries::new();
        let mut attempts = 0;
        loop {
            self.gate.pass(self.clock.as_ref(), interrupt)?;
            self.attempts.fetch_add(1, Ordering::Relaxed);
            tally.fetch_add(1, Ordering::Relaxed);
            attempts += 1;
            let error = match attempt() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // A call that was ended since its caller was interrupted has not failed.
            interrupt.check()?;
            match retries.after(&error) {
                Next::After(wait) => self.clock.wait(wait, interrupt)?,
                Next::GiveUp => return Err(self.given_up(error, attempts)),
            }
        }
    }

    fn given_up(&self, error: Error, attempts: u32) -> FetchError {
        match (error.kind(), error) {
            (Kind::KeyRefused, Error::Refused { status, message }) => {
                FetchError::KeyRefused { status, message }
            }
            (Kind::DailyLimit, _) => FetchError::DailyLimit {
                resets_at: next_kst_midnight(self.clock.now()),
            },
            (Kind::Maintenance, _) => FetchError::Maintenance,
            (Kind::Transient { .. }, last) => FetchError::SourceDown { attempts, last },
            (Kind::Permanent | Kind::KeyRefused, error) => FetchError::Failed(error),
        }
    }
}
