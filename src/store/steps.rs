//! Settling a job's steps: counters, cursor, cached rows and failures move together or not at all.
//!
//! Locking: one `BEGIN IMMEDIATE` transaction a commit, fenced: it changes nothing unless the job
//! is RUNNING under the caller's lease and its cursor is where the caller left it.
//! Compatibility: `processed_count = success + skip + cached + fail` is a rule of the table.
//! Performance: however many steps are ready, the disk is waited for once; steps that are cached
//! cost no write of their own.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Transaction, named_params, params};

use super::values::{RowReader, time_from, time_text};
use super::{NewRow, Result, Store, cache, usage};
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
        self.write(|transaction| {
            if move_cursor(transaction, commit, &now).map_err(self.at())? == 0 {
                return Ok(None);
            }
            self.save_within(transaction, commit.rows, &now)?;
            write_failures(transaction, commit).map_err(self.at())?;
            let (fingerprint, day) = commit.usage;
            let calls = usage::add_calls(transaction, fingerprint, day, commit.uncounted);
            calls.map(Some).map_err(self.at())
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
        self.write(|transaction| {
            self.save_within(transaction, rows, &time_text(now))?;
            transaction
                .prepare_cached(
                    "UPDATE prefetch_jobs SET dart_calls = dart_calls + ?2 WHERE job_id = ?1",
                )
                .and_then(|mut update| update.execute(params![job_id.as_str(), as_integer(calls)]))
                .map_err(self.at())?;
            usage::add_calls(transaction, usage.0, usage.1, usage.2).map_err(self.at())?;
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
        const COLUMNS: [&str; 7] = [
            "ticker",
            "fiscal_year",
            "source_year",
            "outcome",
            "parser_version",
            "fetched_at",
            "expires_at",
        ];
        self.read_all(
            "SELECT ticker, fiscal_year, source_year, outcome, parser_version, fetched_at,
                    expires_at
               FROM dividend_dps_cache
              WHERE ticker = ?1 AND fiscal_year BETWEEN ?2 AND ?3 AND reprt_code = ?4
              ORDER BY fiscal_year",
            params![ticker.as_str(), first.get(), last.get(), reprt.code()],
            |row| {
                let mut row = RowReader::new(&self.path, "dividend_dps_cache", &COLUMNS, 2, row);
                let _: Ticker = row.text(|text| text.parse().ok())?;
                Ok(KnownYear {
                    fiscal_year: row.integer(cache::fiscal_year)?,
                    source_year: row.integer(cache::fiscal_year)?,
                    outcome: row.text(Outcome::from_word)?,
                    parser_version: row.integer(|number| u32::try_from(number).ok())?,
                    fetched_at: row.text(time_from)?,
                    expires_at: row.optional_text(time_from)?,
                })
            },
        )
    }
}

/// The fence: it changes one row, or none where the right to is lost.
fn move_cursor(
    to: &Transaction<'_>,
    commit: &StepCommit<'_>,
    now: &str,
) -> rusqlite::Result<usize> {
    to.prepare_cached(
        "UPDATE prefetch_jobs
            SET cursor_index = :cursor_index,
                cursor_year = :cursor_year,
                processed_count = processed_count + :steps,
                success_count = success_count + :success,
                skip_count = skip_count + :skip,
                cached_count = cached_count + :cached,
                fail_count = fail_count + :fail - :recovered,
                dart_calls = dart_calls + :calls,
                last_error = iif(:recovered > 0 AND fail_count + :fail = :recovered, NULL,
                                 coalesce(:last_error, last_error)),
                updated_at = :now,
                status = coalesce(:status, status),
                stop_reason = :reason,
                finished_at = iif(:status = 'DONE', :now, finished_at),
                lease_token = iif(:status IS NULL, lease_token, NULL),
                lease_owner = iif(:status IS NULL, lease_owner, NULL),
                lease_expires_at = iif(:status IS NULL, :lease_expires_at, NULL)
          WHERE job_id = :job_id AND status = 'RUNNING' AND lease_token = :token
            AND processed_count = :processed",
    )?
    .execute(named_params! {
        ":job_id": commit.job_id.as_str(),
        ":token": commit.token,
        ":processed": as_integer(commit.processed),
        ":cursor_index": as_integer(commit.cursor.0),
        ":steps": as_integer(commit.steps),
        ":cursor_year": commit.cursor.1.map(FiscalYear::get),
        ":success": as_integer(commit.counts.success),
        ":skip": as_integer(commit.counts.skip),
        ":cached": as_integer(commit.counts.cached),
        ":fail": as_integer(commit.counts.fail),
        ":recovered": as_integer(commit.recovered.len() as u64),
        ":calls": as_integer(commit.calls),
        ":last_error": commit.last_error,
        ":now": now,
        ":status": commit.end.map(|end| end.status.as_str()),
        ":reason": commit.end.and_then(|end| end.reason).map(StopReason::as_str),
        ":lease_expires_at": time_text(commit.lease_expires_at),
    })
}

fn write_failures(to: &Transaction<'_>, commit: &StepCommit<'_>) -> rusqlite::Result<()> {
    let mut delete = to.prepare_cached(
        "DELETE FROM prefetch_failures WHERE job_id = ?1 AND ticker = ?2 AND fiscal_year = ?3",
    )?;
    for (ticker, year) in commit.recovered {
        delete.execute(params![commit.job_id.as_str(), ticker.as_str(), year.get()])?;
    }
    let mut upsert = to.prepare_cached(
        "INSERT INTO prefetch_failures
                (job_id, ticker, fiscal_year, kind, message, attempts, failed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (job_id, ticker, fiscal_year) DO UPDATE SET
                kind = excluded.kind, message = excluded.message, attempts = excluded.attempts,
                failed_at = excluded.failed_at",
    )?;
    for failure in commit.failures {
        upsert.execute(params![
            commit.job_id.as_str(),
            failure.ticker.as_str(),
            failure.fiscal_year.get(),
            failure.kind.as_str(),
            failure.message,
            failure.attempts,
            time_text(failure.failed_at),
        ])?;
    }
    Ok(())
}

/// SQLite's integers are signed; no count comes near their end.
fn as_integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
