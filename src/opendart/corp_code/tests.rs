use std::io::{Cursor, Write};
use std::path::PathBuf;

use chrono::NaiveDate;
use zip::write::SimpleFileOptions;

use super::{CompanyList, CorpCodeFileError, read_companies, read_within};

/// A ZIP with one file, whose DOS timestamp names the fifteenth month, as the real one's does.
fn zipped(xml: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .start_file("CORPCODE.xml", SimpleFileOptions::default())
        .unwrap();
    writer.write_all(xml.as_bytes()).unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    // 2107-15-16 27:34:42; the local header has it at 10, the central one at 12.
    let stamp = [0x55, 0xDC, 0xF0, 0xFF];
    for (signature, at) in [(b"PK\x03\x04", 10), (b"PK\x01\x02", 12)] {
        let header = bytes
            .windows(4)
            .position(|window| window == signature)
            .unwrap();
        bytes[header + at..header + at + 4].copy_from_slice(&stamp);
    }
    bytes
}

fn entry(corp_code: &str, name: &str, english: &str, stock_code: &str, modified: &str) -> String {
    format!(
        "\n    <list>\n        <corp_code>{corp_code}</corp_code>\n        \
         <corp_name>{name}</corp_name>\n        <corp_eng_name>{english}</corp_eng_name>\n        \
         <stock_code>{stock_code}</stock_code>\n        \
         <modify_date>{modified}</modify_date>\n    </list>"
    )
}

fn document(entries: &[String]) -> String {
    let entries = entries.concat();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result>{entries}\n</result>")
}

fn read(entries: &[String]) -> CompanyList {
    read_companies(&zipped(&document(entries))).unwrap()
}

#[test]
fn listed_companies_are_read_and_the_others_counted() {
    let list = read(&[
        entry("00434003", "다코", "Daco corporation", " ", "20170630"),
        entry(
            "00126380",
            "삼성전자",
            "SAMSUNG ELECTRONICS CO,.LTD",
            "005930",
            "20240102",
        ),
        entry("01234567", "신주", "", "0068Y0", "2024"),
    ]);
    assert_eq!(
        (list.total, list.unreadable, list.companies.len()),
        (3, 0, 2)
    );
    let samsung = &list.companies[0];
    assert_eq!(samsung.ticker.as_str(), "005930");
    assert_eq!(samsung.corp_code.as_str(), "00126380");
    assert_eq!(samsung.corp_name, "삼성전자");
    assert_eq!(samsung.modify_date, NaiveDate::from_ymd_opt(2024, 1, 2));
    assert_eq!(samsung.corp_cls, None);
    let young = &list.companies[1];
    assert_eq!((young.ticker.as_str(), young.modify_date), ("0068Y0", None));
}

#[test]
fn names_keep_their_ampersands_and_brackets() {
    let english = "KT&amp;G &lt;A&gt; &#38; &#xAC00; &unknown; <![CDATA[R&D]]>";
    let list = read(&[entry(
        "00244455",
        "케이티앤지",
        english,
        "033780",
        "20240102",
    )]);
    assert_eq!(
        list.companies[0].corp_eng_name,
        "KT&G <A> & 가 &unknown; R&D"
    );
}

#[test]
fn an_entry_with_an_unreadable_code_is_counted_and_affects_no_other() {
    let list = read(&[
        entry("00000001", "가", "", "A005930", "20240102"),
        entry("1", "나", "", "005935", "20240102"),
        entry("00000003", "다", "", "00593", "20240102"),
        entry("00000004", "라", "", "000660", "20240102"),
    ]);
    assert_eq!((list.total, list.unreadable), (4, 3));
    assert_eq!(list.companies[0].ticker.as_str(), "000660");
}

#[test]
fn an_entry_takes_nothing_from_the_one_before_it() {
    let bare = "<list><corp_code>00000002</corp_code><stock_code>000660</stock_code></list>";
    let list = read(&[
        entry("00000001", "가", "A", "005930", "20240102"),
        bare.to_owned(),
    ]);
    assert_eq!(list.companies[1].corp_name, "");
    assert_eq!(list.companies[1].modify_date, None);
}

#[test]
fn what_is_not_the_list_is_refused_by_its_name() {
    assert_eq!(read_companies(b"<html>"), Err(CorpCodeFileError::NotAZip));
    assert_eq!(read_companies(b""), Err(CorpCodeFileError::NotAZip));
    assert_eq!(
        read_companies(b"PK\x03\x04"),
        Err(CorpCodeFileError::DamagedZip)
    );
    let empty = zipped(&document(&[]));
    assert_eq!(read_companies(&empty), Err(CorpCodeFileError::NoCompanies));
    let cut = zipped("<result><list><corp_code>00126380</corp_code>");
    assert_eq!(
        read_companies(&cut),
        Err(CorpCodeFileError::BrokenXml { position: 45 })
    );
    let crossed = zipped("<result><list></result></list>");
    assert!(matches!(
        read_companies(&crossed),
        Err(CorpCodeFileError::BrokenXml { .. })
    ));
}

#[test]
fn damage_is_noticed_by_the_checksum() {
    let mut zip = zipped(&document(&[entry(
        "00126380",
        "삼성전자",
        "S",
        "005930",
        "20240102",
    )]));
    let crc = zip
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap()
        + 16;
    zip[crc] ^= 1;
    assert_eq!(read_companies(&zip), Err(CorpCodeFileError::DamagedZip));
}

#[test]
fn a_small_file_that_inflates_without_end_is_cut_short() {
    let blanks = " ".repeat(1_000_000);
    let zip = zipped(&document(&[
        blanks,
        entry("00126380", "가", "", "005930", "20240102"),
    ]));
    assert!(zip.len() < 10_000);
    let limit = 500_000;
    assert_eq!(
        read_within(&zip, limit),
        Err(CorpCodeFileError::TooLarge { limit })
    );
    assert!(read_within(&zip, 1_100_000).is_ok());
}

#[test]
fn no_cut_of_the_file_makes_it_panic() {
    let zip = zipped(&document(&[entry(
        "00126380", "가", "", "005930", "20240102",
    )]));
    for end in 0..zip.len() {
        assert!(read_companies(&zip[..end]).is_err(), "{end}");
    }
}

#[test]
fn the_real_list_has_3978_listed_companies_where_it_is_at_hand() {
    let folder = std::env::var_os("DPS_DART_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/dart-data"),
        PathBuf::from,
    );
    let Ok(zip) = std::fs::read(folder.join("corpCode.zip")) else {
        return;
    };
    let list = read_companies(&zip).unwrap();
    assert_eq!(list.total, 118_519);
    assert_eq!((list.companies.len(), list.unreadable), (3_978, 0));
    let name = |ticker: &str| {
        let found = list.companies.iter().find(|c| c.ticker.as_str() == ticker);
        found.map(|c| (c.corp_code.as_str(), c.corp_name.as_str()))
    };
    assert_eq!(name("005930"), Some(("00126380", "삼성전자")));
    assert_eq!(name("033780").map(|(_, name)| name), Some("케이티앤지"));
}
