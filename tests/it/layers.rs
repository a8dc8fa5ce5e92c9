//! The architecture as a test: a module uses those below it, never one above or beside it, and no
//! two files use each other.

use std::collections::{BTreeMap, BTreeSet};
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

/// A module by its path below `src`, as `["cli", "job", "run"]`; a `mod.rs` by its folder's.
type Module = Vec<String>;

/// Every module of the crate and its source.
fn modules() -> BTreeMap<Module, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let module = |file: &Path| -> Module {
        let inside = file.strip_prefix(&src).unwrap().with_extension("");
        let names = inside.iter().map(|name| name.to_str().unwrap().to_owned());
        names.filter(|name| name != "mod").collect()
    };
    let is_root = |path: &Module| matches!(path[0].as_str(), "lib" | "main");
    files
        .iter()
        .map(|file| (module(file), fs::read_to_string(file).unwrap()))
        .filter(|(path, _)| !is_root(path))
        .collect()
}

/// The paths that a source names by `use`, and those it writes out from `crate` or `super`.
fn paths_named(source: &str) -> Vec<Vec<String>> {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut paths = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("use ") {
        let (before, tree) = (&rest[..at], &rest[at + 4..]);
        let is_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let end = tree.find(';').unwrap_or(tree.len());
        if !is_word {
            spread(&[], &tree[..end], &mut paths);
        }
        rest = &tree[if is_word { 0 } else { end }..];
    }
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let is_path = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ':');
            let path: String = code[at..].chars().take_while(is_path).collect();
            paths.push(split(&path));
        }
    }
    paths
}

fn split(path: &str) -> Vec<String> {
    let names = path.split("::").map(|name| name.trim().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

/// The paths of a `use` tree: `a::{b, c::{d, e}}` is `a::b`, `a::c::d` and `a::c::e`.
fn spread(prefix: &[String], tree: &str, into: &mut Vec<Vec<String>>) {
    let (mut depth, mut start) = (0, 0);
    let ends = tree.char_indices().filter_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => return Some(at),
            _ => {}
        }
        None
    });
    for end in ends.chain([tree.len()]).collect::<Vec<_>>() {
        let branch = tree[start..end].trim();
        start = end + 1;
        match branch.split_once('{') {
            Some((head, inner)) => {
                let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
                spread(&[prefix, &split(head)].concat(), inner, into);
            }
            None => into.push([prefix, &split(branch)].concat()),
        }
    }
}

/// The modules that one uses beside itself. A folder's `mod.rs` is the face of the files below it:
/// what they and it use of each other is no edge.
fn used_by(module: &Module, source: &str, all: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let resolve = |path: Vec<String>| -> Option<Module> {
        let up = path.iter().take_while(|name| *name == "super").count();
        let from = match path[0].as_str() {
            "crate" => path[1..].to_vec(),
            "super" => [&module[..module.len().checked_sub(up)?], &path[up..]].concat(),
            _ => [&module[..], &path[..]].concat(),
        };
        let mut found = (1..=from.len()).rev().map(|length| from[..length].to_vec());
        found.find(|path| all.contains_key(path))
    };
    paths_named(shipped(source))
        .into_iter()
        .filter(|path| !path.is_empty())
        .filter_map(resolve)
        .filter(|used| !used.starts_with(module) && !module.starts_with(used))
        .collect()
}

#[test]
fn no_file_uses_one_that_uses_it() {
    let all = modules();
    let mut left: BTreeMap<&Module, BTreeSet<Module>> = all
        .iter()
        .map(|(module, source)| (module, used_by(module, source, &all)))
        .collect();
    // A file that uses none of those left is on no cycle, nor is one that none of them uses.
    loop {
        let before = left.len();
        let names: BTreeSet<Module> = left.keys().map(|module| (*module).clone()).collect();
        left.retain(|_, uses| {
            uses.retain(|used| names.contains(used));
            !uses.is_empty()
        });
        let used: BTreeSet<Module> = left.values().flatten().cloned().collect();
        left.retain(|module, _| used.contains(*module));
        if left.len() == before {
            break;
        }
    }
    let line = |(module, uses): (&&Module, &BTreeSet<Module>)| {
        let uses: Vec<String> = uses.iter().map(|used| used.join("/")).collect();
        format!("{} uses {}", module.join("/"), uses.join(", "))
    };
    let cycles: Vec<String> = left.iter().map(line).collect();
    assert!(cycles.is_empty(), "cycles among:\n{}", cycles.join("\n"));
}

#[test]
fn the_cycle_test_sees_trees_and_paths_up_and_down() {
    let module = |path: &str| -> Module { split(&path.replace('/', "::")) };
    let source = "use super::{b::{X, Y}, c};\nuse crate::d::Z;\nmod e;\nfn f() { super::g::h() }";
    let all: BTreeMap<Module, String> = ["a/one", "a/b", "a/c", "d", "a/one/e", "a/g", "a"]
        .map(|path| (module(path), String::new()))
        .into();
    let used: Vec<String> = used_by(&module("a/one"), source, &all)
        .iter()
        .map(|used| used.join("/"))
        .collect();
    assert_eq!(used, ["a/b", "a/c", "a/g", "d"]);
}

#[test]
fn the_layer_test_sees_grouped_and_qualified_uses() {
    assert_eq!(
        rooms_named("use crate::{cli::args::{A, B}, store};"),
        ["cli", "store"]
    );
    assert_eq!(rooms_named("fn f() { crate::series::get() }"), ["series"]);
}
