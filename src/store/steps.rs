//! Settling a job's steps: counters, cursor, cached rows and failures move together or not at all.
//!
//! Locking: one `BEGIN IMMEDIATE` transaction a commit, fenced: it changes nothing unless the job
//! is RUNNING under the caller's lease and its cursor is where the caller left it.
//! Compatibility: `processed_count = success + skip + cached + fail` is a rule of the table.
//! Performance: however many steps are ready, the disk is waited for once; steps that are cached
//! cost no write of their own.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{named_params, params};

use super::named_row::CACHE;
use super::sql_types::{time_from, time_text};
use super::{NewRow, Result, Store};
use crate::domain::job::{Failure, JobId, JobStatus, StopReason};
use crate::domain::{FiscalYear, Outcome, ReprtCode, Ticker};

/// How many steps came to which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StepCounts {
    /// A report was read.
    pub success: u64,
    /// There is no report (013).
    pub skip: u64,
    /// The answer was known before the job started.
    pub cached: u64,
    /// It failed.
    pub fail: u64,
}

impl StepCounts {
    /// All of them.
    #[must_use]
    pub fn total(self) -> u64 {
        self.success + self.skip + self.cached + self.fail
    }
}

/// How a run of a job ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobEnd {
    /// The state it leaves the job in.
    pub status: JobStatus,
    /// Why, unless the job is DONE.
    pub reason: Option<StopReason>,
}

impl JobEnd {
    /// Every step is committed.
    pub const DONE: Self = Self {
        status: JobStatus::Done,
        reason: None,
    };
}

/// Steps to be settled, from a job's cursor on.
#[derive(Debug)]
pub struct StepCommit<'a> {
    /// The job.
    pub job_id: &'a JobId,
    /// The lease's token.
    pub token: &'a str,
    /// Steps committed before.
    pub processed: u64,
    /// By how many steps it moves on.
    pub steps: u64,
    /// Where the cursor moves: the index of a ticker and its year, `None` beyond the last step.
    pub cursor: (u64, Option<FiscalYear>),
    /// What came of the steps, and of those recovered.
    pub counts: StepCounts,
    /// What was learnt: for these steps and for later ones.
    pub rows: &'a [NewRow],
    /// The steps that failed; one that failed before is told anew.
    pub failures: &'a [Failure],
    /// Failed steps of before that have come to another end, which is in `counts`.
    pub recovered: &'a [(Ticker, FiscalYear)],
    /// HTTP attempts since the last commit.
    pub calls: u64,
    /// Of those, the ones that the gate has not counted as the day's already.
    pub uncounted: u64,
    /// The fingerprint of the key they were made with, and the day (KST).
    pub usage: (&'a str, NaiveDate),
    /// What last went wrong, if anything did.
    pub last_error: Option<&'a str>,
    /// The lease is kept until then.
    pub lease_expires_at: DateTime<Utc>,
    /// The run ends with this.
    pub end: Option<JobEnd>,
}

/// What a job has to know about a cached year, without reading all of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownYear {
    /// The year.
    pub fiscal_year: FiscalYear,
    /// The year of the report that states it.
    pub source_year: FiscalYear,
    /// What the report says.
    pub outcome: Outcome,
    /// The version of the parser that read it.
    pub parser_version: u32,
    /// When OpenDART gave the answer.
    pub fetched_at: DateTime<Utc>,
    /// From when on it should be asked again; `None` is never.
    pub expires_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Settles steps, all in one transaction; the calls of the day so far, by every process.
    /// `None`, and nothing is written, where the lease is lost.
    ///
    /// # Errors
    /// Nothing is written where a row is refused or the database cannot be written.
    pub fn commit_steps(&self, commit: &StepCommit<'_>, now: DateTime<Utc>) -> Result<Option<u64>> {
        let now = time_text(now);
        self.write(|| {
            if self.move_cursor(commit, &now)? == 0 {
                return Ok(None);
            }
            self.save_within(commit.rows, &now)?;
            self.write_failures(commit)?;
            let (fingerprint, day) = commit.usage;
            self.add_calls(fingerprint, day, commit.uncounted).map(Some)
        })
    }

    /// Keeps what a run learnt after it lost its lease, and counts its calls: the cache is
    /// everybody's, the job's steps stay as they are. `usage` is the key's fingerprint, the day (KST)
    /// and the calls that the gate has not counted.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub fn save_after_lease_loss(
        &self,
        job_id: &JobId,
        rows: &[NewRow],
        calls: u64,
        usage: (&str, NaiveDate, u64),
        now: DateTime<Utc>,
    ) -> Result<()> {
        if rows.is_empty() && calls == 0 {
            return Ok(());
        }
        self.write(|| {
            self.save_within(rows, &time_text(now))?;
            self.execute(
                "UPDATE prefetch_jobs SET dart_calls = dart_calls + ?2 WHERE job_id = ?1",
                params![job_id, calls],
            )?;
            self.add_calls(usage.0, usage.1, usage.2)?;
            Ok(())
        })
    }

    /// What is cached of one share's reports from `first` to `last`, ascending.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn known_years(
        &self,
        ticker: Ticker,
        first: FiscalYear,
        last: FiscalYear,
        reprt: ReprtCode,
    ) -> Result<Vec<KnownYear>> {
        self.read_all(
            &CACHE,
            "SELECT ticker, fiscal_year, source_year, outcome, parser_version, fetched_at,
                    expires_at
               FROM dividend_dps_cache
              WHERE ticker = ?1 AND fiscal_year BETWEEN ?2 AND ?3 AND reprt_code = ?4
                AND corp_code = coalesce((SELECT master.corp_code FROM ticker_master AS master
                                          WHERE master.ticker = substr(?1, 1, 5) || '0'),
                                        corp_code)
              ORDER BY fiscal_year",
            params![ticker, first, last, reprt],
            |row| {
                Ok(KnownYear {
                    fiscal_year: row.get("fiscal_year")?,
                    source_year: row.get("source_year")?,
                    outcome: row.get("outcome")?,
                    parser_version: row.get("parser_version")?,
                    fetched_at: row.text("fetched_at", time_from)?,
                    expires_at: row.optional_text("expires_at", time_from)?,
                })
            },
        )
    }

    /// The fence: it changes one row, or none where the right to is lost.
    fn move_cursor(&self, commit: &StepCommit<'_>, now: &str) -> Result<usize> {
        self.execute(
            "UPDATE prefetch_jobs
                SET cursor_index = :cursor_index,
                    cursor_year = :cursor_year,
                    processed_count = processed_count + :steps,
                    success_count = success_count + :success,
                    skip_count = skip_count + :skip,
                    cached_count = cached_count + :cached,
                    fail_count = fail_count + :fail - :recovered,
                    dart_calls = dart_calls + :calls,
                    last_error = CASE WHEN :recovered > 0 AND fail_count + :fail = :recovered
                                      THEN NULL ELSE coalesce(:last_error, last_error) END,
                    updated_at = :now,
                    status = coalesce(:status, status),
                    stop_reason = :reason,
                    finished_at = CASE WHEN :status = 'DONE' THEN :now ELSE finished_at END,
                    lease_token = CASE WHEN :status IS NULL THEN lease_token END,
                    lease_owner = CASE WHEN :status IS NULL THEN lease_owner END,
                    lease_expires_at = CASE WHEN :status IS NULL THEN :lease_expires_at END
              WHERE job_id = :job_id AND status = 'RUNNING' AND lease_token = :token
                AND processed_count = :processed",
            named_params! {
                ":job_id": commit.job_id,
                ":token": commit.token,
                ":processed": commit.processed,
                ":cursor_index": commit.cursor.0,
                ":steps": commit.steps,
                ":cursor_year": commit.cursor.1,
                ":success": commit.counts.success,
                ":skip": commit.counts.skip,
                ":cached": commit.counts.cached,
                ":fail": commit.counts.fail,
                ":recovered": commit.recovered.len(),
                ":calls": commit.calls,
                ":last_error": commit.last_error,
                ":now": now,
                ":status": commit.end.map(|end| end.status),
                ":reason": commit.end.and_then(|end| end.reason),
                ":lease_expires_at": time_text(commit.lease_expires_at),
            },
        )
    }

    fn write_failures(&self, commit: &StepCommit<'_>) -> Result<()> {
        for (ticker, year) in commit.recovered {
            self.execute(
                "DELETE FROM prefetch_failures
                  WHERE job_id = ?1 AND ticker = ?2 AND fiscal_year = ?3",
                params![commit.job_id, ticker, year],
            )?;
        }
        for failure in commit.failures {
            self.execute(
                "INSERT INTO prefetch_failures
                        (job_id, ticker, fiscal_year, kind, message, attempts, failed_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (job_id, ticker, fiscal_year) DO UPDATE SET
                        kind = excluded.kind, message = excluded.message,
                        attempts = excluded.attempts, failed_at = excluded.failed_at",
                params![
                    commit.job_id,
                    failure.ticker,
                    failure.fiscal_year,
                    failure.kind,
                    failure.message,
                    failure.attempts,
                    time_text(failure.failed_at),
                ],
            )?;
        }
        Ok(())
    }
}
