//! OpenDART's two limits: polite by the day (status 020), rude by the minute (connections drop).

use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// For how long an address is blocked that asked too much within a minute.
const BLOCK: Duration = MINUTE;

/// What the limits make of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Within,
    /// More than the day's calls: status 020.
    OverDaily,
    /// Too many within a minute, or blocked since: the connection is dropped.
    Blocked,
}

/// Counts calls. Times are given: the span since the server started, and KST's day number.
#[derive(Debug)]
pub(super) struct Limits {
    per_minute: Option<u32>,
    daily: Option<u32>,
    recent: VecDeque<Duration>,
    blocked_until: Option<Duration>,
    day: u64,
    calls_today: u32,
}

impl Limits {
    pub(super) fn new(per_minute: Option<u32>, daily: Option<u32>) -> Self {
        Self {
            per_minute,
            daily,
            recent: VecDeque::new(),
            blocked_until: None,
            day: 0,
            calls_today: 0,
        }
    }

    pub(super) fn call(&mut self, now: Duration, kst_day: u64) -> Verdict {
        if let Some(most) = self.per_minute {
            if self.blocked_until.is_some_and(|until| now < until) {
                return Verdict::Blocked;
            }
            self.blocked_until = None;
            while self
                .recent
                .front()
                .is_some_and(|then| *then + MINUTE <= now)
            {
                self.recent.pop_front();
            }
            if self.recent.len() as u64 >= u64::from(most) {
                self.blocked_until = Some(now + BLOCK);
                return Verdict::Blocked;
            }
            self.recent.push_back(now);
        }
        if let Some(most) = self.daily {
            if self.day != kst_day {
                self.day = kst_day;
                self.calls_today = 0;
            }
            if self.calls_today >= most {
                return Verdict::OverDaily;
            }
            self.calls_today += 1;
        }
        Verdict::Within
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, Verdict};
    use std::time::Duration;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn past_the_minutes_limit_the_address_is_blocked_for_a_while() {
        let mut limits = Limits::new(Some(2), None);
        assert_eq!(limits.call(at(0), 0), Verdict::Within);
        assert_eq!(limits.call(at(1), 0), Verdict::Within);
        assert_eq!(limits.call(at(2), 0), Verdict::Blocked);
        assert_eq!(limits.call(at(61), 0), Verdict::Blocked, "the block lasts");
        assert_eq!(limits.call(at(62), 0), Verdict::Within);
    }

    #[test]
    fn calls_a_minute_apart_are_not_counted_together() {
        let mut limits = Limits::new(Some(1), None);
        for minute in 0..5 {
            assert_eq!(limits.call(at(60 * minute), 0), Verdict::Within);
        }
    }

    #[test]
    fn the_days_limit_resets_with_the_day() {
        let mut limits = Limits::new(None, Some(2));
        let verdicts = [1, 1, 1, 2].map(|day| limits.call(at(0), day));
        use Verdict::{OverDaily, Within};
        assert_eq!(verdicts, [Within, Within, OverDaily, Within]);
    }
}
