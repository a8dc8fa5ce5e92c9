//! What could not be shown, in words.

use crate::cli::say;
use crate::domain::{FiscalYear, ReprtCode, Ticker};
use crate::resolve::StepError;

/// A row that is not there, and why.
pub(in crate::cli) struct MissingRow {
    pub(in crate::cli) ticker: Ticker,
    pub(in crate::cli) year: FiscalYear,
    pub(in crate::cli) reprt_code: ReprtCode,
    pub(in crate::cli) why: StepError,
}

/// Names on stderr what is missing, and why; the report too where several were asked for.
pub(in crate::cli) fn say_missing(missing: &[MissingRow], several_reports: bool) {
    for run in runs(missing) {
        let report = if several_reports {
            format!(" {}", run.reprt_code.word())
        } else {
            String::new()
        };
        let years = if run.first == run.last {
            run.first.to_string()
        } else {
            format!("{}-{}", run.first, run.last)
        };
        say(&format!(
            "missing: {} {years}{report}: {}",
            run.ticker, run.why
        ));
    }
}

/// Years in a row of one ticker and kind of report that are missing for one reason.
struct Run {
    ticker: Ticker,
    reprt_code: ReprtCode,
    first: FiscalYear,
    last: FiscalYear,
    why: String,
}

fn runs(missing: &[MissingRow]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for lacking in missing {
        let why = lacking.why.to_string();
        match runs.last_mut() {
            Some(run)
                if run.ticker == lacking.ticker
                    && run.reprt_code == lacking.reprt_code
                    && run.why == why
                    && run.last.get() + 1 == lacking.year.get() =>
            {
                run.last = lacking.year;
            }
            _ => runs.push(Run {
                ticker: lacking.ticker,
                reprt_code: lacking.reprt_code,
                first: lacking.year,
                last: lacking.year,
                why,
            }),
        }
    }
    runs
}
