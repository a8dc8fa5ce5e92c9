use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::gcra::{self, Slot};
use super::{Caller, Clock, Interrupt, Interrupted, Rate};
use crate::store::{GateLedger, StoreError};

/// How often a reservation that finds the database locked is tried, a fifth of a second each.
const TRIES: u32 = 50;

/// How often a call that waits for its turn checks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(100);

/// By how much wall clock and monotonic time may come apart between two reservations before the
/// wall clock is taken to have been set: about three slots at the default rate.
const DRIFT: Duration = Duration::from_millis(200);

/// What every call passes before it is made, whichever process makes it: it spaces calls so that no
/// sliding minute starts more than rate and burst together (GCRA), and counts them by key and day.
///
/// A slot is reserved in the database first and then waited for; one that its caller does not use,
/// since it was interrupted or killed, is not given back. So in one process one call at a time
/// reserves and waits, and the others stand in line in the order they came: a kill wastes one slot,
/// and no call is overtaken.
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

/// The right to reserve: one call of a process has it at a time, first come, first served.
#[derive(Debug, Default)]
struct Line {
    /// The tickets of the call that has it and of those that wait.
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
            let woken = self.moved.wait_timeout(tickets, GLANCE);
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

/// Why a call may not pass.
#[derive(Debug)]
pub(super) enum GateRejection {
    Interrupted,
    /// The limit of the day that it was then is used up.
    Day(DateTime<Utc>),
    /// Nothing may pass.
    Closed,
    Ledger(StoreError),
}

impl From<Interrupted> for GateRejection {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// What a reservation may be refused for.
enum Refused {
    Day(DateTime<Utc>),
    NoSlot(Duration),
}

impl Gate {
    /// No limit: every call passes, and none is counted here. For the sandbox and tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(Kind::Unlimited)
    }

    /// No call passes: for who has no key and works with what is cached.
    #[must_use]
    pub fn closed() -> Self {
        Self(Kind::Closed)
    }

    /// A gate for all processes that use the ledger's database. A rate that is off limits nothing.
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

    /// Whether it counts calls by key and day; else whoever makes them does.
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
    ) -> Result<(), GateRejection> {
        caller.interrupt.check()?;
        let limit = match &self.0 {
            Kind::Unlimited => return Ok(()),
            Kind::Closed => return Err(GateRejection::Closed),
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
                Ok(Err(Refused::Day(then))) => return Err(GateRejection::Day(then)),
                Err(StoreError::Busy { .. }) if tries < TRIES => {
                    tries += 1;
                    caller.interrupt.check()?;
                }
                Err(error) => return Err(GateRejection::Ledger(error)),
            }
        }
    }
}

impl Limit {
    /// Takes a slot; when it is, in the clock's monotonic time.
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
                let is_used_up = |limit| calls_today >= u64::from(limit);
                if caller.daily_limit.is_some_and(is_used_up) {
                    return Err(Refused::Day(now));
                }
                let monotonic = clock.monotonic();
                let has_leapt = before.is_some_and(|before| before.has_leapt(now, monotonic));
                match gcra::take(self.rate, state, now.timestamp_micros(), has_leapt) {
                    Slot::Taken { wait, state } => Ok((state, wait)),
                    Slot::None { wait } => Err(Refused::NoSlot(wait)),
                }
            })?;
        let read_at = reading.map(|read| read.monotonic).unwrap_or_default();
        // Kept only with what it led to: a leap that was seen and not acted on is seen again.
        if reserved.is_ok() {
            *last_seen = reading;
        }
        Ok(reserved.map(|wait| read_at.saturating_add(wait)))
    }
}

impl Reading {
    /// Whether more time has gone by on the wall clock than has gone by.
    fn has_leapt(self, wall: DateTime<Utc>, monotonic: Duration) -> bool {
        let by_wall = (wall - self.wall).to_std().unwrap_or_default();
        let gone_by = monotonic.saturating_sub(self.monotonic);
        by_wall > gone_by.saturating_add(DRIFT)
    }
}

#[cfg(test)]
mod tests;
