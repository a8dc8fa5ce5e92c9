//! Whether the job is still ours, and its database still there.

use std::fs;
use std::time::{Duration, Instant};

use crate::store::{Store, StoreError};

use super::lease::LEASE;
use super::{Event, JobError, Runner};

/// How often the database's file is looked for.
const FILE_CHECK: Duration = Duration::from_secs(1);

/// How often the lease is renewed while nothing is committed.
const RENEWAL: Duration = Duration::from_secs(15);

/// When what was last looked at.
#[derive(Debug)]
pub(super) struct Watch {
    data_version: i64,
    file: Instant,
    renewed: Instant,
    identity: Option<(u64, u64)>,
}

impl Watch {
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
    /// Looks whether the job was stopped from outside, keeps the lease, and looks for the file.
    pub(super) fn look(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if self.watch.file.elapsed() >= FILE_CHECK {
            self.watch.file = Instant::now();
            if identity(self.store) != self.watch.identity {
                return Err(JobError::DatabaseGone {
                    path: self.store.path().to_owned(),
                });
            }
        }
        let version = self.store.data_version()?;
        if version != self.watch.data_version {
            self.watch.data_version = version;
            let state = self.store.job_state(&self.job.job_id)?;
            let is_ours = state
                .and_then(|state| state.lease)
                .is_some_and(|lease| lease.token == self.token);
            if !is_ours {
                return self.lost(on_event);
            }
        }
        if self.watch.renewed.elapsed() >= RENEWAL {
            self.watch.renewed = Instant::now();
            let expires_at = self.fetcher.clock().now() + LEASE;
            let job_id = self.job.job_id;
            if !self.store.renew_lease(&job_id, &self.token, expires_at)? {
                return self.lost(on_event);
            }
        }
        Ok(())
    }

    /// The lease was kept by a commit.
    pub(super) fn renewed(&mut self) {
        self.watch.renewed = Instant::now();
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
