//! How many calls should be in flight: as many as the rate needs at the latency seen.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Rate;

/// Calls in flight at most, whatever the latency.
pub const MOST_IN_FLIGHT: usize = 8;

/// The weight of the newest attempt in the average: the last three dozen count.
const WEIGHT: f64 = 0.05;

/// Latencies vary, and so does how many calls are under way: about the square root of their average
/// up or down. Three times that is seldom exceeded, also where a few answers take far longer.
const SPREADS: f64 = 3.0;

/// How long attempts take, the pauses before their retries included: so long a call is in flight.
#[derive(Debug, Default)]
pub(super) struct Latency(Mutex<Option<Duration>>);

impl Latency {
    pub(super) fn note(&self, took: Duration) {
        let mut average = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *average = Some(match *average {
            None => took,
            Some(average) => average.mul_f64(1.0 - WEIGHT) + took.mul_f64(WEIGHT),
        });
    }

    /// The calls that should be in flight to keep up a rate: 1 to 8. Without a limit, and before
    /// anything was seen, 8.
    pub(super) fn calls_needed(&self, rate: Rate) -> usize {
        let average = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(average), Some(pace)) = (average, rate.pace()) else {
            return MOST_IN_FLIGHT;
        };
        let under_way = average.as_secs_f64() / pace.as_secs_f64();
        let needed = under_way + SPREADS * under_way.sqrt();
        // One more waits for its slot. Saturates, as a cast of a float does.
        (needed.ceil() as usize)
            .saturating_add(1)
            .min(MOST_IN_FLIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::Latency;
    use crate::domain::OriginKind;
    use crate::fetch::Rate;
    use std::time::Duration;

    fn needed(per_minute: u32, millis: u64) -> usize {
        let latency = Latency::default();
        for _ in 0..100 {
            latency.note(Duration::from_millis(millis));
        }
        latency.calls_needed(Rate::new(per_minute, OriginKind::Real).unwrap())
    }

    #[test]
    fn the_slower_the_answers_the_more_are_asked_for_at_a_time_up_to_eight() {
        let at_900: Vec<usize> = [0, 20, 100, 200, 400, 30_000]
            .iter()
            .map(|millis| needed(900, *millis))
            .collect();
        assert_eq!(at_900, [1, 3, 7, 8, 8, 8]);
        assert_eq!(needed(60, 20), 2, "a slow rate needs few");
    }

    #[test]
    fn before_an_answer_was_seen_and_without_a_limit_there_are_eight() {
        let latency = Latency::default();
        assert_eq!(latency.calls_needed(Rate::default()), 8);
        latency.note(Duration::ZERO);
        assert_eq!(latency.calls_needed(Rate::OFF), 8);
    }

    #[test]
    fn the_average_follows_what_is_seen() {
        let latency = Latency::default();
        latency.note(Duration::from_millis(10));
        assert_eq!(latency.calls_needed(Rate::default()), 3);
        for _ in 0..50 {
            latency.note(Duration::from_millis(400));
        }
        assert_eq!(latency.calls_needed(Rate::default()), 8);
    }
}
