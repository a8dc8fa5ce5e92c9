//! `dps ticker`: the company list.

use crate::domain::{Company, CorpCls, company_name};
use clap::Subcommand;

use super::companies::AppContext;
use super::config::Config;
use super::exit::{Exit, Failure};
use super::output::{self, Cell, Column, Format, column, in_data};
use super::say;

#[derive(Debug, Subcommand)]
pub(super) enum TickerVerb {
    /// Fetch OpenDART's list of companies (corpCode.xml)
    #[command(after_help = "Example:\n  dps ticker sync")]
    Sync {
        /// How to write the counts
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Find companies by Korean or English name, alias, ticker or corp_code
    #[command(after_help = "Examples:\n  dps ticker search 삼성\n  dps ticker search KT&G")]
    Search {
        /// What to look for
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
        /// At most so many
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: usize,
        /// How to write the companies
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Show one company: by ticker, exact name, alias or corp_code
    #[command(after_help = "Examples:\n  dps ticker show 005930\n  dps ticker show 현대차")]
    Show {
        /// The company
        #[arg(required = true, value_name = "TICKER|NAME|CORP_CODE")]
        text: Vec<String>,
        /// How to write it
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

const COLUMNS: &[Column<Company>] = &[
    column("ticker", "Ticker", |c| Cell::text(c.ticker)),
    column("corp_code", "corp_code", |c| Cell::text(c.corp_code)),
    column("corp_name", "Company", |c| Cell::text(&c.corp_name)),
    column("corp_eng_name", "English name", |c| {
        Cell::text(&c.corp_eng_name)
    }),
    column("corp_cls", "Market", |c| {
        Cell::maybe_text(c.corp_cls.map(CorpCls::as_str))
    }),
    column("modify_date", "Modified", |c| {
        Cell::maybe_text(c.modify_date)
    }),
];

struct Counts {
    companies: usize,
    tickers: usize,
    unreadable: usize,
}

const COUNTS: &[Column<Counts>] = &[
    column("tickers", "Tickers", |c| Cell::count(c.tickers)),
    column("companies", "Companies in the list", |c| {
        Cell::count(c.companies)
    }),
    in_data("unreadable", |c| Cell::count(c.unreadable)),
];

pub(super) fn run(config: &Config, verb: TickerVerb) -> Result<Exit, Failure> {
    let mut session = AppContext::open(config, false)?;
    match verb {
        TickerVerb::Sync { format } => sync(&mut session, format),
        TickerVerb::Search {
            text,
            limit,
            format,
        } => {
            session.need_list()?;
            let text = text.join(" ");
            let companies = session.store.companies()?;
            let found: Vec<Company> = company_name::search(&companies, &text, limit)
                .into_iter()
                .cloned()
                .collect();
            output::rows(COLUMNS, &found, format)?;
            if found.is_empty() {
                return Err(Failure::Unknown {
                    message: format!("no listed company matches {text:?}"),
                    hints: vec!["a part of the Korean or English name is enough".to_owned()],
                });
            }
            Ok(Exit::Done)
        }
        TickerVerb::Show { text, format } => {
            let company = session.find(&text.join(" "))?;
            output::one(COLUMNS, &company, format)?;
            Ok(Exit::Done)
        }
    }
}

fn sync(session: &mut AppContext<'_>, format: Format) -> Result<Exit, Failure> {
    let list = session.sync()?;
    let counts = Counts {
        companies: list.total,
        tickers: list.companies.len(),
        unreadable: list.unreadable,
    };
    output::one(COUNTS, &counts, format)?;
    if counts.unreadable > 0 {
        say(&format!(
            "{} entries have a stock_code that is no ticker",
            counts.unreadable
        ));
    }
    Ok(Exit::Done)
}
