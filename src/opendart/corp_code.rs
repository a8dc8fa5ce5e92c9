//! OpenDART's list of companies (`corpCode.xml`): a ZIP with one XML file.
//!
//! Read as a stream, so that 30 MB of XML are never in memory. Two inconsistencies of the real file: its
//! DOS timestamp is invalid (month 15), and a company that is not listed has one blank as its
//! `stock_code`.

use std::io::{self, BufReader, Cursor, Read};

use chrono::NaiveDate;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::domain::{Company, CorpCode, Ticker};

/// The largest XML that is read, in bytes; the real one has 30 MB.
pub const INFLATED_LIMIT: u64 = 256 * 1024 * 1024;

/// The listed companies, delisted ones included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyList {
    /// Those with a `stock_code`, in the file's order.
    pub companies: Vec<Company>,
    /// Companies in the file, listed or not.
    pub total: usize,
    /// Companies left out since their `stock_code` is no ticker or their `corp_code` none.
    pub unreadable: usize,
}

/// Why the list of companies cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorpCodeFileError {
    /// It does not begin as a ZIP does.
    #[error("the list of companies is not a ZIP file")]
    NotAZip,
    /// A ZIP that is damaged, or holds no file.
    #[error("the list of companies is a damaged ZIP file")]
    DamagedZip,
    /// More than a quarter of a GiB once decompressed.
    #[error("the list of companies has more than {limit} bytes of XML")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The XML is broken, or breaks off.
    #[error("the list of companies is broken XML, about byte {position}")]
    BrokenXml {
        /// Where, in bytes.
        position: u64,
    },
    /// XML, but no company in it.
    #[error("the list of companies has no company in it")]
    NoCompanies,
}

/// Reads the list of companies from the bytes of its ZIP.
///
/// # Errors
/// [`CorpCodeFileError`] where it is not the list, damaged, or of an absurd size. A single entry
/// that cannot be read is counted instead.
pub fn read_companies(zip: &[u8]) -> Result<CompanyList, CorpCodeFileError> {
    read_within(zip, INFLATED_LIMIT)
}

fn read_within(zip: &[u8], limit: u64) -> Result<CompanyList, CorpCodeFileError> {
    if !zip.starts_with(b"PK") {
        return Err(CorpCodeFileError::NotAZip);
    }
    let damaged = |_| CorpCodeFileError::DamagedZip;
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(damaged)?;
    // It holds one file, whose name is of no matter.
    let file = archive.by_index(0).map_err(damaged)?;
    let capped = Capped { file, left: limit };
    let list = read_xml(capped, limit)?;
    if list.total == 0 {
        return Err(CorpCodeFileError::NoCompanies);
    }
    Ok(list)
}

/// The fields of one `<list>`.
#[derive(Default)]
struct Row {
    corp_code: String,
    corp_name: String,
    corp_eng_name: String,
    stock_code: String,
    modify_date: String,
}

impl Row {
    fn field(&mut self, tag: &str) -> Option<&mut String> {
        match tag {
            "corp_code" => Some(&mut self.corp_code),
            "corp_name" => Some(&mut self.corp_name),
            "corp_eng_name" => Some(&mut self.corp_eng_name),
            "stock_code" => Some(&mut self.stock_code),
            "modify_date" => Some(&mut self.modify_date),
            _ => None,
        }
    }

    fn clear(&mut self) {
        for field in [
            &mut self.corp_code,
            &mut self.corp_name,
            &mut self.corp_eng_name,
            &mut self.stock_code,
            &mut self.modify_date,
        ] {
            field.clear();
        }
    }

    fn is_listed(&self) -> bool {
        !self.stock_code.trim().is_empty()
    }

    fn company(&self) -> Option<Company> {
        let ticker: Ticker = self.stock_code.trim().parse().ok()?;
        // A ticker's constructor takes more spellings than the list may have.
        if ticker.as_str() != self.stock_code.trim() {
            return None;
        }
        let corp_code: CorpCode = self.corp_code.trim().parse().ok()?;
        Some(Company {
            ticker,
            corp_code,
            corp_name: self.corp_name.trim().to_owned(),
            corp_eng_name: self.corp_eng_name.trim().to_owned(),
            modify_date: NaiveDate::parse_from_str(self.modify_date.trim(), "%Y%m%d").ok(),
            corp_cls: None,
        })
    }
}

fn read_xml(file: impl Read, limit: u64) -> Result<CompanyList, CorpCodeFileError> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(64 * 1024, file));
    let mut buffer = Vec::new();
    let mut list = CompanyList::default();
    let mut row = Row::default();
    let mut tag = String::new();
    let mut open = 0_usize;
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => return Err(failure(&error, limit, reader.buffer_position())),
        };
        match &event {
            Event::Start(start) => {
                open += 1;
                tag.clear();
                tag.push_str(start.name().as_ref());
                if tag == "list" {
                    row.clear();
                }
            }
            Event::End(end) => {
                open = open.saturating_sub(1);
                tag.clear();
                if end.name().as_ref() == "list" {
                    list.total += 1;
                    if row.is_listed() {
                        match row.company() {
                            Some(company) => list.companies.push(company),
                            None => list.unreadable += 1,
                        }
                    }
                }
            }
            Event::Eof if open == 0 => return Ok(list),
            Event::Eof => {
                let position = reader.buffer_position();
                return Err(CorpCodeFileError::BrokenXml { position });
            }
            _ => {
                if let Some(field) = row.field(&tag) {
                    append(field, &event);
                }
            }
        }
    }
}

/// Appends what an event says in the place of text: `A &amp; B` comes in three pieces.
pub(super) fn append(text: &mut String, event: &Event<'_>) {
    match event {
        Event::Text(piece) => text.push_str(&piece.xml10_content()),
        Event::CData(piece) => text.push_str(&piece.xml10_content()),
        Event::GeneralRef(name) => match name.resolve_char_ref() {
            Ok(Some(c)) => text.push(c),
            _ => match quick_xml::escape::resolve_xml_entity(&name.xml10_content()) {
                Some(resolved) => text.push_str(resolved),
                // An undeclared one stays as it is written.
                None => text.push_str(&format!("&{};", name.xml10_content())),
            },
        },
        _ => {}
    }
}

fn failure(error: &quick_xml::Error, limit: u64, position: u64) -> CorpCodeFileError {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            CorpCodeFileError::TooLarge { limit }
        }
        // The checksum, or the compressed data itself.
        quick_xml::Error::Io(_) => CorpCodeFileError::DamagedZip,
        _ => CorpCodeFileError::BrokenXml { position },
    }
}

/// Reads on to the limit, and fails where there is more: what a ZIP says of its size is its word.
struct Capped<R> {
    file: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
