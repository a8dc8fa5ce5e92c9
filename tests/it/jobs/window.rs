//! Plan window: three years from each report, as few calls as there can be, and never a wrong year.

use std::collections::BTreeMap;
use std::sync::Arc;

use dps::domain::{FiscalYear, ReprtCode, Ticker};
use dps::fetch::Interrupt;
use dps::prefetch::{
    Estimate, FailureKind, Job, JobSettings, JobStatus, Plan, Runner, RunnerOptions, estimate,
    failures, load_job,
};
use dps::sandbox::{Config, Source, market as made_up};

use super::{
    AtRequest, COMPANIES, counts, create, everything, fetcher, market, rows, run, run_with,
    settings,
};
use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart, TestStore, annual, brief, fetcher_at, fetcher_to, now};
use crate::support::sandbox::CountingSandbox;

fn window(settings: JobSettings) -> JobSettings {
    JobSettings {
        plan: Plan::Window,
        ..settings
    }
}

/// The years asked for about a company.
fn asked(dart: &FakeDart, corp_code: &str) -> Vec<u16> {
    let stats = dart.server.stats();
    let of_it = stats
        .answers
        .keys()
        .filter(|id| id.corp_code.as_str() == corp_code);
    of_it.map(|id| id.bsns_year).collect()
}

/// A company whose every report states 300, 200 and 100 won for its three years.
fn steady() -> FakeDart {
    reporting(2015..=2025)
}

fn reporting(years: impl Iterator<Item = u16>) -> FakeDart {
    let mut dart = FakeDart::new();
    for year in years {
        let answer = Answer::of(CORP)
            .filing(&format!("{}0331000001", year + 1), &format!("{year}-12-31"))
            .row("주당액면가액(원)", "-", ["500", "500", "500"])
            .net_income(["9", "8", "7"])
            .dps("보통주", ["300", "200", "100"])
            .dps("우선주", ["305", "205", "105"]);
        dart = dart.with_report(year, ReprtCode::Annual, &answer);
    }
    dart.with_companies(&[(CORP, "가상전자", "Made-up", "999990")])
}

fn steady_job(first: u16, last: u16) -> JobSettings {
    window(settings(&["999990", "999995"], first, last))
}

#[test]
fn four_calls_fill_eleven_years_of_a_company_and_both_its_shares() {
    let (dart, test_store) = (steady(), TestStore::new());
    let id = create(&test_store.store, &steady_job(2015, 2025));
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(counts(&job), [22, 0, 0, 0]);
    assert_eq!(asked(&dart, CORP), [2016, 2019, 2022, 2025]);
    assert_eq!(dart.calls(), 4);
    let filled = rows(&test_store, &steady_job(2015, 2025));
    assert_eq!(
        filled[..4],
        [
            // 2014 was not asked for.
            "999990 2015 PAID Some(Won(200)) 2016",
            "999990 2016 PAID Some(Won(300)) 2016",
            "999990 2017 PAID Some(Won(100)) 2019",
            "999990 2018 PAID Some(Won(200)) 2019",
        ]
    );
    assert!(filled.contains(&"999995 2023 PAID Some(Won(105)) 2025".to_owned()));
}

#[test]
fn a_report_that_does_not_exist_costs_one_call_and_the_one_before_it_covers_three_years() {
    let reports = (2015..=2025).filter(|year| *year != 2025 && *year != 2021);
    let (dart, test_store) = (reporting(reports), TestStore::new());
    let id = create(&test_store.store, &steady_job(2015, 2025));
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(asked(&dart, CORP), [2017, 2020, 2021, 2024, 2025]);
    assert_eq!(counts(&job), [18, 4, 0, 0]);
}

#[test]
fn what_is_cached_counts_in() {
    let (dart, mut test_store) = (steady(), TestStore::new());
    test_store.look_up(&dart, "999990", &annual(2022, 2022), now());
    test_store.look_up(&dart, "999990", &annual(2018, 2018), now());
    let before = dart.calls();
    let settings = window(settings(&["999990"], 2015, 2025));
    let id = create(&test_store.store, &settings);
    let later = now() + chrono::TimeDelta::seconds(1);
    let job = load_job(&test_store.store, &id).unwrap();
    let expected = Estimate {
        steps: 11,
        cached: 2,
        own: 9,
        window: Some(3),
    };
    assert_eq!(estimate(&test_store.store, &job, later).unwrap(), expected);
    let fetcher = fetcher(&dart);
    let mut runner =
        Runner::open(&test_store.store, fetcher, &id, RunnerOptions::default()).unwrap();
    let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(job.status, JobStatus::Done);
    // 2021 and 2020 come from the stored report of 2022, 2017 and 2016 from that of 2018.
    assert_eq!(dart.calls() - before, 3);
    assert_eq!(asked(&dart, CORP), [2015, 2018, 2019, 2022, 2025]);
}

#[test]
fn a_report_of_half_a_year_speaks_for_its_own_year_alone() {
    let mut dart = reporting([2022, 2023].into_iter());
    let twice = Answer::of(CORP)
        .filing("20250331000001", "2024-06-30")
        .dps("보통주", ["10", "20", "30"])
        .filing("20250331000002", "2024-12-31")
        .dps("보통주", ["11", "21", "31"]);
    dart = dart.with_report(2024, ReprtCode::Annual, &twice);
    let mut test_store = TestStore::new();
    let request = dps::series::SeriesRequest {
        plan: Some(Plan::Window),
        ..annual(2021, 2024)
    };
    let series = test_store.look_up(&dart, "999990", &request, now());
    assert_eq!(
        brief(&series),
        [
            "2021 PAID 100 DART",
            "2022 PAID 200 DART",
            "2023 PAID 300 DART",
            "2024 PAID 21 DART"
        ]
    );
    assert_eq!(dart.calls(), 2);
}

#[test]
fn an_unreadable_report_fails_its_own_year_and_the_one_before_it_covers_the_rest() {
    let dart = steady().serve_raw(CORP, 2025, "{\"status\":\"000\"");
    let test_store = TestStore::new();
    let id = create(
        &test_store.store,
        &window(settings(&["999990"], 2022, 2025)),
    );
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(counts(&job), [3, 0, 0, 1]);
    let failed = failures(&test_store.store, &id).unwrap();
    assert_eq!(failed[0].fiscal_year.get(), 2025);
    assert_eq!(failed[0].kind, FailureKind::Unreadable);
    assert_eq!(asked(&dart, CORP), [2024, 2025]);
}

#[test]
fn a_call_that_fails_fails_the_years_it_was_made_for_and_retry_asks_for_all_of_them_at_once() {
    // The list of companies is the first request, and three say that the other company has no
    // reports.
    let broken = FakeDart::with_faults("http500@5-7");
    let broken = broken.with_companies(&[
        (CORP, "가상전자", "Made-up", "999990"),
        ("90000001", "가상1", "Made-up 1", "900010"),
    ]);
    let test_store = TestStore::new();
    let id = create(
        &test_store.store,
        &window(settings(&["900010", "999990"], 2023, 2025)),
    );
    dps::prefetch::run_job_step(&test_store.store, &fetcher(&broken), &id, 1, &mut |_| {}).unwrap();
    let (job, _) = run(&test_store.store, &broken, &id);
    assert_eq!(counts(&job), [0, 3, 0, 3]);
    let dart = steady();
    let options = RunnerOptions::default();
    let mut runner =
        Runner::open_to_retry(&test_store.store, fetcher(&dart), &id, options).unwrap();
    let job = runner.retry_failed(&mut |_| {}).unwrap();
    assert_eq!(counts(&job), [3, 3, 0, 0]);
    assert_eq!(dart.calls(), 1);
}

#[test]
fn only_an_explicit_plan_own_asks_again_for_what_a_later_report_stated() {
    let (dart, mut test_store) = (steady(), TestStore::new());
    let id = create(
        &test_store.store,
        &window(settings(&["999990"], 2023, 2025)),
    );
    run(&test_store.store, &dart, &id);
    assert_eq!(dart.calls(), 1);
    let mut look_up = |plan| {
        let request = dps::series::SeriesRequest {
            plan,
            ..annual(2023, 2025)
        };
        let series = test_store.look_up(&dart, "999990", &request, now());
        (brief(&series)[0].clone(), dart.calls())
    };
    assert_eq!(look_up(None), ("2023 PAID 100 cache".to_owned(), 1));
    let window = look_up(Some(Plan::Window));
    assert_eq!(window, ("2023 PAID 100 cache".to_owned(), 1));
    let own = look_up(Some(Plan::Own));
    assert_eq!(own, ("2023 PAID 300 DART".to_owned(), 3));
    assert_eq!(look_up(None), ("2023 PAID 300 cache".to_owned(), 3));
}

#[test]
fn a_job_under_an_explicit_plan_own_reads_every_year_s_own_report() {
    let (dart, test_store) = (steady(), TestStore::new());
    let id = create(
        &test_store.store,
        &window(settings(&["999990"], 2023, 2025)),
    );
    run(&test_store.store, &dart, &id);
    let by_default = settings(&["999990"], 2023, 2025);
    let explicit = JobSettings {
        own_only: true,
        ..by_default.clone()
    };
    let later = |settings: &JobSettings, calls| {
        let id = create(&test_store.store, settings);
        let fetcher = fetcher(&dart);
        // A second job of the same millisecond would take the rows for its own.
        let job = load_job(&test_store.store, &id).unwrap();
        let estimated = estimate(
            &test_store.store,
            &job,
            now() + chrono::TimeDelta::seconds(1),
        );
        assert_eq!(estimated.unwrap().own, calls);
        let mut runner =
            Runner::open(&test_store.store, fetcher, &id, RunnerOptions::default()).unwrap();
        runner.run_job_step(u64::MAX, &mut |_| {}).unwrap()
    };
    assert_eq!(later(&by_default, 0).status, JobStatus::Done);
    assert_eq!(dart.calls(), 1);
    assert_eq!(later(&explicit, 2).status, JobStatus::Done);
}

/// A company whose report of 2025 states an amount that cannot be kept, in one of its columns.
fn inexact_in_2025(cells: [&str; 3]) -> FakeDart {
    let odd = Answer::of(CORP)
        .filing("20260331000001", "2025-12-31")
        .net_income(["9", "8", "7"])
        .dps("보통주", cells);
    steady().with_report(2025, ReprtCode::Annual, &odd)
}

#[test]
fn an_amount_that_cannot_be_kept_fails_its_year_and_is_not_read_for_ever() {
    let dart = inexact_in_2025(["1234567890123456.789", "200", "100"]);
    let test_store = TestStore::new();
    let id = create(
        &test_store.store,
        &window(settings(&["999990"], 2022, 2025)),
    );
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(counts(&job), [3, 0, 0, 1]);
    assert_eq!(asked(&dart, CORP), [2024, 2025]);
}

#[test]
fn a_stored_report_that_spoils_a_year_gives_way_to_the_year_s_own() {
    let dart = inexact_in_2025(["300", "1234567890123456.789", "100"]);
    let by_job = TestStore::new();
    let id = create(&by_job.store, &window(settings(&["999990"], 2025, 2025)));
    run(&by_job.store, &dart, &id);
    let id = create(&by_job.store, &window(settings(&["999990"], 2023, 2025)));
    let (job, _) = run(&by_job.store, &dart, &id);
    assert_eq!((job.status, job.fail_count), (JobStatus::Done, 0));

    let mut by_lookup = TestStore::new();
    by_lookup.look_up(&dart, "999990", &annual(2025, 2025), now());
    let request = dps::series::SeriesRequest {
        plan: Some(Plan::Window),
        ..annual(2023, 2025)
    };
    let series = by_lookup.look_up(&dart, "999990", &request, now());
    let expected = [
        "2023 PAID 200 DART",
        "2024 PAID 300 DART",
        "2025 PAID 300 cache",
    ];
    assert_eq!(brief(&series), expected);
}

#[test]
fn what_is_to_be_refreshed_and_came_from_its_own_report_is_read_from_it() {
    let mut test_store = TestStore::new();
    test_store.look_up(&steady(), "999990", &annual(2024, 2024), now());
    let corrected = Answer::of(CORP)
        .filing("20260401000009", "2024-12-31")
        .net_income(["9", "8", "7"])
        .dps("보통주", ["333", "200", "100"]);
    let dart = steady().with_report(2024, ReprtCode::Annual, &corrected);
    let refreshed = JobSettings {
        force_refresh: true,
        ..window(settings(&["999990"], 2022, 2025))
    };
    let id = create(&test_store.store, &refreshed);
    // The rows there are older than the job.
    let later = now() + chrono::TimeDelta::seconds(1);
    let fetcher = Arc::new(fetcher_at(&dart.server.origin(), later));
    let mut runner =
        Runner::open(&test_store.store, fetcher, &id, RunnerOptions::default()).unwrap();
    let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(counts(&job), [4, 0, 0, 0]);
    let rows = rows(&test_store, &refreshed);
    assert_eq!(rows[2], "999990 2024 PAID Some(Won(333)) 2024");
    assert_eq!(rows[1], "999990 2023 PAID Some(Won(100)) 2025");
}

#[test]
fn years_to_be_rechecked_are_read_from_their_own_reports() {
    let (dart, test_store) = (steady(), TestStore::new());
    let settings = JobSettings {
        recheck_recent: 2,
        ..window(settings(&["999990"], 2020, 2025))
    };
    let id = create(&test_store.store, &settings);
    run(&test_store.store, &dart, &id);
    assert_eq!(asked(&dart, CORP), [2021, 2024, 2025]);
}

/// What a window run that nothing disturbs comes to.
fn undisturbed() -> ([u64; 4], Vec<String>, u64) {
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &window(everything()));
    let (job, _) = run(&test_store.store, &dart, &id);
    assert_eq!(job.status, JobStatus::Done);
    (counts(&job), rows(&test_store, &everything()), dart.calls())
}

#[test]
fn interrupted_at_any_request_it_comes_to_the_same() {
    let (counted, filled, calls) = undisturbed();
    assert!(calls < u64::from(COMPANIES) * 11);
    for nth in 1..=calls {
        let at = AtRequest::default();
        let (dart, test_store) = (market("", Some(at.hook())), TestStore::new());
        let interrupt = Interrupt::new();
        let raised = interrupt.clone();
        at.do_this(move |request| {
            if request == nth {
                raised.raise();
            }
        });
        let id = create(&test_store.store, &window(everything()));
        let options = RunnerOptions {
            interrupt,
            ..RunnerOptions::default()
        };
        let (mut job, _) = run_with(&test_store.store, &dart, &id, options);
        if job.status != JobStatus::Done {
            job = run(&test_store.store, &dart, &id).0;
        }
        assert_eq!(
            (counts(&job), rows(&test_store, &everything())),
            (counted, filled.clone())
        );
        assert!(dart.calls() <= calls + 8, "cut at {nth}");
    }
}

#[test]
fn a_few_steps_at_a_time_it_comes_to_the_same() {
    let (counted, filled, calls) = undisturbed();
    let (dart, test_store) = (market("", None), TestStore::new());
    let id = create(&test_store.store, &window(everything()));
    let fetcher = fetcher(&dart);
    let job: Job = loop {
        let job =
            dps::prefetch::run_job_step(&test_store.store, &fetcher, &id, 1, &mut |_| {}).unwrap();
        assert_eq!(job.processed_count % 13, 0, "whole shares");
        if job.status == JobStatus::Done {
            break job;
        }
    };
    assert_eq!(
        (counts(&job), rows(&test_store, &everything())),
        (counted, filled)
    );
    assert_eq!(dart.calls(), calls);
}

#[test]
fn every_year_of_the_made_up_market_is_what_its_report_states_and_no_call_is_one_too_many() {
    let server = CountingSandbox::start(Config::new(Source::Market)).unwrap();
    let is_drawn =
        |ticker: &Ticker| ticker.as_str().starts_with("9B") || ticker.as_str().starts_with("9C");
    let (drawn, named): (Vec<Ticker>, Vec<Ticker>) = made_up::tickers().partition(is_drawn);
    let tickers: Vec<Ticker> = named
        .into_iter()
        .chain(drawn.into_iter().step_by(37))
        .collect();
    let asked = window(JobSettings {
        tickers: tickers.clone(),
        ..settings(&["005930"], 2015, 2025)
    });
    let test_store = TestStore::new();
    let id = create(&test_store.store, &asked);
    let fetcher = Arc::new(fetcher_to(&server.origin()));
    let mut runner =
        Runner::open(&test_store.store, fetcher, &id, RunnerOptions::default()).unwrap();
    let job = runner.run_job_step(u64::MAX, &mut |_| {}).unwrap();
    assert_eq!(job.status, JobStatus::Done);
    assert_eq!(counts(&job)[3], 0);

    let year = |number| FiscalYear::new(number).unwrap();
    let mut wrong = Vec::new();
    for ticker in &tickers {
        let filled = test_store
            .store
            .rows(*ticker, year(2015), year(2025), ReprtCode::Annual)
            .unwrap();
        assert_eq!(filled.len(), 11, "{ticker}");
        for row in filled.iter().map(|row| &row.year) {
            let (of, source) = (row.fiscal_year.get(), row.source_year.get());
            let truth = made_up::stated(*ticker, source, ReprtCode::Annual, source - of).unwrap();
            if (row.outcome, row.dps_cash) != (truth.outcome(), truth.dps_cash()) {
                wrong.push(format!("{ticker} {of} by {source}: {row:?}, not {truth:?}"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);

    // Four calls an issuer, and one for each that settles its own year alone.
    let mut spent: BTreeMap<String, i64> = BTreeMap::new();
    for (id, times) in &server.stats().answers {
        assert_eq!(times.asked, 1, "{id:?}");
        let issuer = tickers.iter().find(|ticker| {
            let company = test_store.store.company(**ticker).unwrap();
            company.is_some_and(|company| company.corp_code == id.corp_code)
        });
        let stated = |back| {
            made_up::stated(*issuer.unwrap(), id.bsns_year, ReprtCode::Annual, back).unwrap()
        };
        let is_alone = stated(0) == made_up::Truth::NoReport
            || made_up::par_value(*issuer.unwrap(), id.bsns_year, ReprtCode::Annual, 1).is_none();
        *spent.entry(id.corp_code.to_string()).or_default() += i64::from(!is_alone);
    }
    let most = spent
        .iter()
        .filter(|(_, calls)| **calls > 4)
        .collect::<Vec<_>>();
    assert!(most.is_empty(), "more than four: {most:?}");
}
