//! Name search and the alias table against the real list of companies, where it is at hand.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use dps::domain::Company;
use dps::domain::company_name::{NameMatch, exact, search};

fn real_list() -> Option<Vec<Company>> {
    let folder = std::env::var_os("DPS_DART_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/dart-data"),
        PathBuf::from,
    );
    let file = File::open(folder.join("corpCode.zip")).ok()?;
    let mut text = String::new();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    archive
        .by_index(0)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    let field = |entry: &str, tag: &str| {
        let after = entry.split(&format!("<{tag}>")).nth(1).unwrap();
        let value = after.split("</").next().unwrap();
        value.replace("&amp;", "&").trim().to_owned()
    };
    let companies = text.split("<list>").skip(1).filter_map(|entry| {
        Some(Company {
            ticker: field(entry, "stock_code").parse().ok()?,
            corp_code: field(entry, "corp_code").parse().unwrap(),
            corp_name: field(entry, "corp_name"),
            corp_eng_name: field(entry, "corp_eng_name"),
            modify_date: chrono::NaiveDate::parse_from_str(&field(entry, "modify_date"), "%Y%m%d")
                .ok(),
            corp_cls: None,
        })
    });
    Some(companies.collect())
}

/// Aliases of names that a delisted company has as well: both are listed, none is chosen.
const SHARED_WITH_A_DELISTED_COMPANY: [&str; 2] = ["미래에셋대우", "우리금융"];

#[test]
fn every_alias_leads_to_one_company_that_exists() {
    let Some(companies) = real_list() else {
        return;
    };
    assert!(companies.len() > 3_900);
    for (alias, name) in dps::domain::company_name::aliases() {
        match exact(&companies, alias) {
            NameMatch::One(company) => assert_eq!(company.corp_name, name, "{alias}"),
            NameMatch::Several(found) => {
                assert!(
                    SHARED_WITH_A_DELISTED_COMPANY.contains(&alias),
                    "{alias}: {found:?}"
                );
                assert!(
                    found.iter().all(|company| company.corp_name == name),
                    "{alias}"
                );
            }
            NameMatch::None { .. } => panic!("{alias}: no company is named {name}"),
        }
    }
}

#[test]
fn a_name_that_only_one_company_has_finds_it() {
    let Some(companies) = real_list() else {
        return;
    };
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for company in &companies {
        *bearers.entry(&company.corp_name).or_default() += 1;
    }
    let refused: Vec<String> = companies
        .iter()
        .step_by(31)
        .filter(|company| bearers[company.corp_name.as_str()] == 1)
        .filter_map(|company| match exact(&companies, &company.corp_name) {
            NameMatch::One(found) => {
                assert_eq!(found.ticker, company.ticker);
                None
            }
            NameMatch::Several(found) => {
                assert!(found.contains(&company));
                Some(format!("{}: {}", company.corp_name, found.len()))
            }
            NameMatch::None { .. } => panic!("{}", company.corp_name),
        })
        .collect();
    // SG is one company's Korean name and, its legal form aside, another's English one.
    assert!(refused.len() <= 1, "{refused:?}");
}

#[test]
fn searching_the_real_list_puts_the_likeliest_first() {
    let Some(companies) = real_list() else {
        return;
    };
    for (text, ticker) in [
        ("삼성전자", "005930"),
        ("현대차", "005380"),
        ("KT&G", "033780"),
        ("SK", "034730"),
        ("naver", "035420"),
        ("005935", "005930"),
        ("00126380", "005930"),
        ("kakao", "035720"),
        ("LG U+", "032640"),
        ("Samsung Fire", "000810"),
    ] {
        let found = search(&companies, text, 5);
        assert_eq!(found[0].ticker.as_str(), ticker, "{text}: {found:?}");
    }
}
