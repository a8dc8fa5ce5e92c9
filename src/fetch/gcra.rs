//! Which slot a call gets: GCRA on the microseconds of the wall clock, which all processes share.
//! Pure.
//!
//! Where the last minute's budget is unused a burst may start at once. What it takes beyond the
//! usual allowance is paid back evenly over the minute that follows, so that nothing stands still
//! and no sliding minute holds more than rate and usual allowance together.

use std::time::Duration;

use super::Rate;
use crate::store::GateState;

/// Slots that may be reserved and not used yet: a process reserves one at a time, so this is how
/// many processes may wait. Nothing is reserved further ahead, so a stored time that is further
/// ahead comes from a clock that was set back since.
const MOST_RESERVED: i64 = 32;

const MINUTE_US: i64 = 60_000_000;

/// Answer to a call that asks for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// It has one after this wait; `state` is to be stored.
    Taken { wait: Duration, state: GateState },
    /// Too many are reserved: ask again after this wait.
    None { wait: Duration },
}

/// Takes the next slot at a rate, which must not be off.
///
/// A clock that was set back makes `next_at_us` look far ahead: it is cut to the most that can be
/// reserved. A clock that leapt forward makes it look past: a caller that saw the leap passes
/// `has_leapt`, and as much as can be is assumed to be reserved.
pub(super) fn take(rate: Rate, state: GateState, now_us: i64, has_leapt: bool) -> Slot {
    let pace = rate.pace().map_or(0, micros).max(1);
    let is_rested = state
        .next_at_us
        .is_none_or(|next| next.saturating_add(MINUTE_US) <= now_us);
    let burst_from_us = match state.burst_from_us {
        _ if has_leapt => None,
        _ if is_rested => Some(now_us),
        from => from,
    };
    let allowance = Allowance::new(rate, pace, burst_from_us, now_us);
    let most_ahead = allowance
        .now()
        .saturating_add(pace.saturating_mul(MOST_RESERVED));
    let ahead = state
        .next_at_us
        .map_or(0, |next| next.saturating_sub(now_us).max(0));
    let as_much_as_can_be = most_ahead - pace;
    let ahead = match ahead {
        beyond if beyond > most_ahead => as_much_as_can_be,
        ahead if has_leapt => ahead.max(as_much_as_can_be),
        ahead => ahead,
    };
    if ahead + pace > most_ahead {
        let wait = span(ahead + pace - most_ahead);
        return Slot::None { wait };
    }
    Slot::Taken {
        wait: span(allowance.wait(ahead)),
        state: GateState {
            next_at_us: Some(now_us.saturating_add(ahead + pace)),
            burst_from_us,
        },
    }
}

/// How far calls may be ahead of an even pace, in microseconds.
struct Allowance {
    usual: i64,
    /// What a burst may take beyond that, when it begins; none of it a minute later.
    extra: i64,
    /// The time since it began; a minute at most.
    since: i64,
}

impl Allowance {
    fn new(rate: Rate, pace: i64, burst_from_us: Option<i64>, now_us: i64) -> Self {
        let slots = |calls: u32| pace.saturating_mul(i64::from(calls));
        let since = burst_from_us.map(|from| now_us.saturating_sub(from));
        // A burst in the future: the clock was set back.
        let since = since.filter(|since| (0..MINUTE_US).contains(since));
        Self {
            usual: slots(rate.usual_burst() - 1),
            extra: slots(rate.burst() - rate.usual_burst()).min(MINUTE_US / 2),
            since: since.unwrap_or(MINUTE_US),
        }
    }

    fn now(&self) -> i64 {
        let left = i128::from(self.extra) * i128::from(MINUTE_US - self.since);
        self.usual + i64::try_from(left / i128::from(MINUTE_US)).unwrap_or_default()
    }

    /// How long until calls that are so far ahead are within it; it shrinks meanwhile.
    fn wait(&self, ahead: i64) -> i64 {
        let beyond = i128::from((ahead - self.now()).max(0));
        let slower = beyond * i128::from(MINUTE_US);
        let wait = slower.div_euclid(i128::from(MINUTE_US - self.extra)) + i128::from(beyond > 0);
        let wait = i64::try_from(wait).unwrap_or(i64::MAX);
        if wait.saturating_add(self.since) < MINUTE_US {
            wait
        } else {
            (ahead - self.usual).max(0)
        }
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn span(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{GateState, MINUTE_US, MOST_RESERVED, Slot, take};
    use crate::domain::OriginKind;
    use crate::fetch::Rate;
    use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_oneof, proptest};
    use std::time::Duration;

    fn rate(per_minute: u32) -> Rate {
        Rate::new(per_minute, OriginKind::Real).unwrap()
    }

    fn at(next_at_us: i64) -> GateState {
        GateState {
            next_at_us: Some(next_at_us),
            burst_from_us: Some(next_at_us),
        }
    }

    /// The most calls in any sliding minute.
    fn busiest_minute(calls: &mut [i64]) -> usize {
        calls.sort_unstable();
        let (mut first, mut most) = (0, 0);
        for (last, call) in calls.iter().enumerate() {
            while *call - calls[first] >= MINUTE_US {
                first += 1;
            }
            most = most.max(last + 1 - first);
        }
        most
    }

    /// How long each call waits if all ask at the same moment.
    fn waits(calls: usize, mut state: GateState, now_us: i64) -> Vec<u128> {
        (0..calls)
            .map(|_| match take(rate(900), state, now_us, false) {
                Slot::Taken { wait, state: next } => {
                    state = next;
                    wait.as_micros()
                }
                Slot::None { .. } => panic!("there is room"),
            })
            .collect()
    }

    #[test]
    fn after_an_unused_minute_fifty_go_at_once_and_the_rest_a_little_slower_than_the_pace() {
        let now = 2 * MINUTE_US;
        let rested = GateState {
            next_at_us: Some(MINUTE_US),
            burst_from_us: Some(0),
        };
        for state in [GateState::default(), rested] {
            let waits = waits(53, state, now);
            assert!(waits[..50].iter().all(|wait| *wait == 0));
            assert_eq!(waits[50..], [68_494, 136_988, 205_481]);
        }
    }

    #[test]
    fn without_an_unused_minute_the_usual_burst_goes_at_once() {
        let state = GateState {
            next_at_us: Some(MINUTE_US + 1),
            burst_from_us: Some(0),
        };
        let waits = waits(28, state, 2 * MINUTE_US);
        assert!(waits[..26].iter().all(|wait| *wait == 0));
        assert_eq!(waits[26..], [66_667, 133_334]);
    }

    #[test]
    fn a_burst_is_followed_by_no_gap_and_paid_back_within_its_minute() {
        let (mut now, mut state, mut calls) = (0, GateState::default(), Vec::new());
        while now < 3 * MINUTE_US {
            match take(rate(900), state, now, false) {
                Slot::Taken { wait, state: next } => {
                    state = next;
                    now += i64::try_from(wait.as_micros()).unwrap();
                    calls.push(now);
                }
                Slot::None { wait } => now += i64::try_from(wait.as_micros()).unwrap(),
            }
        }
        let longest = calls.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert_eq!(longest, Some(68_494));
        let within = |minute: i64| {
            let of_it = minute * MINUTE_US..(minute + 1) * MINUTE_US;
            calls.iter().filter(|call| of_it.contains(call)).count()
        };
        assert_eq!([within(0), within(1), within(2)], [925, 900, 900]);
        assert_eq!(busiest_minute(&mut calls), 925);
    }

    #[test]
    fn no_more_is_reserved_than_can_be_told_from_a_clock_set_back() {
        let mut state = GateState::default();
        let mut taken = 0;
        let refused = loop {
            match take(rate(900), state, 0, false) {
                Slot::Taken { state: next, .. } => state = next,
                Slot::None { wait } => break wait,
            }
            taken += 1;
        };
        assert_eq!(taken, MOST_RESERVED + 49);
        assert_eq!(refused, Duration::from_micros(66_667));
    }

    #[test]
    fn a_clock_set_back_by_a_day_costs_seconds_and_not_a_day() {
        let day = 86_400_000_000;
        let Slot::Taken { wait, .. } = take(rate(900), at(day), 0, false) else {
            panic!("there is room");
        };
        assert_eq!(wait, Duration::from_micros(66_667 * (32 - 1)));
    }

    #[test]
    fn a_clock_that_leapt_forward_earns_no_burst() {
        let hour = 3_600_000_000;
        let Slot::Taken { wait, .. } = take(rate(900), at(0), hour, true) else {
            panic!("there is room");
        };
        assert!(wait >= Duration::from_secs(2), "{wait:?}");
    }

    /// What can happen between reservations.
    #[derive(Debug, Clone)]
    enum Happens {
        /// Time goes by, in milliseconds.
        Passes(i64),
        /// A process reserves, and calls when its slot comes.
        Calls(usize),
        /// A process reserves, and is killed before its slot comes.
        Dies(usize),
        /// The wall clock is set, by milliseconds; every process sees that it was.
        IsSet(i64),
    }

    const PROCESSES: usize = 3;

    fn happenings() -> impl Strategy<Value = Vec<Happens>> {
        let one = prop_oneof![
            2 => (0_i64..200).prop_map(Happens::Passes),
            1 => (0_i64..70_000).prop_map(Happens::Passes),
            1 => (60_000_i64..65_000).prop_map(Happens::Passes),
            40 => (0..PROCESSES).prop_map(Happens::Calls),
            1 => (0..PROCESSES).prop_map(Happens::Dies),
            1 => prop_oneof![
                Just(-3_600_000_i64), Just(3_600_000), -5_000_i64..5_000
            ].prop_map(Happens::IsSet),
        ];
        proptest::collection::vec(one, 1..2_500)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn no_sliding_minute_starts_more_than_rate_and_usual_burst_whatever_happens_to_processes_and_clocks(
            per_minute in prop_oneof![1_u32..=60, 800_u32..=920], happenings in happenings()
        ) {
            let rate = rate(per_minute);
            // Real time, and how far the wall clock is off; both in microseconds.
            let (mut real, mut off) = (0_i64, 1_700_000_000_000_000_i64);
            let mut leapt = [false; PROCESSES];
            let (mut state, mut calls) = (GateState::default(), Vec::new());
            let mut sets = 0;
            for happens in happenings {
                let (process, is_alive) = match happens {
                    Happens::Passes(millis) => {
                        real += millis * 1000;
                        continue;
                    }
                    Happens::IsSet(millis) => {
                        off += millis * 1000;
                        sets += 1;
                        if millis > 0 {
                            leapt = [true; PROCESSES];
                        }
                        continue;
                    }
                    Happens::Calls(process) => (process, true),
                    Happens::Dies(process) => (process, false),
                };
                let has_leapt = std::mem::take(&mut leapt[process]);
                match take(rate, state, real + off, has_leapt) {
                    Slot::Taken { wait, state: next } => {
                        state = next;
                        if is_alive {
                            calls.push(real + i64::try_from(wait.as_micros()).unwrap());
                        }
                    }
                    Slot::None { wait } => {
                        real += i64::try_from(wait.as_micros()).unwrap();
                        leapt[process] = has_leapt;
                    }
                }
            }
            // A clock that is set while everything is reserved may cost one slot each time.
            let most = busiest_minute(&mut calls);
            prop_assert!(most <= (per_minute + rate.usual_burst()) as usize + sets, "{most}");
        }
    }
}
