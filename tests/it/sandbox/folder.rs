//! Answers from recorded files.

use std::fs;
use std::path::PathBuf;

use dps::sandbox::{Config, SandboxError, Server, Source};

use super::{RECORDED, config, folder, recorded, serve};
use crate::support::wire_client::{Client, alot_matter, corp_code, get};

#[test]
fn a_recorded_answer_comes_as_it_stands_and_an_unrecorded_one_is_013() {
    let folder = folder();
    let server = serve(config(&folder));
    let mut client = Client::to(&server.origin());
    assert_eq!(client.get(&recorded()).text(), RECORDED);
    for (corp, year, report) in [
        ("99999999", 2023, "11011"),
        ("99999999", 2024, "11012"),
        ("99999998", 2024, "11011"),
        ("99999999", 2014, "11011"),
    ] {
        let answer = client.get(&alot_matter(corp, year, report));
        assert_eq!((answer.code, answer.status().as_str()), (200, "013"));
    }
    let stats = server.stats();
    assert_eq!((stats.by_status["000"], stats.by_status["013"]), (1, 4));
}

#[test]
fn files_may_lie_in_the_folder_itself_and_arrive_later() {
    let folder = folder();
    let server = serve(config(&folder));
    let later = alot_matter("99999999", 2023, "11014");
    assert_eq!(get(&server.origin(), &later).status(), "013");
    fs::write(folder.path().join("99999999_2023_11014.json"), RECORDED).unwrap();
    assert_eq!(get(&server.origin(), &later).status(), "000");
}

#[test]
fn the_list_of_companies_is_served_or_reported_missing_in_xml() {
    let folder = folder();
    let server = serve(config(&folder));
    let missing = get(&server.origin(), &corp_code());
    assert!(missing.text().contains("<status>014</status>"));
    fs::write(folder.path().join("corpCode.zip"), b"PK\x03\x04 and so on").unwrap();
    assert!(get(&server.origin(), &corp_code()).body.starts_with(b"PK"));
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let nowhere = Config::new(Source::Folder(PathBuf::from("no/such/folder")));
    let error = Server::start(nowhere).unwrap_err();
    assert!(matches!(error, SandboxError::Folder { .. }));
    assert!(error.to_string().contains("folder"), "{error}");
}

#[test]
fn the_real_recordings_are_served_where_they_lie_at_hand() {
    let data = std::env::var_os("DPS_DART_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/dart-data"),
        PathBuf::from,
    );
    if !data.is_dir() {
        return;
    }
    let server = serve(Config::new(Source::Folder(data.clone())));
    let mut client = Client::to(&server.origin());
    for file in fs::read_dir(data.join("alotMatter")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let parts: Vec<&str> = name.split('_').collect();
        let answer = client.get(&alot_matter(parts[0], parts[1].parse().unwrap(), parts[2]));
        assert_eq!(answer.body, fs::read(&path).unwrap(), "{name}");
    }
    let zip = client.get(&corp_code());
    assert_eq!(zip.body, fs::read(data.join("corpCode.zip")).unwrap());
    let none = client.get(&alot_matter("00126380", 2024, "11011"));
    assert_eq!(none.status(), "013");
}
