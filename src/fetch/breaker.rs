//! The circuit breaker: when one connection after the other is dropped, nothing is asked for a
//! while.
//!
//! OpenDART answers too many calls by dropping connections, and goes on doing so as long as they
//! come. So after a few in a row every call pauses, then one tries; the pause grows, and in the end
//! the source is given up for as long as the last pause was. If it has never answered, there is no
//! network or an earlier block: then it is given up at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Caller, Clock, FetchError};
use crate::opendart::{Error, Phase, TransportError};

/// Failures in a row that open it: no more than one call's own attempts, so that no call that waits
/// out outages fails for it.
const IN_A_ROW: u32 = 3;

/// How long nothing is asked, after each failed try.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
];

/// How long one wait may be before it checks whether things have changed.
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
    /// Grows with every pause: a call admitted before it has to be admitted again.
    round: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    /// How many tries have failed.
    failed: usize,
    until: Duration,
    /// Whether a try is under way; the others wait for its outcome.
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
    /// If a try was not made after all, another call may make it.
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

/// Whether the connection failed, as when a server blocks us: not a slow or odd answer.
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
    /// Waits until something may be asked. Fails when the source is given up; for a caller that
    /// does not wait out outages, during every pause.
    pub(super) fn admit(
        &self,
        clock: &dyn Clock,
        caller: Caller<'_>,
    ) -> Result<Pass<'_>, FetchError> {
        loop {
            caller.interrupt.check()?;
            let mut state = self.state();
            let now = clock.monotonic();
            let wait = match &mut state.open {
                None => return Ok(self.pass(&state)),
                Some(open) if !caller.wait_on_outage && (open.is_tried || now < open.until) => {
                    return Err(given_up(open));
                }
                Some(open) if open.is_tried => {
                    let woken = self.tried.wait_timeout(state, SHORT);
                    drop(woken.unwrap_or_else(PoisonError::into_inner));
                    continue;
                }
                Some(open) if now < open.until && open.failed >= PAUSES.len() => {
                    return Err(given_up(open));
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

    /// Whether a call that was admitted may still be made.
    pub(super) fn is_valid(&self, pass: &Pass<'_>) -> bool {
        self.state().round == pass.round
    }

    /// Records the outcome of an attempt. Returns whether the breaker is open: then the failure is
    /// not the call's own, and it is made again once something may be asked.
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
            // Any HTTP response proves the server is reachable.
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
            // It was in flight when the breaker opened.
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

fn given_up(open: &Open) -> FetchError {
    FetchError::CutOff {
        last: open.last.clone(),
    }
}

fn pause_after(failed: usize) -> Duration {
    PAUSES[failed.min(PAUSES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::{Breaker, IN_A_ROW, PAUSES, Pass};
    use crate::fetch::pinned_clock::PinnedClock;
    use crate::fetch::{Caller, Clock, FetchError, Interrupt};
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

        fn admit(&self) -> Result<Pass<'_>, FetchError> {
            let interrupt = Interrupt::new();
            self.breaker.admit(&self.clock, patient(&interrupt))
        }

        fn note(&self, pass: &Pass<'_>, outcome: Result<(), TransportError>) -> bool {
            let error = outcome.err().map(Error::Transport);
            let outcome = error.as_ref().map_or(Ok(()), Err);
            self.breaker.note(&self.clock, pass, outcome)
        }

        /// An answer, then dropped connections until the breaker opens.
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
    fn dropped_connections_in_a_row_make_every_call_pause() {
        let setting = Setting::new();
        setting.open();
        assert_eq!(setting.clock.monotonic(), Duration::ZERO);
        setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic(), PAUSES[0]);
    }

    #[test]
    fn a_source_that_never_answered_is_given_up_at_once() {
        let setting = Setting::new();
        for _ in 0..IN_A_ROW {
            let pass = setting.admit().unwrap();
            setting.note(&pass, Err(TransportError::Refused));
        }
        assert!(matches!(setting.admit(), Err(FetchError::CutOff { .. })));
        assert_eq!(setting.clock.waits(), []);
    }

    #[test]
    fn an_answer_in_between_starts_the_count_again() {
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
    fn slow_answers_are_not_dropped_connections() {
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
                Err(given_up) => break given_up,
            }
        };
        assert_eq!(tries_at, [5, 15, 35, 75]);
        assert!(
            matches!(given_up, FetchError::CutOff { .. }),
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
    fn a_call_admitted_before_has_to_be_admitted_again_and_counts_for_nothing() {
        let setting = Setting::new();
        let early = setting.admit().unwrap();
        assert!(setting.breaker.is_valid(&early));
        setting.open();
        assert!(!setting.breaker.is_valid(&early));
        assert!(setting.note(&early, Err(TransportError::Closed)));
        let first_try = setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic(), PAUSES[0]);
        assert!(setting.breaker.is_valid(&first_try));
    }

    #[test]
    fn a_try_that_was_not_made_passes_to_another_call() {
        let setting = Setting::new();
        setting.open();
        drop(setting.admit().unwrap());
        let another = setting.admit().unwrap();
        assert_eq!(setting.clock.monotonic(), PAUSES[0], "at once");
        assert!(setting.breaker.is_valid(&another));
    }

    #[test]
    fn while_one_call_tries_the_others_wait_for_its_outcome() {
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
    fn a_caller_that_does_not_wait_out_outages_fails_at_once() {
        let setting = Setting::new();
        setting.open();
        let interrupt = Interrupt::new();
        let impatient = Caller::from(&interrupt);
        let admitted = setting.breaker.admit(&setting.clock, impatient);
        assert!(
            matches!(admitted, Err(FetchError::CutOff { .. })),
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
        assert!(matches!(admitted, Err(FetchError::Interrupted(_))));
    }
}
