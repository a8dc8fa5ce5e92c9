//! In which shares an amount is: by what it is divided to compare it with today's.
//!
//! A change of the par value alone is no split: filers type other figures into its row, foreign
//! issuers convert it at the day's rate, and capital may be reduced without fewer shares. So a factor
//! needs proof: lawful par values, and as many more shares as they tell.

use rust_decimal::Decimal;

use super::{DividendYear, Note, Won};

/// The par values that the Commercial Act and the exchange's rules allow, won.
const LAWFUL: [u32; 6] = [100, 200, 500, 1_000, 2_500, 5_000];

/// By what the amount of `of` is divided to compare it with today's shares: par(then) ÷ par(now).
/// 50 for a 50:1 split since, 1 where par did not change, `None` where either is unknown.
///
/// `par_now` is today's par value; `rows` are those of the same share, ascending, that of `of`'s report among them.
///
/// # Errors
/// A note, where the par values are known and it is not certain in which shares the amount is.
pub fn adjustment_factor(
    of: &DividendYear,
    rows: &[&DividendYear],
    par_now: Option<Won>,
) -> Result<Option<Decimal>, Note> {
    let (Some(then), Some(now)) = (of.par_value, par_now) else {
        return Ok(None);
    };
    let paid = of.dps_cash.is_some_and(Won::is_positive);
    if paid && let Some(note) = uncertain_basis(of, rows) {
        return Err(note);
    }
    if then == now {
        return Ok(Some(Decimal::ONE));
    }
    if paid && !is_split(of, rows, then, now) {
        return Err(Note::UnprovenSplit {
            par_then: then,
            par_now: now,
        });
    }
    Ok(then.ratio(now))
}

/// Why it is not certain in which shares `of` counts, where a later report states it.
///
/// A later report's column about a year has the par value of then or of now, and the amount as it
/// was paid or in new shares; filers restate the one and leave the other. Where the column's par
/// value is another than the report's own, the amount may be in new shares already, and to divide it
/// by the split would do so twice. Where it is the same, total ÷ amount tells: as it was paid, it is
/// that of many fewer shares. Only the year's own report settles it.
fn uncertain_basis(of: &DividendYear, rows: &[&DividendYear]) -> Option<Note> {
    let then = of.par_value?;
    if of.is_own() {
        return None;
    }
    let report = rows
        .iter()
        .find(|row| row.is_own_report() && row.fiscal_year == of.source_year);
    let now = report.and_then(|report| report.par_value);
    let uncertain = || Note::UncertainBasis {
        source_year: of.source_year,
        par_then: then,
        par_now: now,
    };
    if now != Some(then) {
        return Some(uncertain());
    }
    let more = shares(report?)?.checked_div(shares(of)?)?;
    let four = Decimal::from(4);
    (more > four || more * four < Decimal::ONE).then(uncertain)
}

/// Whether a change of the par value was a split: both values are lawful, neither is an amount per
/// share that was typed into the wrong row, and the number of shares moved with them.
fn is_split(of: &DividendYear, rows: &[&DividendYear], then: Won, now: Won) -> bool {
    let with_par = |par: Won| {
        rows.iter()
            .filter(move |row| row.par_value == Some(par))
            .copied()
    };
    let is_par = |par: Won, row: Option<&DividendYear>| {
        LAWFUL
            .iter()
            .any(|lawful| Decimal::from(*lawful) == par.get())
            && row.is_none_or(|row| row.dps_cash != Some(par))
    };
    let distance = |row: &DividendYear| row.fiscal_year.get().abs_diff(of.fiscal_year.get());
    let shares_then = with_par(then)
        .filter_map(|row| Some((distance(row), shares(row)?)))
        .min_by_key(|(distance, _)| *distance);
    let shares_now = with_par(now)
        .filter(|row| row.fiscal_year > of.fiscal_year)
        .find_map(shares);
    let (Some((_, shares_then)), Some(shares_now)) = (shares_then, shares_now) else {
        return false;
    };
    let moves_along = || -> Option<bool> {
        // Closer to the factor than to none at all, either way: a company may issue shares as well.
        let factor = then.ratio(now)?;
        let more = shares_now.checked_div(shares_then)?;
        let (more, factor) = if factor > Decimal::ONE {
            (more, factor)
        } else {
            (
                Decimal::ONE.checked_div(more)?,
                Decimal::ONE.checked_div(factor)?,
            )
        };
        let square = more.checked_mul(more)?;
        Some(square > factor && square < factor.checked_mul(factor)?.checked_mul(factor)?)
    };
    is_par(then, Some(of)) && is_par(now, with_par(now).last()) && moves_along() == Some(true)
}

/// How many shares a dividend was paid on: the total over the amount per share.
fn shares(row: &DividendYear) -> Option<Decimal> {
    let (total, each) = (row.cash_total?, row.dps_cash?);
    (total.is_positive() && each.is_positive())
        .then(|| total.ratio(each))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::adjustment_factor;
    use crate::domain::{DividendYear, FiscalYear, Note, Outcome, ReprtCode, Won};

    /// A row of `year` from the report of `source`; the total in millions of won.
    fn row(year: u16, source: u16, dps: i64, par: Option<i64>, total: Option<i64>) -> DividendYear {
        let of = |number| FiscalYear::new(number).unwrap();
        DividendYear {
            outcome: Outcome::Paid,
            dps_cash: Some(Won::from(dps)),
            par_value: par.map(Won::from),
            cash_total: total.map(|millions| Won::from(millions * 1_000_000)),
            ..DividendYear::no_report(
                "900010".parse().unwrap(),
                "99999999".parse().unwrap(),
                of(year),
                ReprtCode::Annual,
                of(source),
            )
        }
    }

    fn factor(of: &DividendYear, others: &[DividendYear], par_now: i64) -> String {
        let mut rows: Vec<&DividendYear> = others.iter().chain([of]).collect();
        rows.sort_by_key(|row| row.fiscal_year);
        match adjustment_factor(of, &rows, Some(Won::from(par_now))) {
            Ok(None) => "unknown".to_owned(),
            Ok(Some(factor)) => factor.to_string(),
            Err(Note::UnprovenSplit { .. }) => "unproven".to_owned(),
            Err(Note::UncertainBasis { .. }) => "uncertain".to_owned(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_split_divides_what_was_paid_before_it_where_the_shares_moved_along() {
        // 50:1, and a tenth of the shares bought back.
        let then = row(2017, 2017, 42_500, Some(5000), Some(5_826_302));
        let since = row(2018, 2018, 1416, Some(100), Some(9_619_243));
        assert_eq!(factor(&then, std::slice::from_ref(&since), 100), "50");
        assert_eq!(factor(&since, std::slice::from_ref(&then), 100), "1");
        // A reverse split.
        let small = row(2017, 2017, 20, Some(100), Some(200));
        let large = row(2018, 2018, 100, Some(500), Some(200));
        assert_eq!(factor(&small, &[large], 500), "0.2");
        // Another year with the same par value tells how many shares there were.
        let before = row(2016, 2016, 28_500, Some(5000), None);
        assert_eq!(factor(&before, &[then, since], 100), "50");
        assert_eq!(factor(&row(2017, 2017, 5, None, None), &[], 100), "unknown");
    }

    #[test]
    fn a_par_value_that_changes_alone_is_no_split() {
        let since = row(2018, 2018, 100, Some(100), Some(1000));
        for (why, of) in [
            (
                "as many shares",
                row(2017, 2017, 100, Some(500), Some(1000)),
            ),
            ("no total", row(2017, 2017, 500, Some(500), None)),
            ("no lawful value", row(2017, 2017, 57, Some(300), Some(190))),
            (
                "the amount itself",
                row(2017, 2017, 500, Some(500), Some(1000)),
            ),
            (
                "far more than told",
                row(2017, 2017, 5000, Some(500), Some(1000)),
            ),
        ] {
            assert_eq!(
                factor(&of, std::slice::from_ref(&since), 100),
                "unproven",
                "{why}"
            );
        }
        let typed_now = row(2018, 2018, 100, Some(100), Some(1000));
        let of = row(2017, 2017, 450, Some(500), Some(900));
        assert_eq!(factor(&of, &[typed_now], 100), "unproven");
        let none = row(2017, 2017, 0, Some(500), None);
        assert_eq!(
            factor(&none, &[since], 100),
            "5",
            "nothing is nothing in any shares"
        );
    }

    #[test]
    fn a_later_report_is_certain_only_in_its_own_shares() {
        let report = row(2018, 2018, 1416, Some(100), Some(9_619_243));
        let of = |dps, par, total| row(2017, 2018, dps, Some(par), total);
        let with = |of: &DividendYear| factor(of, std::slice::from_ref(&report), 100);
        assert_eq!(with(&of(850, 100, Some(5_826_302))), "1");
        assert_eq!(with(&of(850, 100, None)), "1");
        assert_eq!(with(&of(850, 5000, Some(5_826_302))), "uncertain");
        // The par value restated and the amount not.
        assert_eq!(with(&of(42_500, 100, Some(5_826_302))), "uncertain");
        assert_eq!(factor(&of(850, 5000, None), &[], 100), "uncertain");
    }
}
