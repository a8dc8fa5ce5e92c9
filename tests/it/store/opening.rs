//! What opens, what is refused, and what opening does to the files.

use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

use dps::domain::{OriginKind, Outcome};
use dps::store::{Store, StoreError};

use super::{Folder, new, no_report, noon, paid_2024, samsung};

fn refusal(path: &Path) -> StoreError {
    Store::open(path, OriginKind::Real).expect_err("the database is refused")
}

#[test]
fn many_open_a_new_database_at_once_and_none_fails() {
    const OPENERS: u16 = 20;
    for _ in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dps.db");
        let start = Barrier::new(usize::from(OPENERS));
        thread::scope(|scope| {
            for number in 0..OPENERS {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    let store = Store::open(path, OriginKind::Real).unwrap();
                    let row = new(no_report(2013 + number), None, 1);
                    assert_eq!(store.save(&[row], noon(1)).unwrap(), 1);
                });
            }
        });
        let store = Store::open(&path, OriginKind::Real).unwrap();
        let stats = store.stats().unwrap();
        assert_eq!(stats.rows[&Outcome::NoReport], u64::from(OPENERS));
    }
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "not a database at all, ".repeat(100)).unwrap();
    let before = fs::read(&path).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let error = refusal(folder.path());
    assert!(matches!(error, StoreError::Directory { .. }), "{error}");

    let path = folder.path().join("places.sqlite");
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE bookmarks (url TEXT)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let error = refusal(&folder.path().join("notes.txt").join("dps.db"));
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
}

#[test]
fn a_damaged_database_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dps.db");
    drop(Store::open(&path, OriginKind::Real).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0xA5);
    fs::write(&path, bytes).unwrap();
    let error = refusal(&path);
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_newer_database_is_refused_untouched_with_both_versions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dps.db");
    drop(Store::open(&path, OriginKind::Real).unwrap());
    let stranger = rusqlite::Connection::open(&path).unwrap();
    stranger.pragma_update(None, "user_version", 999).unwrap();
    drop(stranger);
    let before = fs::read(&path).unwrap();
    let error = refusal(&path);
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 999,
                known: 5..,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_marked_read_only_is_refused_for_root_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dps.db");
    drop(Store::open(&path, OriginKind::Real).unwrap());
    let writable = fs::metadata(&path).unwrap().permissions();
    let mut read_only = writable.clone();
    read_only.set_readonly(true);
    fs::set_permissions(&path, read_only).unwrap();
    let error = refusal(&path);
    // Windows could not remove the folder otherwise.
    fs::set_permissions(&path, writable).unwrap();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
}

#[test]
fn answers_of_another_kind_are_refused_on_opening_and_while_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dps.db");
    let real = Store::open(&path, OriginKind::Real).unwrap();
    // Nothing is written yet, so either may still make it theirs.
    let sandbox = Store::open(&path, OriginKind::Sandbox).unwrap();
    sandbox
        .save(&[new(no_report(2024), None, 1)], noon(1))
        .unwrap();

    let wrong_kind = |error: StoreError| {
        matches!(
            error,
            StoreError::WrongKind {
                holds: OriginKind::Sandbox,
                asked: OriginKind::Real,
                ..
            }
        )
    };
    let save = real.save(&[new(paid_2024(), None, 2)], noon(2));
    assert!(wrong_kind(save.unwrap_err()));
    let replace = real.replace_companies(&[samsung()], noon(2));
    assert!(wrong_kind(replace.unwrap_err()));
    assert!(wrong_kind(refusal(&path)));
    assert_eq!(sandbox.stats().unwrap().companies, 0);
    let again = Store::open_existing(&path, OriginKind::Sandbox);
    assert!(again.unwrap().is_some());
}

#[test]
fn a_database_is_created_with_its_folder_but_not_by_commands_that_must_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("share").join("dps").join("dps.db");
    let open_existing = || Store::open_existing(&path, OriginKind::Real).unwrap();
    assert!(open_existing().is_none());
    assert!(!folder.path().join("share").exists());
    drop(Store::open(&path, OriginKind::Real).unwrap());
    assert!(open_existing().is_some());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_database_and_the_files_beside_it() {
    use std::os::unix::fs::PermissionsExt;

    let at = Folder::new();
    at.save(&[new(no_report(2024), None, 1)]);
    let mut files = 0;
    for entry in fs::read_dir(at.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert_eq!(files, 3, "the database, its log and the log's index");
}

#[test]
fn debug_shows_the_path_and_the_kind_alone() {
    let at = Folder::new();
    let shown = format!("{:?}", at.store);
    assert!(shown.contains("dps.db"), "{shown}");
    assert!(shown.contains("Real"), "{shown}");
    assert!(!shown.contains("onnection"), "{shown}");
}
