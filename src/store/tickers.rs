//! `ticker_master`: the listed companies of `corpCode.xml`.
//!
//! Locking: the whole list is replaced in one short transaction, so nobody sees half of it.
//! Compatibility: a company that is no longer in the list is removed, and with it nothing else: its
//! cached years stay.
//! Performance: rows that did not change are not written; the real list of 4,000 takes 10 to 40 ms.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::values::{RowReader, date_from, time_from, time_text};
use super::{Result, Store};
use crate::domain::{Company, CorpCls, CorpCode, Ticker};

const COLUMNS: [&str; 6] = [
    "ticker",
    "corp_code",
    "corp_name",
    "corp_eng_name",
    "modify_date",
    "corp_cls",
];

const SYNCED_AT: &str = "companies_synced_at";

impl Store {
    /// Makes `companies` the list, and `now` the time it was read. A market learnt from an answer
    /// stays with its company.
    ///
    /// # Errors
    /// Nothing is written where the database cannot be, or holds another kind of answers.
    pub fn replace_companies(&self, companies: &[Company], now: DateTime<Utc>) -> Result<()> {
        self.write(|transaction| {
            let write = || -> rusqlite::Result<()> {
                let mut upsert = transaction.prepare_cached(
                    "INSERT INTO ticker_master AS old
                            (ticker, corp_code, corp_name, corp_eng_name, modify_date, corp_cls)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (ticker) DO UPDATE SET
                            corp_code = excluded.corp_code, corp_name = excluded.corp_name,
                            corp_eng_name = excluded.corp_eng_name,
                            modify_date = excluded.modify_date,
                            corp_cls = coalesce(excluded.corp_cls,
                                                iif(old.corp_code = excluded.corp_code,
                                                    old.corp_cls, NULL))
                      WHERE (old.corp_code, old.corp_name, old.corp_eng_name)
                            <> (excluded.corp_code, excluded.corp_name, excluded.corp_eng_name)
                         OR old.modify_date IS NOT excluded.modify_date
                         OR old.corp_cls IS NOT coalesce(excluded.corp_cls, old.corp_cls)",
                )?;
                for company in companies {
                    upsert.execute(params![
                        company.ticker.as_str(),
                        company.corp_code.as_str(),
                        company.corp_name,
                        company.corp_eng_name,
                        company.modify_date.map(|date| date.to_string()),
                        company.corp_cls.map(CorpCls::as_str),
                    ])?;
                }
                let listed: HashSet<&str> = companies
                    .iter()
                    .map(|company| company.ticker.as_str())
                    .collect();
                let mut all = transaction.prepare_cached("SELECT ticker FROM ticker_master")?;
                let known: Vec<String> = all
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                let mut delete =
                    transaction.prepare_cached("DELETE FROM ticker_master WHERE ticker = ?1")?;
                for gone in known
                    .iter()
                    .filter(|known| !listed.contains(known.as_str()))
                {
                    delete.execute([gone])?;
                }
                transaction
                    .prepare_cached(
                        "INSERT INTO meta (key, value) VALUES (?1, ?2)
                         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    )?
                    .execute([SYNCED_AT, &time_text(now)])?;
                Ok(())
            };
            write().map_err(self.at())
        })
    }

    /// When the list of companies was last read; `None` is never.
    ///
    /// # Errors
    /// The database cannot be read, or what stands there is no time.
    pub fn companies_synced_at(&self) -> Result<Option<DateTime<Utc>>> {
        self.meta(SYNCED_AT, time_from)
    }

    /// The company a ticker belongs to: a preferred share leads to its issuer. `None` too for a
    /// code that no share can have.
    ///
    /// # Errors
    /// The database cannot be read, or a row in it is not one.
    pub fn company(&self, ticker: Ticker) -> Result<Option<Company>> {
        if !ticker.is_share() {
            return Ok(None);
        }
        let found = self.select_companies("WHERE ticker = ?1", &[ticker.issuer().as_str()])?;
        Ok(found.into_iter().next())
    }

    /// The company with this number.
    ///
    /// # Errors
    /// As [`Store::company`].
    pub fn company_by_corp_code(&self, corp_code: CorpCode) -> Result<Option<Company>> {
        let found = self.select_companies("WHERE corp_code = ?1", &[corp_code.as_str()])?;
        Ok(found.into_iter().next())
    }

    /// All listed companies, by ticker.
    ///
    /// # Errors
    /// As [`Store::company`].
    pub fn companies(&self) -> Result<Vec<Company>> {
        self.select_companies("ORDER BY ticker", &[])
    }

    fn select_companies(&self, rest: &'static str, values: &[&str]) -> Result<Vec<Company>> {
        let sql = format!("SELECT {} FROM ticker_master {rest}", COLUMNS.join(", "));
        self.read_all(&sql, rusqlite::params_from_iter(values), |row| {
            let mut row = RowReader::new(&self.path, "ticker_master", &COLUMNS, 1, row);
            Ok(Company {
                ticker: row.text(|text| text.parse().ok())?,
                corp_code: row.text(|text| text.parse().ok())?,
                corp_name: row.text(|text| Some(text.to_owned()))?,
                corp_eng_name: row.text(|text| Some(text.to_owned()))?,
                modify_date: row.optional_text(date_from)?,
                corp_cls: row.optional_text(CorpCls::from_letter)?,
            })
        })
    }
}
