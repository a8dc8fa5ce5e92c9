use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{Clock, Interrupt, Interrupted};
use crate::domain::OriginKind;

/// Calls that may start at once after a pause, at the default rate.
///
/// OpenDART blocks an address at about 1,000 calls a minute; the server must never see more than
/// 950. Rate (at most 920), burst (20) and the calls in flight that a slow server may see late
/// (8) stay below.
const LARGEST_BURST: u32 = 20;

/// The share of the rate that a burst may be, so that a slow rate has a small one.
const RATE_TO_BURST: u32 = 45;

const MINUTE: Duration = Duration::from_secs(60);

/// How many calls a minute may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

/// Why a rate is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Faster than OpenDART allows with certainty.
    #[error(
        "{per_minute} calls a minute are too many: OpenDART blocks an address at about 1,000, \
         so {max} is the most", max = Rate::MOST_PER_MINUTE
    )]
    TooFast {
        /// What was asked for.
        per_minute: u32,
    },
    /// 0, no limit, where OpenDART itself would be asked.
    #[error(
        "0 turns the limit off, which is for an origin on loopback alone: use 1 to {max}",
        max = Rate::MOST_PER_MINUTE
    )]
    Off,
}

impl Rate {
    /// What is used where nothing else is asked for.
    pub const DEFAULT_PER_MINUTE: u32 = 900;
    /// The most that a real origin is asked.
    pub const MOST_PER_MINUTE: u32 = 920;

    /// A rate in calls a minute: 1 to 920, for an origin on loopback or the sandbox anything, 0
    /// being no limit.
    ///
    /// # Errors
    /// What a real origin must not be asked with.
    pub const fn new(per_minute: u32, origin: OriginKind) -> Result<Self, RateError> {
        if matches!(origin, OriginKind::Real) {
            if per_minute == 0 {
                return Err(RateError::Off);
            }
            if per_minute > Self::MOST_PER_MINUTE {
                return Err(RateError::TooFast { per_minute });
            }
        }
        Ok(Self(per_minute))
    }

    /// Calls a minute; 0 is no limit.
    #[must_use]
    pub const fn per_minute(self) -> u32 {
        self.0
    }

    /// Calls that may start at once after a pause: 20 at the default rate.
    #[must_use]
    pub const fn burst(self) -> u32 {
        let burst = self.0 / RATE_TO_BURST;
        if burst == 0 {
            1
        } else if burst > LARGEST_BURST {
            LARGEST_BURST
        } else {
            burst
        }
    }
}

impl Default for Rate {
    /// 900 calls a minute.
    fn default() -> Self {
        Self(Self::DEFAULT_PER_MINUTE)
    }
}

/// What every call passes before it is made: it spaces them so that no sliding minute sees more
/// than rate and burst together (GCRA).
///
/// A slot is reserved first and then waited for; one that its caller does not use, since it was
/// interrupted, is not given back.
#[derive(Debug)]
pub struct Gate {
    rate: Rate,
    /// When, in the clock's monotonic time, the calls let through so far have used up their time
    /// at an even pace: the theoretical arrival time of the next.
    next: Mutex<Duration>,
}

impl Gate {
    /// A gate that nobody has passed yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            next: Mutex::new(Duration::ZERO),
        }
    }

    /// The rate it keeps.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Waits for the next slot.
    ///
    /// # Errors
    /// [`Interrupted`] as soon as the interrupt is raised, at once if it already was: then no slot
    /// is taken.
    pub fn pass(&self, clock: &dyn Clock, interrupt: &Interrupt) -> Result<(), Interrupted> {
        interrupt.check()?;
        let wait = self.reserve(clock.monotonic());
        if wait.is_zero() {
            return Ok(());
        }
        clock.wait(wait, interrupt)
    }

    /// Takes the next slot; returns how long it is until then.
    fn reserve(&self, now: Duration) -> Duration {
        let Rate(per_minute) = self.rate;
        if per_minute == 0 {
            return Duration::ZERO;
        }
        // A nanosecond more makes up for what the division drops: never faster than the rate.
        let pace = MINUTE / per_minute + Duration::from_nanos(1);
        let ahead = pace * (self.rate.burst() - 1);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = (*next).max(now);
        *next = slot + pace;
        slot.saturating_sub(ahead).saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, MINUTE, Rate, RateError};
    use crate::domain::OriginKind;
    use crate::fetch::{Clock, Interrupt, Interrupted, PinnedClock};
    use chrono::{DateTime, Utc};
    use proptest::prelude::{Just, Strategy, prop_assert, prop_oneof, proptest};
    use std::time::Duration;

    fn clock() -> PinnedClock {
        PinnedClock::at(DateTime::<Utc>::UNIX_EPOCH)
    }

    /// The most calls in any sliding minute.
    fn busiest_minute(calls: &[Duration]) -> usize {
        let mut first = 0;
        let mut most = 0;
        for (last, call) in calls.iter().enumerate() {
            while *call - calls[first] >= MINUTE {
                first += 1;
            }
            most = most.max(last + 1 - first);
        }
        most
    }

    #[test]
    fn a_real_origin_is_asked_at_1_to_920_and_another_at_any_rate() {
        for rate in [1, 900, 920] {
            assert_eq!(
                Rate::new(rate, OriginKind::Real).unwrap().per_minute(),
                rate
            );
        }
        assert_eq!(Rate::new(0, OriginKind::Real), Err(RateError::Off));
        let refused = Rate::new(921, OriginKind::Real).unwrap_err();
        assert_eq!(refused, RateError::TooFast { per_minute: 921 });
        assert!(refused.to_string().contains("920 is the most"), "{refused}");
        for origin in [OriginKind::Loopback, OriginKind::Sandbox] {
            for rate in [0, 921, u32::MAX] {
                assert!(Rate::new(rate, origin).is_ok());
            }
        }
    }

    #[test]
    fn ten_years_of_one_company_start_at_once() {
        let (gate, clock) = (Gate::new(Rate::default()), clock());
        for _ in 0..11 {
            gate.pass(&clock, &Interrupt::new()).unwrap();
        }
        assert_eq!(clock.waits(), []);
    }

    #[test]
    fn a_crowd_is_let_through_at_the_full_rate() {
        let (gate, clock) = (Gate::new(Rate::default()), clock());
        for _ in 0..920 {
            gate.pass(&clock, &Interrupt::new()).unwrap();
        }
        let took = clock.monotonic();
        assert!(
            took >= MINUTE && took < MINUTE + Duration::from_millis(1),
            "{took:?}"
        );
    }

    #[test]
    fn with_the_limit_off_nobody_waits() {
        let gate = Gate::new(Rate::new(0, OriginKind::Loopback).unwrap());
        let clock = clock();
        for _ in 0..10_000 {
            gate.pass(&clock, &Interrupt::new()).unwrap();
        }
        assert_eq!(clock.monotonic(), Duration::ZERO);
    }

    #[test]
    fn nobody_passes_once_interrupted() {
        let interrupt = Interrupt::new();
        interrupt.raise();
        let gate = Gate::new(Rate::default());
        assert_eq!(gate.pass(&clock(), &interrupt), Err(Interrupted));
    }

    #[test]
    fn the_server_never_sees_950_in_a_minute_at_any_rate_it_may_be_asked_with() {
        const IN_FLIGHT: u32 = 8;
        for rate in 1..=Rate::MOST_PER_MINUTE {
            let rate = Rate::new(rate, OriginKind::Real).unwrap();
            assert!(rate.per_minute() + rate.burst() + IN_FLIGHT <= 950);
        }
    }

    /// Pauses as a caller makes them: mostly none, some short, a few of half a minute or more.
    fn pauses() -> impl Strategy<Value = Vec<u64>> {
        let pause = prop_oneof![
            8 => Just(0),
            4 => 0_u64..200,
            1 => 0_u64..90_000,
        ];
        proptest::collection::vec(pause, 1..2_500)
    }

    proptest! {
        #[test]
        fn no_sliding_minute_sees_more_than_rate_and_burst(
            per_minute in prop_oneof![1_u32..=60, 800_u32..=920], pauses in pauses()
        ) {
            let rate = Rate::new(per_minute, OriginKind::Real).unwrap();
            let (gate, clock, interrupt) = (Gate::new(rate), clock(), Interrupt::new());
            let mut calls = Vec::new();
            for pause in pauses {
                clock.advance(Duration::from_millis(pause));
                gate.pass(&clock, &interrupt).unwrap();
                calls.push(clock.monotonic());
            }
            let most = busiest_minute(&calls);
            prop_assert!(most <= (per_minute + rate.burst()) as usize, "{most}");
        }
    }
}
