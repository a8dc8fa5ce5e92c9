//! The circuit breaker: where connections break off one after the other, nothing is asked for a
//! while, instead of a storm.
//!
//! OpenDART answers too many calls by dropping connections, and goes on doing so as long as they
//! come. So after a few in a row everybody pauses, then one call tries; the pause grows, and in
//! the end the source is given up for as long as the last pause was. Where nothing was ever has_connected of
//! it, there is no network or a block of before: then it is given up at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Caller, Clock, Interrupted};
use crate::opendart::{Error, Phase, TransportError};

/// So many in a row open it: no more than one call tries by itself, so that none of those who wait
/// it out fails for it.
const IN_A_ROW: u32 = 3;

/// How long nothing is asked, each time one try more has failed.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
];

/// How long one wait may be before it is looked whether things have changed.
const SHORT: Duration = Duration::from_millis(100);

/// Shared by all the calls of a process.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: Mutex<State>,
    tried: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whether the source has answered anything yet.
    has_connected: bool,
    in_a_row: u32,
    /// Grows whenever nothing is to be asked for a while: who was let through before it did has
    /// to come again.
    round: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// How many tries have failed.
    failed: usize,
    until: Duration,
    /// Whether a try is under way, for whose outcome the others wait.
    is_tried: bool,
    last: Error,
}

/// The right to make an attempt.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    breaker: &'a Breaker,
    round: u64,
}

impl Drop for Pass<'_> {
    /// A try that was not made after all is another's.
    fn drop(&mut self) {
        let mut state = self.breaker.state();
        let is_current = state.round == self.round;
        if let Some(open) = state.open.as_mut().filter(|_| is_current) {
            open.is_tried = false;
        }
        drop(state);
        self.breaker.tried.notify_all();
    }
}

/// Why nothing may be asked.
#[derive(Debug)]
pub(super) enum BreakerRejection {
    Interrupted,
    /// Every try has failed.
    GivenUp(Error),
}

impl From<Interrupted> for BreakerRejection {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// Whether an attempt ended as those do that a server refuses to hear: not one that was slow, or
/// whose answer is odd.
fn is_connection_failure(error: &Error) -> bool {
    matches!(
        error,
        Error::Transport(
            TransportError::Closed
                | TransportError::Refused
                | TransportError::Unreachable
                | TransportError::Resolve
                | TransportError::Tls { .. }
                | TransportError::Timeout(Phase::Resolve | Phase::Connect)
                | TransportError::Io { .. }
        )
    )
}

impl Breaker {
    /// Waits until something may be asked; a caller that does not wait outages out is told at once
    /// that nothing may be.
    pub(super) fn admit(
        &self,
        clock: &dyn Clock,
        caller: Caller<'_>,
    ) -> Result<Pass<'_>, BreakerRejection> {
        loop {
            caller.interrupt.check()?;
            let mut state = self.state();
            let now = clock.monotonic();
            let wait = match &mut state.open {
                None => return Ok(self.pass(&state)),
                Some(open) if !caller.wait_on_outage && (open.is_tried || now < open.until) => {
                    return Err(BreakerRejection::GivenUp(open.last.clone()));
                }
                Some(open) if open.is_tried => {
                    let woken = self.tried.wait_timeout(state, SHORT);
                    drop(woken.unwrap_or_else(PoisonError::into_inner));
                    continue;
                }
                Some(open) if now < open.until && open.failed >= PAUSES.len() => {
                    return Err(BreakerRejection::GivenUp(open.last.clone()));
                }
                Some(open) if now < open.until => open.until - now,
                Some(open) => {
                    open.is_tried = true;
                    return Ok(self.pass(&state));
                }
            };
            drop(state);
            clock.wait(wait.min(SHORT), caller.interrupt)?;
        }
    }

    fn pass(&self, state: &State) -> Pass<'_> {
        Pass {
            breaker: self,
            round: state.round,
        }
    }

    /// Whether a call that was let through may still be made.
    pub(super) fn lets(&self, pass: &Pass<'_>) -> bool {
        self.state().round == pass.round
    }

    /// Enters what came of an attempt. Whether the breaker is open, so that the attempt was no
    /// failure of its call's own and is made again once something may be asked.
    pub(super) fn note(
        &self,
        clock: &dyn Clock,
        pass: &Pass<'_>,
        outcome: Result<(), &Error>,
    ) -> bool {
        let mut state = self.state();
        let is_current = state.round == pass.round;
        let error = match outcome {
            Err(Error::Transport(TransportError::ShutDown)) => return false,
            Err(error @ Error::Transport(_)) => error,
            // Somebody spoke, whatever was said.
            Ok(()) | Err(_) => {
                *state = State {
                    has_connected: true,
                    round: state.round,
                    ..State::default()
                };
                return false;
            }
        };
        let failed = match &state.open {
            // It was under way when the others broke off.
            Some(_) if !is_current => return true,
            Some(open) => open.failed + 1,
            None if !is_connection_failure(error) => return false,
            None => {
                state.in_a_row += 1;
                if state.in_a_row < IN_A_ROW {
                    return false;
                }
                if state.has_connected { 0 } else { PAUSES.len() }
            }
        };
        state.round += 1;
        state.open = Some(Open {
            failed,
            until: clock.monotonic().saturating_add(pause_after(failed)),
            is_tried: false,
            last: error.clone(),
        });
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pause_after(failed: usize) -> Duration {
    PAUSES[failed.min(PAUSES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::{Breaker, BreakerRejection, IN_A_ROW, PAUSES, Pass};
    use crate::fetch::pinned_clock::PinnedClock;
    use crate::fetch::{Caller, Clock, Interrupt};
    use crate::opendart::{Error, Phase, TransportError};
    use chrono::{DateTime, Utc};
    use std::time::Duration;

    fn patient(interrupt: &Interrupt) -> Caller<'_> {
        Caller {
            wait_on_outage: true,
            ..Caller::from(interrupt)
        }
    }

    struct Setting {
        breaker: Breaker,
        clock: PinnedClock,
    }

    impl Setting {
        fn new() -> Self {
            Self {
                breaker: Breaker::default(),
                clock: PinnedClock::at(DateTime::<Utc>::UNIX_EPOCH),
            }
        }

        fn admit(&self) -> Result<Pass<'_>, BreakerRejection> {
            let interrupt = Interrupt::new();
            self.breaker.admit(&self.clock, patient(&interrupt))
        }

        fn note(&self, pass: &Pass<'_>, outcome: Result<(), TransportError>) -> bool {
            let error = outcome.err().map(Error::Transport);
            let outcome = error.as_ref().map_or(Ok(()), Err);
            self.breaker.note(&self.clock, pass, outcome)
        }

        /// An answer, and attempts that break off until the breaker opens.
        fn open(&self) {
            self.note(&self.admit().unwrap(), Ok(()));
            for nth in 1..=IN_A_ROW {
                let pass = self.admit().unwrap();
                let opened = self.note(&pass, Err(TransportError::Closed));
                assert_eq!(opened, nth == IN_A_ROW);
            }
        }
    }

    #[test]
    fn connections_that_break_off_in_a_row_make_everybody_pause() {
        let setting = Setting::new();
        setting.open();
        assert_eq!(setting.clock.monotonic(), Duration::ZERO);
        setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic(), PAUSES[0]);
    }

    #[test]
    fn a_source_of_which_nothing_was_ever_heard_is_given_up_at_once() {
        let setting = Setting::new();
        for _ in 0..IN_A_ROW {
            let pass = setting.admit().unwrap();
            setting.note(&pass, Err(TransportError::Refused));
        }
        assert!(matches!(setting.admit(), Err(BreakerRejection::GivenUp(_))));
        assert_eq!(setting.clock.waits(), []);
    }

    #[test]
    fn one_answer_in_between_and_they_are_not_in_a_row() {
        let setting = Setting::new();
        for nth in 0..10 * IN_A_ROW {
            let pass = setting.admit().unwrap();
            let outcome = if nth % IN_A_ROW == 0 {
                Ok(())
            } else {
                Err(TransportError::Closed)
            };
            assert!(!setting.note(&pass, outcome));
        }
    }

    #[test]
    fn slow_answers_are_no_broken_connections() {
        let setting = Setting::new();
        for _ in 0..10 * IN_A_ROW {
            let pass = setting.admit().unwrap();
            assert!(!setting.note(&pass, Err(TransportError::Timeout(Phase::Body))));
        }
    }

    #[test]
    fn the_pause_grows_with_each_try_and_in_the_end_the_source_is_given_up() {
        let setting = Setting::new();
        setting.open();
        let mut tries_at = Vec::new();
        let given_up = loop {
            match setting.admit() {
                Ok(pass) => {
                    tries_at.push(setting.clock.monotonic().as_secs());
                    // A try that hangs has failed as well.
                    let hangs = TransportError::Timeout(Phase::Response);
                    assert!(setting.note(&pass, Err(hangs)));
                }
                Err(shut) => break shut,
            }
        };
        assert_eq!(tries_at, [5, 15, 35, 75]);
        assert!(
            matches!(given_up, BreakerRejection::GivenUp(_)),
            "{given_up:?}"
        );
        assert!(setting.admit().is_err(), "for everybody");
        setting.clock.advance(PAUSES[3]);
        let later = setting.admit().unwrap();
        assert!(!setting.note(&later, Ok(())), "and not for good");
        setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic().as_secs(), 115, "open to all");
    }

    #[test]
    fn who_was_let_through_before_has_to_come_again_and_counts_for_nothing() {
        let setting = Setting::new();
        let early = setting.admit().unwrap();
        assert!(setting.breaker.lets(&early));
        setting.open();
        assert!(!setting.breaker.lets(&early));
        assert!(setting.note(&early, Err(TransportError::Closed)));
        let first_try = setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic(), PAUSES[0]);
        assert!(setting.breaker.lets(&first_try));
    }

    #[test]
    fn a_try_that_is_not_made_is_another_s() {
        let setting = Setting::new();
        setting.open();
        drop(setting.admit().unwrap());
        let another = setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic(), PAUSES[0], "at once");
        assert!(setting.breaker.lets(&another));
    }

    #[test]
    fn while_one_tries_the_others_wait_for_what_comes_of_it() {
        let setting = std::sync::Arc::new(Setting::new());
        setting.open();
        let the_try = setting.admit().unwrap();
        let (sender, admitted) = std::sync::mpsc::channel();
        let other = {
            let setting = std::sync::Arc::clone(&setting);
            std::thread::spawn(move || {
                setting.admit().unwrap();
                sender.send(()).unwrap();
            })
        };
        setting.clock.advance(PAUSES[3]);
        assert!(admitted.try_recv().is_err(), "however long it takes");
        assert!(!setting.note(&the_try, Ok(())));
        admitted.recv().unwrap();
        other.join().unwrap();
    }

    #[test]
    fn who_does_not_wait_outages_out_is_told_at_once() {
        let setting = Setting::new();
        setting.open();
        let interrupt = Interrupt::new();
        let impatient = Caller::from(&interrupt);
        let admitted = setting.breaker.admit(&setting.clock, impatient);
        assert!(
            matches!(admitted, Err(BreakerRejection::GivenUp(_))),
            "{admitted:?}"
        );
        assert_eq!(setting.clock.waits(), []);
        setting.clock.advance(PAUSES[0]);
        assert!(setting.breaker.admit(&setting.clock, impatient).is_ok());
    }

    #[test]
    fn a_pause_ends_when_it_is_interrupted() {
        let setting = Setting::new();
        setting.open();
        let interrupt = Interrupt::new();
        interrupt.raise();
        let admitted = setting.breaker.admit(&setting.clock, patient(&interrupt));
        assert!(matches!(admitted, Err(BreakerRejection::Interrupted)));
    }
}
