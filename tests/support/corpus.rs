//! Real answers, where this machine has them: `DPS_DART_DATA`, or `../shared/dart-data` beside the
//! project. Tests that want them pass without.

use std::path::PathBuf;

/// The folder with `alotMatter/` and `corpCode.zip`, if there is one.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("DPS_DART_DATA").map(PathBuf::from);
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/dart-data");
    named
        .into_iter()
        .chain([beside])
        .find(|folder| folder.join("alotMatter").is_dir())
}
