use super::dart;
use crate::support::dps::Dps;

#[test]
fn sync_counts_what_it_learnt() {
    let dart = dart();
    let ran = Dps::asking(&dart)
        .run(["ticker", "sync", "--format", "json"])
        .exits(0)
        .no_stderr();
    assert_eq!(ran.json()["tickers"], 4);
    assert_eq!(ran.json()["companies"], 4);
}

#[test]
fn companies_are_found_by_name_english_name_code_and_corp_code() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["ticker", "sync"]).exits(0);
    for text in ["900010", "900015", "99999999", "가상전자", "madeup & co"] {
        let ran = dps
            .run(["ticker", "show", text, "--format", "json"])
            .exits(0);
        assert_eq!(ran.json()["corp_name"], "가상전자", "{text}");
    }
    let found = dps
        .run(["ticker", "search", "가상", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(found.as_array().unwrap().len(), 2);
    dps.run(["ticker", "search", "없는회사"])
        .exits(1)
        .no_stdout();
    dps.run(["ticker", "show", "겹침"])
        .exits(1)
        .stderr_contains(["several", "900030"]);
}

#[test]
fn an_unknown_ticker_does_not_fetch_a_fresh_list_again() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["ticker", "show", "900090"]).exits(1);
    dps.run(["ticker", "show", "900090"]).exits(1);
    assert_eq!(
        dart.server.stats().total,
        1,
        "fetched once, and it is not a day old"
    );
}

#[test]
fn an_old_list_is_fetched_again_before_a_ticker_is_called_unknown() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["ticker", "sync"]).exits(0);
    let database = rusqlite::Connection::open(dps.db()).unwrap();
    let aged = database
        .execute(
            "UPDATE meta SET value = '2020-01-01T00:00:00.000Z' WHERE key LIKE '%sync%'",
            [],
        )
        .unwrap();
    assert_eq!(aged, 1);
    drop(database);
    dps.run(["ticker", "show", "900090"])
        .exits(1)
        .stderr_contains(["unknown ticker 900090"]);
    assert_eq!(dart.server.stats().total, 2);
}
