//! Rows read again from the answers that are stored, without a call.
//!
//! Answers are read and parsed on every core, outside any write transaction; one thread writes rows
//! in chunks, each a transaction of its own that holds the lock for a few milliseconds. An interruption keeps the chunks written so far,
//! and a row that another process writes meanwhile is left as that process wrote it.

use chrono::{DateTime, Utc};

use crate::domain::{
    CorpCls, DividendYear, FiscalYear, Note, Outcome, ReprtCode, Ticker, note_words,
};
use crate::opendart::alot_matter::PARSER_VERSION;
use crate::store::{CachedRow, NewRow, Store, StoreError, note_codes};

use super::ResolveError;
use super::rows::row_of;
use super::stored::{NotRead, Stored, no_place, question_of};
use super::sweep::sweep;

/// Rows written at once.
const CHUNK: usize = 150;

/// A row that says something else than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it said.
    pub old: DividendYear,
    /// What it says.
    pub new: DividendYear,
}

impl Change {
    /// The names of the columns that differ.
    #[must_use]
    pub fn columns(&self) -> Vec<&'static str> {
        let pairs = columns(&self.old).into_iter().zip(columns(&self.new));
        pairs
            .filter(|(old, new)| old != new)
            .map(|((name, _), _)| name)
            .collect()
    }

    /// Whether everything that stood in the row still stands there, and only empty figures beside
    /// the dividend were filled.
    fn only_adds(&self) -> bool {
        let pairs = columns(&self.old).into_iter().zip(columns(&self.new));
        pairs
            .filter(|(old, new)| old != new)
            .all(|((name, old), _)| old.is_none() && !matches!(name, "dps_cash" | "note"))
    }
}

/// What came of reading every row anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reparsed {
    /// Rows with a report.
    pub read: u64,
    /// Rows that say what they said.
    pub same: u64,
    /// Rows whose outcome, dividend or note is another now, or any figure that was there.
    pub changed: Vec<Change>,
    /// Rows that lost nothing and gained figures beside the dividend.
    pub filled: u64,
    /// Rows that another process wrote meanwhile: as it wrote them.
    pub overtaken: u64,
    /// Rows that a later version of this program read: as they were.
    pub newer: u64,
    /// Rows that could not be read anew, and why: as they were, and asked for again when needed.
    pub not_read: Vec<NotReadRow>,
}

/// Reads every row again with today's parser, whichever read it before.
///
/// # Errors
/// Only where the database fails; what was written until then stays.
pub fn reparse(store: &Store, now: DateTime<Utc>) -> Result<Reparsed, ResolveError> {
    let tickers = store.cached_tickers()?;
    Writer::run(store, &tickers, now, Store::rows_of)
}

/// A row that could not be read again, and why.
pub type NotReadRow = (Ticker, FiscalYear, ReprtCode, NotRead);

/// Reads again what an older parser read of these shares, without a call, and names what could not
/// be read: those rows stay as they are, and are to be asked for again.
///
/// # Errors
/// Only where the database fails; what was written until then stays.
pub fn reparse_outdated(
    store: &Store,
    tickers: impl IntoIterator<Item = Ticker>,
    now: DateTime<Utc>,
) -> Result<Vec<NotReadRow>, ResolveError> {
    let tickers: Vec<Ticker> = tickers.into_iter().collect();
    let outdated = |store: &Store, ticker| store.outdated_rows(ticker, PARSER_VERSION);
    Ok(Writer::run(store, &tickers, now, outdated)?.not_read)
}

/// What reading rows again comes to, before anything is written.
#[derive(Default)]
struct Derived {
    counted: Reparsed,
    /// Rows to be written, each with the row it was derived from.
    rows: Vec<(NewRow, CachedRow)>,
}

impl Derived {
    fn read(
        &mut self,
        stored: &mut Stored<'_>,
        store: &Store,
        row: CachedRow,
    ) -> Result<(), ResolveError> {
        if row.year.outcome == Outcome::NoReport {
            return Ok(());
        }
        self.counted.read += 1;
        if row.parser_version > PARSER_VERSION {
            self.counted.newer += 1;
            return Ok(());
        }
        let differs = match derive(stored, &row)? {
            Ok(new) if new.year == row.year && row.parser_version == PARSER_VERSION => {
                self.counted.same += 1;
                return Ok(());
            }
            Ok(new) => match store.check_row(&new) {
                Ok(()) => Ok(new),
                Err(error) => Err(no_place(&error)),
            },
            Err(why) => Err(why),
        };
        match differs {
            Ok(new) => self.rows.push((new, row)),
            Err(why) => self.counted.not_read.push(not_read(&row.year, why)),
        }
        Ok(())
    }
}

fn derive(
    stored: &mut Stored<'_>,
    row: &CachedRow,
) -> Result<Result<NewRow, NotRead>, ResolveError> {
    let source = match stored.source_of(row)? {
        Ok(source) => source,
        Err(why) => return Ok(Err(why)),
    };
    let derived = row_of(
        row.year.ticker,
        row.year.fiscal_year,
        question_of(row),
        &source.known,
        &source.report,
        source.annual.as_deref(),
    );
    Ok(derived.ok_or(NotRead::NotKept))
}

fn not_read(year: &DividendYear, why: NotRead) -> NotReadRow {
    (year.ticker, year.fiscal_year, year.reprt_code, why)
}

/// Writes derived rows in chunks, and counts them.
struct Writer<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
    done: Reparsed,
    waiting: Vec<(NewRow, CachedRow)>,
}

impl<'a> Writer<'a> {
    /// Reads the rows that `rows_of` picks of each share again, and writes what differs.
    fn run(
        store: &'a Store,
        tickers: &[Ticker],
        now: DateTime<Utc>,
        rows_of: impl Fn(&Store, Ticker) -> Result<Vec<CachedRow>, StoreError> + Sync,
    ) -> Result<Reparsed, ResolveError> {
        let mut writer = Self {
            store,
            now,
            done: Reparsed::default(),
            waiting: Vec::new(),
        };
        let derive = |store: &Store, tickers: &[Ticker]| {
            let mut stored = Stored::new(store, now);
            let mut derived = Derived::default();
            for ticker in tickers {
                for row in rows_of(store, *ticker)? {
                    derived.read(&mut stored, store, row)?;
                }
            }
            Ok(derived)
        };
        sweep(store, tickers, derive, |derived| writer.take(derived))?;
        while !writer.waiting.is_empty() {
            writer.write()?;
        }
        Ok(writer.done)
    }

    fn take(&mut self, derived: Derived) -> Result<(), ResolveError> {
        self.done.read += derived.counted.read;
        self.done.same += derived.counted.same;
        self.done.newer += derived.counted.newer;
        self.done.not_read.extend(derived.counted.not_read);
        self.waiting.extend(derived.rows);
        while self.waiting.len() >= CHUNK {
            self.write()?;
        }
        Ok(())
    }

    /// Writes one chunk of what is waiting.
    fn write(&mut self) -> Result<(), ResolveError> {
        let chunk = self.waiting.len().min(CHUNK);
        let (rows, olds): (Vec<_>, Vec<_>) = self
            .waiting
            .drain(..chunk)
            .map(|(new, old)| ((new, old.updated_at), old.year))
            .unzip();
        match self.store.save_derived(&rows, self.now) {
            Ok(written) => {
                for (((new, _), old), written) in rows.into_iter().zip(olds).zip(written) {
                    self.count(old, new.year, written);
                }
            }
            // One that the table refuses must not cost the others.
            Err(StoreError::Refused { .. }) => {
                for (row, old) in rows.into_iter().zip(olds) {
                    match self
                        .store
                        .save_derived(std::slice::from_ref(&row), self.now)
                    {
                        Ok(written) => self.count(old, row.0.year, written == [true]),
                        Err(error @ StoreError::Refused { .. }) => {
                            self.done.not_read.push(not_read(&old, no_place(&error)));
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn count(&mut self, mut old: DividendYear, new: DividendYear, written: bool) {
        // Words from before there were codes, which say the same.
        if let [Note::Text { text }] = &old.notes[..]
            && note_words(&new.notes).as_ref() == Some(text)
        {
            old.notes.clone_from(&new.notes);
        }
        let change = Change { old, new };
        if !written {
            self.done.overtaken += 1;
        } else if change.old == change.new {
            self.done.same += 1;
        } else if change.only_adds() {
            self.done.filled += 1;
        } else {
            self.done.changed.push(change);
        }
    }
}

/// A row's columns as they would be written, less its key and times.
fn columns(year: &DividendYear) -> [(&'static str, Option<String>); 19] {
    fn text(value: Option<impl ToString>) -> Option<String> {
        value.map(|value| value.to_string())
    }
    [
        ("outcome", text(Some(year.outcome))),
        ("dps_cash", text(year.dps_cash)),
        (
            "note",
            text((!year.notes.is_empty()).then(|| note_codes(&year.notes))),
        ),
        ("rcept_no", text(year.rcept_no)),
        ("corp_code", text(Some(year.corp_code))),
        ("source_year", text(Some(year.source_year))),
        ("corp_cls", text(year.corp_cls.map(CorpCls::as_str))),
        ("par_value", text(year.par_value)),
        ("dps_stock", text(year.dps_stock)),
        ("cash_yield_pct", text(year.cash_yield_pct)),
        ("payout_ratio_pct", text(year.payout_ratio_pct)),
        ("eps", text(year.eps)),
        ("cash_total", text(year.cash_total)),
        ("stlm_dt", text(year.stlm_dt)),
        ("settlements", text(year.settlements)),
        ("frmtrm_dps_cash", text(year.frmtrm.dps_cash)),
        ("frmtrm_par_value", text(year.frmtrm.par_value)),
        ("lwfr_dps_cash", text(year.lwfr.dps_cash)),
        ("lwfr_par_value", text(year.lwfr.par_value)),
    ]
}
