//! Databases of every earlier schema open with today's program, and their jobs go on where they
//! stopped. `tests/data/schemas/README.md` says which they are and how they were made.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dps::domain::OriginKind;
use dps::sandbox::{AnswerId, Config, Source};
use dps::store::Store;
use rusqlite::{Connection, Row};
use serde_json::Value;

use crate::support::dps::{Dps, KEY};
use crate::support::sandbox::{CountingSandbox, Times};

/// The earlier schemas, and whether they have jobs.
const EARLIER: [(&str, bool); 9] = [
    ("schema-05.db", false),
    ("schema-09-early.db", true),
    ("schema-09.db", true),
    ("schema-10.db", true),
    ("schema-11.db", true),
    ("schema-12-early.db", true),
    ("schema-12.db", true),
    ("schema-13.db", true),
    ("schema-14.db", true),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schemas")
}

/// A copy of a database, and the server its answers came from.
fn opened(name: &str) -> (CountingSandbox, Dps) {
    let server =
        CountingSandbox::start(Config::new(Source::Folder(folder().join("answers")))).unwrap();
    let dps = Dps::new()
        .with("DPS_API_BASE", &server.origin())
        .with("DART_API_KEY", KEY);
    std::fs::copy(folder().join(name), dps.db()).unwrap();
    (server, dps)
}

fn query<T>(db: &Path, sql: &str, read: impl Fn(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    let connection = Connection::open(db).unwrap();
    let mut query = connection.prepare(sql).unwrap();
    let rows = query.query_map([], |row| read(row)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn texts(db: &Path, sql: &str) -> Vec<String> {
    query(db, sql, |row| row.get(0))
}

/// A job as the earlier program left it.
struct OldJob {
    name: String,
    status: String,
    stop_reason: Option<String>,
    tickers: Vec<String>,
    years: std::ops::RangeInclusive<u32>,
    plan: String,
    processed: u32,
    success: u32,
    skip: u32,
    cached: u32,
    fail: u32,
    calls: u32,
}

impl OldJob {
    fn all(db: &Path) -> Vec<Self> {
        let sql = "SELECT job_name, status, stop_reason, tickers_json, start_year, end_year,
                          processed_count, success_count, skip_count, cached_count, fail_count,
                          dart_calls, plan
                     FROM prefetch_jobs ORDER BY created_at DESC";
        query(db, sql, |row| {
            Ok(Self {
                name: row.get(0)?,
                status: row.get(1)?,
                stop_reason: row.get(2)?,
                tickers: serde_json::from_str(&row.get::<_, String>(3)?).unwrap(),
                years: row.get(4)?..=row.get(5)?,
                processed: row.get(6)?,
                success: row.get(7)?,
                skip: row.get(8)?,
                cached: row.get(9)?,
                fail: row.get(10)?,
                calls: row.get(11)?,
                plan: row.get(12)?,
            })
        })
    }

    /// Its (ticker, year) pairs in order.
    fn steps(&self) -> Vec<(&str, u32)> {
        let of_ticker = |ticker| self.years.clone().map(move |year| (ticker, year));
        let tickers = self.tickers.iter().map(String::as_str);
        tickers.flat_map(of_ticker).collect()
    }

    /// Its current step; `None` where none is left.
    fn current(&self) -> Option<(&str, u32)> {
        let steps = self.steps();
        steps.get(usize::try_from(self.processed).unwrap()).copied()
    }

    /// How many of its steps have rows.
    fn known_before(&self, known: &BTreeSet<(String, u32)>) -> u32 {
        let has_row = |(ticker, year): &(&str, u32)| known.contains(&((*ticker).to_owned(), *year));
        u32::try_from(self.steps().into_iter().filter(has_row).count()).unwrap()
    }

    /// The job as `show` or `list` give it has this one's counters and current step.
    #[track_caller]
    fn is_shown_by(&self, shown: &Value) {
        let (ticker, year) = self.current().unzip();
        let years = u32::try_from(self.years.clone().count()).unwrap();
        let expected = serde_json::json!({
            "job_name": self.name,
            "status": self.status,
            "stop_reason": self.stop_reason,
            "interrupted": false,
            "cursor_index": self.processed / years,
            "cursor_year": year,
            "processed_count": self.processed,
            "success_count": self.success,
            "skip_count": self.skip,
            "cached_count": self.cached,
            "fail_count": self.fail,
            "dart_calls": self.calls,
            "total_steps": self.steps().len(),
            "current_ticker": ticker,
            "current_year": year,
            "lease_owner": null,
        });
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&shown[field], value, "{field} of {}", self.name);
        }
    }
}

/// What a server was asked for: (ticker, year). Company 9999000N has the ticker 9000N0. No question
/// may have come twice.
#[track_caller]
fn asked(server: &CountingSandbox) -> BTreeSet<(String, u32)> {
    let answers = server.stats().answers.into_iter();
    let question = |(id, times): (AnswerId, Times)| {
        assert_eq!(times.asked, 1, "{id:?}");
        let company = id.corp_code.as_str().replace("9999000", "");
        (format!("9000{company}0"), u32::from(id.bsns_year))
    };
    answers.map(question).collect()
}

/// The (ticker, year) pairs that have rows.
fn known(db: &Path) -> BTreeSet<(String, u32)> {
    let sql = "SELECT ticker, fiscal_year FROM dividend_dps_cache";
    query(db, sql, |row| Ok((row.get(0)?, row.get(1)?)))
        .into_iter()
        .collect()
}

#[test]
fn every_earlier_schema_is_there_and_holds_no_lease() {
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let databases: BTreeSet<String> = names.filter(|name| name.contains(".db")).collect();
    assert_eq!(databases, EARLIER.map(|(name, _)| name.to_owned()).into());
    for (name, has_jobs) in EARLIER {
        let copy = tempfile::TempDir::new().unwrap();
        let db = copy.path().join(name);
        std::fs::copy(folder().join(name), &db).unwrap();
        let version = query(&db, "PRAGMA user_version", |row| row.get::<_, u32>(0));
        let of_name: String = name.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(version, [of_name.parse::<u32>().unwrap()], "{name}");
        if has_jobs {
            let leases = "SELECT job_name FROM prefetch_jobs WHERE lease_owner IS NOT NULL";
            assert_eq!(texts(&db, leases), [""; 0], "{name}");
        }
    }
}

#[test]
fn they_become_what_a_new_database_is() {
    const SCHEMA: &str = "SELECT concat_ws(' ', type, name, sql) FROM sqlite_schema ORDER BY 1";
    let fresh = Dps::new();
    drop(Store::open(&fresh.db(), OriginKind::Loopback).unwrap());
    for (name, _) in EARLIER {
        let (_server, dps) = opened(name);
        drop(Store::open(&dps.db(), OriginKind::Loopback).unwrap());
        let db = dps.db();
        let (migrated, new) = (texts(&db, SCHEMA), texts(&fresh.db(), SCHEMA));
        let differ = |one: &[String], other: &[String]| -> Vec<String> {
            one.iter()
                .filter(|it| !other.contains(it))
                .cloned()
                .collect()
        };
        assert_eq!(differ(&migrated, &new), differ(&new, &migrated), "{name}");
        assert_eq!(texts(&db, "PRAGMA integrity_check"), ["ok"], "{name}");
        let dangling = query(&db, "PRAGMA foreign_key_check", |_| Ok(()));
        assert_eq!(dangling.len(), 0, "{name}");
        let version = |db: &Path| query(db, "PRAGMA user_version", |row| row.get::<_, u32>(0));
        assert_eq!(version(&db), version(&fresh.db()), "{name}");
    }
}

#[test]
fn their_rows_are_shown_without_a_call() {
    for (name, _) in EARLIER {
        let (server, dps) = opened(name);
        let args = "series 900010 900015 2020 2022 --offline --format json";
        let shown = dps.run(args.split(' ')).exits(0).json();
        let rows: Vec<String> = shown
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let [ticker, outcome] = ["ticker", "outcome"].map(|name| row[name].as_str());
                let (year, dps_cash) = (&row["fiscal_year"], &row["dps_cash"]);
                let before = &row["frmtrm_dps_cash"];
                let (ticker, outcome) = (ticker.unwrap(), outcome.unwrap());
                format!("{ticker} {year} {outcome} {dps_cash}, {before} before")
            })
            .collect();
        let expected = [
            "900010 2020 PAID 102, 0 before",
            "900010 2021 PAID 103, 102 before",
            "900010 2022 PAID 104, 103 before",
            "900015 2020 PAID 107, 0 before",
            "900015 2021 PAID 108, 107 before",
            "900015 2022 PAID 109, 108 before",
        ];
        assert_eq!(rows, expected, "{name}");
        assert_eq!(asked(&server), BTreeSet::new(), "{name}");
    }
}

fn with_jobs() -> impl Iterator<Item = &'static str> {
    let has_jobs = |(name, has_jobs)| Some(name).filter(|_| has_jobs);
    EARLIER.into_iter().filter_map(has_jobs)
}

#[test]
fn their_jobs_are_listed_as_they_were_left() {
    for name in with_jobs() {
        let (server, dps) = opened(name);
        let jobs = OldJob::all(&dps.db());
        let listed = dps.run("job list --format json".split(' ')).exits(0).json();
        let listed = listed.as_array().unwrap();
        assert_eq!(listed.len(), jobs.len(), "{name}");
        for (job, listed) in jobs.iter().zip(listed) {
            job.is_shown_by(listed);
            let shown = dps.run(["job", "show", &job.name, "--format", "json"]);
            let shown = shown.exits(0).json();
            job.is_shown_by(&shown);
            assert_eq!(shown["tickers"], serde_json::json!(job.tickers), "{name}");
        }
        let failures = dps.run("job show failed --failures --format json".split(' '));
        let failures = failures.exits(0).json();
        assert_eq!(failures.as_array().unwrap().len(), 2, "{name}");
        assert_eq!(asked(&server), BTreeSet::new(), "{name}");
    }
}

#[test]
fn their_events_are_listed_and_another_import_of_the_same_file_adds_none() {
    let file = folder().join("events.csv").display().to_string();
    for name in with_jobs() {
        let (_server, dps) = opened(name);
        let list = || {
            dps.run("events list --format json".split(' '))
                .exits(0)
                .json()
        };
        let before = list();
        assert_eq!(before.as_array().unwrap().len(), 2, "{name}");
        dps.run(["events", "import", &file]).exits(0);
        assert_eq!(list(), before, "{name}");
    }
}

#[test]
fn jobs_that_were_stopped_within_a_company_go_on_at_the_next_step_and_ask_nothing_twice() {
    for name in with_jobs() {
        for stopped in ["paused", "cancelled", "pending"] {
            let (server, dps) = opened(name);
            let known = known(&dps.db());
            let mut jobs = OldJob::all(&dps.db());
            jobs.retain(|job| job.name == stopped);
            let job = jobs.pop().unwrap();
            if stopped != "pending" {
                let (_, year) = job.current().unwrap();
                assert_ne!(year, *job.years.start(), "{name} {stopped}");
            }

            let run = dps.run(["job", "run", stopped, "--progress", "json"]);
            let events: Vec<Value> = run
                .exits(0)
                .stdout
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();

            assert_eq!(events[0]["event"], "started");
            assert_eq!(events[0]["processed"], job.processed, "{name} {stopped}");
            let steps = events.iter().filter_map(|event| event["steps"].as_u64());
            let left = u32::try_from(job.steps().len()).unwrap() - job.processed;
            assert_eq!(steps.sum::<u64>(), u64::from(left), "{name} {stopped}");

            let lacking: BTreeSet<(String, u32)> = job
                .steps()
                .into_iter()
                .map(|(ticker, year)| (ticker.to_owned(), year))
                .filter(|step| !known.contains(step))
                // The last report states the two years before as well.
                .filter(|(_, year)| job.plan == "own" || year == job.years.end())
                .collect();
            assert_eq!(asked(&server), lacking, "{name} {stopped}");

            let ended = &events.last().unwrap()["job"];
            let counts = ["success_count", "skip_count", "cached_count", "fail_count"];
            let counts = counts.map(|name| ended[name].clone());
            let expected = match stopped {
                // Company 4 has no report of 2021.
                "paused" => [8, 1, 0, 0],
                "cancelled" => [6, 0, 0, 0],
                _ => [
                    left - job.known_before(&known),
                    0,
                    job.known_before(&known),
                    0,
                ],
            };
            assert_eq!(counts, expected, "{name} {stopped}");
            assert_eq!(ended["status"], "DONE", "{name} {stopped}");
            assert_eq!(ended["processed_count"], job.steps().len());
            let calls = job.calls + u32::try_from(lacking.len()).unwrap();
            assert_eq!(ended["dart_calls"], calls, "{name} {stopped}");
            assert_eq!(ended["current_ticker"], Value::Null);
            assert_eq!(ended["cursor_year"], Value::Null);
        }
    }
}

#[test]
fn jobs_that_were_done_stay_done() {
    for name in with_jobs() {
        let (server, dps) = opened(name);
        for job in OldJob::all(&dps.db()) {
            if job.status != "DONE" {
                continue;
            }
            let code = if job.fail == 0 { 0 } else { 3 };
            dps.run(["job", "run", &job.name]).exits(code);
            let shown = dps.run(["job", "show", &job.name, "--format", "json"]);
            job.is_shown_by(&shown.exits(0).json());
        }
        assert_eq!(asked(&server), BTreeSet::new(), "{name}");
    }
}
