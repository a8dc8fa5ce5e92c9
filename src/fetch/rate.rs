use std::time::Duration;

use crate::domain::OriginKind;

/// The most calls that OpenDART may see in any sliding minute: it blocks an address at about 1,000.
pub(super) const CEILING: u32 = 950;

/// Calls in flight at most in one process, those included that wait for their slot: at the default
/// rate, latencies up to 400 ms cost no speed.
pub const MOST_IN_FLIGHT: usize = 8;

/// Calls that may be under way when a minute begins, and be seen late within it: those of three
/// processes. More processes stay below the ceiling as long as answers do not take seconds, since
/// the gate lets all of them together have no more under way than start in that time.
const UNDER_WAY: u32 = 3 * MOST_IN_FLIGHT as u32;

/// Calls that may start at once where the last minute's budget is unused, and what of that may be
/// used at any time.
const LARGEST_BURST: u32 = 50;
const LARGEST_USUAL_BURST: u32 = 26;

/// The shares of the rate that they may be, so that a slow rate has small ones.
const RATE_TO_BURST: u32 = 18;
const RATE_TO_USUAL_BURST: u32 = 34;

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
        /// The rate that was asked for.
        per_minute: u32,
    },
    /// 0, no limit, with OpenDART itself as the origin.
    #[error(
        "0 turns the limit off, which is for an origin on loopback alone: use 1 to {max}",
        max = Rate::MOST_PER_MINUTE
    )]
    Off,
}

impl Rate {
    /// The default.
    pub const DEFAULT_PER_MINUTE: u32 = 900;
    /// The most for a real origin.
    pub const MOST_PER_MINUTE: u32 = 920;
    /// No limit: only for an origin on loopback or the sandbox.
    pub const OFF: Self = Self(0);

    /// A rate in calls a minute: 1 to 920; for an origin on loopback or the sandbox anything, and 0
    /// is no limit.
    ///
    /// # Errors
    /// A rate that a real origin must not be asked with.
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

    /// Calls that may start at once where the last minute's budget is unused: 50 at the default
    /// rate. What they take beyond [`Self::usual_burst`] is paid back within a minute.
    #[must_use]
    pub const fn burst(self) -> u32 {
        let burst = least(self.0 / RATE_TO_BURST, LARGEST_BURST);
        if burst < self.usual_burst() {
            self.usual_burst()
        } else {
            burst
        }
    }

    /// Calls that may start at once whenever they are unused: 26 at the default rate, fewer above
    /// it, so that in any sliding minute rate, burst and calls under way stay below what OpenDART
    /// may see.
    #[must_use]
    pub const fn usual_burst(self) -> u32 {
        let mut burst = least(self.0 / RATE_TO_USUAL_BURST, LARGEST_USUAL_BURST);
        if self.0 <= Self::MOST_PER_MINUTE {
            burst = least(burst, CEILING.saturating_sub(UNDER_WAY + self.0));
        }
        if burst == 0 { 1 } else { burst }
    }

    /// The time one call takes up at an even pace; `None` without a limit. Rounded up: never faster
    /// than the rate.
    pub(super) fn pace(self) -> Option<Duration> {
        let micros = MINUTE.as_micros().div_ceil(u128::from(self.0).max(1));
        (self.0 > 0).then(|| Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }
}

const fn least(one: u32, other: u32) -> u32 {
    if one < other { one } else { other }
}

impl Default for Rate {
    /// 900 calls a minute.
    fn default() -> Self {
        Self(Self::DEFAULT_PER_MINUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::{CEILING, Rate, RateError, UNDER_WAY};
    use crate::domain::OriginKind;

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
    fn rate_burst_and_calls_under_way_stay_below_the_ceiling_at_any_rate_that_may_be_asked_with() {
        for rate in 1..=Rate::MOST_PER_MINUTE {
            let rate = Rate::new(rate, OriginKind::Real).unwrap();
            assert!(rate.usual_burst() >= 1);
            assert!(rate.usual_burst() <= rate.burst());
            assert!(rate.per_minute() + rate.usual_burst() + UNDER_WAY <= CEILING);
        }
    }

    #[test]
    fn ten_years_of_five_companies_may_nearly_start_at_once() {
        let bursts = |rate: Rate| (rate.burst(), rate.usual_burst());
        assert_eq!(bursts(Rate::default()), (50, 26));
        assert_eq!(bursts(Rate::new(920, OriginKind::Real).unwrap()), (50, 6));
        assert_eq!(bursts(Rate::new(60, OriginKind::Real).unwrap()), (3, 1));
        let fast = Rate::new(6000, OriginKind::Loopback).unwrap();
        assert_eq!(bursts(fast), (50, 26));
    }
}
