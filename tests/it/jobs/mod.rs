//! Jobs against a server on loopback that counts what it is asked.

mod agrees;
mod cached;
mod ends;
mod fails;
mod faulty;
mod gated;
mod killed;
mod raced;
mod resumes;
mod table;
mod window;

use std::sync::{Arc, OnceLock};

use dps::domain::{FiscalYear, ReprtCode};
use dps::fetch::Fetcher;
use dps::prefetch::{
    Event, Job, JobId, JobSettings, JobStatus, OnError, Plan, Runner, RunnerOptions, create_job,
    load_job,
};
use dps::sandbox::{Event as SandboxEvent, OnEvent, Question};
use dps::store::Store;

use crate::support::answer::Answer;
use crate::support::dart::{FakeDart, TestStore, now};

/// Companies of the little market below.
const COMPANIES: u32 = 6;

fn corp_code(company: u32) -> String {
    format!("9000{company:04}")
}

fn ticker(company: u32) -> String {
    format!("90{company:03}0")
}

/// What a company pays in a year: something, nothing, or there is no report.
fn answer(company: u32, year: u16) -> Option<Answer> {
    let amount = match (company + u32::from(year)) % 5 {
        0 => return None,
        1 => "-".to_owned(),
        rest => format!("{}", rest * 100 + company),
    };
    let answer = Answer::of(&corp_code(company))
        .filing(
            &format!("{}0331{company:06}", year + 1),
            &format!("{year}-12-31"),
        )
        .row("주당액면가액(원)", "-", ["500", "500", "500"])
        .net_income(["9", "8", "7"])
        .dps("보통주", [&amount, "20", "10"])
        .dps("우선주", ["55", "25", "15"]);
    Some(answer)
}

/// A market of six companies with annual reports from 2015 to 2025.
fn market(faults: &str, on_event: Option<OnEvent>) -> FakeDart {
    let mut dart = FakeDart::with(faults, on_event);
    for company in 0..COMPANIES {
        for year in 2015..=2025 {
            if let Some(answer) = answer(company, year) {
                dart = dart.with_report(year, ReprtCode::Annual, &answer);
            }
        }
    }
    let companies: Vec<[String; 4]> = (0..COMPANIES)
        .map(|company| {
            [
                corp_code(company),
                format!("가상{company}"),
                format!("Made-up {company}"),
                ticker(company),
            ]
        })
        .collect();
    let listed: Vec<(&str, &str, &str, &str)> = companies
        .iter()
        .map(|[corp, name, english, ticker]| {
            (
                corp.as_str(),
                name.as_str(),
                english.as_str(),
                ticker.as_str(),
            )
        })
        .collect();
    dart.with_companies(&listed)
}

fn settings(tickers: &[&str], first: u16, last: u16) -> JobSettings {
    JobSettings {
        name: None,
        tickers: tickers
            .iter()
            .map(|ticker| ticker.parse().unwrap())
            .collect(),
        first: FiscalYear::new(first).unwrap(),
        last: FiscalYear::new(last).unwrap(),
        reprt_code: ReprtCode::Annual,
        force_refresh: false,
        recheck_recent: 0,
        plan: Plan::Own,
        own_only: false,
        on_error: OnError::Continue,
        daily_limit: None,
    }
}

/// Every company of the market, 2013 to 2025.
fn everything() -> JobSettings {
    let tickers: Vec<String> = (0..COMPANIES).map(ticker).collect();
    let tickers: Vec<&str> = tickers.iter().map(String::as_str).collect();
    settings(&tickers, 2013, 2025)
}

fn fetcher(dart: &FakeDart) -> Arc<Fetcher> {
    Arc::new(dart.fetcher())
}

fn create(store: &Store, settings: &JobSettings) -> JobId {
    create_job(store, settings, now()).unwrap().job_id
}

/// Runs a job until it is DONE or stops.
fn run(store: &Store, dart: &FakeDart, id: &JobId) -> (Job, Vec<Event>) {
    run_with(store, dart, id, RunnerOptions::default())
}

fn run_with(
    store: &Store,
    dart: &FakeDart,
    id: &JobId,
    options: RunnerOptions,
) -> (Job, Vec<Event>) {
    let mut events = Vec::new();
    let mut runner = Runner::open(store, fetcher(dart), id, options).unwrap();
    let job = runner
        .run_job_step(u64::MAX, &mut |event| events.push(event))
        .unwrap();
    drop(runner);
    assert_eq!(load_job(store, id).unwrap(), job, "what is told is stored");
    (job, events)
}

/// success, skip, cached, fail.
fn counts(job: &Job) -> [u64; 4] {
    let counts = [
        job.success_count,
        job.skip_count,
        job.cached_count,
        job.fail_count,
    ];
    assert_eq!(counts.iter().sum::<u64>(), job.processed_count);
    let years = u64::from(job.end_year.get() - job.start_year.get()) + 1;
    assert_eq!(job.cursor_index, job.processed_count / years);
    let year = u64::from(job.start_year.get()) + job.processed_count % years;
    let year = (job.processed_count < job.total_steps()).then_some(year);
    assert_eq!(job.cursor_year.map(|year| year.get().into()), year);
    counts
}

/// All that is cached, in brief.
fn rows(test_store: &TestStore, settings: &JobSettings) -> Vec<String> {
    let mut lines = Vec::new();
    for ticker in &settings.tickers {
        let rows = test_store
            .store
            .rows(
                *ticker,
                FiscalYear::new(2013).unwrap(),
                FiscalYear::new(2030).unwrap(),
                settings.reprt_code,
            )
            .unwrap();
        lines.extend(rows.iter().map(|row| {
            let year = &row.year;
            format!(
                "{} {} {} {:?} {}",
                year.ticker, year.fiscal_year, year.outcome, year.dps_cash, year.source_year
            )
        }));
    }
    lines
}

/// What a run that nothing disturbs comes to: its counts, and the rows.
fn undisturbed() -> ([u64; 4], Vec<String>) {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &everything());
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Done);
    (counts(&job), rows(&test_store, &everything()))
}

/// Something to do at the n-th question about a report, given once the rest is set up.
#[derive(Clone, Default)]
struct AtRequest(Arc<OnceLock<Act>>);

type Act = Box<dyn Fn(u64) + Send + Sync>;

impl AtRequest {
    fn hook(&self) -> OnEvent {
        let this = self.clone();
        let reports = std::sync::atomic::AtomicU64::new(0);
        Arc::new(move |event: &SandboxEvent<'_>| {
            let SandboxEvent::Asked {
                question: Question::AlotMatter(_),
                ..
            } = event
            else {
                return;
            };
            let nth = reports.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            if let Some(act) = this.0.get() {
                act(nth);
            }
        })
    }

    fn do_this(&self, act: impl Fn(u64) + Send + Sync + 'static) {
        assert!(self.0.set(Box::new(act)).is_ok());
    }
}
