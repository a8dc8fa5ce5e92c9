//! `dps events` and `dps quota`.

use super::dart;
use super::job::create;
use crate::support::dps::Dps;

#[test]
fn events_name_tickers_and_importing_them_twice_changes_nothing() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let csv = "계좌,종목코드,지급일,배당금\n1,900010,2025-04-18,\"1,444\"\n1,900015,2025-04-18,1\n";
    std::fs::write(dps.home().join("held.csv"), csv).unwrap();
    dps.run(["events", "import", "held.csv"])
        .exits(0)
        .stderr_contains(["2 events read, 2 new"]);
    dps.run(["events", "import", "held.csv"])
        .exits(0)
        .stderr_contains(["2 events read, 0 new"]);
    let accounts = "ticker,event_date,amount\n900020,2025-04-18,361\n900020,2025-04-18,400\n";
    std::fs::write(dps.home().join("accounts.csv"), accounts).unwrap();
    for new in ["2 new", "0 new"] {
        dps.run(["events", "import", "accounts.csv"])
            .exits(0)
            .stderr_contains([new]);
    }
    let listed = dps
        .run(["events", "list", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(
        (&listed[0]["ticker"], &listed[0]["amount"]),
        (&"900010".into(), &1444.into())
    );
    let ran = dps
        .run(["job", "create", "--from-events", "2022", "2023"])
        .exits(0);
    assert!(ran.stderr.contains("3 tickers"), "{}", ran.stderr);
    dps.run(["events", "clear"])
        .exits(0)
        .stderr_contains(["4 events removed"]);
    dps.run(["job", "create", "--from-events", "2022", "2023"])
        .exits(2)
        .stderr_contains(["no events"]);
}

#[test]
fn quota_counts_the_days_calls() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    create(&dps, &["--run"]);
    dps.run(["series", "900020", "2024", "2024"]).exits(0);
    dps.run(["ticker", "sync"]).exits(0);
    let quota = dps
        .run(["quota", "--format", "json"])
        .exits(0)
        .no_stderr()
        .json();
    assert_eq!(quota["used"].as_u64().unwrap(), dart.server.stats().total);
    assert_eq!(quota["limit"], 20_000);
    assert!(
        quota["resets_at"]
            .as_str()
            .unwrap()
            .ends_with("15:00:00.000Z")
    );
}
