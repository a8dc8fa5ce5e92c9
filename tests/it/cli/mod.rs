//! The program as people and scripts meet it: words, data, exit codes.

mod bad_input;
mod cache;
mod documented;
mod events;
mod history;
mod job;
mod job_stops;
#[cfg(unix)]
mod nightly;
mod reports;
mod secrets;
mod series;
mod splits;
mod ticker;

use dps::domain::ReprtCode;

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart};

/// One listed company with a common and a preferred share, and its reports of 2022 to 2024.
fn dart() -> FakeDart {
    dart_with_faults("")
}

fn dart_with_faults(faults: &str) -> FakeDart {
    dart_with(faults, None)
}

fn dart_with(faults: &str, on_event: Option<dps::sandbox::OnEvent>) -> FakeDart {
    let answer = |common: &str, preferred: &str| {
        Answer::of(CORP)
            .row("주당액면가액(원)", "-", ["500", "500", "500"])
            .net_income(["10", "-", "-"])
            .dps("보통주", [common, "-", "-"])
            .dps("우선주", [preferred, "-", "-"])
    };
    FakeDart::with(faults, on_event)
        .with_companies(&[
            (CORP, "가상전자", "Madeup & Co", "900010"),
            ("99999998", "가상전자홀딩스", "Madeup Holdings", "900020"),
            ("99999997", "겹침", "Twin A", "900030"),
            ("99999996", "겹침", "Twin B", "900040"),
        ])
        .with_report(2022, ReprtCode::Annual, &answer("1,000", "1,050"))
        .with_report(2023, ReprtCode::Annual, &answer("-", "-"))
        .with_report(2024, ReprtCode::Annual, &answer("132.5", "182.5"))
}
