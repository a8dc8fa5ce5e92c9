//! Which steps are queued together. Pure.

use crate::domain::job::Job;
use crate::domain::{FiscalYear, Ticker};
use crate::resolve::planner::goes_with;

/// The steps from `from` on that are planned with it: one share, and its years.
pub(super) fn together(job: &Job, from: u64) -> Option<(Ticker, Vec<FiscalYear>)> {
    let steps = job.steps();
    first_together(job, (from..).map_while(|at| steps.at(at)))
}

/// The first of these steps and those that are planned with it.
pub(super) fn first_together(
    job: &Job,
    steps: impl Iterator<Item = (Ticker, FiscalYear)>,
) -> Option<(Ticker, Vec<FiscalYear>)> {
    let mut steps = steps.peekable();
    let (share, first) = *steps.peek()?;
    let years = steps
        .take_while(|(ticker, year)| {
            *ticker == share && goes_with(job.plan, job.reprt_code, first, *year)
        })
        .map(|(_, year)| year)
        .collect();
    Some((share, years))
}

/// Moves the end of a range of steps on until it parts none that are planned together.
pub(super) fn round_up(job: &Job, end: u64) -> u64 {
    let end = end.min(job.total_steps());
    end.checked_sub(1)
        .and_then(|last| Some(last + together(job, last)?.1.len() as u64))
        .unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::{round_up, together};
    use crate::domain::job::{Job, JobStatus, OnError, Plan};
    use crate::domain::{FiscalYear, ReprtCode};
    use chrono::{DateTime, Utc};

    fn year(number: u16) -> FiscalYear {
        FiscalYear::new(number).unwrap()
    }

    /// Two shares, 2013 to 2017.
    fn job(plan: Plan, reprt_code: ReprtCode) -> Job {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        Job {
            job_id: "00000000-0000-4000-8000-000000000000".parse().unwrap(),
            created_at: now,
            updated_at: now,
            status: JobStatus::Pending,
            job_name: None,
            tickers: ["005930", "000660"].map(|t| t.parse().unwrap()).into(),
            start_year: year(2013),
            end_year: year(2017),
            reprt_code,
            force_refresh: false,
            recheck_recent: 0,
            plan,
            own_only: false,
            on_error: OnError::Continue,
            daily_limit: None,
            cursor_index: 0,
            cursor_year: None,
            processed_count: 0,
            success_count: 0,
            skip_count: 0,
            cached_count: 0,
            fail_count: 0,
            dart_calls: 0,
            last_error: None,
            stop_reason: None,
            started_at: None,
            finished_at: None,
            lease_owner: None,
            lease_expires_at: None,
        }
    }

    fn ends(job: &Job) -> Vec<u64> {
        (0..=12).map(|end| round_up(job, end)).collect()
    }

    #[test]
    fn a_range_of_steps_never_parts_the_years_of_the_2015_report() {
        let own = job(Plan::Own, ReprtCode::Annual);
        assert_eq!(ends(&own), [0, 3, 3, 3, 4, 5, 8, 8, 8, 9, 10, 10, 10]);
        let (_, years) = together(&own, 1).unwrap();
        assert_eq!(years, [year(2014), year(2015)], "from a cursor amid them");
    }

    #[test]
    fn under_plan_window_it_never_parts_a_share_s_years() {
        let window = job(Plan::Window, ReprtCode::Annual);
        assert_eq!(
            ends(&window),
            [0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 10, 10]
        );
    }

    #[test]
    fn interim_reports_speak_for_their_own_year_alone() {
        let half = job(Plan::Own, ReprtCode::Half);
        let (_, years) = together(&half, 1).unwrap();
        assert_eq!(years, [year(2014)]);
    }
}
