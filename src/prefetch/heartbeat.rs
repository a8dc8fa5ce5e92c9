//! Checks that the job is still ours and its database still there, and keeps the lease alive.

use std::fs;
use std::time::{Duration, Instant};

use crate::store::{Store, StoreError};

use super::lease::LEASE;
use super::{Event, JobError, Runner};

/// How often the database's file is checked.
const FILE_CHECK: Duration = Duration::from_secs(1);

/// How often the lease is renewed while nothing is committed.
const RENEWAL: Duration = Duration::from_secs(15);

/// When each was last checked.
#[derive(Debug)]
pub(super) struct Heartbeat {
    data_version: i64,
    file: Instant,
    renewed: Instant,
    identity: Option<(u64, u64)>,
}

impl Heartbeat {
    pub(super) fn new(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            data_version: store.data_version()?,
            file: Instant::now(),
            renewed: Instant::now(),
            identity: identity(store),
        })
    }
}

impl Runner<'_> {
    /// Notices when the job was stopped from outside or its database is gone, and renews the lease.
    pub(super) fn check_ownership(
        &mut self,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        if self.heartbeat.file.elapsed() >= FILE_CHECK {
            self.heartbeat.file = Instant::now();
            if identity(self.store) != self.heartbeat.identity {
                return Err(JobError::DatabaseGone {
                    path: self.store.path().to_owned(),
                });
            }
        }
        let version = self.store.data_version()?;
        if version != self.heartbeat.data_version {
            self.heartbeat.data_version = version;
            let state = self.store.job_state(&self.job.job_id)?;
            let is_ours = state
                .and_then(|state| state.lease)
                .is_some_and(|lease| lease.token == self.token);
            if !is_ours {
                return self.on_lease_lost(on_event);
            }
        }
        if self.heartbeat.renewed.elapsed() >= RENEWAL {
            self.heartbeat.renewed = Instant::now();
            let expires_at = self.fetcher.clock().now() + LEASE;
            let job_id = self.job.job_id;
            if !self.store.renew_lease(&job_id, &self.token, expires_at)? {
                return self.on_lease_lost(on_event);
            }
        }
        Ok(())
    }

    /// A commit renewed the lease.
    pub(super) fn lease_renewed(&mut self) {
        self.heartbeat.renewed = Instant::now();
    }
}

/// What tells the database's file from another at its path; `None` where it is gone.
#[cfg(unix)]
fn identity(store: &Store) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;

    let found = fs::metadata(store.path()).ok()?;
    Some((found.dev(), found.ino()))
}

/// An open file cannot be replaced here: that it is there is enough.
#[cfg(not(unix))]
fn identity(store: &Store) -> Option<(u64, u64)> {
    fs::metadata(store.path()).ok().map(|_| (0, 0))
}
