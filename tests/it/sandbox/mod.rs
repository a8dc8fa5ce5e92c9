//! The sandbox, seen from the wire, and what tests add to it.

mod faults;
mod folder;
mod latency;
mod market;
mod server;
mod stats;

use std::fs;

use dps::sandbox::{Config, Source};
use tempfile::TempDir;

use crate::support::sandbox::CountingSandbox;

/// A recorded answer of the size and shape real ones have.
const RECORDED: &str = r#"{"status":"000","message":"정상","list":[{"rcept_no":"20250328001868","corp_cls":"Y","corp_code":"99999999","corp_name":"가상기록","se":"주당액면가액(원)","stock_knd":"-","thstrm":"500","frmtrm":"500","lwfr":"500","stlm_dt":"2024-12-31"}]}"#;

/// A folder with one recorded answer: 99999999, 2024, annual.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("alotMatter");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("99999999_2024_11011.json"), RECORDED).unwrap();
    folder
}

fn config(folder: &TempDir) -> Config {
    Config::new(Source::Folder(folder.path().to_owned()))
}

fn serve(config: Config) -> CountingSandbox {
    CountingSandbox::start(config).unwrap()
}

fn recorded() -> String {
    crate::support::wire_client::alot_matter("99999999", 2024, "11011")
}
