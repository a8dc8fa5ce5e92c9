use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The wish to stop, raised once from any thread (a signal, a paused job) and seen by every clone.
/// Waits that watch it end at once.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    raised: Mutex<bool>,
    wake: Condvar,
}

/// The wait or call ended because an [`Interrupt`] was raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupt {
    /// One that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises it, for good.
    pub fn raise(&self) {
        let mut raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        *raised = true;
        self.0.wake.notify_all();
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.0.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `Err` once it was raised, for `?`.
    ///
    /// # Errors
    /// [`Interrupted`] once it was raised.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.is_raised() {
            Err(Interrupted)
        } else {
            Ok(())
        }
    }

    /// Waits, in real time, until the time is over or this is raised.
    ///
    /// # Errors
    /// [`Interrupted`] as soon as it is raised, at once if it already was.
    pub fn wait(&self, time: Duration) -> Result<(), Interrupted> {
        let Some(until) = Instant::now().checked_add(time) else {
            return self.wait_for_ever();
        };
        let mut raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        while !*raised {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            let woken = self.0.wake.wait_timeout(raised, left);
            raised = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        Err(Interrupted)
    }

    fn wait_for_ever(&self) -> Result<(), Interrupted> {
        let mut raised = self.0.raised.lock().unwrap_or_else(PoisonError::into_inner);
        while !*raised {
            let woken = self.0.wake.wait(raised);
            raised = woken.unwrap_or_else(PoisonError::into_inner);
        }
        Err(Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::{Interrupt, Interrupted};
    use std::time::Duration;

    #[test]
    fn a_wait_ends_when_it_is_raised_from_another_thread() {
        let interrupt = Interrupt::new();
        let waiting = {
            let interrupt = interrupt.clone();
            std::thread::spawn(move || interrupt.wait(Duration::MAX))
        };
        assert!(!interrupt.is_raised());
        interrupt.raise();
        assert_eq!(waiting.join().unwrap(), Err(Interrupted));
    }

    #[test]
    fn a_wait_begun_after_it_was_raised_ends_at_once() {
        let interrupt = Interrupt::new();
        interrupt.clone().raise();
        assert_eq!(interrupt.wait(Duration::from_secs(3600)), Err(Interrupted));
        assert_eq!(interrupt.check(), Err(Interrupted));
    }

    #[test]
    fn a_wait_without_an_interrupt_lasts_its_time() {
        assert_eq!(Interrupt::new().wait(Duration::from_millis(1)), Ok(()));
    }
}
