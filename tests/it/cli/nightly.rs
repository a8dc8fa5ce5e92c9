//! `examples/nightly.sh`, as cron would run it.

use std::fs;
use std::process::{Command, Output};

use super::{dart, dart_with_faults};
use crate::support::dart::{CORP, FakeDart};
use crate::support::dps::Dps;

fn nightly(dps: &Dps) -> Output {
    let settings = dps.command([]);
    let mut bash = Command::new("bash");
    bash.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/nightly.sh"));
    bash.args(["kr.txt", "2021", "2024", "out.csv"])
        .env("DPS", env!("CARGO_BIN_EXE_dps"));
    for (name, value) in settings.get_envs() {
        match value {
            Some(value) => bash.env(name, value),
            None => bash.env_remove(name),
        };
    }
    bash.current_dir(dps.home()).output().unwrap()
}

fn asking(dart: &FakeDart) -> Dps {
    let dps = Dps::asking(dart);
    fs::write(dps.home().join("kr.txt"), "900010\n900015\n").unwrap();
    dps
}

fn lines_of(dps: &Dps) -> usize {
    fs::read_to_string(dps.home().join("out.csv"))
        .unwrap()
        .lines()
        .count()
}

#[test]
fn it_writes_what_is_known_and_asks_for_little_the_next_night() {
    let dart = dart();
    let dps = asking(&dart);
    let ran = nightly(&dps);
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert_eq!(lines_of(&dps), 9, "a header and two shares' four years");
    assert_eq!(dart.calls(), 4);
    assert!(nightly(&dps).status.success());
    assert_eq!(dart.calls(), 6, "the two latest years again");
}

#[test]
fn failed_steps_do_not_fail_it_and_a_refused_key_does() {
    let dart = dart().serve_raw(CORP, 2023, "{\"status\":\"000\",\"list\":7}");
    let dps = asking(&dart);
    let ran = nightly(&dps);
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert_eq!(lines_of(&dps), 7);
    let refusing = dart_with_faults("key010");
    let dps = asking(&refusing);
    assert_eq!(nightly(&dps).status.code(), Some(6));
    assert!(!dps.home().join("out.csv").exists());
}

#[test]
fn at_the_days_limit_it_keeps_what_it_has_and_goes_on_the_next_night() {
    let limited = dart_with_faults("s020@4");
    let dps = asking(&limited);
    let ran = nightly(&dps);
    assert_eq!(ran.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("stopped before its end"));
    assert!(lines_of(&dps) < 9);
    assert!(nightly(&dps).status.success());
    assert_eq!(lines_of(&dps), 9);
    let jobs = dps.run(["job", "list", "--format", "json"]).exits(0).json();
    assert_eq!(
        jobs.as_array().unwrap().len(),
        1,
        "the same job was gone on with"
    );
}

#[test]
fn where_nothing_could_be_asked_the_last_file_stays() {
    let gone = Dps::new().with("DART_API_KEY", crate::support::dps::KEY);
    fs::write(gone.home().join("kr.txt"), "900010\n").unwrap();
    fs::write(gone.home().join("out.csv"), "yesterday's\n").unwrap();
    assert_eq!(nightly(&gone).status.code(), Some(5));
    let kept = fs::read_to_string(gone.home().join("out.csv")).unwrap();
    assert_eq!(kept, "yesterday's\n");
}
