use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::domain::job::{FailureKind, JobId, JobStatus, StopReason};
use crate::domain::{FiscalYear, Outcome, Ticker};

/// What happens to a job while it runs. Each is sent after what it tells was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The job runs, from its cursor on.
    Started {
        /// The job.
        #[serde(serialize_with = "shown")]
        job_id: JobId,
        /// Steps settled before.
        processed: u64,
        /// All its steps.
        total: u64,
    },
    /// OpenDART's list of companies was fetched, as a ticker was not in the one at hand.
    CompaniesFetched {
        /// Listed companies in it.
        companies: u64,
    },
    /// Steps were settled.
    StepsDone {
        /// How many.
        steps: u64,
        /// What came of them.
        counts: OutcomeCounts,
        /// Steps settled since the job was created.
        processed: u64,
        /// All its steps.
        total: u64,
        /// HTTP attempts since the job was created.
        dart_calls: u64,
        /// The share at the cursor; none once all steps are settled.
        #[serde(serialize_with = "maybe_shown")]
        ticker: Option<Ticker>,
        /// The year at the cursor.
        #[serde(serialize_with = "maybe_year")]
        year: Option<FiscalYear>,
    },
    /// A step failed.
    Failed {
        /// The share.
        #[serde(serialize_with = "shown")]
        ticker: Ticker,
        /// The year.
        #[serde(serialize_with = "a_year")]
        year: FiscalYear,
        /// What kind of failure it was.
        kind: FailureKind,
        /// What went wrong, in words.
        message: String,
    },
    /// Nothing has happened for a moment; sent so that whoever tells people of the run can go on
    /// telling. Not for programs.
    Tick,
    /// The day's limit is used up; the job goes on at that time.
    Waiting {
        /// 00:00 KST.
        until: DateTime<Utc>,
    },
    /// The job stopped before its last step.
    Stopped {
        /// The state it is in now.
        status: JobStatus,
        /// Why.
        reason: Option<StopReason>,
        /// What went wrong, in words.
        message: Option<String>,
    },
    /// Every step is settled.
    Finished,
}

/// How many steps came to which end, as people want to see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct OutcomeCounts {
    /// The report states a cash dividend.
    pub paid: u64,
    /// It states none.
    pub no_dividend: u64,
    /// It gives no figure for this share.
    pub not_stated: u64,
    /// There is no report (013).
    pub no_report: u64,
    /// The answer was known before the job started.
    pub cached: u64,
    /// No answer could be had.
    pub failed: u64,
}

impl OutcomeCounts {
    pub(super) fn fetched(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::Paid => &mut self.paid,
            Outcome::NoDividend => &mut self.no_dividend,
            Outcome::NotStated => &mut self.not_stated,
            Outcome::NoReport => &mut self.no_report,
        } += 1;
    }
}

fn shown<S: Serializer>(value: &impl ToString, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.to_string())
}

fn maybe_shown<S: Serializer>(value: &Option<Ticker>, to: S) -> Result<S::Ok, S::Error> {
    value.map(|ticker| ticker.to_string()).serialize(to)
}

fn a_year<S: Serializer>(year: &FiscalYear, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(year.get())
}

fn maybe_year<S: Serializer>(year: &Option<FiscalYear>, to: S) -> Result<S::Ok, S::Error> {
    year.map(FiscalYear::get).serialize(to)
}

#[cfg(test)]
mod tests {
    use super::{Event, OutcomeCounts};

    #[test]
    fn an_event_in_json_is_one_flat_object_with_its_name() {
        let event = Event::StepsDone {
            steps: 3,
            counts: OutcomeCounts {
                paid: 3,
                ..OutcomeCounts::default()
            },
            processed: 3,
            total: 13,
            dart_calls: 1,
            ticker: "005930".parse().ok(),
            year: None,
        };
        assert_eq!(
            serde_json::to_string(&event).unwrap(),
            "{\"event\":\"steps_done\",\"steps\":3,\"counts\":{\"paid\":3,\"no_dividend\":0,\
             \"not_stated\":0,\"no_report\":0,\"cached\":0,\"failed\":0},\"processed\":3,\
             \"total\":13,\"dart_calls\":1,\"ticker\":\"005930\",\"year\":null}"
        );
        assert_eq!(
            serde_json::to_string(&Event::Finished).unwrap(),
            "{\"event\":\"finished\"}"
        );
    }
}
