//! Who runs a job: taking the lease, keeping it, giving it back.
//!
//! Locking: each is one short transaction; what is true of the row is part of its WHERE.
//! Compatibility: the token is any text nobody else would think of.
//! Performance: looking at the state again is a read of one page's counter until some process has
//! written.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::jobs::JOBS;
use super::sql_types::{time_from, time_text};
use super::{Result, Store};
use crate::domain::job::{JobId, JobStatus, StopReason};

/// The right of one process to run a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What proves it.
    pub token: String,
    /// Who has it, as `pid@host`.
    pub owner: String,
    /// Until when, unless renewed.
    pub expires_at: DateTime<Utc>,
}

/// A job's state as its runner watches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobState {
    /// Its state.
    pub status: JobStatus,
    /// Why it stopped.
    pub stop_reason: Option<StopReason>,
    /// Who has the lease.
    pub lease: Option<Lease>,
}

impl Store {
    /// A number that changes when another connection has written.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn data_version(&self) -> Result<i64> {
        self.connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut query| query.query_row([], |row| row.get(0)))
            .map_err(self.at())
    }

    /// A job's state; `None` where there is no such job.
    ///
    /// # Errors
    /// The database cannot be read, or the row is not one.
    pub fn job_state(&self, job_id: &JobId) -> Result<Option<JobState>> {
        let found = self.read_all(
            &JOBS,
            "SELECT job_id, status, stop_reason, lease_token, lease_owner, lease_expires_at
               FROM prefetch_jobs WHERE job_id = ?1",
            [job_id],
            |row| {
                let status = row.get("status")?;
                let stop_reason = row.get("stop_reason")?;
                let token = row.get("lease_token")?;
                let owner = row.get("lease_owner")?;
                let expires_at = row.optional_text("lease_expires_at", time_from)?;
                let lease = match (token, owner, expires_at) {
                    (Some(token), Some(owner), Some(expires_at)) => Some(Lease {
                        token,
                        owner,
                        expires_at,
                    }),
                    _ => None,
                };
                Ok(JobState {
                    status,
                    stop_reason,
                    lease,
                })
            },
        )?;
        Ok(found.into_iter().next())
    }

    /// Takes a job's lease if it still is as `seen`; the job is RUNNING from then on, and since
    /// `now` if it never was before. Whether it did.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn take_lease(
        &self,
        job_id: &JobId,
        seen: &JobState,
        lease: &Lease,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let seen_token = seen.lease.as_ref().map(|lease| lease.token.as_str());
        self.write_one(
            "UPDATE prefetch_jobs
                SET status = 'RUNNING', stop_reason = NULL, lease_token = ?4, lease_owner = ?5,
                    lease_expires_at = ?6, updated_at = ?7,
                    started_at = coalesce(started_at, ?7)
              WHERE job_id = ?1 AND status = ?2 AND lease_token IS NOT DISTINCT FROM ?3",
            params![
                job_id,
                seen.status,
                seen_token,
                lease.token,
                lease.owner,
                time_text(lease.expires_at),
                time_text(now),
            ],
        )
        .map(|taken| taken > 0)
    }

    /// Keeps a lease for longer; whether it is still held.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn renew_lease(
        &self,
        job_id: &JobId,
        token: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<bool> {
        self.write_one(
            "UPDATE prefetch_jobs SET lease_expires_at = ?3
              WHERE job_id = ?1 AND status = 'RUNNING' AND lease_token = ?2",
            params![job_id, token, time_text(expires_at)],
        )
        .map(|kept| kept > 0)
    }

    /// Gives a lease back: the job stays RUNNING, with nobody running it. Nothing happens where it
    /// is no longer held.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn release_lease(&self, job_id: &JobId, token: &str, now: DateTime<Utc>) -> Result<()> {
        self.write_one(
            "UPDATE prefetch_jobs
                SET lease_token = NULL, lease_owner = NULL, lease_expires_at = NULL,
                    updated_at = ?3
              WHERE job_id = ?1 AND lease_token = ?2",
            params![job_id, token, time_text(now)],
        )?;
        Ok(())
    }
}
