//! Making and finding jobs.

use chrono::{NaiveDate, TimeDelta};
use dps::domain::ReprtCode;
use dps::prefetch::{
    JobError, JobSettings, JobStatus, Plan, create_job, find_job, list_jobs, load_job, remove_job,
    request_pause,
};
use dps::store::DividendEvent;

use super::{create, everything, settings};
use crate::support::dart::{TestStore, now};

#[test]
fn a_job_is_created_as_it_was_asked_for() {
    let test_store = TestStore::new();
    let asked = JobSettings {
        name: Some("nightly".to_owned()),
        recheck_recent: 2,
        own_only: true,
        force_refresh: true,
        daily_limit: Some(15_000),
        ..settings(&["005930", "000660", "005930"], 2013, 2025)
    };
    let job = create_job(&test_store.store, &asked, now()).unwrap();
    assert_eq!(job.status, JobStatus::Pending);
    assert_eq!(job.total_steps(), 26);
    assert_eq!(
        job.current()
            .map(|(ticker, year)| format!("{ticker} {year}")),
        Some("005930 2013".to_owned())
    );
    let once = JobSettings {
        tickers: settings(&["005930", "000660"], 2013, 2025).tickers,
        ..asked
    };
    assert_eq!(job.settings(), once);
    assert_eq!(load_job(&test_store.store, &job.job_id).unwrap(), job);
}

#[test]
fn what_cannot_be_a_job_is_refused() {
    let test_store = TestStore::new();
    let create = |settings: &JobSettings| create_job(&test_store.store, settings, now());
    assert!(matches!(
        create(&settings(&[], 2015, 2016)),
        Err(JobError::NoTickers)
    ));
    assert!(matches!(
        create(&settings(&["005930"], 2016, 2015)),
        Err(JobError::YearsReversed { .. })
    ));
    let window = JobSettings {
        plan: Plan::Window,
        reprt_code: ReprtCode::Half,
        ..everything()
    };
    assert!(matches!(create(&window), Err(JobError::NotAnnual { .. })));
    assert!(list_jobs(&test_store.store, 10, None).unwrap().is_empty());
}

#[test]
fn a_job_is_found_by_its_id_the_beginning_of_it_its_name_and_as_the_latest() {
    let test_store = TestStore::new();
    let named = JobSettings {
        name: Some("nightly".to_owned()),
        ..everything()
    };
    let older = create_job(&test_store.store, &named, now()).unwrap().job_id;
    let newer = create_job(&test_store.store, &named, now() + TimeDelta::seconds(1)).unwrap();
    let last = create_job(
        &test_store.store,
        &everything(),
        now() + TimeDelta::seconds(2),
    )
    .unwrap();
    let found = |text: &str| find_job(&test_store.store, text).map(|job| job.job_id);
    assert_eq!(found(older.as_str()).unwrap(), older);
    assert_eq!(found(&older.as_str()[..13]).unwrap(), older);
    assert_eq!(found(&older.as_str()[..13].to_uppercase()).unwrap(), older);
    assert_eq!(found("nightly").unwrap(), newer.job_id);
    assert_eq!(found("latest").unwrap(), last.job_id);
    assert!(matches!(
        found(&older.as_str()[..3]),
        Err(JobError::NotFound { .. })
    ));
    assert!(matches!(found("weekly"), Err(JobError::NotFound { .. })));
}

#[test]
fn jobs_are_listed_newest_first_by_state_and_no_more_than_asked_for() {
    let test_store = TestStore::new();
    let ids: Vec<_> = (0..3)
        .map(|_| create(&test_store.store, &everything()))
        .collect();
    request_pause(&test_store.store, &ids[1], now()).unwrap();
    let listed = |limit, status| -> Vec<_> {
        let jobs = list_jobs(&test_store.store, limit, status).unwrap();
        jobs.iter().map(|job| job.job_id).collect()
    };
    assert_eq!(listed(10, None), [ids[2], ids[1], ids[0]]);
    assert_eq!(listed(1, None), [ids[2]]);
    assert_eq!(listed(10, Some(JobStatus::Paused)), [ids[1]]);
    remove_job(&test_store.store, &ids[2], now()).unwrap();
    assert_eq!(listed(10, None), [ids[1], ids[0]]);
}

#[test]
fn the_same_event_twice_is_one() {
    let test_store = TestStore::new();
    let event = |amount| DividendEvent {
        ticker: "005930".parse().unwrap(),
        event_date: NaiveDate::from_ymd_opt(2025, 4, 18),
        amount: Some(amount),
        currency: "KRW".to_owned(),
        note: None,
    };
    let (old, new) = (event(365.into()), event(366.into()));
    let bare = DividendEvent {
        event_date: None,
        amount: None,
        ..old.clone()
    };
    let file = [old.clone(), bare.clone()];
    assert_eq!(test_store.store.upsert_events(&file).unwrap(), 2);
    assert_eq!(test_store.store.upsert_events(&file).unwrap(), 0);
    assert_eq!(test_store.store.events().unwrap(), [bare.clone(), old]);
    assert_eq!(
        test_store
            .store
            .upsert_events(std::slice::from_ref(&new))
            .unwrap(),
        1
    );
    assert_eq!(test_store.store.events().unwrap(), [bare, new]);
    assert_eq!(test_store.store.event_tickers().unwrap().len(), 1);
    assert_eq!(test_store.store.clear_events().unwrap(), 2);
    assert!(test_store.store.events().unwrap().is_empty());
}
