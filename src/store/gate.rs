//! `dart_gate` and the day's count: where every process reserves its calls.
//!
//! Locking: a connection of its own, so that a slot is not reserved within anybody's transaction.
//! A reservation is one short `BEGIN IMMEDIATE` transaction; the slot is waited for outside.
//! Compatibility: what the row means is in its migration; a database without one was never limited.
//! Performance: `synchronous = NORMAL`, so no commit waits for the disk. A kill loses nothing by
//! that; a machine that loses power has made no call since.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::{Result, Store};
use crate::domain::kst_date;

/// How long one try waits for another process's write; the gate tries again, and checks in between
/// whether the call is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);

/// The database as the gate uses it; shared between threads.
pub struct GateLedger(Mutex<Store>);

/// What is stored about the calls let through so far, of all processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GateState {
    /// When they have used up their time at an even pace, in microseconds since 1970 (UTC): the
    /// theoretical arrival time of the next call. In real time it never moves back.
    pub next_at_us: Option<i64>,
    /// When the last burst after an unused minute began; `None` where there was none.
    pub burst_from_us: Option<i64>,
}

impl fmt::Debug for GateLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GateLedger")
            .field(&self.store().path())
            .finish()
    }
}

impl Store {
    /// A second connection to this database, for the gate.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn gate_ledger(&self) -> Result<GateLedger> {
        let store = Self::open(&self.path, self.kind)?;
        store
            .connection
            .execute_batch("PRAGMA synchronous = NORMAL")
            .and_then(|()| store.connection.busy_timeout(PATIENCE))
            .map_err(store.at())?;
        Ok(GateLedger(Mutex::new(store)))
    }
}

impl GateLedger {
    /// Reserves a call with a key, in one transaction. `now` is read once no other process can
    /// reserve; `decide` gets what is reserved already and the calls made with the key on that day
    /// (KST), and returns the new state, or an error: then nothing is reserved or counted.
    ///
    /// # Errors
    /// The database's; [`StoreError::Busy`](super::StoreError::Busy) after a fifth of a second.
    pub fn reserve<T, E>(
        &self,
        fingerprint: &str,
        now: impl FnOnce() -> DateTime<Utc>,
        decide: impl FnOnce(DateTime<Utc>, GateState, u64) -> Result<(GateState, T), E>,
    ) -> Result<Result<T, E>> {
        let store = self.store();
        store.write(|| {
            let now = now();
            let today = kst_date(now);
            let state = store
                .connection
                .prepare_cached("SELECT next_at_us, burst_from_us FROM dart_gate WHERE gate = 1")
                .and_then(|mut query| {
                    let read = |row: &Row<'_>| {
                        Ok(GateState {
                            next_at_us: row.get("next_at_us")?,
                            burst_from_us: row.get("burst_from_us")?,
                        })
                    };
                    query.query_row([], read).optional()
                })
                .map_err(store.at())?;
            let calls_today = store.calls_on(fingerprint, today)?;
            let (state, decided) = match decide(now, state.unwrap_or_default(), calls_today) {
                Ok(reserved) => reserved,
                Err(refused) => return Ok(Err(refused)),
            };
            store.execute(
                "INSERT INTO dart_gate (gate, next_at_us, burst_from_us) VALUES (1, ?1, ?2)
                 ON CONFLICT (gate) DO UPDATE SET next_at_us = excluded.next_at_us,
                                                  burst_from_us = excluded.burst_from_us",
                params![state.next_at_us, state.burst_from_us],
            )?;
            store.add_calls(fingerprint, today, 1)?;
            Ok(Ok(decided))
        })
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
