//! A clock that stands still, so that no test has to sleep.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dps::fetch::{Clock, Interrupt, Interrupted};

/// A clock whose time moves only when it is waited for or advanced, and a wait returns at
/// once. It keeps the waits.
#[derive(Debug)]
pub struct PinnedClock(Mutex<Pinned>);

#[derive(Debug)]
struct Pinned {
    now: DateTime<Utc>,
    monotonic: Duration,
    waits: Vec<Duration>,
}

impl PinnedClock {
    /// A clock that stands at `now`; its monotonic time stands at 0.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(Pinned {
            now,
            monotonic: Duration::ZERO,
            waits: Vec::new(),
        }))
    }

    /// Moves the time on, wall clock and monotonic alike.
    pub fn advance(&self, time: Duration) {
        self.pinned().advance(time);
    }

    /// Sets the wall clock, forward or back, as people and time servers do. No time goes by.
    pub fn set(&self, by: TimeDelta) {
        let mut pinned = self.pinned();
        pinned.now += by;
    }

    /// Every wait that was asked for, in order; those of no time at all and those interrupted
    /// before they began are not among them.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.pinned().waits.clone()
    }

    fn pinned(&self) -> MutexGuard<'_, Pinned> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pinned {
    fn advance(&mut self, time: Duration) {
        self.monotonic = self.monotonic.saturating_add(time);
        let later = TimeDelta::from_std(time)
            .ok()
            .and_then(|time| self.now.checked_add_signed(time));
        self.now = later.unwrap_or(DateTime::<Utc>::MAX_UTC);
    }
}

impl Clock for PinnedClock {
    fn now(&self) -> DateTime<Utc> {
        self.pinned().now
    }

    fn monotonic(&self) -> Duration {
        self.pinned().monotonic
    }

    fn wait(&self, time: Duration, interrupt: &Interrupt) -> Result<(), Interrupted> {
        interrupt.check()?;
        let mut pinned = self.pinned();
        if !time.is_zero() {
            pinned.waits.push(time);
        }
        pinned.advance(time);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::PinnedClock;
    use chrono::{DateTime, TimeDelta, Utc};
    use dps::fetch::{Clock, Interrupt, Interrupted};
    use std::time::Duration;

    #[test]
    fn a_pinned_clock_moves_by_what_is_waited_for_and_by_nothing_else() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let clock = PinnedClock::at(start);
        assert_eq!((clock.now(), clock.monotonic()), (start, Duration::ZERO));
        clock
            .wait(Duration::from_secs(60), &Interrupt::new())
            .unwrap();
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), start + TimeDelta::seconds(61));
        assert_eq!(clock.monotonic(), Duration::from_secs(61));
        assert_eq!(clock.waits(), [Duration::from_secs(60)]);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn a_pinned_clock_does_not_wait_once_interrupted() {
        let interrupt = Interrupt::new();
        interrupt.raise();
        let clock = PinnedClock::at(DateTime::<Utc>::UNIX_EPOCH);
        let hour = Duration::from_secs(3600);
        assert_eq!(clock.wait(hour, &interrupt), Err(Interrupted));
        assert_eq!(clock.monotonic(), Duration::ZERO);
    }
}
