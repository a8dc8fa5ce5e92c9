//! The list of companies in the shape of corpCode.xml: a ZIP with one file, and a date in it that
//! never was.

use std::io::{Cursor, Write};
use std::sync::{Arc, OnceLock};

use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use super::company::Companies;

/// Month 15, hour 27: the time stamp of the real one.
const DOS_TIME: u16 = 27 << 11 | 34 << 5;
const DOS_DATE: u16 = 127 << 9 | 15 << 5 | 16;

/// The ZIP, made once.
///
/// # Errors
/// Where it cannot be made.
pub(super) fn zipped() -> ZipResult<Arc<[u8]>> {
    static ZIPPED: OnceLock<Arc<[u8]>> = OnceLock::new();
    if let Some(bytes) = ZIPPED.get() {
        return Ok(Arc::clone(bytes));
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("CORPCODE.xml", SimpleFileOptions::default())?;
    writer.write_all(xml().as_bytes())?;
    let mut bytes = writer.finish()?.into_inner();
    misdate(&mut bytes);
    Ok(Arc::clone(ZIPPED.get_or_init(|| bytes.into())))
}

fn xml() -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result>\n");
    for company in &Companies::get().all {
        let stock_code = company.ticker.map_or(" ".to_owned(), |t| t.to_string());
        let fields = [
            ("corp_code", company.corp_code.as_str()),
            ("corp_name", &company.name),
            ("corp_eng_name", &company.english),
            ("stock_code", &stock_code),
            ("modify_date", &company.modified),
        ];
        xml.push_str("    <list>\n");
        for (name, value) in fields {
            let value = value.replace('&', "&amp;");
            xml.push_str(&format!("        <{name}>{value}</{name}>\n"));
        }
        xml.push_str("    </list>\n");
    }
    xml.push_str("</result>");
    xml
}

/// Puts the time stamp into both headers of the one entry.
fn misdate(zip: &mut [u8]) {
    // The last 22 bytes end the archive and say, at their 16th, where the directory begins.
    let Some(end) = zip.len().checked_sub(22) else {
        return;
    };
    let mut place = [0; 4];
    place.copy_from_slice(&zip[end + 16..end + 20]);
    let directory = u32::from_le_bytes(place) as usize;
    for stamp in [10, directory + 12] {
        if let Some(stamp) = zip.get_mut(stamp..stamp + 4) {
            stamp[..2].copy_from_slice(&DOS_TIME.to_le_bytes());
            stamp[2..].copy_from_slice(&DOS_DATE.to_le_bytes());
        }
    }
}
