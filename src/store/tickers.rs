//! `ticker_master`: the listed companies of `corpCode.xml`.
//!
//! Locking: the whole list is replaced in one short transaction, so nobody sees half of it.
//! Compatibility: a company that is no longer in the list is removed, and with it nothing else: its
//! cached years stay.
//! Performance: rows that did not change are not written; the real list of 4,000 takes 10 to 40 ms.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{Params, params};

use super::named_row::Table;
use super::sql_types::{date_from, time_from, time_text};
use super::{Result, Store};
use crate::domain::{Company, CorpCode, Ticker};

const TABLE: Table = Table {
    name: "ticker_master",
    key: &["ticker"],
};

const SYNCED_AT: &str = "companies_synced_at";

impl Store {
    /// Makes `companies` the list, and `now` the time it was read. A market learnt from an answer
    /// stays with its company.
    ///
    /// # Errors
    /// Nothing is written where the database cannot be, or holds another kind of answers.
    pub fn replace_companies(&self, companies: &[Company], now: DateTime<Utc>) -> Result<()> {
        self.write(|| {
            let write = || -> rusqlite::Result<()> {
                let mut upsert = self.connection.prepare_cached(
                    "INSERT INTO ticker_master AS old
                            (ticker, corp_code, corp_name, corp_eng_name, modify_date, corp_cls)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (ticker) DO UPDATE SET
                            corp_code = excluded.corp_code, corp_name = excluded.corp_name,
                            corp_eng_name = excluded.corp_eng_name,
                            modify_date = excluded.modify_date,
                            corp_cls = coalesce(excluded.corp_cls,
                                                CASE WHEN old.corp_code = excluded.corp_code
                                                     THEN old.corp_cls END)
                      WHERE (old.corp_code, old.corp_name, old.corp_eng_name)
                            <> (excluded.corp_code, excluded.corp_name, excluded.corp_eng_name)
                         OR old.modify_date IS NOT excluded.modify_date
                         OR old.corp_cls IS NOT coalesce(excluded.corp_cls, old.corp_cls)",
                )?;
                for company in companies {
                    upsert.execute(params![
                        company.ticker,
                        company.corp_code,
                        company.corp_name,
                        company.corp_eng_name,
                        company.modify_date.map(|date| date.to_string()),
                        company.corp_cls,
                    ])?;
                }
                let listed: HashSet<&str> = companies
                    .iter()
                    .map(|company| company.ticker.as_str())
                    .collect();
                let mut all = self
                    .connection
                    .prepare_cached("SELECT ticker FROM ticker_master")?;
                let known: Vec<String> = all
                    .query_map([], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?;
                let mut delete = self
                    .connection
                    .prepare_cached("DELETE FROM ticker_master WHERE ticker = ?1")?;
                for gone in known
                    .iter()
                    .filter(|known| !listed.contains(known.as_str()))
                {
                    delete.execute([gone])?;
                }
                Ok(())
            };
            write().map_err(self.at())?;
            self.execute(
                "INSERT INTO meta (key, value) VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [SYNCED_AT, &time_text(now)],
            )?;
            Ok(())
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
        let found = self.select_companies("WHERE ticker = ?1", [ticker.issuer()])?;
        Ok(found.into_iter().next())
    }

    /// The company with this number.
    ///
    /// # Errors
    /// As [`Store::company`].
    pub fn company_by_corp_code(&self, corp_code: CorpCode) -> Result<Option<Company>> {
        let found = self.select_companies("WHERE corp_code = ?1", [corp_code])?;
        Ok(found.into_iter().next())
    }

    /// All listed companies, by ticker.
    ///
    /// # Errors
    /// As [`Store::company`].
    pub fn companies(&self) -> Result<Vec<Company>> {
        self.select_companies("ORDER BY ticker", [])
    }

    fn select_companies(&self, rest: &'static str, values: impl Params) -> Result<Vec<Company>> {
        let sql = format!("SELECT * FROM ticker_master {rest}");
        self.read_all(&TABLE, &sql, values, |row| {
            Ok(Company {
                ticker: row.get("ticker")?,
                corp_code: row.get("corp_code")?,
                corp_name: row.get("corp_name")?,
                corp_eng_name: row.get("corp_eng_name")?,
                modify_date: row.optional_text("modify_date", date_from)?,
                corp_cls: row.get("corp_cls")?,
            })
        })
    }
}
