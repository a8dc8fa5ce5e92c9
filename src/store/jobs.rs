//! `prefetch_jobs` and `prefetch_failures`: what jobs there are, and making, stopping and removing
//! them. Running one is `lease.rs` and `steps.rs`.
//!
//! Locking: every change is one short transaction that looks at the state it changes, so that a
//! pause, a cancel and a runner cannot overtake one another.
//! Compatibility: tickers are a JSON array of strings.
//! Performance: a job is found by its primary key; a list walks the index by age from its end.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};

use super::values::{RowReader, time_from, time_text};
use super::{Result, Store, StoreError, cache};
use crate::domain::job::{
    Failure, FailureKind, Job, JobId, JobSettings, JobStatus, OnError, Plan, StopReason,
};
use crate::domain::{ReprtCode, Ticker};

const TABLE: &str = "prefetch_jobs";

/// The columns of a [`Job`], in the order they are read; the first is the key.
const COLUMNS: [&str; 29] = [
    "job_id",
    "created_at",
    "updated_at",
    "status",
    "job_name",
    "tickers_json",
    "start_year",
    "end_year",
    "reprt_code",
    "force_refresh",
    "recheck_recent",
    "plan",
    "own_only",
    "on_error",
    "daily_limit",
    "cursor_index",
    "cursor_year",
    "processed_count",
    "success_count",
    "skip_count",
    "cached_count",
    "fail_count",
    "dart_calls",
    "last_error",
    "stop_reason",
    "started_at",
    "finished_at",
    "lease_owner",
    "lease_expires_at",
];

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
        let tickers: Vec<&str> = settings.tickers.iter().map(Ticker::as_str).collect();
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "INSERT INTO prefetch_jobs
                            (job_id, created_at, updated_at, status, job_name, tickers_json,
                             start_year, end_year, reprt_code, force_refresh, recheck_recent, plan,
                             own_only, on_error, daily_limit, cursor_index, cursor_year, processed_count,
                             success_count, skip_count, cached_count, fail_count, dart_calls)
                     VALUES (:job_id, :now, :now, 'PENDING', :job_name, :tickers_json,
                             :start_year, :end_year, :reprt_code, :force_refresh, :recheck_recent,
                             :plan, :own_only, :on_error, :daily_limit, 0, :start_year, 0,
                             0, 0, 0, 0, 0)",
                )
                .and_then(|mut insert| {
                    insert.execute(named_params! {
                        ":job_id": job_id.as_str(),
                        ":now": time_text(now),
                        ":job_name": settings.name,
                        ":tickers_json": serde_json::json!(tickers).to_string(),
                        ":start_year": settings.first.get(),
                        ":end_year": settings.last.get(),
                        ":reprt_code": settings.reprt_code.code(),
                        ":force_refresh": settings.force_refresh,
                        ":recheck_recent": settings.recheck_recent,
                        ":plan": settings.plan.as_str(),
                        ":own_only": settings.own_only,
                        ":on_error": settings.on_error.as_str(),
                        ":daily_limit": settings.daily_limit,
                    })
                })
                .map(drop)
                .map_err(self.at())
        })
    }

    /// The job with this id.
    ///
    /// # Errors
    /// The database cannot be read, or the row is not one.
    pub fn job(&self, job_id: &JobId) -> Result<Option<Job>> {
        let found = self.select_jobs("WHERE job_id = ?1", params![job_id.as_str()])?;
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
            params![status.map(JobStatus::as_str), limit],
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
        let found = self.select_jobs(&rest, params![name])?;
        Ok(found.into_iter().next())
    }

    /// A job's failed steps, in the order of ticker and year.
    ///
    /// # Errors
    /// The database cannot be read, or a row is not one.
    pub fn failures(&self, job_id: &JobId) -> Result<Vec<Failure>> {
        const COLUMNS: [&str; 6] = [
            "ticker",
            "fiscal_year",
            "kind",
            "message",
            "attempts",
            "failed_at",
        ];
        self.read_all(
            "SELECT ticker, fiscal_year, kind, message, attempts, failed_at
               FROM prefetch_failures WHERE job_id = ?1 ORDER BY ticker, fiscal_year",
            [job_id.as_str()],
            |row| {
                let mut row = RowReader::new(&self.path, "prefetch_failures", &COLUMNS, 2, row);
                Ok(Failure {
                    ticker: row.text(|text| text.parse().ok())?,
                    fiscal_year: row.integer(cache::fiscal_year)?,
                    kind: row.text(FailureKind::from_word)?,
                    message: row.text(|text| Some(text.to_owned()))?,
                    attempts: row.integer(|number| u32::try_from(number).ok())?,
                    failed_at: row.text(time_from)?,
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
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    // One whose failed steps are asked again is as DONE as before.
                    "UPDATE prefetch_jobs
                        SET status = CASE WHEN cursor_year IS NULL THEN 'DONE' ELSE ?2 END,
                            stop_reason = CASE WHEN cursor_year IS NULL THEN NULL ELSE ?3 END,
                            updated_at = ?4, lease_token = NULL,
                            lease_owner = NULL, lease_expires_at = NULL
                      WHERE job_id = ?1
                        AND (status IN ('PENDING', 'RUNNING')
                             OR (?2 = 'CANCELLED' AND status IN ('PAUSED', 'FAILED')))",
                )
                .and_then(|mut update| {
                    update.execute(params![
                        job_id.as_str(),
                        to.as_str(),
                        reason.as_str(),
                        time_text(now)
                    ])
                })
                .map(drop)
                .map_err(self.at())
        })
    }

    /// Makes a stopped job one that may be run again: RUNNING, with nobody running it yet. Leaves
    /// PENDING, RUNNING and DONE ones as they are.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn resume_job(&self, job_id: &JobId, now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "UPDATE prefetch_jobs
                        SET status = iif(started_at IS NULL, 'PENDING', 'RUNNING'),
                            stop_reason = NULL, updated_at = ?2
                      WHERE job_id = ?1 AND status IN ('PAUSED', 'CANCELLED', 'FAILED')",
                )
                .and_then(|mut update| update.execute(params![job_id.as_str(), time_text(now)]))
                .map(drop)
                .map_err(self.at())
        })
    }

    /// Removes a job and its failures, unless it is RUNNING under another lease than `token`;
    /// whether it did. What it learnt stays.
    ///
    /// # Errors
    /// The database cannot be written.
    pub fn delete_job(&self, job_id: &JobId, token: Option<&str>) -> Result<bool> {
        self.write(|transaction| {
            transaction
                .prepare_cached(
                    "DELETE FROM prefetch_jobs
                      WHERE job_id = ?1 AND (status <> 'RUNNING' OR lease_token IS ?2)",
                )
                .and_then(|mut delete| delete.execute(params![job_id.as_str(), token]))
                .map(|deleted| deleted > 0)
                .map_err(self.at())
        })
    }

    fn select_jobs(&self, rest: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Job>> {
        let sql = format!("SELECT {} FROM {TABLE} {rest}", COLUMNS.join(", "));
        self.read_all(&sql, values, |row| self.read_job(row))
    }

    fn read_job(&self, row: &Row<'_>) -> Result<Job, StoreError> {
        let mut row = RowReader::new(&self.path, TABLE, &COLUMNS, 1, row);
        let owned = |text: &str| Some(text.to_owned());
        let count = |number: i64| u64::try_from(number).ok();
        let flag = |number| Some(number != 0);
        // Struct fields are evaluated in the order written, which is the order of COLUMNS.
        Ok(Job {
            job_id: row.text(|text| text.parse().ok())?,
            created_at: row.text(time_from)?,
            updated_at: row.text(time_from)?,
            status: row.text(JobStatus::from_word)?,
            job_name: row.optional_text(owned)?,
            tickers: row.text(tickers_from)?,
            start_year: row.integer(cache::fiscal_year)?,
            end_year: row.integer(cache::fiscal_year)?,
            reprt_code: row.text(|text| text.parse::<ReprtCode>().ok())?,
            force_refresh: row.integer(flag)?,
            recheck_recent: row.integer(|number| u16::try_from(number).ok())?,
            plan: row.text(Plan::from_word)?,
            own_only: row.integer(flag)?,
            on_error: row.text(OnError::from_word)?,
            daily_limit: row.optional_integer(|number| u32::try_from(number).ok())?,
            cursor_index: row.integer(count)?,
            cursor_year: row.optional_integer(cache::fiscal_year)?,
            processed_count: row.integer(count)?,
            success_count: row.integer(count)?,
            skip_count: row.integer(count)?,
            cached_count: row.integer(count)?,
            fail_count: row.integer(count)?,
            dart_calls: row.integer(count)?,
            last_error: row.optional_text(owned)?,
            stop_reason: row.optional_text(StopReason::from_word)?,
            started_at: row.optional_text(time_from)?,
            finished_at: row.optional_text(time_from)?,
            lease_owner: row.optional_text(owned)?,
            lease_expires_at: row.optional_text(time_from)?,
        })
    }
}

fn tickers_from(text: &str) -> Option<Vec<Ticker>> {
    let codes: Vec<String> = serde_json::from_str(text).ok()?;
    codes.iter().map(|code| code.parse().ok()).collect()
}
