//! Holding an answer until a test says so, in place of a sleep.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// For a sandbox's hook: requests that [`pass`](Self::pass) it wait until it is
/// [opened](Self::open). Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Debug, Default)]
struct State {
    open: bool,
    arrived: u64,
}

impl Gate {
    /// A closed gate.
    pub fn closed() -> Self {
        Self::default()
    }

    /// Waits until the gate is open.
    pub fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.arrived += 1;
        changed.notify_all();
        while !state.open {
            state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets everyone through, now and from now on.
    pub fn open(&self) {
        let (state, changed) = &*self.0;
        state.lock().unwrap_or_else(PoisonError::into_inner).open = true;
        changed.notify_all();
    }

    /// Waits until at least `n` requests have come to the gate, whether they went through or not.
    pub fn await_arrivals(&self, n: u64) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.arrived < n {
            state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
