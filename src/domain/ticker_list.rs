use std::collections::HashSet;

use super::{Ticker, TickerError};

/// Tickers read from a list as spreadsheets, brokers and people write them.
///
/// Order stays, duplicates drop, and every entry that is none is kept with its line.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TickerList {
    /// The tickers, each once, in the order of the list.
    pub tickers: Vec<Ticker>,
    /// What is no ticker, in the order of the list.
    pub bad: Vec<BadEntry>,
}

/// An entry of a list that is no ticker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct BadEntry {
    /// The line it stands in, from 1.
    pub line: usize,
    /// Why it is none; names the text.
    pub error: TickerError,
}

impl TickerList {
    /// Reads a file's bytes: any encoding (only the codes matter), byte order marks, CRLF, quotes,
    /// tabs, commas, semicolons, white space, `#` comments, a header line.
    ///
    /// A line whose first or second field is a ticker is a record about that ticker, its other
    /// fields are ignored; a line of tickers alone is a list of them.
    #[must_use]
    pub fn from_file(bytes: &[u8]) -> Self {
        let text = decode(bytes);
        let mut list = Reader::default();
        for (number, line) in text.lines().enumerate() {
            list.line(number + 1, line);
        }
        list.out
    }

    /// Reads the value of an option, `A,B` or `A B`: here every word must be a ticker.
    #[must_use]
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut list = Reader::default();
        for word in words {
            for field in word.split(|c: char| c == ',' || c == ';' || c.is_whitespace()) {
                if !field.is_empty() {
                    list.entry(1, field);
                }
            }
        }
        list.out
    }
}

#[derive(Default)]
struct Reader {
    out: TickerList,
    seen: HashSet<Ticker>,
    past_header: bool,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) {
        let words = fields(line, true);
        if words.is_empty() {
            return;
        }
        let header_allowed = !std::mem::replace(&mut self.past_header, true);
        let is_ticker = |field: &&String| field.parse::<Ticker>().is_ok();
        // A list may mix its separators; a record of numbers (code, quantity, price) may look like
        // one, so where there are separators its first two fields must be tickers.
        let separated = line.contains(is_separator);
        let is_list = words.iter().all(|word| looks_like_code(word))
            && (!separated || words.iter().take(2).all(|word| is_ticker(&word)));
        if is_list {
            for word in &words {
                self.entry(number, word);
            }
            return;
        }
        let fields = fields(line, !separated);
        let mut leading = fields.iter().take(2);
        if let Some(field) = leading.clone().find(is_ticker) {
            self.entry(number, field);
        } else if !header_allowed || fields.iter().any(|field| has_digit(field)) {
            // Of a record the field that tries to be a code is the one worth naming.
            let named = leading.find(|field| has_digit(field)).unwrap_or(&fields[0]);
            self.entry(number, named);
        }
    }

    fn entry(&mut self, line: usize, field: &str) {
        match field.parse() {
            Ok(ticker) => {
                if self.seen.insert(ticker) {
                    self.out.tickers.push(ticker);
                }
            }
            Err(error) => self.out.bad.push(BadEntry { line, error }),
        }
    }
}

fn has_digit(field: &str) -> bool {
    field.bytes().any(|b| b.is_ascii_digit())
}

/// Short, a digit in it, and nothing that no code has: a code, or an attempt at one.
fn looks_like_code(field: &str) -> bool {
    field.len() <= 12
        && has_digit(field)
        && field
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.')
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | ';' | '\t')
}

/// The fields of a line, unquoted and trimmed, empty ones left out. White space separates only
/// where asked to: names have spaces.
fn fields(line: &str, at_white_space: bool) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut before = ' ';
    for c in line.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if c == '#' && !quoted && before.is_whitespace() {
            break;
        } else if !quoted && (is_separator(c) || (at_white_space && c.is_whitespace())) {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(c);
        }
        before = c;
    }
    // ="005930" is how a spreadsheet is told to keep the zeros.
    let clean = |field: &String| field.trim().trim_matches(['\'', '=']).trim().to_owned();
    fields
        .iter()
        .map(clean)
        .filter(|field| !field.is_empty())
        .collect()
}

/// Only ASCII matters: codes are ASCII in every encoding, and the second bytes of Korean ones
/// (CP949) are never separators, quotes or digits.
fn decode(bytes: &[u8]) -> String {
    let utf16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| read(*pair))
            .collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [_, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, _, ..] => utf16(bytes, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::TickerList;
    use proptest::prelude::{any, prop_assert, proptest};

    fn codes(list: &TickerList) -> Vec<&str> {
        list.tickers.iter().map(super::Ticker::as_str).collect()
    }

    fn read(text: &str) -> TickerList {
        TickerList::from_file(text.as_bytes())
    }

    #[test]
    fn reads_what_a_spreadsheet_saves() {
        let list = read(
            "\u{feff}종목코드,종목명,수량\r\n005930,삼성전자,\"1,200\"\r\n\"000660\",SK하이닉스,50\r\n",
        );
        assert_eq!(codes(&list), ["005930", "000660"]);
        assert_eq!(list.bad, []);
    }

    #[test]
    fn reads_utf16_and_cp949_as_windows_writes_them() {
        let unicode_text: Vec<u8> = "\u{feff}코드\t이름\r\n005930\t삼성전자\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(codes(&TickerList::from_file(&unicode_text)), ["005930"]);
        // 삼성전자 in CP949.
        let cp949 = b"005930,\xbb\xef\xbc\xba\xc0\xfc\xc0\xda\r\n000660,SK\r\n";
        assert_eq!(codes(&TickerList::from_file(cp949)), ["005930", "000660"]);
    }

    #[test]
    fn a_record_names_its_ticker_in_the_first_or_second_field() {
        let list = read("1,005930,삼성전자,123456\n017670,70000,2024-01-01\n삼성전자 우,005935\n");
        assert_eq!(codes(&list), ["005930", "017670", "005935"]);
        assert_eq!(list.bad, []);
    }

    #[test]
    fn a_line_of_tickers_is_a_list_and_duplicates_drop() {
        let list = read("# mine\n005930 000660, 017670\n005930,000660,005380 # again\n\nA005930\n");
        assert_eq!(codes(&list), ["005930", "000660", "017670", "005380"]);
        let spaced = read("005930 00066 005380\n");
        assert_eq!(codes(&spaced), ["005930", "005380"]);
        assert_eq!(spaced.bad.len(), 1, "a lost zero among tickers is reported");
    }

    #[test]
    fn a_header_is_no_bad_entry_but_later_words_are() {
        let list = read("TICKER\n005930\nsamsung\n5930\n");
        assert_eq!(codes(&list), ["005930"]);
        let bad: Vec<String> = list.bad.iter().map(ToString::to_string).collect();
        assert_eq!(bad.len(), 2);
        assert!(bad[0].starts_with("line 3: \"samsung\""), "{}", bad[0]);
        assert!(
            bad[1].starts_with("line 4: \"5930\"") && bad[1].contains("005930"),
            "{}",
            bad[1]
        );
    }

    #[test]
    fn codes_that_a_spreadsheet_was_told_to_keep_are_codes() {
        assert_eq!(codes(&read("=\"005930\"\n'000660\n")), ["005930", "000660"]);
    }

    #[test]
    fn every_word_of_an_option_must_be_a_ticker() {
        let list = TickerList::from_words(["005930,5930", "000660"]);
        assert_eq!(codes(&list), ["005930", "000660"]);
        assert_eq!(list.bad.len(), 1);
    }

    proptest! {
        #[test]
        fn no_file_at_all_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let list = TickerList::from_file(&bytes);
            prop_assert!(list.tickers.len() <= bytes.len());
        }
    }
}
