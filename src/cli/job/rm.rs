//! `dps job rm`.

use chrono::Utc;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::say;
use crate::prefetch;

use super::existing_store;

pub(super) fn run(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, id)?;
    prefetch::remove_job(&store, &job.job_id, Utc::now())?;
    say(&format!("{}: deleted; what it learnt stays", job.job_id));
    Ok(Exit::Done)
}
