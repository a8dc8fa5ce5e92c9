//! `dps job cancel`.

use chrono::Utc;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::prefetch::{self, JobStatus};

use super::{existing_store, print_status};

pub(super) fn run(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, id)?;
    print_status(
        prefetch::request_cancel(&store, &job.job_id, Utc::now()),
        JobStatus::Cancelled,
    )
}
