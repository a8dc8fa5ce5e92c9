//! Every row read anew from the answers that are stored, without a call.
//!
//! Answers are read outside any transaction; rows are written in chunks, each a transaction of its
//! own that holds the lock for a few milliseconds. An interruption keeps the chunks written so far,
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

/// Reads every row anew with today's parser, whichever read it before.
///
/// # Errors
/// Only where the database fails; what was written until then stays.
pub fn reparse(store: &Store, now: DateTime<Utc>) -> Result<Reparsed, ResolveError> {
    let mut pass = Pass::new(store, now);
    for ticker in store.cached_tickers()? {
        pass.share(ticker, store.rows_of(ticker)?)?;
        if pass.chunk.len() >= CHUNK {
            pass.write()?;
        }
    }
    pass.write()?;
    Ok(pass.done)
}

/// A row that could not be read anew, and why.
pub type NotReadRow = (Ticker, FiscalYear, ReprtCode, NotRead);

/// Reads anew what an older parser read of these shares, without a call, and names what could not
/// be read: those rows stay as they are, and are to be asked for again.
///
/// # Errors
/// Only where the database fails; what was written until then stays.
pub fn reparse_outdated(
    store: &Store,
    tickers: impl IntoIterator<Item = Ticker>,
    now: DateTime<Utc>,
) -> Result<Vec<NotReadRow>, ResolveError> {
    let mut pass = Pass::new(store, now);
    for ticker in tickers {
        let outdated = store.outdated_rows(ticker, PARSER_VERSION)?;
        if !outdated.is_empty() {
            pass.share(ticker, outdated)?;
        }
        if pass.chunk.len() >= CHUNK {
            pass.write()?;
        }
    }
    pass.write()?;
    Ok(pass.done.not_read)
}

struct Pass<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
    done: Reparsed,
    /// Rows to be written, each with the row it was derived from.
    chunk: Vec<(NewRow, CachedRow)>,
}

impl<'a> Pass<'a> {
    fn new(store: &'a Store, now: DateTime<Utc>) -> Self {
        Self {
            store,
            now,
            done: Reparsed::default(),
            chunk: Vec::new(),
        }
    }

    fn share(
        &mut self,
        ticker: Ticker,
        rows: impl IntoIterator<Item = CachedRow>,
    ) -> Result<(), ResolveError> {
        let mut stored = Stored::new(self.store, self.now);
        for row in rows {
            if row.year.outcome == Outcome::NoReport {
                continue;
            }
            self.done.read += 1;
            if row.parser_version > PARSER_VERSION {
                self.done.newer += 1;
                continue;
            }
            match self.derive(&mut stored, ticker, &row)? {
                Ok(new) if new.year == row.year && row.parser_version == PARSER_VERSION => {
                    self.done.same += 1;
                }
                Ok(new) => self.chunk.push((new, row)),
                Err(why) => self.not_read(&row.year, why),
            }
        }
        Ok(())
    }

    fn derive(
        &self,
        stored: &mut Stored<'_>,
        ticker: Ticker,
        row: &CachedRow,
    ) -> Result<Result<NewRow, NotRead>, ResolveError> {
        let source = match stored.source_of(ticker, row)? {
            Ok(source) => source,
            Err(why) => return Ok(Err(why)),
        };
        let derived = row_of(
            ticker,
            row.year.fiscal_year,
            question_of(row),
            &source.known,
            &source.report,
            source.annual.as_deref(),
        );
        Ok(match derived {
            None => Err(NotRead::NotKept),
            Some(new) => match self.store.check_row(&new) {
                Ok(()) => Ok(new),
                Err(error) => Err(no_place(&error)),
            },
        })
    }

    fn not_read(&mut self, year: &DividendYear, why: NotRead) {
        let row = (year.ticker, year.fiscal_year, year.reprt_code, why);
        self.done.not_read.push(row);
    }

    /// Writes what is there to be written.
    fn write(&mut self) -> Result<(), ResolveError> {
        let chunk = std::mem::take(&mut self.chunk);
        let (rows, olds): (Vec<_>, Vec<_>) = chunk
            .into_iter()
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
                            self.not_read(&old, no_place(&error));
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
