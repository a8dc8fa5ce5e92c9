//! What a row of a series shows: the same for every command that prints one.

use rust_decimal::Decimal;

use super::args::AdjustArgs;
use crate::cli::output::{Cell, Column, column, in_data, in_json, in_table};
use crate::domain::{CorpCls, FiscalYear, Increment, Note, ReprtCode, Ticker, Won, note_words};
use crate::series::SeriesRow;
use crate::store::note_codes;

/// A row, the name that stands beside its ticker, and what the table shows of it.
pub(in crate::cli) struct OutputRow {
    pub(in crate::cli) row: SeriesRow,
    corp_name: Option<String>,
    /// What its report adds to the one before it; `None` where that was not asked.
    pub(super) increment: Option<Increment>,
    view: View,
}

/// The columns of a table that not everybody needs. JSON and CSV have them always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct View {
    /// The kind of report.
    report: bool,
    adjusted: Adjusted,
    /// The address of the filing.
    viewer: bool,
}

/// Whether a table has the amounts in today's shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Adjusted {
    #[default]
    Hidden,
    Shown,
    /// Asked for: the column stands even where no amount is known.
    Asked,
}

impl OutputRow {
    pub(in crate::cli) fn new(row: SeriesRow, corp_name: Option<String>) -> Self {
        Self {
            row,
            corp_name,
            increment: None,
            view: View::default(),
        }
    }

    /// The row for a table of its own, a field a line: with all there is to trace it by.
    pub(in crate::cli) fn in_full(mut self) -> Self {
        let changes = changes_par(std::slice::from_ref(&self));
        self.view = View {
            report: true,
            adjusted: if changes {
                Adjusted::Shown
            } else {
                Adjusted::Hidden
            },
            viewer: true,
        };
        self
    }

    pub(super) fn ticker(&self) -> Ticker {
        self.row.cached.year.ticker
    }

    pub(super) fn report(&self) -> ReprtCode {
        self.row.cached.year.reprt_code
    }

    fn viewer_url(&self) -> Cell {
        let filing = self.row.cached.year.rcept_no;
        Cell::maybe_text(filing.and_then(|number| number.viewer_url()))
    }

    fn notes(&self) -> Vec<Note> {
        let mut notes = self.row.notes();
        let refused = self.increment.and_then(Increment::reason);
        notes.extend(refused.map(Note::NoIncrement));
        notes
    }

    /// A cell of a column about today's shares.
    fn adjusted(&self, amount: impl Fn(&SeriesRow) -> Option<Decimal>) -> Cell {
        match self.view.adjusted {
            Adjusted::Hidden => Cell::Nothing,
            Adjusted::Shown => Cell::maybe(amount(&self.row)),
            Adjusted::Asked => {
                amount(&self.row).map_or_else(|| Cell::Text(String::new()), Cell::Amount)
            }
        }
    }
}

/// Lets the table show what these rows call for: the report where one is not the annual one, and
/// amounts in today's shares where a par change would have people compare what cannot be.
pub(super) fn fit(lines: &mut [OutputRow], choice: AdjustArgs) {
    let adjusted = match choice {
        AdjustArgs { as_filed: true, .. } => Adjusted::Hidden,
        AdjustArgs { adjusted: true, .. } => Adjusted::Asked,
        _ if any_changes_par(lines) => Adjusted::Shown,
        _ => Adjusted::Hidden,
    };
    let report = lines.iter().any(|line| line.report() != ReprtCode::Annual);
    for line in lines {
        line.view = View {
            report,
            adjusted,
            viewer: false,
        };
    }
}

/// Whether the par value of a ticker changes between its rows, or has changed since.
fn any_changes_par(lines: &[OutputRow]) -> bool {
    lines
        .chunk_by(|one, next| one.ticker() == next.ticker())
        .any(changes_par)
}

fn changes_par(of_one_ticker: &[OutputRow]) -> bool {
    let mut pars = of_one_ticker
        .iter()
        .filter_map(|line| line.row.cached.year.par_value);
    let first = pars.next();
    let has_changed_since = |line: &OutputRow| {
        line.row
            .adjustment_factor
            .is_some_and(|factor| factor != Decimal::ONE)
    };
    pars.any(|par| Some(par) != first) || of_one_ticker.iter().any(has_changed_since)
}

/// How to learn today's par values, where rows that call for them lack them: `newest` is the newest
/// year whose annual report is due, and it was not among those asked for.
pub(super) fn par_hint(
    lines: &[OutputRow],
    first: FiscalYear,
    last: FiscalYear,
    newest: FiscalYear,
) -> Option<String> {
    if last >= newest {
        return None;
    }
    let shown = lines.first()?.view.adjusted;
    let calls_for_it = |of_one: &&[OutputRow]| match shown {
        Adjusted::Hidden => false,
        Adjusted::Shown => changes_par(of_one),
        Adjusted::Asked => true,
    };
    let lacks = |line: &OutputRow| {
        let year = &line.row.cached.year;
        let would_be_known = line.row.checked.is_empty();
        line.row.adjustment_factor.is_none()
            && would_be_known
            && year.par_value.is_some()
            && year.dps_cash.is_some()
    };
    let mut lacking = lines
        .chunk_by(|one, next| one.ticker() == next.ticker())
        .filter(calls_for_it)
        .filter(|of_one| of_one.iter().any(lacks));
    let ticker = lacking.next()?.first()?.ticker();
    let others = match lacking.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "what {ticker}{others} paid is not known in today's shares until the report of {newest} \
         was read: dps series {ticker} {first} {newest}"
    ))
}

/// The columns of `dividend_dps_cache` less raw_payload, and what a reader needs beside them.
pub(in crate::cli) const COLUMNS: &[Column<OutputRow>] = &[
    column("ticker", "Ticker", |l| Cell::text(l.row.cached.year.ticker)),
    column("corp_name", "Company", |l| {
        Cell::maybe_text(l.corp_name.as_ref())
    }),
    column("fiscal_year", "Year", |l| {
        Cell::Plain(l.row.cached.year.fiscal_year.get().into())
    }),
    in_table("Report", |l| {
        Cell::maybe_text(l.view.report.then(|| l.report().word()))
    }),
    in_data("reprt_code", |l| Cell::text(l.row.cached.year.reprt_code)),
    in_data("corp_code", |l| Cell::text(l.row.cached.year.corp_code)),
    in_data("corp_cls", |l| {
        Cell::maybe_text(l.row.cached.year.corp_cls.map(CorpCls::as_str))
    }),
    column("dps_cash", "DPS (won)", |l| {
        Cell::maybe(l.row.cached.year.dps_cash)
    }),
    in_table("Increment (won)", |l| {
        Cell::maybe(l.increment.and_then(Increment::amount))
    }),
    in_table("Adjusted (won)", |l| {
        l.adjusted(|row| row.dps_cash_adjusted().map(Won::get))
    }),
    in_table("Factor", |l| {
        l.adjusted(|row| Some(row.adjustment_factor?.round_dp(6).normalize()))
    }),
    column("outcome", "Outcome", |l| {
        Cell::text(l.row.cached.year.outcome)
    }),
    column("par_value", "Par (won)", |l| {
        Cell::maybe(l.row.cached.year.par_value)
    }),
    in_data("dps_stock", |l| Cell::maybe(l.row.cached.year.dps_stock)),
    column("cash_yield_pct", "Yield (%)", |l| {
        Cell::maybe(l.row.cached.year.cash_yield_pct)
    }),
    column("payout_ratio_pct", "Payout (%)", |l| {
        Cell::maybe(l.row.cached.year.payout_ratio_pct)
    }),
    in_data("eps", |l| Cell::maybe(l.row.cached.year.eps)),
    in_data("cash_total", |l| Cell::maybe(l.row.cached.year.cash_total)),
    column("stlm_dt", "Settled", |l| {
        Cell::maybe_text(l.row.cached.year.stlm_dt)
    }),
    column("rcept_no", "Filing (rcept_no)", |l| {
        Cell::maybe_text(l.row.cached.year.rcept_no)
    }),
    in_table("Shown at", |l| {
        if l.view.viewer {
            l.viewer_url()
        } else {
            Cell::Nothing
        }
    }),
    in_data("source_year", |l| {
        Cell::Plain(l.row.cached.year.source_year.get().into())
    }),
    in_table("From", |l| Cell::text(origin(&l.row))),
    column("note", "Note", |l| Cell::maybe_text(note_words(&l.notes()))),
    in_json("note_codes", |l| Cell::Json(note_codes(&l.notes()))),
    in_data("parser_version", |l| {
        Cell::Plain(l.row.cached.parser_version.into())
    }),
    in_data("fetched_at", |l| Cell::Time(l.row.cached.fetched_at)),
    in_data("updated_at", |l| Cell::Time(l.row.cached.updated_at)),
    in_data("expires_at", |l| Cell::maybe_time(l.row.cached.expires_at)),
    in_data("frmtrm_dps_cash", |l| {
        Cell::maybe(l.row.cached.year.frmtrm.dps_cash)
    }),
    in_data("frmtrm_par_value", |l| {
        Cell::maybe(l.row.cached.year.frmtrm.par_value)
    }),
    in_data("lwfr_dps_cash", |l| {
        Cell::maybe(l.row.cached.year.lwfr.dps_cash)
    }),
    in_data("lwfr_par_value", |l| {
        Cell::maybe(l.row.cached.year.lwfr.par_value)
    }),
    in_data("settlements", |l| {
        let settlements = l.row.cached.year.settlements;
        settlements.map_or(Cell::Nothing, |count| Cell::Plain(count.into()))
    }),
    in_data("restated_dps_cash", |l| {
        Cell::maybe(l.row.restated.first().map(|it| it.dps_cash))
    }),
    in_data("restated_source_year", |l| {
        l.row
            .restated
            .first()
            .map_or(Cell::Nothing, |it| Cell::Plain(it.source_year.get().into()))
    }),
    in_data("restated_rcept_no", |l| {
        Cell::maybe_text(l.row.restated.first().and_then(|it| it.rcept_no))
    }),
    in_data("dps_cash_adjusted", |l| {
        Cell::maybe(l.row.dps_cash_adjusted())
    }),
    in_data("adjustment_factor", |l| {
        Cell::maybe(l.row.adjustment_factor)
    }),
    in_data("from_cache", |l| Cell::Flag(l.row.from_cache)),
    in_data("dps_cash_increment", |l| {
        Cell::maybe(l.increment.and_then(Increment::amount))
    }),
    in_data("viewer_url", OutputRow::viewer_url),
    in_data("net_income", |l| Cell::maybe(l.row.cached.year.net_income)),
    in_data("net_income_separate", |l| {
        Cell::maybe(l.row.cached.year.net_income_separate)
    }),
];

/// Where a row came from, and which report speaks where it is not the year's own.
fn origin(row: &SeriesRow) -> String {
    let place = if row.from_cache { "cache" } else { "DART" };
    let year = &row.cached.year;
    if year.is_own() {
        place.to_owned()
    } else {
        format!("{place}, {} report", year.source_year)
    }
}
