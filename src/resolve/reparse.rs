//! Rows read again from stored answers, without a call.
//!
//! Answers are read and parsed on every core, outside any write transaction. One thread writes rows
//! in chunks, each a transaction of its own that holds the lock for a few milliseconds. An
//! interruption keeps the chunks written so far, and a row that another process writes meanwhile
//! stays as that process wrote it.

use chrono::{DateTime, Utc};

use crate::domain::{
    CorpCls, DividendYear, FiscalYear, Note, Outcome, ReprtCode, Ticker, note_words,
};
use crate::opendart::alot_matter::PARSER_VERSION;
use crate::store::{CachedRow, NewRow, Store, StoreError, note_codes};

use super::ResolveError;
use super::rows::row_of;
use super::stored::{NotRead, Stored, cannot_be_stored, question_of};
use super::sweep::sweep;

/// Rows written at once.
const CHUNK: usize = 150;

/// A row that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Before.
    pub old: DividendYear,
    /// After.
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

    /// Whether nothing in the row changed or went, and only empty figures other than the dividend
    /// were filled.
    fn only_adds(&self) -> bool {
        let pairs = columns(&self.old).into_iter().zip(columns(&self.new));
        pairs
            .filter(|(old, new)| old != new)
            .all(|((name, old), _)| old.is_none() && !matches!(name, "dps_cash" | "note"))
    }
}

/// Result of reading rows again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reparsed {
    /// Rows with a report.
    pub read: u64,
    /// Rows that did not change.
    pub same: u64,
    /// Rows whose outcome, dividend, note or any other figure changed.
    pub changed: Vec<Change>,
    /// Rows that lost nothing and gained figures other than the dividend.
    pub filled: u64,
    /// Rows that another process wrote meanwhile and that stay as it wrote them.
    pub overtaken: u64,
    /// Rows that a later version of this program read; they stay as they are.
    pub newer: u64,
    /// Rows that could not be read again, and why. They stay as they are, and OpenDART is asked
    /// again when they are needed.
    pub not_read: Vec<NotReadRow>,
}

/// Reads every row again with today's parser, whatever version read it before.
///
/// # Errors
/// Only where the database fails; what was written until then stays.
pub fn reparse(store: &Store, now: DateTime<Utc>) -> Result<Reparsed, ResolveError> {
    let tickers = store.cached_tickers()?;
    Writer::run(store, &tickers, now, Store::rows_of)
}

/// A row that could not be read again, and why.
pub type NotReadRow = (Ticker, FiscalYear, ReprtCode, NotRead);

/// Reads the rows of these shares again that an older parser read, without a call, and names those
/// that could not be read: they stay as they are, and have to be asked for again.
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

/// Rows that were read again, before anything is written.
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
                Err(error) => Err(cannot_be_stored(&error)),
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
    Ok(derived.ok_or(NotRead::NotStored))
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
            // One row that the table refuses must not cost the others.
            Err(StoreError::Refused { .. }) => {
                for (row, old) in rows.into_iter().zip(olds) {
                    match self
                        .store
                        .save_derived(std::slice::from_ref(&row), self.now)
                    {
                        Ok(written) => self.count(old, row.0.year, written == [true]),
                        Err(error @ StoreError::Refused { .. }) => {
                            self.done
                                .not_read
                                .push(not_read(&old, cannot_be_stored(&error)));
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
        // The words from before there were codes may say the same.
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

/// A row's columns as they would be written, without its key and times.
fn columns(year: &DividendYear) -> [(&'static str, Option<String>); 21] {
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
        ("net_income", text(year.net_income)),
        ("net_income_separate", text(year.net_income_separate)),
        ("cash_total", text(year.cash_total)),
        ("stlm_dt", text(year.stlm_dt)),
        ("settlements", text(year.settlements)),
        ("frmtrm_dps_cash", text(year.frmtrm.dps_cash)),
        ("frmtrm_par_value", text(year.frmtrm.par_value)),
        ("lwfr_dps_cash", text(year.lwfr.dps_cash)),
        ("lwfr_par_value", text(year.lwfr.par_value)),
    ]
}
