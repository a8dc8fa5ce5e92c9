use std::fmt;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::{Interrupt, Interrupted};

/// The time, and waiting. Whatever needs either takes a clock, so that no test has to sleep.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The wall clock: for dates, and for what is shown or stored.
    fn now(&self) -> DateTime<Utc>;

    /// Time since some fixed moment, whatever happens to the wall clock: for pacing.
    fn monotonic(&self) -> Duration;

    /// Waits until the time is over.
    ///
    /// # Errors
    /// [`Interrupted`] as soon as the interrupt is raised, at once if it already was.
    fn wait(&self, time: Duration, interrupt: &Interrupt) -> Result<(), Interrupted>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    fn wait(&self, time: Duration, interrupt: &Interrupt) -> Result<(), Interrupted> {
        interrupt.wait(time)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, SystemClock};
    use crate::fetch::{Interrupt, Interrupted};
    use std::time::Duration;

    #[test]
    fn the_machine_s_clock_does_not_wait_once_interrupted() {
        let interrupt = Interrupt::new();
        interrupt.raise();
        let hour = Duration::from_secs(3600);
        assert_eq!(SystemClock::new().wait(hour, &interrupt), Err(Interrupted));
    }
}
