//! OpenDART's list of companies: fetched when first needed, and again, once a day at most, before
//! a ticker is called unknown.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::company_name::{self, NameMatch};
use crate::domain::{Company, CorpCode, Ticker};
use crate::fetch::Interrupt;
use crate::opendart::CompanyList;
use crate::series::Source;
use crate::store::Store;

use super::config::{Config, Connection};
use super::exit::Failure;
use super::say;

/// One invocation's database and, once something has to be asked, its connection.
pub(super) struct AppContext<'a> {
    pub(super) config: &'a Config,
    pub(super) store: Store,
    pub(super) now: DateTime<Utc>,
    /// Never call.
    pub(super) offline: bool,
    connection: Option<Connection>,
}

impl<'a> AppContext<'a> {
    pub(super) fn open(config: &'a Config, offline: bool) -> Result<Self, Failure> {
        let store = config.open_store()?;
        Ok(Self {
            config,
            store,
            now: Utc::now().trunc_subsecs(3),
            offline,
            connection: None,
        })
    }

    /// The connection, made when first needed: what is cached needs no key.
    pub(super) fn connect(&mut self) -> Result<(&Connection, &mut Store), Failure> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.config.connect(&self.store)?,
        };
        Ok((self.connection.insert(connection), &mut self.store))
    }

    /// The database, and where a lookup may ask. A connection that cannot be made leaves its reason
    /// in `failure`.
    pub(super) fn source<'s>(
        &'s mut self,
        failure: &'s mut Option<Failure>,
    ) -> (&'s Store, Source<'s>) {
        let Self {
            config,
            store,
            connection,
            ..
        } = self;
        let store: &Store = store;
        if self.offline {
            return (store, Source::offline());
        }
        let connect = move || {
            if failure.is_some() {
                return None;
            }
            if connection.is_none() {
                match config.connect(store) {
                    Ok(made) => *connection = Some(made),
                    Err(why) => *failure = Some(why),
                }
            }
            let connection = connection.as_ref()?;
            Some(Arc::clone(&connection.fetcher))
        };
        (store, Source::connecting(connect, Interrupt::default()))
    }

    /// Counts the calls made so far, where no gate does.
    pub(super) fn count_calls(&self) -> Result<(), Failure> {
        match &self.connection {
            Some(connection) => connection.count_calls(&self.store),
            None => Ok(()),
        }
    }

    /// Fetches the list of companies (one call).
    pub(super) fn sync(&mut self) -> Result<CompanyList, Failure> {
        let now = self.now;
        let (connection, store) = self.connect()?;
        let list = connection.fetcher.companies(&Interrupt::default());
        connection.count_calls(store)?;
        let list = list?;
        store.replace_companies(&list.companies, now)?;
        Ok(list)
    }

    /// Fetches the list where there is none.
    pub(super) fn need_list(&mut self) -> Result<(), Failure> {
        if self.store.companies_synced_at()?.is_some() {
            return Ok(());
        }
        if self.offline {
            return Err(Failure::Unknown {
                message: "the company list is not in the database".to_owned(),
                hints: vec!["fetch it once with: dps ticker sync".to_owned()],
            });
        }
        // Without a key nothing is fetched, and nothing should be said to be.
        self.connect()?;
        say("fetching the list of companies, once");
        self.sync().map(drop)
    }

    /// Fetches the list where it is a day old or more; whether it did.
    fn renew_list(&mut self) -> Result<bool, Failure> {
        let old = self
            .store
            .companies_synced_at()?
            .is_none_or(|at| self.now - at >= Company::LIST_IS_OLD);
        if self.offline || !old {
            return Ok(false);
        }
        self.sync().map(|_| true)
    }

    /// The issuer of a share.
    pub(super) fn company(&mut self, ticker: Ticker) -> Result<Company, Failure> {
        self.need_list()?;
        if let Some(company) = self.store.company(ticker)? {
            return Ok(company);
        }
        if self.renew_list()?
            && let Some(company) = self.store.company(ticker)?
        {
            return Ok(company);
        }
        Err(self.unknown(ticker)?)
    }

    fn unknown(&self, ticker: Ticker) -> Result<Failure, Failure> {
        let companies = self.store.companies()?;
        let mut hints =
            vec!["ETFs, ETNs and foreign shares file no dividend section with DART".to_owned()];
        let near = company_name::near(&companies, ticker);
        if !near.is_empty() {
            hints.insert(0, format!("near it: {}", listed(&near)));
        }
        Ok(Failure::Unknown {
            message: format!("unknown ticker {ticker}"),
            hints,
        })
    }

    /// The one company a text names: a ticker, a corp_code, or exactly its name or alias.
    pub(super) fn find(&mut self, text: &str) -> Result<Company, Failure> {
        if let Ok(ticker) = text.parse::<Ticker>() {
            return self.company(ticker);
        }
        self.need_list()?;
        if let Ok(corp_code) = text.parse::<CorpCode>() {
            let company = self.store.company_by_corp_code(corp_code)?;
            return company.ok_or_else(|| Failure::Unknown {
                message: format!("no listed company has the corp_code {corp_code}"),
                hints: vec!["dps ticker search finds companies by name".to_owned()],
            });
        }
        let companies = self.store.companies()?;
        let (message, near) = match company_name::exact(&companies, text) {
            NameMatch::One(company) => return Ok(company.clone()),
            NameMatch::Several(several) => (format!("{text:?} names several companies"), several),
            NameMatch::None { near } => (format!("no company is named {text:?}"), near),
        };
        let hint = if near.is_empty() {
            "dps ticker search finds companies by Korean and English names".to_owned()
        } else {
            format!("give the ticker of the one you mean: {}", listed(&near))
        };
        Err(Failure::Unknown {
            message,
            hints: vec![hint],
        })
    }
}

fn listed(companies: &[&Company]) -> String {
    let names: Vec<String> = companies
        .iter()
        .take(8)
        .map(|company| format!("{} {}", company.ticker, company.corp_name))
        .collect();
    names.join(", ")
}
