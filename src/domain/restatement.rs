//! Restatements: a later report states another dividend for a year than the year's own report.
//!
//! Each annual report states three years. A split changes what the earlier columns say (1,416 after
//! a 50:1 split where 70,800 was paid before it) and is no disagreement; anything else is one, and
//! a reader of the year's figure should know. Computed from rows alone: nothing is asked, nothing
//! can be out of date.

use super::{DividendYear, ReprtCode, Restatement, Won};

/// Who of `rows`, the rows of the same share, states another dividend for a year than `of` does.
/// Only annual rows that come from their year's own report, later than the one `of` was read from,
/// have something to say, also where `of` states nothing to be trusted; the nearest comes first if `rows` ascend. A sum over several settlement
/// dates is not held against anything: a later report of one date may state one part of it.
#[must_use]
pub fn restatements(of: &DividendYear, rows: &[&DividendYear]) -> Vec<Restatement> {
    if of.settlements != Some(1) {
        return Vec::new();
    }
    rows.iter()
        .filter(|later| {
            later.ticker == of.ticker
                && of.reprt_code == ReprtCode::Annual
                && later.is_own_report()
                && later.fiscal_year > of.source_year
        })
        .filter_map(|later| {
            let column = later.column_about(of.fiscal_year)?;
            let dps_cash = column.dps_cash?;
            let pars = [column.par_value, later.par_value];
            let is_explained = |stated: Won| is_the_same(stated, of.par_value, dps_cash, pars);
            (!of.dps_cash.is_some_and(is_explained)).then_some(Restatement {
                source_year: later.fiscal_year,
                dps_cash,
                rcept_no: later.rcept_no,
            })
        })
        .collect()
}

/// Whether two amounts are one: to the last digit, or across the change from the par value then to
/// one of those now, to within a won, which is how far filers round.
fn is_the_same(stated: Won, par_then: Option<Won>, now: Won, pars_now: [Option<Won>; 2]) -> bool {
    let by_split = |par_then: Won, par_now: Won| {
        let (par_then, par_now) = (par_then.get(), par_now.get());
        // now ≈ stated × par_now ÷ par_then, without the division.
        let would_be = stated.get().checked_mul(par_now);
        let is = now.get().checked_mul(par_then);
        match (would_be, is) {
            (Some(would_be), Some(is)) => par_now != par_then && (is - would_be).abs() < par_then,
            _ => false,
        }
    };
    let pays_both = stated.is_positive() && now.is_positive();
    stated == now
        || pays_both
            && par_then.is_some_and(|then| {
                pars_now
                    .into_iter()
                    .flatten()
                    .any(|par_now| by_split(then, par_now))
            })
}

#[cfg(test)]
mod tests {
    use super::restatements;
    use crate::domain::{
        DividendYear, EarlierYear, FiscalYear, Note, Outcome, ReprtCode, Restatement, Won,
        restatement_detail,
    };

    fn won(text: &str) -> Option<Won> {
        (text != "?").then(|| Won::from(text.parse::<rust_decimal::Decimal>().unwrap()))
    }

    /// A row of `year` from the report of `source`.
    fn row(year: u16, source: u16, dps: &str, par: &str) -> DividendYear {
        let of = |number| FiscalYear::new(number).unwrap();
        DividendYear {
            outcome: Outcome::Paid,
            dps_cash: won(dps),
            par_value: won(par),
            settlements: Some(1),
            ..DividendYear::no_report(
                "900010".parse().unwrap(),
                "99999999".parse().unwrap(),
                of(year),
                ReprtCode::Annual,
                of(source),
            )
        }
    }

    fn said(dps: &str, par: &str) -> EarlierYear {
        EarlierYear {
            dps_cash: won(dps),
            par_value: won(par),
        }
    }

    fn words(by: Vec<Restatement>) -> String {
        if by.is_empty() {
            return String::new();
        }
        Note::Restated { by }.to_string()
    }

    /// What the 2018 report with its own par value says about 2017, which paid so much.
    fn noted(then: (&str, &str), column: (&str, &str), par_now: &str) -> String {
        let later = DividendYear {
            frmtrm: said(column.0, column.1),
            ..row(2018, 2018, "100", par_now)
        };
        words(restatements(&row(2017, 2017, then.0, then.1), &[&later]))
    }

    #[test]
    fn what_agrees_to_the_last_digit_or_across_a_split_is_not_restated() {
        for (then, column, par_now) in [
            (("1444", "100"), ("1444", "100"), "100"),
            (("132.5", "?"), ("132.5", "?"), "?"),
            // As paid, across a split of 50:1.
            (("42500", "5000"), ("42500", "5000"), "100"),
            // In new shares, and the column's par value too.
            (("42500", "5000"), ("850", "100"), "100"),
            // In new shares, and the par value as it was.
            (("42500", "5000"), ("850", "5000"), "100"),
            // 45,025 ÷ 50 is 900.5: rounded either way, or not at all.
            (("45025", "5000"), ("900", "100"), "100"),
            (("45025", "5000"), ("901", "100"), "100"),
            (("45025", "5000"), ("900.5", "100"), "100"),
            // A reverse split.
            (("36", "100"), ("180", "500"), "500"),
            (("0", "100"), ("0", "500"), "500"),
            // Nothing is said.
            (("1444", "100"), ("?", "100"), "100"),
        ] {
            assert_eq!(
                noted(then, column, par_now),
                "",
                "{then:?} {column:?} {par_now}"
            );
        }
    }

    #[test]
    fn anything_else_is_noted_with_the_report_and_its_figure() {
        for (then, column, par_now, figure) in [
            (("1444", "100"), ("1400", "100"), "100", "1,400"),
            // Half a won off is off where no split rounds.
            (("132.5", "100"), ("133", "100"), "100", "133"),
            (("42500", "5000"), ("852", "100"), "100", "852"),
            (("42500", "5000"), ("849", "100"), "100", "849"),
            (("1444", "?"), ("1400", "?"), "?", "1,400"),
            // The year's own report states nothing to be trusted.
            (("?", "100"), ("1444", "100"), "100", "1,444"),
            (("1444", "100"), ("0", "100"), "100", "0"),
            // Nothing is no amount in new shares.
            (("40", "5000"), ("0", "100"), "100", "0"),
            (("0", "100"), ("1444", "100"), "100", "1,444"),
            (("1444", "100"), ("1444.5", "100"), "100", "1,444.5"),
        ] {
            let words = format!("the 2018 report states {figure} for this year");
            assert_eq!(noted(then, column, par_now), words, "{then:?} {column:?}");
        }
    }

    #[test]
    fn both_later_reports_count_and_no_others() {
        let of_2017 = row(2017, 2017, "1444", "100");
        let next = DividendYear {
            frmtrm: said("1400", "100"),
            ..row(2018, 2018, "1500", "100")
        };
        let mut after = DividendYear {
            lwfr: said("1300", "100"),
            ..row(2019, 2019, "1600", "100")
        };
        let note = |rows: [&DividendYear; 2]| words(restatements(&of_2017, &rows));
        assert_eq!(
            note([&next, &after]),
            "the 2018 report states 1,400 for this year; the 2019 report states 1,300 for this year"
        );
        after.lwfr = said("1400", "100");
        assert_eq!(
            note([&next, &after]),
            "the 2018 and 2019 reports state 1,400 for this year"
        );
        let taken_from_a_later_one = DividendYear {
            source_year: FiscalYear::new(2019).unwrap(),
            ..next.clone()
        };
        let of_another_share = DividendYear {
            ticker: "900015".parse().unwrap(),
            ..next.clone()
        };
        let interim = DividendYear {
            reprt_code: ReprtCode::Half,
            ..next.clone()
        };
        for silent in [&taken_from_a_later_one, &of_another_share, &interim] {
            assert_eq!(note([silent, silent]), "");
        }
        // 2014 comes from the 2015 report, which is not later than itself.
        let of_2014 = row(2014, 2015, "100", "100");
        let own = DividendYear {
            frmtrm: said("90", "100"),
            ..row(2015, 2015, "100", "100")
        };
        let later = DividendYear {
            lwfr: said("80", "100"),
            ..row(2016, 2016, "100", "100")
        };
        let found = restatements(&of_2014, &[&own, &later]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].source_year.get(), 2016);
    }

    #[test]
    fn each_is_traced_to_the_later_filing() {
        let of_2017 = row(2017, 2017, "1444", "100");
        let later = |year: u16, filing: &str| DividendYear {
            frmtrm: said("1400", "100"),
            lwfr: said("1400", "100"),
            rcept_no: filing.parse().ok(),
            ..row(year, year, "1500", "100")
        };
        let next = later(2018, "20190331000001");
        let found = restatements(&of_2017, &[&next]);
        assert_eq!(found[0].rcept_no, next.rcept_no);
        assert_eq!(
            restatement_detail(&found),
            "the 2018 report (20190331000001) states 1,400 for this year"
        );
        let both = [next, later(2019, "")];
        assert_eq!(
            restatement_detail(&restatements(&of_2017, &[&both[0], &both[1]])),
            "the 2018 and 2019 reports (20190331000001) state 1,400 for this year"
        );
    }

    #[test]
    fn a_sum_over_two_settlement_dates_is_not_held_against_one_of_them() {
        let sum = DividendYear {
            settlements: Some(2),
            ..row(2017, 2017, "70", "100")
        };
        let later = DividendYear {
            frmtrm: said("40", "100"),
            ..row(2018, 2018, "45", "100")
        };
        assert_eq!(restatements(&sum, &[&later]), []);
        let untold = DividendYear {
            settlements: None,
            ..sum
        };
        assert_eq!(restatements(&untold, &[&later]), []);
    }
}
