//! `dps events`: what the user holds or watches, imported from a CSV.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Subcommand;
use encoding_rs::{EUC_KR, Encoding};
use rust_decimal::Decimal;

use crate::domain::Ticker;
use crate::store::DividendEvent;

use super::config::Config;
use super::exit::{Exit, Failure};
use super::output::{self, Cell, Column, Format, column};
use super::{say, selection};

#[derive(Debug, Subcommand)]
pub(super) enum EventsVerb {
    /// Import a CSV; its header names ticker (종목코드), event_date (지급일), amount (배당금)
    #[command(after_help = "Example:\n  dps events import holdings.csv")]
    Import {
        /// The CSV, in any of Excel's encodings; - reads stdin; the same one twice changes nothing
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
    },
    /// List the events
    #[command(after_help = "Example:\n  dps events list --format json")]
    List {
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Remove all events
    #[command(after_help = "Example:\n  dps events clear")]
    Clear,
}

const COLUMNS: &[Column<DividendEvent>] = &[
    column("ticker", "Ticker", |e| Cell::text(e.ticker)),
    column("event_date", "Date", |e| Cell::maybe_text(e.event_date)),
    column("amount", "Amount", |e| Cell::maybe(e.amount)),
    column("currency", "Currency", |e| Cell::text(&e.currency)),
    column("note", "Note", |e| Cell::maybe_text(e.note.as_ref())),
];

pub(super) fn run(config: &Config, verb: EventsVerb) -> Result<Exit, Failure> {
    match verb {
        EventsVerb::Import { file } => import(config, &file),
        EventsVerb::List { format } => list(config, format),
        EventsVerb::Clear => {
            let cleared = match config.open_existing_store()? {
                Some(store) => store.clear_events()?,
                None => 0,
            };
            say(&format!("{cleared} events removed"));
            Ok(Exit::Done)
        }
    }
}

fn list(config: &Config, format: Format) -> Result<Exit, Failure> {
    let events = match config.open_existing_store()? {
        Some(store) => store.events()?,
        None => Vec::new(),
    };
    output::rows(COLUMNS, &events, format)?;
    Ok(Exit::Done)
}

fn import(config: &Config, file: &Path) -> Result<Exit, Failure> {
    let bytes = selection::read_file(file)?;
    let events = read(&bytes).map_err(|problems| Failure::Usage {
        message: problems
            .iter()
            .map(|problem| format!("{}, {problem}", file.display()))
            .collect::<Vec<_>>()
            .join("\n       "),
        hints: vec![
            "a header names the columns: ticker (종목코드), event_date (지급일), amount (배당금), \
             currency, note; nothing was imported"
                .to_owned(),
        ],
    })?;
    let store = config.open_store()?;
    let changed = store.upsert_events(&events)?;
    say(&format!(
        "{} events read, {changed} new or changed",
        events.len()
    ));
    Ok(Exit::Done)
}

/// The columns by the names people give them.
const NAMES: [(&str, &[&str]); 5] = [
    ("ticker", &["ticker", "종목코드"]),
    ("event_date", &["event_date", "pay_date", "지급일"]),
    ("amount", &["amount", "gross_dividend", "배당금"]),
    ("currency", &["currency"]),
    ("note", &["note"]),
];

/// Reads a CSV; columns are found by their header, others are ignored. All that is wrong is told
/// at once, with its line.
fn read(bytes: &[u8]) -> Result<Vec<DividendEvent>, Vec<String>> {
    let text = decode(bytes);
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: &char| header.matches(*separator).count();
    let separator = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| count(&char::from(*separator)))
        .unwrap_or(b',');
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let header = csv
        .headers()
        .map_err(|error| vec![format!("line 1: {error}")])?
        .clone();
    let place = |wanted: &str| {
        let names = NAMES
            .iter()
            .find(|(name, _)| *name == wanted)
            .map_or(&[][..], |(_, all)| *all);
        header
            .iter()
            .position(|head| names.iter().any(|name| head.eq_ignore_ascii_case(name)))
    };
    let Some(ticker) = place("ticker") else {
        return Err(vec![
            "line 1: no column is named ticker or 종목코드".to_owned(),
        ]);
    };
    let (date, amount) = (place("event_date"), place("amount"));
    let (currency, note) = (place("currency"), place("note"));
    let mut events = Vec::new();
    let mut problems = Vec::new();
    for record in csv.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(error.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let field = |at: Option<usize>| {
            at.and_then(|at| record.get(at))
                .filter(|text| !text.is_empty())
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let event = event(
            field(Some(ticker)),
            field(date),
            field(amount),
            field(currency),
            field(note),
        );
        match event {
            Ok(event) => events.push(event),
            Err(problem) => problems.push(format!("line {line}: {problem}")),
        }
    }
    if problems.is_empty() {
        Ok(events)
    } else {
        Err(problems)
    }
}

fn event(
    ticker: Option<&str>,
    date: Option<&str>,
    amount: Option<&str>,
    currency: Option<&str>,
    note: Option<&str>,
) -> Result<DividendEvent, String> {
    let ticker: Ticker = ticker
        .unwrap_or_default()
        .parse()
        .map_err(|error| format!("{error}"))?;
    let event_date = date.map(read_date).transpose()?;
    let amount = amount.map(read_amount).transpose()?;
    let currency = currency.map_or_else(|| "KRW".to_owned(), str::to_ascii_uppercase);
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(format!(
            "{currency:?} is no currency: three letters, as KRW"
        ));
    }
    Ok(DividendEvent {
        ticker,
        event_date,
        amount,
        currency,
        note: note.map(str::to_owned),
    })
}

/// UTF-8, UTF-16 with its mark, and, where it is neither, the encoding of Korean Windows (CP949).
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match (Encoding::for_bom(bytes), std::str::from_utf8(bytes)) {
        (Some((encoding, _)), _) => encoding.decode(bytes).0,
        (None, Ok(text)) => Cow::Borrowed(text),
        (None, Err(_)) => EUC_KR.decode(bytes).0,
    }
}

fn read_date(text: &str) -> Result<NaiveDate, String> {
    // A time of day behind the date says nothing about the day.
    let day = match text.split_once([' ', 'T']) {
        Some((day, time)) if time.contains(':') => day,
        _ => text,
    };
    let day: String = day.chars().filter(|c| !c.is_whitespace()).collect();
    ["%Y-%m-%d", "%Y.%m.%d", "%Y.%m.%d.", "%Y/%m/%d", "%Y%m%d"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(&day, format).ok())
        .ok_or_else(|| format!("{text:?} is no date: write 2025-04-18"))
}

fn read_amount(text: &str) -> Result<Decimal, String> {
    let plain = text.replace(',', "");
    plain
        .trim_end_matches('원')
        .trim()
        .parse()
        .map_err(|_| format!("{text:?} is no amount"))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn columns_are_found_by_their_header_in_either_language() {
        let korean = "\u{feff}계좌,종목코드,지급일,배당금\r\n1,005930,2025.04.18,\"1,444\"\r\n";
        let events = read(korean.as_bytes()).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].ticker.as_str(), "005930");
        assert_eq!(events[0].event_date.unwrap().to_string(), "2025-04-18");
        assert_eq!(events[0].amount.unwrap().to_string(), "1444");
        assert_eq!(events[0].currency, "KRW");
        let english =
            "Ticker,pay_date,gross_dividend,currency,note\n005930,2025-04-18,361,usd,q1\n";
        let events = read(english.as_bytes()).unwrap();
        assert_eq!(
            (events[0].currency.as_str(), events[0].note.as_deref()),
            ("USD", Some("q1"))
        );
    }

    #[test]
    fn files_are_read_as_korean_excel_and_pandas_write_them() {
        let text = "종목코드\t지급일\t배당금\r\n005930\t2025. 4. 18.\t1444\r\n";
        let utf16: Vec<u8> = format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let cp949 = encoding_rs::EUC_KR.encode(text).0.into_owned();
        let pandas = b"ticker;event_date;amount\n005930;2025-04-18 00:00:00;1444\n".to_vec();
        for file in [utf16, cp949, pandas] {
            let events = read(&file).unwrap();
            assert_eq!(events[0].ticker.as_str(), "005930");
            assert_eq!(events[0].event_date.unwrap().to_string(), "2025-04-18");
            assert_eq!(events[0].amount.unwrap().to_string(), "1444");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once_with_its_line() {
        let text = "ticker,event_date,amount\n5930,2025-04-18,1\n005930,soon,1\n005930,,x\n";
        let problems = read(text.as_bytes()).unwrap_err();
        assert_eq!(problems.len(), 3);
        assert!(problems[0].starts_with("line 2") && problems[0].contains("005930"));
        assert!(problems[1].starts_with("line 3") && problems[1].contains("soon"));
        assert!(problems[2].starts_with("line 4"));
        assert_eq!(read(b"name,amount\n").unwrap_err().len(), 1);
    }
}
