//! Amounts in today's shares: in data always, in the table where a par value changed.

use dps::domain::ReprtCode;

use crate::support::answer::Answer;
use crate::support::dart::{CORP, FakeDart};
use crate::support::dps::Dps;

/// One company that split its shares 50:1 in 2018, and another that never did.
fn dart() -> FakeDart {
    let answer = |corp_code: &str, par: &str, dps: &str, total: &str| {
        Answer::of(corp_code)
            .row("주당액면가액(원)", "-", [par, "-", "-"])
            .total([total, "-", "-"])
            .dps("보통주", [dps, "-", "-"])
    };
    let other = "99999998";
    FakeDart::new()
        .with_companies(&[
            (CORP, "가상전자", "Madeup & Co", "900010"),
            (other, "가상상사", "Madeup Trading", "900020"),
        ])
        .with_report(
            2017,
            ReprtCode::Annual,
            &answer(CORP, "5,000", "42,500", "5,826,302"),
        )
        .with_report(
            2018,
            ReprtCode::Annual,
            &answer(CORP, "100", "1,416", "9,619,243"),
        )
        .with_report(
            2019,
            ReprtCode::Annual,
            &answer(CORP, "100", "1,416", "9,619,243"),
        )
        .with_report(2017, ReprtCode::Annual, &answer(other, "500", "70", "700"))
        .with_report(2018, ReprtCode::Annual, &answer(other, "500", "80", "800"))
}

/// The cells under these heads, of the rows of these years; `None` where there is no such column.
fn cells(table: &str, heads: [&str; 3], years: &[&str]) -> Option<Vec<String>> {
    let split = |line: &str| -> Vec<String> {
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let names = split(table.lines().next()?);
    let at = |name: &str| names.iter().position(|column| column == name);
    let places: Vec<usize> = heads.iter().map(|head| at(head)).collect::<Option<_>>()?;
    let year = at("Year")?;
    let rows = table.lines().skip(2).map(split);
    Some(
        rows.filter(|row| years.contains(&row[year].as_str()))
            .map(|row| {
                let shown: Vec<&str> = places.iter().map(|place| row[*place].as_str()).collect();
                shown.join(" ")
            })
            .collect(),
    )
}

const HEADS: [&str; 3] = ["Year", "Adjusted (won)", "Factor"];
const YEARS: [&str; 2] = ["2017", "2018"];

#[test]
fn a_split_in_the_range_brings_amounts_in_todays_shares_into_the_table() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    // To last year, so that today's par value is known whenever this runs.
    let ran = dps.run(["series", "900010", "--from", "2017"]).exits(0);
    let expected = vec!["2017 850 50".to_owned(), "2018 1,416 1".to_owned()];
    assert_eq!(cells(&ran.stdout, HEADS, &YEARS), Some(expected.clone()));

    let both = dps
        .run(["series", "900020", "900010", "--from", "2017"])
        .exits(0);
    let of_both = ["2017 70 1", "2018 80 1"].map(str::to_owned);
    let of_both: Vec<String> = of_both.into_iter().chain(expected).collect();
    assert_eq!(cells(&both.stdout, HEADS, &YEARS), Some(of_both));

    let before = dps.run(["series", "900010", "2017", "2017"]).exits(0);
    assert_eq!(
        cells(&before.stdout, HEADS, &YEARS),
        Some(vec!["2017 850 50".to_owned()]),
        "one year cannot be compared with today's either"
    );
    let after = dps.run(["series", "900010", "--from", "2018"]).exits(0);
    assert_eq!(cells(&after.stdout, HEADS, &YEARS), None, "no split since");
}

#[test]
fn adjusted_forces_the_columns_and_as_filed_forbids_them() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let table = |args: &[&str]| {
        let all = ["series"].into_iter().chain(args.iter().copied());
        dps.run(all).exits(0).stdout
    };
    let forced = table(&["900020", "--from", "2017", "--adjusted"]);
    let expected = ["2017 70 1", "2018 80 1"].map(str::to_owned);
    assert_eq!(cells(&forced, HEADS, &YEARS), Some(expected.to_vec()));
    let plain = table(&["900020", "--from", "2017"]);
    assert_eq!(cells(&plain, HEADS, &YEARS), None);
    let forbidden = table(&["900010", "--from", "2017", "--as-filed"]);
    assert_eq!(cells(&forbidden, HEADS, &YEARS), None);
    dps.run(["series", "900010", "--adjusted", "--as-filed"])
        .exits(2)
        .no_stdout();
}

#[test]
fn data_has_both_fields_whatever_the_table_shows() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "--from", "2017"]).exits(0);
    for format in ["json", "jsonl", "csv"] {
        let of = |flags: &[&str]| {
            let all = ["series", "900010", "--from", "2017", "--format", format]
                .into_iter()
                .chain(flags.iter().copied());
            dps.run(all).exits(0).no_stderr().stdout
        };
        let plain = of(&[]);
        assert!(plain.contains("adjustment_factor"), "{plain}");
        assert_eq!(plain, of(&["--adjusted"]), "{format}");
        assert_eq!(plain, of(&["--as-filed"]), "{format}");
    }
}

#[test]
fn where_todays_par_is_not_known_the_way_to_learn_it_is_told() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    let ran = dps
        .run(["series", "900010", "2017", "2018"])
        .exits(0)
        .stderr_contains([
            "hint: what 900010 paid is not known in today's shares until the report of",
        ]);
    assert_eq!(cells(&ran.stdout, HEADS, &YEARS), None);
    let hint = ran
        .stderr
        .lines()
        .find(|line| line.starts_with("hint: what"));
    let command = hint.unwrap().split(": dps ").nth(1).unwrap();
    let shown = dps.run(command.split(' ')).exits(0);
    assert!(!shown.stderr.contains("hint"), "{}", shown.stderr);
    let expected = vec!["2017 850 50".to_owned(), "2018 1,416 1".to_owned()];
    assert_eq!(cells(&shown.stdout, HEADS, &YEARS), Some(expected));

    // Nothing splits here, and as filed nothing is compared.
    dps.run(["series", "900020", "2017", "2018"])
        .exits(0)
        .no_stderr();
    dps.run(["series", "900020", "2017", "2018", "--adjusted"])
        .exits(0)
        .stderr_contains(["hint: what 900020 paid"]);
    dps.run(["series", "900010", "2017", "2017", "--as-filed"])
        .exits(0)
        .no_stderr();
}

#[test]
fn the_series_of_a_job_shows_a_split_as_well() {
    let dart = dart();
    let dps = Dps::asking(&dart);
    dps.run(["series", "900010", "--from", "2017"]).exits(0);
    dps.run([
        "job",
        "create",
        "--tickers",
        "900010",
        "2017",
        "2018",
        "--name",
        "split",
    ])
    .exits(0);
    let shown = dps.run(["job", "series", "split"]).exits(0).no_stderr();
    let expected = vec!["2017 850 50".to_owned(), "2018 1,416 1".to_owned()];
    assert_eq!(cells(&shown.stdout, HEADS, &YEARS), Some(expected));
    let filed = dps.run(["job", "series", "split", "--as-filed"]).exits(0);
    assert_eq!(cells(&filed.stdout, HEADS, &YEARS), None);
}
