//! In which shares an amount is that a later report states.

use super::{DividendYear, Note, ReprtCode, Won};

/// Why it is not certain in which shares `of` counts; `None` where it is, or where nothing was paid.
/// `rows` are those of the same share, that of `of`'s report among them.
///
/// A later report's column about a year has the par value of then or of now, and the amount as it
/// was paid or in new shares; filers restate the one and leave the other. Where the column's par
/// value is the report's own, both are taken to be in its shares. Where it is another, the amount may be in new
/// shares already, and to divide it by the split would do so twice. Only the year's own report tells.
pub fn uncertain_basis<'a>(
    of: &DividendYear,
    rows: impl IntoIterator<Item = &'a DividendYear>,
) -> Option<Note> {
    let then = of.par_value?;
    if of.is_own() || !of.dps_cash.is_some_and(Won::is_positive) {
        return None;
    }
    let is_its_report = |row: &&DividendYear| {
        row.ticker == of.ticker
            && row.is_own()
            && [of, row].map(|row| row.reprt_code) == [ReprtCode::Annual; 2]
            && row.fiscal_year == of.source_year
    };
    let now = rows
        .into_iter()
        .find(is_its_report)
        .and_then(|report| report.par_value);
    (now != Some(then)).then_some(Note::UncertainBasis {
        source_year: of.source_year,
        par_then: then,
        par_now: now,
    })
}

#[cfg(test)]
mod tests {
    use super::uncertain_basis;
    use crate::domain::{DividendYear, FiscalYear, Outcome, ReprtCode, Won};

    /// A row of `year` from the report of `source`.
    fn row(year: u16, source: u16, dps: i64, par: Option<i64>) -> DividendYear {
        let of = |number| FiscalYear::new(number).unwrap();
        DividendYear {
            outcome: Outcome::Paid,
            dps_cash: Some(Won::from(dps)),
            par_value: par.map(Won::from),
            ..DividendYear::no_report(
                "900010".parse().unwrap(),
                "99999999".parse().unwrap(),
                of(year),
                ReprtCode::Annual,
                of(source),
            )
        }
    }

    fn is_certain(of: &DividendYear, rows: &[DividendYear]) -> bool {
        uncertain_basis(of, rows).is_none()
    }

    #[test]
    fn a_later_report_is_certain_only_in_its_own_shares() {
        let report = row(2018, 2018, 1416, Some(100));
        assert!(is_certain(
            &row(2017, 2018, 850, Some(100)),
            std::slice::from_ref(&report)
        ));
        assert!(!is_certain(
            &row(2017, 2018, 850, Some(5000)),
            std::slice::from_ref(&report)
        ));
        let silent = row(2018, 2018, 1416, None);
        for rows in [&[][..], &[silent], &[row(2019, 2019, 1416, Some(5000))]] {
            assert_eq!(
                uncertain_basis(&row(2017, 2018, 850, Some(5000)), rows)
                    .unwrap()
                    .to_string(),
                "in which shares the 2018 report states this year is not certain: its par value \
                 is 5,000 for the year and not stated for its own"
            );
        }
    }

    #[test]
    fn the_years_own_report_is_certain_and_so_is_nothing() {
        let report = row(2018, 2018, 1416, Some(100));
        let own = row(2017, 2017, 42_500, Some(5000));
        let none = DividendYear {
            dps_cash: Some(Won::ZERO),
            ..row(2017, 2018, 0, Some(5000))
        };
        let unstated = DividendYear {
            dps_cash: None,
            ..none.clone()
        };
        let without_par = row(2017, 2018, 850, None);
        for of in [own, none, unstated, without_par] {
            assert!(is_certain(&of, std::slice::from_ref(&report)), "{of:?}");
        }
    }
}
