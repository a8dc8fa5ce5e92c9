//! `prefetch_jobs` and `prefetch_failures`: what jobs there are, and making, stopping and removing
//! them. Running one is `lease.rs` and `steps.rs`.
//!
//! Locking: every change is one short transaction that looks at the state it changes, so that a
//! pause, a cancel and a runner cannot overtake one another.
//! Compatibility: tickers are a JSON array of strings.
//! Performance: a job is found by its primary key; a list walks the index by age from its end.

use chrono::{DateTime, Utc};
use rusqlite::{Params, named_params, params};

use super::named_row::{NamedRow, Table};
use super::sql_types::{time_from, time_text};
use super::{Result, Store};
use crate::domain::Ticker;
use crate::domain::job::{Failure, Job, JobId, JobSettings, JobStatus, StopReason};

pub(super) const JOBS: Table = Table {
    name: "prefetch_jobs",
    key: &["job_id"],
};

const FAILURES: Table = Table {
    name: "prefetch_failures",
    key: &["ticker", "fiscal_year"],
};

/// The first of several created in the same millisecond is the one inserted first.
const NEWEST_FIRST: &str = "ORDER BY created_at DESC, rowid DESC";

impl Store {
    /// Creates a job, PENDING.
    ///
    /// # Errors
    /// The database cannot be written, or the settings break a rule of the table (no ticker, the
    /// last year before the first).
    pub fn insert_job(
        &self,
        job_id: JobId,
        settings: &JobSettings,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.write_one(
            "INSERT INTO prefetch_jobs
                    (job_id, created_at, updated_at, status, job_name, tickers_json, start_year,
                     end_year, reprt_code, force_refresh, recheck_recent, plan, own_only, on_error,
                     daily_limit, cursor_index, cursor_year, processed_count, success_count,
                     skip_count, cached_count, fail_count, dart_calls)
             VALUES (:job_id, :now, :now, 'PENDING', :job_name, :tickers_json, :start_year,
                     :end_year, :reprt_code, :force_refresh, :recheck_recent, :plan, :own_only,
                     :on_error, :daily_limit, 0, :start_year, 0, 0, 0, 0, 0, 0)",
            named_params! {
                ":job_id": job_id,
                ":now": time_text(now),
                ":job_name": settings.name,
                ":tickers_json": serde_json::json!(settings.tickers).to_string(),
                ":start_year": settings.first,
                ":end_year": settings.last,
                ":reprt_code": settings.reprt_code,
                ":force_refresh": settings.force_refresh,
                ":recheck_recent": settings.recheck_recent,
                ":plan": settings.plan,
                ":own_only": settings.own_only,
                ":on_error": settings.on_error,
                ":daily_limit": settings.daily_limit,
            },
        )?;
        Ok(())
    }

    /// The job with this id.
    ///
    /// # Errors
    /// The database cannot be read, or the row is not one.
    pub fn job(&self, job_id: &JobId) -> Result<Option<Job>> {
        let found = self.select_jobs("WHERE job_id = ?1", [job_id])?;
        Ok(found.into_iter().next())
    }

    /// Jobs, the newest first, `limit` at most.
    ///
    /// # Errors
    /// As [`Store::job`].
    pub fn jobs(&self, limit: usize, status: Option<JobStatus>) -> Result<Vec<Job>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.select_jobs(
            &format!("WHERE ?1 IS NULL OR status = ?1 {NEWEST_FIRST} LIMIT ?2"),
            params![status, limit],
        )
    }

    /// Jobs whose id begins so, `limit` at most.
    ///
    /// # Errors
    /// As [`Store::job`].
    pub fn jobs_by_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<Job>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.select_jobs(
            "WHERE substr(job_id, 1, length(?1)) = ?1 ORDER BY job_id LIMIT ?2",
            params![prefix, limit],
        )
    }

    /// The newest job of this name.
    ///
    /// # Errors
    /// As [`Store::job`].
    pub fn job_by_name(&self, name: &str) -> Result<Option<Job>> {
        let rest = format!("WHERE job_name = ?1 {NEWEST_FIRST} LIMIT 1");
        let found = self.select_jobs(&rest, [name])?;
        Ok(found.into_iter().next())
    }

    /// A job's failed steps, in the order of ticker and year.
    ///
    /// # Errors
    /// The database cannot be read, or a row is not one.
    pub fn failures(&self, job_id: &JobId) -> Result<Vec<Failure>> {
        self.read_all(
            &FAILURES,
            "SELECT * FROM prefetch_failures WHERE job_id = ?1 ORDER BY ticker, fiscal_year",
            [job_id],
            |row| {
                Ok(Failure {
                    ticker: row.get("ticker")?,
                    fiscal_year: row.get("fiscal_year")?,
                    kind: row.get("kind")?,
                    message: row.get("message")?,
                    attempts: row.get("attempts")?,
                    failed_at: row.text("failed_at", time_from)?,
                })
            },
        )
    }

    /// Stops a job from outside: it becomes `to`, and whoever runs it loses the lease. A job that
    /// has stopped already only changes from PAUSED or FAILED to CANCELLED; a DONE one never does.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn stop_job(
        &self,
        job_id: &JobId,
        to: JobStatus,
        reason: StopReason,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.write_one(
            // One whose failed steps are asked again is as DONE as before.
            "UPDATE prefetch_jobs
                SET status = CASE WHEN cursor_year IS NULL THEN 'DONE' ELSE ?2 END,
                    stop_reason = CASE WHEN cursor_year IS NULL THEN NULL ELSE ?3 END,
                    updated_at = ?4, lease_token = NULL, lease_owner = NULL,
                    lease_expires_at = NULL
              WHERE job_id = ?1
                AND (status IN ('PENDING', 'RUNNING')
                     OR (?2 = 'CANCELLED' AND status IN ('PAUSED', 'FAILED')))",
            params![job_id, to, reason, time_text(now)],
        )?;
        Ok(())
    }

    /// Makes a stopped job one that may be run again: RUNNING, with nobody running it yet. Leaves
    /// PENDING, RUNNING and DONE ones as they are.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn resume_job(&self, job_id: &JobId, now: DateTime<Utc>) -> Result<()> {
        self.write_one(
            "UPDATE prefetch_jobs
                SET status = CASE WHEN started_at IS NULL THEN 'PENDING' ELSE 'RUNNING' END,
                    stop_reason = NULL, updated_at = ?2
              WHERE job_id = ?1 AND status IN ('PAUSED', 'CANCELLED', 'FAILED')",
            params![job_id, time_text(now)],
        )?;
        Ok(())
    }

    /// Removes a job and its failures, unless it is RUNNING under another lease than `token`;
    /// whether it did. What it learnt stays.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn delete_job(&self, job_id: &JobId, token: Option<&str>) -> Result<bool> {
        self.write_one(
            "DELETE FROM prefetch_jobs
              WHERE job_id = ?1
                AND (status <> 'RUNNING' OR lease_token IS NOT DISTINCT FROM ?2)",
            params![job_id, token],
        )
        .map(|deleted| deleted > 0)
    }

    fn select_jobs(&self, rest: &str, values: impl Params) -> Result<Vec<Job>> {
        let sql = format!("SELECT * FROM prefetch_jobs {rest}");
        self.read_all(&JOBS, &sql, values, read_job)
    }
}

fn read_job(row: &NamedRow<'_>) -> Result<Job> {
    let tickers = |json: &str| serde_json::from_str::<Vec<Ticker>>(json).ok();
    Ok(Job {
        job_id: row.get("job_id")?,
        created_at: row.text("created_at", time_from)?,
        updated_at: row.text("updated_at", time_from)?,
        status: row.get("status")?,
        job_name: row.get("job_name")?,
        tickers: row.text("tickers_json", tickers)?,
        start_year: row.get("start_year")?,
        end_year: row.get("end_year")?,
        reprt_code: row.get("reprt_code")?,
        force_refresh: row.get("force_refresh")?,
        recheck_recent: row.get("recheck_recent")?,
        plan: row.get("plan")?,
        own_only: row.get("own_only")?,
        on_error: row.get("on_error")?,
        daily_limit: row.get("daily_limit")?,
        cursor_index: row.get("cursor_index")?,
        cursor_year: row.get("cursor_year")?,
        processed_count: row.get("processed_count")?,
        success_count: row.get("success_count")?,
        skip_count: row.get("skip_count")?,
        cached_count: row.get("cached_count")?,
        fail_count: row.get("fail_count")?,
        dart_calls: row.get("dart_calls")?,
        last_error: row.get("last_error")?,
        stop_reason: row.get("stop_reason")?,
        started_at: row.optional_text("started_at", time_from)?,
        finished_at: row.optional_text("finished_at", time_from)?,
        lease_owner: row.get("lease_owner")?,
        lease_expires_at: row.optional_text("lease_expires_at", time_from)?,
    })
}
