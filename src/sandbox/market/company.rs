//! The companies of the market: twenty-three real ones, one invented for each trap, and two
//! thousand ordinary ones.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::super::chance::splitmix;
use super::real::{self, REAL, Real};
use super::trap::Trap;
use crate::domain::{CorpCls, CorpCode, ReprtCode, Ticker};

/// The first year with annual reports in OpenDART.
pub(super) const FIRST: u16 = 2015;
/// The last annual report of an invented company.
pub(super) const LAST: u16 = 2025;

const ORDINARY: u32 = 2000;
const UNLISTED: u32 = 300;

/// One company of the market.
#[derive(Debug)]
pub struct Company {
    /// OpenDART's number; invented ones begin at 99000001.
    pub corp_code: CorpCode,
    /// The common share; `None` for the unlisted.
    pub ticker: Option<Ticker>,
    /// Korean name (`corp_name`).
    pub name: String,
    /// English name (`corp_eng_name`).
    pub english: String,
    /// The day of the last change (`modify_date`), YYYYMMDD.
    pub modified: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Real(&'static Real),
    Invented { trap: Trap, seed: u64 },
    Unlisted,
}

impl Company {
    /// The trap of an invented company.
    #[must_use]
    pub fn trap(&self) -> Option<Trap> {
        match self.kind {
            Kind::Invented { trap, .. } => Some(trap),
            Kind::Real(_) | Kind::Unlisted => None,
        }
    }

    /// Whether it exists outside this program.
    #[must_use]
    pub fn is_real(&self) -> bool {
        matches!(self.kind, Kind::Real(_))
    }

    /// Its market (`corp_cls`).
    pub(super) fn corp_cls(&self) -> CorpCls {
        match self.kind {
            Kind::Invented {
                trap: Trap::Delisted,
                ..
            } => CorpCls::Other,
            Kind::Invented { seed, .. } if seed % 3 == 1 => CorpCls::Kosdaq,
            _ => CorpCls::Kospi,
        }
    }

    /// How many classes of preferred shares are listed.
    pub(super) fn preferred_classes(&self) -> usize {
        match self.kind {
            Kind::Real(real) => usize::from(real.has_preferred()),
            Kind::Invented { trap, seed } => trap
                .preferred_classes()
                .unwrap_or(usize::from(seed.is_multiple_of(4))),
            Kind::Unlisted => 0,
        }
    }

    /// The common share and the preferred ones.
    pub(super) fn tickers(&self) -> impl Iterator<Item = Ticker> + '_ {
        let common = self.ticker;
        let preferred = ['5', '7'].into_iter().take(self.preferred_classes());
        common.into_iter().chain(preferred.filter_map(move |end| {
            let stem = common?.as_str().get(..5)?.to_owned();
            format!("{stem}{end}").parse().ok()
        }))
    }

    /// Whether OpenDART has that report of it.
    pub(super) fn files(&self, year: u16, report: ReprtCode) -> bool {
        let annual = report == ReprtCode::Annual;
        match self.kind {
            Kind::Real(_) => annual && (FIRST..=real::LAST).contains(&year),
            Kind::Unlisted => false,
            Kind::Invented { trap, seed } => {
                let listed_late = seed.is_multiple_of(10) && trap == Trap::Plain;
                let first = match trap {
                    Trap::TwoSettlements => 2018,
                    Trap::ListedLateEmpty | Trap::ListedLateHistory => 2021,
                    _ if listed_late => FIRST + 1 + (seed / 10 % 6) as u16,
                    _ => FIRST,
                };
                let last = if trap == Trap::Delisted { 2019 } else { LAST };
                let missing = trap == Trap::NeverFiles || (trap == Trap::Gap && year == 2019);
                let interim = match trap {
                    // Two rows of `-` would say the same and be readable after all.
                    Trap::TwoSettlements | Trap::Corrections | Trap::SeveralPreferred => false,
                    Trap::InterimPayer | Trap::InterimCopy => true,
                    _ => seed.is_multiple_of(2),
                };
                (first..=last).contains(&year) && !missing && (annual || interim)
            }
        }
    }
}

/// Every company, in the order of the list.
pub(super) struct Companies {
    pub(super) all: Vec<Company>,
    by_corp_code: HashMap<CorpCode, usize>,
    by_ticker: HashMap<Ticker, usize>,
}

impl Companies {
    pub(super) fn get() -> &'static Self {
        static COMPANIES: OnceLock<Companies> = OnceLock::new();
        COMPANIES.get_or_init(|| {
            let all: Vec<Company> = REAL
                .iter()
                .filter_map(real_company)
                .chain((1_u32..).zip(Trap::ALL).filter_map(trapped))
                .chain((0..ORDINARY).filter_map(ordinary))
                .chain((1..=UNLISTED).filter_map(unlisted))
                .collect();
            let numbered = || all.iter().enumerate();
            Companies {
                by_corp_code: numbered().map(|(at, one)| (one.corp_code, at)).collect(),
                by_ticker: numbered()
                    .filter_map(|(at, one)| Some((one.ticker?, at)))
                    .collect(),
                all,
            }
        })
    }

    pub(super) fn by_corp_code(&self, corp_code: CorpCode) -> Option<&Company> {
        self.all.get(*self.by_corp_code.get(&corp_code)?)
    }

    pub(super) fn by_issuer(&self, ticker: Ticker) -> Option<&Company> {
        self.all.get(*self.by_ticker.get(&ticker.issuer())?)
    }
}

fn real_company(real: &'static Real) -> Option<Company> {
    Some(Company {
        corp_code: real.corp_code.parse().ok()?,
        ticker: Some(real.ticker.parse().ok()?),
        name: real.name.to_owned(),
        english: real.english.to_owned(),
        modified: real.modified.to_owned(),
        kind: Kind::Real(real),
    })
}

fn trapped((number, trap): (u32, Trap)) -> Option<Company> {
    let (name, english) = match trap {
        Trap::TwoSettlements => ("가상리츠", "Madeup REIT"),
        Trap::Ampersand => ("가상&상사", "Madeup M&A Trading"),
        _ => ("가상제조", "Madeup Manufacturing"),
    };
    invented(number, format!("9A{number:03}0"), name, english, trap)
}

fn ordinary(number: u32) -> Option<Company> {
    let code = 1001 + number;
    let trap = Trap::ordinary(seed(code));
    let (name, english) = match (trap, number % 5) {
        (Trap::TwoSettlements, _) => ("가상리츠", "Madeup REIT"),
        (_, 0) => ("가상금융", "Madeup Finance"),
        (_, 1) => ("가상바이오", "Madeup Bio"),
        (_, 2) => ("가상&상사", "Madeup & Trading"),
        _ => ("가상제조", "Madeup Manufacturing"),
    };
    let block = if number < 1000 { 'B' } else { 'C' };
    let ticker = format!("9{block}{:03}0", number % 1000);
    invented(code, ticker, name, english, trap)
}

fn invented(code: u32, ticker: String, name: &str, english: &str, trap: Trap) -> Option<Company> {
    let seed = seed(code);
    Some(Company {
        corp_code: format!("99{code:06}").parse().ok()?,
        ticker: Some(ticker.parse().ok()?),
        name: format!("{name} {code:04}"),
        english: format!("{english} {code:04}"),
        modified: modified(seed),
        kind: Kind::Invented { trap, seed },
    })
}

fn unlisted(number: u32) -> Option<Company> {
    Some(Company {
        corp_code: format!("999{number:05}").parse().ok()?,
        ticker: None,
        name: format!("가상비상장 {number:04}"),
        english: format!("Madeup & Unlisted {number:04}"),
        modified: modified(seed(900_000 + number)),
        kind: Kind::Unlisted,
    })
}

fn seed(code: u32) -> u64 {
    splitmix(u64::from(code))
}

fn modified(seed: u64) -> String {
    let (year, month, day) = (2017 + seed % 9, 1 + seed / 9 % 12, 1 + seed / 108 % 28);
    format!("{year}{month:02}{day:02}")
}
