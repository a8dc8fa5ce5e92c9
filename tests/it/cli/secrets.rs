//! The key appears nowhere: not in what is printed, nor in what is stored, faults or not.

use std::fs;

use super::dart_with_faults;
use crate::support::dps::{Dps, KEY};

#[test]
fn the_key_is_neither_printed_nor_stored_whatever_goes_wrong() {
    for faults in [
        "",
        "reset@2-99",
        "html@2-99",
        "key010@2-99",
        "s020@2-99",
        "s100@2-99",
        "http500@2-99",
        "cut@2-99",
    ] {
        let dart = dart_with_faults(faults);
        let dps = Dps::asking(&dart).with("DPS_TIMEOUT_MS", "2000");
        for args in [
            vec!["series", "900010", "2023", "2024"],
            vec!["ticker", "sync"],
            vec!["cache", "stats"],
            vec![
                "series",
                "900010",
                "2023",
                "2024",
                "--format",
                "json",
                "--offline",
            ],
        ] {
            let ran = dps.run(args.clone());
            for text in [&ran.stdout, &ran.stderr] {
                assert!(!text.contains(KEY), "{faults} {args:?}: {text}");
            }
        }
        for entry in fs::read_dir(dps.home()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let bytes = fs::read(&path).unwrap();
                let found = bytes
                    .windows(KEY.len())
                    .any(|window| window == KEY.as_bytes());
                assert!(!found, "{faults}: {}", path.display());
            }
        }
    }
}
