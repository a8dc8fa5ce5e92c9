//! From a job's settings to its steps, and from steps to calls. Pure.
//!
//! A call may settle several consecutive steps: the 2015 report speaks for 2013 and 2014 too.

use std::collections::BTreeSet;

use crate::domain::job::{Job, Steps};
use crate::domain::{FiscalYear, ReprtCode, Ticker};
use crate::series::answer::own_report;

/// Whether two steps are settled by one call.
pub(super) fn same_call(
    reprt_code: ReprtCode,
    one: (Ticker, FiscalYear),
    other: (Ticker, FiscalYear),
) -> bool {
    one.0 == other.0 && own_report(one.1, reprt_code) == own_report(other.1, reprt_code)
}

/// Moves the end of a range of steps on until it parts no two that one call settles.
pub(super) fn round_up(steps: Steps<'_>, reprt_code: ReprtCode, end: u64) -> u64 {
    let mut end = end.min(steps.total());
    while let Some(last) = end.checked_sub(1).and_then(|last| steps.at(last))
        && let Some(next) = steps.at(end)
        && same_call(reprt_code, last, next)
    {
        end += 1;
    }
    end
}

/// How many calls a job makes at most, if nothing is cached and nothing has to be tried again: one
/// for each issuer and report.
#[must_use]
pub fn most_calls(job: &Job) -> u64 {
    let issuers: BTreeSet<Ticker> = job.tickers.iter().map(|ticker| ticker.issuer()).collect();
    let reports: BTreeSet<FiscalYear> = job
        .start_year
        .through(job.end_year)
        .map(|year| own_report(year, job.reprt_code))
        .collect();
    issuers.len() as u64 * reports.len() as u64
}

#[cfg(test)]
mod tests {
    use super::{round_up, same_call};
    use crate::domain::job::Steps;
    use crate::domain::{FiscalYear, ReprtCode, Ticker};

    fn year(number: u16) -> FiscalYear {
        FiscalYear::new(number).unwrap()
    }

    #[test]
    fn a_range_of_steps_never_parts_the_years_of_the_2015_report() {
        let tickers: Vec<Ticker> = ["005930", "000660"].map(|t| t.parse().unwrap()).into();
        let steps = Steps::new(&tickers, year(2013), year(2017));
        let ends: Vec<u64> = (0..=12)
            .map(|end| round_up(steps, ReprtCode::Annual, end))
            .collect();
        assert_eq!(ends, [0, 3, 3, 3, 4, 5, 8, 8, 8, 9, 10, 10, 10]);
    }

    #[test]
    fn interim_reports_speak_for_their_own_year_alone() {
        let ticker: Ticker = "005930".parse().unwrap();
        assert!(!same_call(
            ReprtCode::Half,
            (ticker, year(2014)),
            (ticker, year(2015))
        ));
    }
}
