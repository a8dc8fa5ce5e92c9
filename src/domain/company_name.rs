//! Finding a company by what people call it.
//!
//! A name stands for a company only where exactly one answers to it: names repeat (a delisted SK
//! stands beside the listed one), and a dividend of the wrong company looks like a right one.

use std::cmp::Reverse;

use super::company_alias::ALIASES;
use super::{Company, Ticker};

/// How many candidates are named where a name or ticker is unknown.
const NEAR: usize = 5;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameMatch<'a> {
    /// Exactly one company has this name.
    One(&'a Company),
    /// Several have it, the one whose entry changed last first: a choice for the user.
    Several(Vec<&'a Company>),
    /// None has it.
    None {
        /// Some that are like it, the likeliest first; may be empty.
        near: Vec<&'a Company>,
    },
}

/// The names people write, each with the `corp_name` it stands for.
pub fn aliases() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALIASES.into_iter()
}

/// A name without what does not tell companies apart: case, white space, `(주)`, `㈜`, `주식회사`,
/// and the full width of letters.
#[must_use]
pub fn normalize(name: &str) -> String {
    let half_width = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    let plain: String = name
        .chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    ["(주)", "㈜", "주식회사"]
        .iter()
        .fold(plain, |name, form| name.replace(form, ""))
}

/// An English name without punctuation and legal form: `SAMSUNG ELECTRONICS CO,.LTD` is
/// `samsungelectronics`. Empty where nothing is left.
fn normalize_english(name: &str) -> String {
    const LEGAL_FORMS: [&str; 7] = [
        "co",
        "company",
        "corp",
        "corporation",
        "inc",
        "limited",
        "ltd",
    ];
    let name = name.to_lowercase();
    let mut words: Vec<&str> = name
        .split(|c: char| !(c.is_alphanumeric() || c == '&'))
        .filter(|word| !word.is_empty())
        .collect();
    while words.last().is_some_and(|last| LEGAL_FORMS.contains(last)) {
        words.pop();
    }
    words.concat()
}

/// A text looked for, in the forms it is compared in.
struct Wanted {
    name: String,
    english: String,
    /// The corp_names, normalised, whose aliases match the text, and how well.
    aliases: Vec<(String, Closeness)>,
}

/// How well something matches, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Exact,
    Prefix,
    EnglishPrefix,
    Inside,
    EnglishInside,
}

impl Wanted {
    /// `None` for a text that leaves nothing to compare.
    fn new(text: &str) -> Option<Self> {
        let name = normalize(text);
        if name.is_empty() {
            return None;
        }
        let aliases = ALIASES
            .iter()
            .filter_map(|(alias, corp_name)| {
                let how = closeness(&normalize(alias), &name)?;
                Some((normalize(corp_name), how))
            })
            .collect();
        Some(Self {
            english: normalize_english(text),
            name,
            aliases,
        })
    }

    /// How well a company's names match.
    fn of(&self, company: &Company) -> Option<Closeness> {
        let corp_name = normalize(&company.corp_name);
        let alias = self
            .aliases
            .iter()
            .filter(|(name, _)| *name == corp_name)
            .map(|(_, how)| *how)
            .min();
        let english = || {
            let english = normalize_english(&company.corp_eng_name);
            let how = (!self.english.is_empty()).then(|| closeness(&english, &self.english))??;
            Some(match how {
                Closeness::Prefix => Closeness::EnglishPrefix,
                Closeness::Inside => Closeness::EnglishInside,
                how => how,
            })
        };
        let korean = closeness(&corp_name, &self.name);
        [korean, alias, english()].into_iter().flatten().min()
    }
}

fn closeness(name: &str, wanted: &str) -> Option<Closeness> {
    if name == wanted {
        Some(Closeness::Exact)
    } else if name.starts_with(wanted) {
        Some(Closeness::Prefix)
    } else if name.contains(wanted) {
        Some(Closeness::Inside)
    } else {
        None
    }
}

/// The company a name stands for: by its Korean name, an alias of it, or its English name, [normalised](normalize).
#[must_use]
pub fn exact<'a>(companies: &'a [Company], name: &str) -> NameMatch<'a> {
    let Some(wanted) = Wanted::new(name) else {
        return NameMatch::None { near: Vec::new() };
    };
    let mut found: Vec<&Company> = companies
        .iter()
        .filter(|company| wanted.of(company) == Some(Closeness::Exact))
        .collect();
    match found[..] {
        [one] => NameMatch::One(one),
        [] => NameMatch::None {
            near: near_name(companies, name, &wanted.name),
        },
        _ => {
            found.sort_by_key(|company| (Reverse(company.modify_date), company.ticker));
            NameMatch::Several(found)
        }
    }
}

/// The companies a text may mean, at most `limit`: exact matches first, then names and codes that
/// begin with it, then names it stands inside. Knows tickers in every spelling (a preferred one
/// leads to its issuer), corp_codes, Korean and English names, and aliases.
#[must_use]
pub fn search<'a>(companies: &'a [Company], text: &str, limit: usize) -> Vec<&'a Company> {
    let Some(wanted) = Wanted::new(text) else {
        return Vec::new();
    };
    let ticker = text.parse::<Ticker>().ok().map(Ticker::issuer);
    let code = text.trim().to_ascii_uppercase();
    let rank = |company: &Company| {
        let by_code = if ticker == Some(company.ticker) || company.corp_code.as_str() == code {
            Some(Closeness::Exact)
        } else if company.ticker.as_str().starts_with(&code)
            || company.corp_code.as_str().starts_with(&code)
        {
            Some(Closeness::Prefix)
        } else {
            None
        };
        [by_code, wanted.of(company)].into_iter().flatten().min()
    };
    let mut found: Vec<(Closeness, &Company)> = companies
        .iter()
        .filter_map(|company| Some((rank(company)?, company)))
        .collect();
    found.sort_by_cached_key(|(rank, company)| {
        (
            *rank,
            company.corp_name.chars().count(),
            company.corp_name.clone(),
            Reverse(company.modify_date),
            company.ticker,
        )
    });
    found
        .into_iter()
        .map(|(_, company)| company)
        .take(limit)
        .collect()
}

/// The companies whose ticker is one slip away from an unknown one: two neighbours swapped, or one
/// character wrong. At most five, swaps first.
#[must_use]
pub fn near(companies: &[Company], ticker: Ticker) -> Vec<&Company> {
    let wanted = ticker.issuer();
    let slip = |company: &Company| {
        let pairs: Vec<(usize, (u8, u8))> = wanted
            .as_str()
            .bytes()
            .zip(company.ticker.as_str().bytes())
            .enumerate()
            .filter(|(_, (wanted, has))| wanted != has)
            .collect();
        match pairs[..] {
            [(first, (a, b)), (second, (c, d))] if second == first + 1 && (a, b) == (d, c) => {
                Some(0)
            }
            [_] => Some(1),
            _ => None,
        }
    };
    let mut found: Vec<(u8, &Company)> = companies
        .iter()
        .filter_map(|company| Some((slip(company)?, company)))
        .collect();
    found.sort_by_key(|(slip, company)| (*slip, company.ticker));
    found
        .into_iter()
        .map(|(_, company)| company)
        .take(NEAR)
        .collect()
}

/// Companies whose name is like an unknown one: found by it, the beginning of it (`삼성전자우`), or
/// a slip or two away from it.
fn near_name<'a>(companies: &'a [Company], name: &str, wanted: &str) -> Vec<&'a Company> {
    let mut near = search(companies, name, NEAR);
    let length = wanted.chars().count();
    let slips_allowed = if length <= 2 { 0 } else { 1 + length / 5 };
    let mut like: Vec<(usize, &Company)> = companies
        .iter()
        .filter_map(|company| {
            let has = normalize(&company.corp_name);
            let begins = has.chars().count() >= 2 && wanted.starts_with(&has);
            let slips = if begins { 0 } else { slips(&has, wanted) };
            (slips <= slips_allowed).then_some((slips, company))
        })
        .collect();
    like.sort_by_key(|(slips, company)| {
        let length = company.corp_name.chars().count();
        (*slips, Reverse(length), Reverse(company.modify_date))
    });
    for (_, company) in like {
        if near.len() >= NEAR {
            break;
        }
        if !near.contains(&company) {
            near.push(company);
        }
    }
    near
}

/// Characters to insert, drop or change to make one text the other (Levenshtein's distance).
fn slips(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests;
