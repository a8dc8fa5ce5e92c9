//! `dps quota`: the day's calls.

use chrono::{DateTime, Utc};
use clap::Args;

use crate::domain::{kst_date, next_kst_midnight};
use crate::prefetch::DEFAULT_DAILY_LIMIT;

use super::config::Config;
use super::exit::{Exit, Failure};
use super::output::{self, Cell, Column, Format, column};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dps quota --format json")]
pub(super) struct QuotaArgs {
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

struct Quota {
    day: chrono::NaiveDate,
    used: u64,
    limit: u64,
    resets_at: DateTime<Utc>,
}

const COLUMNS: &[Column<Quota>] = &[
    column("kst_day", "Day (KST)", |q| Cell::text(q.day)),
    column("used", "Calls used", |q| Cell::count(q.used)),
    column("left", "Calls left", |q| {
        Cell::count(q.limit.saturating_sub(q.used))
    }),
    column("limit", "Limit", |q| Cell::count(q.limit)),
    column("resets_at", "Starts anew", |q| Cell::Time(q.resets_at)),
];

pub(super) fn run(config: &Config, args: &QuotaArgs) -> Result<Exit, Failure> {
    let now = Utc::now();
    let day = kst_date(now);
    let used = match config.open_existing_store()? {
        None => 0,
        Some(store) => match config.key_fingerprint() {
            Ok(fingerprint) => store.calls_on(&fingerprint, day)?,
            // Without a key: the calls of the one that was used most today.
            Err(Failure::NoKey { .. }) => {
                let today = store.usage_since(day)?;
                today
                    .into_iter()
                    .map(|usage| usage.calls)
                    .max()
                    .unwrap_or_default()
            }
            Err(failure) => return Err(failure),
        },
    };
    let limit = u64::from(DEFAULT_DAILY_LIMIT);
    let resets_at = next_kst_midnight(now);
    output::one(
        COLUMNS,
        &Quota {
            day,
            used,
            limit,
            resets_at,
        },
        args.format,
    )?;
    Ok(Exit::Done)
}
