//! The architecture as a test: a module uses those below it, never one above or beside it.

use std::fs;
use std::path::{Path, PathBuf};

/// What each room of the house may use.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("opendart", &["domain"]),
    ("store", &["domain"]),
    ("fetch", &["domain", "opendart", "store"]),
    ("resolve", &["domain", "opendart", "store", "fetch"]),
    (
        "series",
        &["domain", "opendart", "store", "fetch", "resolve"],
    ),
    (
        "prefetch",
        &["domain", "opendart", "store", "fetch", "resolve", "series"],
    ),
    ("sandbox", &["domain"]),
    (
        "cli",
        &[
            "domain", "opendart", "store", "fetch", "resolve", "series", "prefetch", "sandbox",
        ],
    ),
];

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

/// The rooms a line of source names by `crate::room`, also in `use crate::{a::…, b::…}`.
fn rooms_named(source: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut rooms = Vec::new();
    for (at, _) in source.match_indices("crate::") {
        let rest = &source[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => rooms.push(word(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (place, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        _ if start && !c.is_whitespace() => {
                            rooms.push(word(&group[place..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    rooms
}

/// The source without its unit tests, which may build what they test from anywhere.
fn shipped(source: &str) -> &str {
    source
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(source)
}

#[test]
fn no_module_uses_one_above_or_beside_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let first = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if room == "lib" || room == "main" {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!(
                "{}: a room the house does not know",
                inside.display()
            ));
            continue;
        };
        let source = fs::read_to_string(&file).unwrap();
        for used in rooms_named(shipped(&source)) {
            let known = MAY_USE.iter().any(|(name, _)| *name == used);
            if known && used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses crate::{used}", inside.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "edges that run upward or sideways:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_layer_test_sees_grouped_and_qualified_uses() {
    assert_eq!(
        rooms_named("use crate::{cli::args::{A, B}, store};"),
        ["cli", "store"]
    );
    assert_eq!(rooms_named("fn f() { crate::series::get() }"), ["series"]);
}
