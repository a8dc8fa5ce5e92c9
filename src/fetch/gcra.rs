//! Which slot a call gets: GCRA on the microseconds of the wall clock, which all processes share.
//! Pure.

use std::time::Duration;

use super::Rate;

/// Slots that may be reserved and not be used yet: a process reserves one at a time, so this is how
/// many processes may wait. Nothing is reserved further ahead, so a stored time that is must come
/// from a clock that was set back since.
const MOST_RESERVED: i64 = 32;

/// What a call that asks for a slot is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// It has one, so long from now; `next_at_us` is to be stored.
    Taken { wait: Duration, next_at_us: i64 },
    /// So many slots are reserved that it should ask again, so long from now.
    None { wait: Duration },
}

/// Takes the next slot at a rate, which must not be off.
///
/// `next_at_us` is when the calls let through so far have used up their time at an even pace: the
/// theoretical arrival time of the next. In real time it never moves back. A clock that was set
/// back makes it look far ahead, and it is taken as what can be reserved at most. A clock that
/// leapt forward makes it look past; whoever saw the leap says so by `has_leapt`, and all that can
/// be reserved is taken to be.
pub(super) fn take(rate: Rate, next_at_us: Option<i64>, now_us: i64, has_leapt: bool) -> Slot {
    let pace = rate.pace().map_or(0, micros).max(1);
    let tolerance = pace.saturating_mul(i64::from(rate.burst()) - 1);
    let most_ahead = tolerance.saturating_add(pace.saturating_mul(MOST_RESERVED));
    let ahead = next_at_us.map_or(0, |next| next.saturating_sub(now_us).max(0));
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
        wait: span(ahead - tolerance),
        next_at_us: now_us.saturating_add(ahead + pace),
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
    use super::{MOST_RESERVED, Slot, take};
    use crate::domain::OriginKind;
    use crate::fetch::Rate;
    use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_oneof, proptest};
    use std::time::Duration;

    const MINUTE_US: i64 = 60_000_000;

    fn rate(per_minute: u32) -> Rate {
        Rate::new(per_minute, OriginKind::Real).unwrap()
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

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
        let mut next = None;
        let waits: Vec<u128> = (0..23)
            .map(|_| match take(rate(900), next, 1_000_000, false) {
                Slot::Taken { wait, next_at_us } => {
                    next = Some(next_at_us);
                    wait.as_micros()
                }
                Slot::None { .. } => panic!("there is room"),
            })
            .collect();
        assert!(waits[..20].iter().all(|wait| *wait == 0));
        assert_eq!(waits[20..], [66_667, 133_334, 200_001]);
    }

    #[test]
    fn no_more_is_reserved_than_can_be_told_from_a_clock_set_back() {
        let mut next = None;
        let mut taken = 0;
        let refused = loop {
            match take(rate(900), next, 0, false) {
                Slot::Taken { next_at_us, .. } => next = Some(next_at_us),
                Slot::None { wait } => break wait,
            }
            taken += 1;
        };
        assert_eq!(taken, MOST_RESERVED + 19);
        assert_eq!(refused, Duration::from_micros(66_667));
    }

    #[test]
    fn a_clock_set_back_by_a_day_costs_seconds_and_not_a_day() {
        let day = 86_400_000_000;
        let Slot::Taken { wait, .. } = take(rate(900), Some(day), 0, false) else {
            panic!("there is room");
        };
        assert_eq!(wait, Duration::from_micros(66_667 * (32 - 1)));
    }

    #[test]
    fn a_clock_that_leapt_forward_earns_no_burst() {
        let hour = 3_600_000_000;
        let Slot::Taken { wait, .. } = take(rate(900), Some(0), hour, true) else {
            panic!("there is room");
        };
        assert!(wait >= Duration::from_secs(2), "{wait:?}");
    }

    /// What may happen between reservations.
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
        fn no_sliding_minute_starts_more_than_rate_and_burst_whatever_happens_to_processes_and_clocks(
            per_minute in prop_oneof![1_u32..=60, 800_u32..=920], happenings in happenings()
        ) {
            let rate = rate(per_minute);
            // Real time, and how far the wall clock is off; both in microseconds.
            let (mut real, mut off) = (0_i64, 1_700_000_000_000_000_i64);
            let mut leapt = [false; PROCESSES];
            let (mut next, mut calls) = (None, Vec::new());
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
                match take(rate, next, real + off, has_leapt) {
                    Slot::Taken { wait, next_at_us } => {
                        next = Some(next_at_us);
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
            prop_assert!(most <= (per_minute + rate.burst()) as usize + sets, "{most}");
        }
    }
}
