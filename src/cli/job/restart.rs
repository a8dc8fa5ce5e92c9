//! `dps job restart`.

use chrono::Utc;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{output, say};
use crate::prefetch;

use super::existing_store;

pub(super) fn run(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let old = prefetch::find_job(&store, id)?;
    let new = prefetch::restart_job(&store, &old.job_id, Utc::now())?;
    output::raw(new.job_id.as_str().as_bytes())?;
    say(&format!("run it with: dps job run {}", new.job_id));
    Ok(Exit::Done)
}
