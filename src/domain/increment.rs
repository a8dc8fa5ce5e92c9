use super::{DividendYear, Refusal, Won};

/// What a report adds to the one before it in the same fiscal year, whose amounts it includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Increment {
    /// So many won per share, 0 or more.
    Known(Won),
    /// One of the two amounts is not there: nothing is spread over what lies between.
    Unknown,
    /// The two do not go together, for this reason.
    Refused(Refusal),
}

impl Increment {
    /// The amount, won per share, where it is reliable.
    #[must_use]
    pub fn amount(self) -> Option<Won> {
        match self {
            Self::Known(amount) => Some(amount),
            Self::Unknown | Self::Refused(_) => None,
        }
    }

    /// Why there is none, where there is something to say about it.
    #[must_use]
    pub fn reason(self) -> Option<Refusal> {
        match self {
            Self::Refused(why) => Some(why),
            Self::Known(_) | Self::Unknown => None,
        }
    }
}

/// The cash dividend a report adds: its cumulative amount less that of the report before it in
/// the year ([`ReprtCode::before`](super::ReprtCode::before)); the first report's is its own.
///
/// `rows` are what is known of the same share's reports, in any order; those of other years and
/// shares are passed over. A report that contradicts one before it has no increment, and the one
/// after it has none either: which of them is wrong cannot be told.
#[must_use]
pub fn increment<'a>(
    rows: impl IntoIterator<Item = &'a DividendYear>,
    this: &DividendYear,
) -> Increment {
    let of_the_year: Vec<&DividendYear> = rows
        .into_iter()
        .filter(|row| row.ticker == this.ticker && row.fiscal_year == this.fiscal_year)
        .collect();
    beyond(&of_the_year, this)
}

fn beyond(of_the_year: &[&DividendYear], this: &DividendYear) -> Increment {
    let Some(so_far) = this.dps_cash else {
        return Increment::Unknown;
    };
    let Some(report_before) = this.reprt_code.before() else {
        return Increment::Known(so_far);
    };
    let before = of_the_year
        .iter()
        .find(|row| row.reprt_code == report_before)
        .and_then(|row| row.dps_cash.map(|amount| (*row, amount)));
    let pair = [Some(this), before.map(|(row, _)| row)];
    if let Some(strange) = pair.into_iter().flatten().find(|row| !row.is_own()) {
        return Increment::Refused(Refusal::FromAnotherReport {
            reprt_code: strange.reprt_code,
            source_year: strange.source_year,
        });
    }
    let Some((before, already)) = before else {
        return if says_less_than_one_of(of_the_year, this) {
            Increment::Refused(Refusal::LessThanEarlier)
        } else {
            Increment::Unknown
        };
    };
    let refusal = if par_differs(before, this) && !already.is_zero() {
        Some(Refusal::ParChanged)
    } else if so_far < already {
        Some(Refusal::Less)
    } else if says_less_than_one_of(of_the_year, this) {
        Some(Refusal::LessThanEarlier)
    } else if beyond(of_the_year, before).reason().is_some() {
        Some(Refusal::BeforeInDoubt)
    } else {
        None
    };
    if let Some(why) = refusal {
        return Increment::Refused(why);
    }
    so_far
        .checked_sub(already)
        .map_or(Increment::Unknown, Increment::Known)
}

fn par_differs(one: &DividendYear, other: &DividendYear) -> bool {
    matches!((one.par_value, other.par_value), (Some(then), Some(now)) if then != now)
}

/// Whether a report before this one, in the same shares, states more than it does.
fn says_less_than_one_of(of_the_year: &[&DividendYear], this: &DividendYear) -> bool {
    of_the_year.iter().any(|row| {
        row.reprt_code < this.reprt_code && !par_differs(row, this) && row.dps_cash > this.dps_cash
    })
}

#[cfg(test)]
mod tests {
    use super::{Increment, increment};
    use crate::domain::{DividendYear, FiscalYear, Note, Outcome, ReprtCode, Won};
    use ReprtCode::{Annual, Half, Q1, Q3};

    fn report(reprt_code: ReprtCode, dps: Option<i64>) -> DividendYear {
        let year = FiscalYear::new(2024).unwrap();
        let none = DividendYear::no_report(
            "005930".parse().unwrap(),
            "00126380".parse().unwrap(),
            year,
            reprt_code,
            year,
        );
        DividendYear {
            outcome: match dps {
                Some(0) => Outcome::NoDividend,
                Some(_) => Outcome::Paid,
                None => Outcome::NotStated,
            },
            dps_cash: dps.map(Won::from),
            ..none
        }
    }

    fn with_par(year: DividendYear, par: i64) -> DividendYear {
        DividendYear {
            par_value: Some(Won::from(par)),
            ..year
        }
    }

    /// What the last of these reports adds.
    fn last_of(reports: &[DividendYear]) -> Increment {
        increment(reports, reports.last().unwrap())
    }

    fn added(before: (ReprtCode, Option<i64>), this: (ReprtCode, Option<i64>)) -> Increment {
        last_of(&[report(before.0, before.1), report(this.0, this.1)])
    }

    fn known(won: i64) -> Increment {
        Increment::Known(Won::from(won))
    }

    fn why(increment: Increment) -> String {
        assert_eq!(increment.amount(), None);
        increment
            .reason()
            .map(|why| Note::NoIncrement(why).to_string())
            .unwrap_or_default()
    }

    #[test]
    fn a_report_adds_what_it_states_beyond_the_one_before_it() {
        assert_eq!(last_of(&[report(Q1, Some(361))]), known(361));
        assert_eq!(added((Q1, Some(361)), (Half, Some(722))), known(361));
        assert_eq!(added((Half, Some(722)), (Q3, Some(722))), known(0));
        assert_eq!(added((Q3, Some(0)), (Annual, Some(1446))), known(1446));
        let year = [(Q1, 100), (Half, 250), (Q3, 250), (Annual, 600)]
            .map(|(of, so_far)| report(of, Some(so_far)));
        let adds: Vec<Increment> = year.iter().map(|this| increment(&year, this)).collect();
        assert_eq!(adds, [100, 150, 0, 350].map(known));
    }

    #[test]
    fn nothing_is_spread_over_a_report_that_is_not_there_or_states_nothing() {
        assert_eq!(last_of(&[report(Half, Some(722))]), Increment::Unknown);
        for (before, this) in [
            ((Q1, None), (Half, Some(722))),
            ((Half, Some(722)), (Q3, None)),
            // Not the one before it.
            ((Half, Some(722)), (Annual, Some(1446))),
        ] {
            assert_eq!(
                added(before, this),
                Increment::Unknown,
                "{before:?} {this:?}"
            );
        }
        let other_year = DividendYear {
            fiscal_year: FiscalYear::new(2023).unwrap(),
            ..report(Q3, Some(1083))
        };
        let other_share = DividendYear {
            ticker: "005935".parse().unwrap(),
            ..report(Q3, Some(1083))
        };
        let annual = report(Annual, Some(1446));
        assert_eq!(
            increment([&other_year, &other_share], &annual),
            Increment::Unknown
        );
    }

    #[test]
    fn reports_that_contradict_each_other_have_no_increment_but_a_reason() {
        assert_eq!(
            why(added((Q1, Some(361)), (Half, Some(300)))),
            "less than the report before it states"
        );
        // Shares were put together in between: 90 won more, or 50, depends on what Q1's are now.
        let first = |dps| with_par(report(Q1, Some(dps)), 100);
        let half = with_par(report(Half, Some(100)), 500);
        assert_eq!(
            why(last_of(&[first(10), half.clone()])),
            "the par value differs from the report before it"
        );
        assert_eq!(last_of(&[first(0), half]), known(100));
    }

    #[test]
    fn after_a_contradiction_the_rest_of_the_year_is_left_open() {
        let dash_in_q3 = [(Q1, 100), (Half, 300), (Q3, 0), (Annual, 1_010)]
            .map(|(of, so_far)| report(of, Some(so_far)));
        let adds = dash_in_q3
            .each_ref()
            .map(|this| increment(&dash_in_q3, this));
        assert_eq!(adds[..2], [known(100), known(200)]);
        assert_eq!(why(adds[2]), "less than the report before it states");
        assert_eq!(
            why(adds[3]),
            "the report before it does not go together with those before that one"
        );
        // Also where the one in between states nothing.
        let gap = [
            report(Q1, Some(100)),
            report(Half, None),
            report(Q3, Some(50)),
            report(Annual, Some(200)),
        ];
        let adds = gap.each_ref().map(|this| increment(&gap, this));
        assert_eq!(adds[1], Increment::Unknown);
        assert_eq!(
            why(adds[2]),
            "less than an earlier report of the year states"
        );
        assert_ne!(why(adds[3]), "");
        // Other shares are no measure.
        let split = [
            with_par(report(Q1, Some(5_000)), 5_000),
            with_par(report(Half, None), 100),
            with_par(report(Q3, Some(150)), 100),
            with_par(report(Annual, Some(200)), 100),
        ];
        assert_eq!(last_of(&split), known(50));
    }

    #[test]
    fn a_figure_of_another_report_is_not_held_against_the_years_own() {
        let of_2025 = DividendYear {
            source_year: FiscalYear::new(2025).unwrap(),
            ..report(Annual, Some(1_010))
        };
        let words = "the annual figure is from the 2025 report";
        assert_eq!(
            why(last_of(&[report(Q3, Some(300)), of_2025.clone()])),
            words
        );
        assert_eq!(why(last_of(&[of_2025])), words);
    }
}
