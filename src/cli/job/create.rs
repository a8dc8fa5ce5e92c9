//! `dps job create`.

use chrono::Utc;
use clap::Args;

use crate::cli::companies::AppContext;
use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::selection::{PickArgs, YearArgs};
use crate::cli::{output, report, say, selection};
use crate::domain::{ReprtCode, ReprtCodeError};
use crate::prefetch::{self, Estimate, Job, JobSettings, JobStatus, OnError, Plan};
use crate::store::Store;

use super::progress::Progress;
use super::run::RunOptions;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dps job create --tickers-file kr.txt 2015 2025
  dps job create --from-master --market Y,K 2015 2025 --name market --run
  dps job create --tickers 005930,000660 --from 2020 --to 2025 --or-resume --run")]
pub(in crate::cli) struct CreateArgs {
    /// The first and the last fiscal year
    #[arg(value_name = "YEAR")]
    pub(super) words: Vec<String>,
    #[command(flatten)]
    pub(super) pick: PickArgs,
    #[command(flatten)]
    pub(super) years: YearArgs,
    /// Which report: annual, half, q1 or q3 (or 11011, 11012, 11013, 11014)
    #[arg(long, value_name = "REPORT", default_value = "annual", value_parser = one_report)]
    pub(super) report: ReprtCode,
    /// Ask again for every year, whatever is stored
    #[arg(long, alias = "force-refresh")]
    pub(super) refresh: bool,
    /// Ask again for the N latest years of the range
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) recheck_recent: u16,
    /// Which reports answer a year: its own (own, the default), or one for three years (window: the
    /// fewest calls). With own, years that only a later report stated are asked again
    #[arg(long, value_name = "PLAN")]
    pub(super) plan: Option<Plan>,
    /// What a failed step does: continue or stop
    #[arg(long, value_name = "WHAT", default_value_t = OnError::Continue)]
    pub(super) on_error: OnError,
    /// Pause after so many calls a day (KST) with this key, whoever made them
    #[arg(long, value_name = "N")]
    pub(super) daily_limit: Option<u32>,
    /// A name to find the job by
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Run it at once
    #[arg(long)]
    pub(super) run: bool,
    /// Take the newest unfinished job of this name and these settings instead, if there is one
    #[arg(long)]
    pub(super) or_resume: bool,
    #[command(flatten)]
    pub(super) how: RunOptions,
}

/// The one kind of report a job asks for.
fn one_report(text: &str) -> Result<ReprtCode, String> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Err(
            "a job asks for one kind of report: create one for annual, then for q1, half and q3; \
             dps series --report all shows them together"
                .to_owned(),
        );
    }
    text.parse()
        .map_err(|error: ReprtCodeError| error.to_string())
}

pub(super) fn run(config: &Config, args: CreateArgs) -> Result<Exit, Failure> {
    let (names, positional) = selection::split_years(&args.words)?;
    if let [first, ..] = names {
        return Err(Failure::usage(
            format!("{first:?} is no year"),
            "give the tickers with --tickers, --tickers-file, --from-master or --from-events",
        ));
    }
    if positional.is_none() && (args.years.from.is_none() || args.years.to.is_none()) {
        return Err(Failure::usage(
            "a job needs its years",
            "as dps job create --tickers-file kr.txt 2015 2025, or --from 2015 --to 2025",
        ));
    }
    if !args.pick.names_any() {
        return Err(Failure::usage(
            "a job needs its tickers",
            "give them with --tickers, --tickers-file, --from-master or --from-events",
        ));
    }
    let per_minute = config.per_minute()?;
    let now = Utc::now();
    let (first, last) = selection::years(positional, &args.years, &[args.report], now)?;
    let mut session = AppContext::open(config, false)?;
    let picked = selection::tickers(&mut session, &[], &args.pick)?;
    picked.unknown.iter().for_each(report);
    if picked.tickers.is_empty() {
        return Err(Failure::usage(
            "no ticker is left to ask for",
            "check the list",
        ));
    }
    let settings = JobSettings {
        name: args.name,
        tickers: picked.tickers,
        first,
        last,
        reprt_code: args.report,
        force_refresh: args.refresh,
        recheck_recent: args.recheck_recent,
        plan: args.plan.unwrap_or(Plan::Own),
        own_only: args.plan == Some(Plan::Own),
        on_error: args.on_error,
        daily_limit: args.daily_limit,
    };
    let store = &session.store;
    let resumed = if args.or_resume {
        unfinished(store, &settings)?
    } else {
        None
    };
    let is_new = resumed.is_none();
    let job = match resumed {
        Some(job) => job,
        None => prefetch::create_job(store, &settings, now)?,
    };
    // First of all, and flushed: whatever happens next, a script has the id.
    // Under --progress json the first event tells it, and nothing else may be there.
    if !(args.run && args.how.progress == Some(Progress::Json)) {
        output::raw(job.job_id.as_str().as_bytes())?;
    }
    if is_new {
        tell(&prefetch::estimate(store, &job, now)?, &job, per_minute);
    } else {
        say(&format!(
            "going on with the unfinished job, {} of {} steps done",
            job.processed_count,
            job.total_steps()
        ));
    }
    if args.run {
        drop(session);
        return super::run::run(config, Some(job.job_id.as_str()), &args.how);
    }
    say(&format!("run it with: dps job run {}", job.job_id));
    Ok(Exit::Done)
}

/// The newest unfinished job of this name and these settings.
fn unfinished(store: &Store, settings: &JobSettings) -> Result<Option<Job>, Failure> {
    let jobs = prefetch::list_jobs(store, usize::MAX, None)?;
    Ok(jobs
        .into_iter()
        .find(|job| job.status != JobStatus::Done && job.settings() == *settings))
}

/// What the job will cost, before anything is asked.
fn tell(estimate: &Estimate, job: &Job, per_minute: u32) {
    let cached = match estimate.cached {
        0 => String::new(),
        cached => format!(", {cached} of them cached"),
    };
    let tickers = match job.tickers.len() {
        1 => "1 ticker".to_owned(),
        several => format!("{several} tickers"),
    };
    say(&format!("{tickers}, {} steps{cached}", estimate.steps));
    let line = |plan: Plan, words: String| {
        let mark = if plan == job.plan { "*" } else { " " };
        say(&format!("{mark} plan {plan}: {words}"));
    };
    line(
        Plan::Own,
        format!("at most {}", cost(estimate.own, per_minute, job)),
    );
    if let Some(calls) = estimate.window {
        line(
            Plan::Window,
            format!(
                "{}; and one call for each report that does not exist",
                cost(calls, per_minute, job)
            ),
        );
    }
}

/// So many calls, in minutes at the limit and days of quota.
fn cost(calls: u64, per_minute: u32, job: &Job) -> String {
    let minutes = match u64::from(per_minute) {
        0 => "no limit a minute".to_owned(),
        limit => format!("{} min at {limit} a minute", calls.div_ceil(limit)),
    };
    let a_day = u64::from(job.daily_limit.unwrap_or(prefetch::DEFAULT_DAILY_LIMIT)).max(1);
    let quota = match calls.div_ceil(a_day) {
        0 | 1 => format!("{}% of a day's {a_day}", (calls * 100).div_ceil(a_day)),
        days => format!("{days} days of {a_day}"),
    };
    format!("{calls} calls, {minutes}, {quota}")
}
