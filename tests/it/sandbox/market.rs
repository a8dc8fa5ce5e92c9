//! The made-up market, served.

use std::thread;
use std::time::Instant;

use dps::sandbox::{AnswerId, Config, Source, market};

use super::serve;
use crate::support::wire_client::{Client, alot_matter, corp_code, get};

#[test]
fn the_market_is_served_and_what_it_does_not_have_is_013() {
    let server = serve(Config::new(Source::Market));
    let mut client = Client::to(&server.origin());
    let samsung = client.get(&alot_matter("00126380", 2018, "11011"));
    assert!(samsung.text().contains("\"42,500\""));
    for (corp, year, report) in [
        ("00126380", 2014, "11011"),
        ("00126380", 2025, "11011"),
        ("00126380", 2024, "11012"),
        ("99000001", 2026, "11011"),
        ("12345678", 2024, "11011"),
    ] {
        let answer = client.get(&alot_matter(corp, year, report));
        assert_eq!(answer.status(), "013", "{corp} {year} {report}");
    }
    let zip = client.get(&corp_code());
    assert_eq!(zip.body[..], market::corp_code_zip().unwrap()[..]);
}

#[test]
fn two_servers_give_the_same_answers() {
    let servers = [(); 2].map(|()| serve(Config::new(Source::Market)));
    for company in market::companies().iter().step_by(100) {
        let target = alot_matter(company.corp_code.as_str(), 2023, "11011");
        let [one, other] = [0, 1].map(|n: usize| get(&servers[n].origin(), &target).body);
        assert_eq!(one, other);
        let reprt_code = dps::domain::ReprtCode::Annual;
        let id = AnswerId {
            corp_code: company.corp_code,
            bsns_year: 2023,
            reprt_code,
        };
        if let Some(body) = market::answer(id) {
            assert_eq!(one, body.as_bytes());
        }
    }
}

/// By hand: `cargo test --release --test it throughput -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, not a verdict"]
#[allow(clippy::print_stderr)]
fn throughput_of_eight_clients() {
    const EACH: usize = 10_000;
    let server = serve(Config::new(Source::Market));
    let began = Instant::now();
    thread::scope(|scope| {
        for number in 0..8 {
            let origin = server.origin();
            scope.spawn(move || {
                let mut client = Client::to(&origin);
                for turn in 0..EACH {
                    let corp = 99_001_001 + (turn * 8 + number) % 2000;
                    client.get_through(&alot_matter(&corp.to_string(), 2024, "11011"));
                }
            });
        }
    });
    let stats = server.stats();
    let rate = stats.total as f64 / began.elapsed().as_secs_f64();
    eprintln!("{} answers, {rate:.0} a second", stats.total);
    assert_eq!(stats.total, 8 * EACH as u64);
}
