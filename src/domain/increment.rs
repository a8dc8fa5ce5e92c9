use super::{DividendYear, Won};

/// What a report adds to the one before it in the same fiscal year, whose amounts it includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Increment {
    /// So many won per share, 0 or more.
    Known(Won),
    /// One of the two amounts is not there: nothing is spread over what lies between.
    Unknown,
    /// The two do not go together, for this reason.
    Refused(&'static str),
}

impl Increment {
    /// The amount, won per share, where it can be vouched for.
    #[must_use]
    pub fn amount(self) -> Option<Won> {
        match self {
            Self::Known(amount) => Some(amount),
            Self::Unknown | Self::Refused(_) => None,
        }
    }

    /// Why there is none, where there is something to say about it.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Refused(why) => Some(why),
            Self::Known(_) | Self::Unknown => None,
        }
    }
}

/// The cash dividend a report adds: its cumulative amount less that of the report before it in
/// the year ([`ReprtCode::before`](super::ReprtCode::before)); the first report's is its own.
///
/// `before` is that report of the same share and year, where it is known.
#[must_use]
pub fn increment(before: Option<&DividendYear>, this: &DividendYear) -> Increment {
    let Some(so_far) = this.dps_cash else {
        return Increment::Unknown;
    };
    let Some(report_before) = this.reprt_code.before() else {
        return Increment::Known(so_far);
    };
    let is_the_one = |year: &&DividendYear| {
        year.ticker == this.ticker
            && year.fiscal_year == this.fiscal_year
            && year.reprt_code == report_before
    };
    let Some((before, already)) = before
        .filter(is_the_one)
        .and_then(|year| year.dps_cash.map(|amount| (year, amount)))
    else {
        return Increment::Unknown;
    };
    if let (Some(then), Some(now)) = (before.par_value, this.par_value)
        && then != now
        && !already.is_zero()
    {
        return Increment::Refused("the par value differs from the report before it");
    }
    match so_far.checked_sub(already) {
        Some(added) if added < Won::ZERO => {
            Increment::Refused("less than the report before it states")
        }
        Some(added) => Increment::Known(added),
        None => Increment::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Increment, increment};
    use crate::domain::{DividendYear, FiscalYear, Outcome, ReprtCode, Won};

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

    fn added(before: (ReprtCode, Option<i64>), this: (ReprtCode, Option<i64>)) -> Increment {
        increment(Some(&report(before.0, before.1)), &report(this.0, this.1))
    }

    fn known(won: i64) -> Increment {
        Increment::Known(Won::from(won))
    }

    #[test]
    fn a_report_adds_what_it_states_beyond_the_one_before_it() {
        use ReprtCode::{Annual, Half, Q1, Q3};

        assert_eq!(increment(None, &report(Q1, Some(361))), known(361));
        assert_eq!(added((Q1, Some(361)), (Half, Some(722))), known(361));
        assert_eq!(added((Half, Some(722)), (Q3, Some(722))), known(0));
        assert_eq!(added((Q3, Some(0)), (Annual, Some(1446))), known(1446));
    }

    #[test]
    fn nothing_is_spread_over_a_report_that_is_not_there_or_states_nothing() {
        use ReprtCode::{Annual, Half, Q1, Q3};

        assert_eq!(
            increment(None, &report(Half, Some(722))),
            Increment::Unknown
        );
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
        let annual = report(Annual, Some(1446));
        assert_eq!(increment(Some(&other_year), &annual), Increment::Unknown);
    }

    #[test]
    fn reports_that_contradict_each_other_have_no_increment_but_a_reason() {
        use ReprtCode::{Half, Q1};

        let less = added((Q1, Some(361)), (Half, Some(300)));
        assert_eq!(less.amount(), None);
        assert_eq!(less.reason(), Some("less than the report before it states"));
        // Shares were put together in between: 90 won more, or 50, depends on what Q1's are now.
        let with_par = |year, par: i64| DividendYear {
            par_value: Some(Won::from(par)),
            ..year
        };
        let first = |dps| with_par(report(Q1, Some(dps)), 100);
        let half = with_par(report(Half, Some(100)), 500);
        assert!(increment(Some(&first(10)), &half).reason().is_some());
        assert_eq!(increment(Some(&first(0)), &half), known(100));
    }
}
