use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::gcra::{self, Slot};
use super::{Caller, Clock, FetchError, Interrupt, Interrupted, Rate};
use crate::domain::next_kst_midnight;
use crate::store::{GateLedger, StoreError};

/// How often a reservation is tried when the database is locked, a fifth of a second each.
const TRIES: u32 = 50;

/// How often a call that waits for its turn checks whether it is still wanted.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// How far wall clock and monotonic time may drift apart between two reservations before we assume
/// the wall clock was set: about three slots at the default rate.
const DRIFT: Duration = Duration::from_millis(200);

/// Every call of every process passes it first: it spaces calls so that no sliding minute starts
/// more than rate and burst together (GCRA), and counts them by key and day.
///
/// A slot is reserved in the database first and then waited for; if its caller is interrupted or
/// killed, it is not given back. So in one process one call at a time reserves and waits, and the
/// others stand in line in the order they came: a kill wastes one slot, and no call is overtaken.
#[derive(Debug)]
pub struct Gate(Kind);

#[derive(Debug)]
enum Kind {
    Unlimited,
    Limited(Box<Limit>),
    Closed,
}

#[derive(Debug)]
struct Limit {
    rate: Rate,
    ledger: GateLedger,
    line: Line,
    last_seen: Mutex<Option<Reading>>,
}

/// The line for the right to reserve: one call of a process has it at a time, first come, first
/// served.
#[derive(Debug, Default)]
struct Line {
    /// Of the call that has it, and of those that wait.
    tickets: Mutex<Tickets>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    next: u64,
    in_line: VecDeque<u64>,
}

/// A place in the line, given up when dropped.
struct Place<'a> {
    line: &'a Line,
    ticket: u64,
}

impl Line {
    /// Waits at the end of the line until its turn comes.
    fn wait(&self, interrupt: &Interrupt) -> Result<Place<'_>, Interrupted> {
        let mut tickets = self.tickets();
        let ticket = tickets.next;
        tickets.next += 1;
        tickets.in_line.push_back(ticket);
        let place = Place { line: self, ticket };
        while tickets.in_line.front() != Some(&ticket) && !interrupt.is_raised() {
            let woken = self.moved.wait_timeout(tickets, CHECK_INTERVAL);
            tickets = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(tickets);
        // Also when its turn has come: a call that is no longer wanted must not reserve.
        interrupt.check()?;
        Ok(place)
    }

    fn tickets(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let ticket = self.ticket;
        self.line.tickets().in_line.retain(|one| *one != ticket);
        self.line.moved.notify_all();
    }
}

/// The two clocks, read together.
#[derive(Debug, Clone, Copy)]
struct Reading {
    wall: DateTime<Utc>,
    monotonic: Duration,
}

/// Why a reservation is refused.
enum Refused {
    DailyLimit { limit: u32, now: DateTime<Utc> },
    NoSlot(Duration),
}

impl Gate {
    /// No limit: every call passes and none is counted. For the sandbox and tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(Kind::Unlimited)
    }

    /// No call passes: for working without a key, on what is cached.
    #[must_use]
    pub fn closed() -> Self {
        Self(Kind::Closed)
    }

    /// A gate for all processes that use the ledger's database. [`Rate::OFF`] limits nothing.
    #[must_use]
    pub fn new(rate: Rate, ledger: GateLedger) -> Self {
        if rate == Rate::OFF {
            return Self::unlimited();
        }
        Self(Kind::Limited(Box::new(Limit {
            rate,
            ledger,
            line: Line::default(),
            last_seen: Mutex::default(),
        })))
    }

    /// Whether it counts calls by key and day; else the caller has to.
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self.0, Kind::Limited(_))
    }

    /// Waits for the next slot.
    pub(super) fn pass(
        &self,
        clock: &dyn Clock,
        fingerprint: &str,
        caller: Caller<'_>,
    ) -> Result<(), FetchError> {
        caller.interrupt.check()?;
        let limit = match &self.0 {
            Kind::Unlimited => return Ok(()),
            Kind::Closed => return Err(FetchError::Closed),
            Kind::Limited(limit) => limit,
        };
        let _place = limit.line.wait(caller.interrupt)?;
        let mut tries = 0;
        loop {
            match limit.reserve(clock, fingerprint, caller) {
                Ok(Ok(slot)) => {
                    let wait = slot.saturating_sub(clock.monotonic());
                    return Ok(clock.wait(wait, caller.interrupt)?);
                }
                Ok(Err(Refused::NoSlot(wait))) => clock.wait(wait, caller.interrupt)?,
                Ok(Err(Refused::DailyLimit { limit, now })) => {
                    return Err(FetchError::OwnLimit {
                        limit,
                        resets_at: next_kst_midnight(now),
                    });
                }
                Err(StoreError::Busy { .. }) if tries < TRIES => {
                    tries += 1;
                    caller.interrupt.check()?;
                }
                Err(error) => return Err(FetchError::Gate(error.into())),
            }
        }
    }
}

impl Limit {
    /// Takes a slot and returns its time on the monotonic clock.
    fn reserve(
        &self,
        clock: &dyn Clock,
        fingerprint: &str,
        caller: Caller<'_>,
    ) -> Result<Result<Duration, Refused>, StoreError> {
        let mut last_seen = self
            .last_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut reading = None;
        // Read once the database is locked: how long that took must not count as waited.
        let now = || {
            let read = Reading {
                wall: clock.now(),
                monotonic: clock.monotonic(),
            };
            reading = Some(read);
            read.wall
        };
        let before = *last_seen;
        let reserved = self
            .ledger
            .reserve(fingerprint, now, |now, state, calls_today| {
                if let Some(limit) = caller.daily_limit
                    && calls_today >= u64::from(limit)
                {
                    return Err(Refused::DailyLimit { limit, now });
                }
                let monotonic = clock.monotonic();
                let has_leapt = before.is_some_and(|before| before.has_leapt(now, monotonic));
                match gcra::take(self.rate, state, now.timestamp_micros(), has_leapt) {
                    Slot::Taken { wait, state } => Ok((state, wait)),
                    Slot::None { wait } => Err(Refused::NoSlot(wait)),
                }
            })?;
        let read_at = reading.map(|read| read.monotonic).unwrap_or_default();
        // Kept only with a slot: a leap that was not acted on must be seen again.
        if reserved.is_ok() {
            *last_seen = reading;
        }
        Ok(reserved.map(|wait| read_at.saturating_add(wait)))
    }
}

impl Reading {
    /// Whether the wall clock was set forward since.
    fn has_leapt(self, wall: DateTime<Utc>, monotonic: Duration) -> bool {
        let by_wall = (wall - self.wall).to_std().unwrap_or_default();
        let elapsed = monotonic.saturating_sub(self.monotonic);
        by_wall > elapsed.saturating_add(DRIFT)
    }
}

#[cfg(test)]
mod tests;
