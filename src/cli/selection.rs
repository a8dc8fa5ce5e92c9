//! Which tickers and years a command is about.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;

use crate::domain::{
    BadEntry, Company, CorpCls, CorpCode, FIRST_YEAR, FiscalYear, ReprtCode, Ticker, TickerError,
    TickerList, kst_year,
};

use super::companies::AppContext;
use super::exit::Failure;
use super::say;

/// Ways to name many tickers; they add up.
#[derive(Debug, Args)]
pub(super) struct PickArgs {
    /// Tickers separated by commas
    #[arg(long, value_name = "A,B")]
    pub(super) tickers: Vec<String>,
    /// A file of tickers as spreadsheets write them; - reads stdin
    #[arg(long, value_name = "FILE")]
    pub(super) tickers_file: Vec<PathBuf>,
    /// Every ticker of the company list
    #[arg(long)]
    pub(super) from_master: bool,
    /// Every ticker of the events imported with dps events import
    #[arg(long)]
    pub(super) from_events: bool,
    /// At most so many of the company list
    #[arg(long, value_name = "N", requires = "from_master")]
    pub(super) limit: Option<usize>,
    /// Only these markets of the company list: Y (KOSPI), K (KOSDAQ), N (KONEX), E (others)
    #[arg(
        long,
        value_name = "Y,K,N,E",
        value_delimiter = ',',
        requires = "from_master"
    )]
    pub(super) market: Vec<String>,
    /// Leave out what is no ticker or unknown, and name it
    #[arg(long)]
    pub(super) skip_unknown: bool,
}

impl PickArgs {
    /// Whether any of them names tickers.
    pub(super) fn names_any(&self) -> bool {
        !self.tickers.is_empty()
            || !self.tickers_file.is_empty()
            || self.from_master
            || self.from_events
    }
}

#[derive(Debug, Args)]
pub(super) struct YearArgs {
    /// The first fiscal year
    #[arg(long, value_name = "YEAR")]
    pub(super) from: Option<String>,
    /// The last fiscal year
    #[arg(long, value_name = "YEAR")]
    pub(super) to: Option<String>,
}

/// So many years up to the last calendar year are shown where none are named.
const DEFAULT_YEARS: u16 = 10;

/// Two years as they were typed.
type TypedYears<'a> = (&'a str, &'a str);

/// The words of `series`: names of shares, then two years if there are any.
pub(super) fn split_years(
    words: &[String],
) -> Result<(&[String], Option<TypedYears<'_>>), Failure> {
    let is_year = |word: &String| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    match words {
        [names @ .., first, last] if is_year(first) && is_year(last) => {
            Ok((names, Some((first, last))))
        }
        [_, .., year] if is_year(year) => Err(Failure::usage(
            format!("{year} stands alone: years come in two, the first and the last"),
            format!("for that one year: {year} {year}; if it is a ticker, write all six digits"),
        )),
        _ => Ok((words, None)),
    }
}

/// The range of years: two positional ones or --from and --to, else the ten up to last year (KST).
pub(super) fn years(
    positional: Option<TypedYears<'_>>,
    args: &YearArgs,
    reports: &[ReprtCode],
    now: DateTime<Utc>,
) -> Result<(FiscalYear, FiscalYear), Failure> {
    if positional.is_some() && (args.from.is_some() || args.to.is_some()) {
        return Err(Failure::usage(
            "the years are given twice",
            "use two positional years, or --from and --to",
        ));
    }
    let this_year = kst_year(now);
    let (from, to) = match positional {
        Some((from, to)) => (Some(from), Some(to)),
        None => (args.from.as_deref(), args.to.as_deref()),
    };
    let last = match to {
        Some(text) => year(text)?,
        None => checked(this_year.saturating_sub(1))?,
    };
    let first = match from {
        Some(text) => year(text)?,
        None => checked(
            (last.get() + 1)
                .saturating_sub(DEFAULT_YEARS)
                .max(FIRST_YEAR),
        )?,
    };
    for asked in [first, last] {
        if asked.get() > this_year {
            return Err(Failure::usage(
                format!("the year {asked} has not begun"),
                format!(
                    "the last that can be asked for is {this_year}; a ticker has six digits, as \
                     {:0>6}",
                    asked.get()
                ),
            ));
        }
    }
    let asks_interim = reports.iter().any(|report| *report != ReprtCode::Annual);
    if asks_interim && first < FiscalYear::FIRST_REPORT {
        return Err(Failure::usage(
            format!("there is no interim report for {first}: OpenDART's begin with 2015"),
            "ask for years from 2015 on, or for the annual report",
        ));
    }
    if first > last {
        return Err(Failure::usage(
            format!("the years run backwards: {first} to {last}"),
            format!("write {last} {first}"),
        ));
    }
    Ok((first, last))
}

fn year(text: &str) -> Result<FiscalYear, Failure> {
    text.parse()
        .map_err(|error| Failure::usage(format!("{error}"), "as 2015 2025".to_owned()))
}

fn checked(year: u16) -> Result<FiscalYear, Failure> {
    FiscalYear::new(year)
        .map_err(|error| Failure::usage(format!("{error}"), "check this machine's clock"))
}

/// What the given words and options name.
#[derive(Default)]
pub(super) struct Selection {
    pub(super) tickers: Vec<Ticker>,
    seen: HashSet<Ticker>,
    /// Unknown names and tickers, to be told at the end.
    pub(super) unknown: Vec<Failure>,
}

/// Gathers the tickers of the words (tickers or company names) and of every option, in the order
/// given, each once.
///
/// Malformed entries fail the command before anything is asked, all of them named at once; with
/// --skip-unknown they are named and left out.
pub(super) fn tickers(
    session: &mut AppContext<'_>,
    words: &[String],
    args: &PickArgs,
) -> Result<Selection, Failure> {
    let mut picked = Selection::default();
    let mut names = Vec::new();
    let mut bad = Vec::new();
    for word in words {
        match word.parse::<Ticker>() {
            Ok(ticker) => picked.add(ticker),
            Err(_) if may_be_a_name(word) => names.push(word.as_str()),
            Err(error) => bad.push(error.to_string()),
        }
    }
    let option = TickerList::from_words(args.tickers.iter().map(String::as_str));
    bad.extend(
        option
            .bad
            .iter()
            .map(|entry| format!("--tickers: {}", entry.error)),
    );
    option
        .tickers
        .into_iter()
        .for_each(|ticker| picked.add(ticker));
    for path in &args.tickers_file {
        let list = read_list(path)?;
        let name = if is_stdin(path) {
            "stdin".to_owned()
        } else {
            path.display().to_string()
        };
        if list.tickers.is_empty() && list.bad.is_empty() {
            return Err(Failure::usage(
                format!("{name} holds no tickers"),
                LIST_HINT,
            ));
        }
        bad.extend(
            list.bad
                .iter()
                .map(|entry: &BadEntry| format!("{name}, {entry}")),
        );
        list.tickers
            .into_iter()
            .for_each(|ticker| picked.add(ticker));
    }
    if !bad.is_empty() {
        if !args.skip_unknown {
            return Err(Failure::Usage {
                message: bad.join("\n       "),
                hints: vec!["--skip-unknown leaves such entries out, and names them".to_owned()],
            });
        }
        bad.iter()
            .for_each(|entry| say(&format!("skipped: {entry}")));
    }
    for name in names {
        match session.find(name) {
            Ok(company) => picked.add(company.ticker),
            Err(unknown @ Failure::Unknown { .. }) => picked.unknown.push(unknown),
            Err(failure) => return Err(failure),
        }
    }
    if args.from_events {
        let held = session.store.event_tickers()?;
        if held.is_empty() {
            return Err(Failure::usage(
                "there are no events to take tickers from",
                "import some first: dps events import holdings.csv",
            ));
        }
        held.into_iter().for_each(|ticker| picked.add(ticker));
    }
    if args.from_master {
        for ticker in from_master(session, args)? {
            picked.add(ticker);
        }
    }
    Ok(picked)
}

impl Selection {
    fn add(&mut self, ticker: Ticker) {
        if self.seen.insert(ticker) {
            self.tickers.push(ticker);
        }
    }
}

const LIST_HINT: &str = "a list has a ticker a line, or in the first or second column of a CSV";

/// Not somebody's attempt at a ticker: a corp_code, a word with letters beyond ASCII, or one with
/// hardly a digit.
fn may_be_a_name(word: &str) -> bool {
    let is_code = match word.parse::<Ticker>() {
        Ok(_) => true,
        Err(error) => !matches!(error, TickerError::Malformed(_)),
    };
    let digits = word.chars().filter(char::is_ascii_digit).count();
    !is_code && (word.parse::<CorpCode>().is_ok() || !word.is_ascii() || digits < 3)
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn read_list(path: &Path) -> Result<TickerList, Failure> {
    Ok(TickerList::from_file(&read_file(path)?))
}

/// A file's bytes; - is stdin.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        io::stdin()
            .read_to_end(&mut bytes)
            .context("stdin cannot be read")?;
        return Ok(bytes);
    }
    fs::read(path).map_err(|error| Failure::Unknown {
        message: format!("the file {} cannot be read: {error}", path.display()),
        hints: vec!["check its path and permissions; - reads stdin".to_owned()],
    })
}

fn from_master(session: &mut AppContext<'_>, args: &PickArgs) -> Result<Vec<Ticker>, Failure> {
    let markets = args
        .market
        .iter()
        .map(|letter| {
            CorpCls::from_letter(&letter.to_ascii_uppercase()).ok_or_else(|| {
                Failure::usage(
                    format!("{letter:?} is no market"),
                    "use Y, K, N or E, as Y,K",
                )
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    session.need_list()?;
    let companies = session.store.companies()?;
    if markets.is_empty() {
        let all = companies.into_iter().map(|company| company.ticker);
        return Ok(all.take(args.limit.unwrap_or(usize::MAX)).collect());
    }
    // corpCode.xml does not tell the market; each company's first answer does.
    let unknown = companies
        .iter()
        .filter(|company| company.corp_cls.is_none())
        .count();
    let of_market = |company: &Company| company.corp_cls.is_some_and(|cls| markets.contains(&cls));
    let wanted = companies
        .into_iter()
        .filter(of_market)
        .map(|company| company.ticker);
    let wanted: Vec<Ticker> = wanted.take(args.limit.unwrap_or(usize::MAX)).collect();
    let hint = "a company's market is known once one of its reports was read: run --from-master \
                without --market first";
    if wanted.is_empty() {
        return Err(Failure::Unknown {
            message: "no listed company is known to be of that market".to_owned(),
            hints: vec![hint.to_owned()],
        });
    }
    if unknown > 0 {
        say(&format!(
            "left out: {unknown} companies whose market is not known yet"
        ));
        say(&format!("hint: {hint}"));
    }
    Ok(wanted)
}
