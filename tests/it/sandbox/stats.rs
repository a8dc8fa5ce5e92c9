//! The counts that other tests go by.

use std::time::Duration;

use dps::domain::ReprtCode;
use dps::sandbox::{AnswerId, Event, Question};

use crate::support::sandbox::{Ledger, Times};

fn question(year: u16) -> Question {
    Question::AlotMatter(AnswerId {
        corp_code: "00126380".parse().unwrap(),
        bsns_year: year,
        reprt_code: ReprtCode::Annual,
    })
}

fn asked(ledger: &mut Ledger, question: &Question, second: u64) {
    let event = Event::Asked { nth: 1, question };
    ledger.enter(&event, Duration::from_secs(second));
}

fn answering(ledger: &mut Ledger, question: &Question, fault: Option<&'static str>) {
    let event = Event::Answering {
        question,
        status: "000",
        fault,
    };
    ledger.enter(&event, Duration::ZERO);
}

#[test]
fn the_largest_minute_slides() {
    let mut ledger = Ledger::default();
    for second in [0, 10, 59, 60, 69, 200] {
        asked(&mut ledger, &question(2024), second);
    }
    // 10, 59, 60 and 69 lie within one minute; 0 and 60 do not.
    assert_eq!(ledger.snapshot().largest_minute, 4);
}

#[test]
fn an_answer_lost_to_a_fault_was_asked_and_not_answered() {
    let mut ledger = Ledger::default();
    asked(&mut ledger, &question(2023), 0);
    asked(&mut ledger, &question(2024), 0);
    answering(&mut ledger, &question(2024), Some("reset"));
    asked(&mut ledger, &question(2024), 0);
    answering(&mut ledger, &question(2024), None);
    let stats = ledger.snapshot();
    let again: Vec<Times> = stats.asked_again().map(|(_, times)| times).collect();
    let twice = Times {
        asked: 2,
        answered: 1,
    };
    assert_eq!(again, [twice]);
    assert_eq!((stats.in_flight, stats.max_in_flight), (1, 2));
    assert_eq!(stats.faults["reset"], 1);
}
