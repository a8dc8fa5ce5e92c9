//! Who runs a job: a token in its row, and a lock of the operating system on a file beside the
//! database, which the kernel gives back however the process ends.
//!
//! On one host the lock decides: where it is free, whoever had the lease is gone. A lease of
//! another host, whose locks are not seen here, is believed until it runs out.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::job::{Job, JobId, JobStatus};
use crate::store::{JobState, Lease, Store};

use super::JobError;

/// How long a lease lasts unless renewed.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A reader that looks whether a job is run holds its lock for a moment: tried again so often, so
/// far apart.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// The lock on a job's file, for as long as it lives.
#[derive(Debug)]
pub(super) struct JobLock {
    /// `None` where the file system knows no locks: then the lease alone decides.
    file: Option<File>,
    path: PathBuf,
}

impl Drop for JobLock {
    fn drop(&mut self) {
        // Removed while it is locked, and only where whoever locks it next looks whether it is
        // still the file at its path.
        if cfg!(unix) && self.file.is_some() {
            let _gone_already = fs::remove_file(&self.path);
        }
    }
}

/// The file whose lock says that a job is run on this host: beside the database itself, by
/// whatever link that was named.
fn lock_path(database: &Path, job_id: &JobId) -> PathBuf {
    let itself = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let mut path = itself.into_os_string();
    path.push(format!(".job-{job_id}.lock"));
    path.into()
}

impl JobLock {
    /// Takes a job's lock; `None` where another process has it.
    pub(super) fn take(database: &Path, job_id: &JobId) -> Result<Option<Self>, JobError> {
        let path = lock_path(database, job_id);
        let failed = |source| JobError::Lock {
            path: path.clone(),
            source,
        };
        for _ in 0..TRIES {
            let file = open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) if is_still_at(&file, &path) => {
                    let file = Some(file);
                    return Ok(Some(Self { file, path }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Some(Self { file: None, path }));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        Ok(None)
    }

    /// Whether no process on this host runs the job.
    fn is_free(database: &Path, job_id: &JobId) -> bool {
        match File::open(lock_path(database, job_id)) {
            Ok(file) => file.try_lock_shared().is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600);
    }
    options.open(path)
}

/// Whether the file locked is the one others will find: it may have been removed in between.
#[cfg(unix)]
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let at_path = fs::metadata(path);
    let locked = file.metadata();
    matches!((at_path, locked), (Ok(a), Ok(b)) if (a.dev(), a.ino()) == (b.dev(), b.ino()))
}

/// Lock files are left where they are here, so it is.
#[cfg(not(unix))]
fn is_still_at(_: &File, _: &Path) -> bool {
    true
}

fn this_host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

fn is_of_this_host(owner: &str) -> bool {
    owner
        .split_once('@')
        .is_some_and(|(_, host)| host == this_host())
}

/// A new lease for this process.
pub(super) fn new_lease(now: DateTime<Utc>) -> Lease {
    Lease {
        token: uuid::Uuid::new_v4().to_string(),
        owner: format!("{}@{}", std::process::id(), this_host()),
        expires_at: now + LEASE,
    }
}

/// Whether a lease that stands in the row may be taken over by who has the job's lock here.
pub(super) fn may_take_over(state: &JobState, now: DateTime<Utc>) -> bool {
    match (&state.status, &state.lease) {
        (JobStatus::Running, Some(lease)) => {
            is_of_this_host(&lease.owner) || lease.expires_at <= now
        }
        _ => true,
    }
}

/// Whether a job is RUNNING and nobody runs it: its process was killed, or its library user has
/// not come back.
#[must_use]
pub fn is_interrupted(store: &Store, job: &Job, now: DateTime<Utc>) -> bool {
    if job.status != JobStatus::Running {
        return false;
    }
    match (&job.lease_owner, job.lease_expires_at) {
        (Some(owner), _) if is_of_this_host(owner) => JobLock::is_free(store.path(), &job.job_id),
        (Some(_), Some(expires_at)) => expires_at <= now,
        _ => true,
    }
}
