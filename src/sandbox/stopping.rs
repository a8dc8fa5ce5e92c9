//! The end of a server, and what waits for it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whether the server is to end.
#[derive(Debug, Default)]
pub(super) struct Stopping {
    begun: Mutex<bool>,
    changed: Condvar,
}

impl Stopping {
    pub(super) fn begin(&self) {
        *lock(&self.begun) = true;
        self.changed.notify_all();
    }

    pub(super) fn has_begun(&self) -> bool {
        *lock(&self.begun)
    }

    pub(super) fn wait(&self) {
        let mut begun = lock(&self.begun);
        while !*begun {
            begun = self
                .changed
                .wait(begun)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits that long, or until the server ends; whether it does.
    pub(super) fn pause(&self, span: Duration) -> bool {
        let until = Instant::now() + span;
        let mut begun = lock(&self.begun);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if *begun || left.is_zero() {
                return *begun;
            }
            begun = self
                .changed
                .wait_timeout(begun, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

/// The mutexes guard counts and sets that no panic leaves half-changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
