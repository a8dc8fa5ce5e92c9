//! Which report is read next: the fewest calls for what is missing. Pure.
//!
//! Under plan *own* each year is read from its own report. Under plan *window* the report of the
//! latest missing year is read for that year and the two before it, then the report of the latest
//! year still missing, and so on: four reports for 2015 to 2025. A report that does not exist (013)
//! or that covers part of a year settles its own year alone, and the year before is next. What is
//! read next depends on nothing but what is missing, so that it does not matter how often a job was
//! cut off.

use chrono::NaiveDate;

use crate::domain::job::Plan;
use crate::domain::{FiscalYear, ReprtCode};

/// How reports are chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chooser {
    pub(crate) plan: Plan,
    pub(crate) reprt_code: ReprtCode,
    /// Years from this one on are read from their own reports, whatever the plan: those to be
    /// rechecked.
    pub(crate) own_from: Option<FiscalYear>,
    /// The day it is in Korea: a report that is not due speaks for no other year.
    pub(crate) today: NaiveDate,
}

/// A report to be read, and the years it is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) source_year: FiscalYear,
    /// Descending; the report's own years first.
    pub(crate) years: Vec<FiscalYear>,
}

/// The report that states a year under plan *own*: its own. Only the annual one of 2015 also
/// speaks for the years before it.
pub(crate) fn own_report(year: FiscalYear, reprt_code: ReprtCode) -> FiscalYear {
    match reprt_code {
        ReprtCode::Annual => year.own_source(),
        _ => year,
    }
}

impl Chooser {
    /// The report to be read next, and the missing years it states; `None` where nothing is missing.
    pub(crate) fn next(&self, missing: &[FiscalYear]) -> Option<Choice> {
        let year = match self.plan {
            // In any order; people read years ascending.
            Plan::Own => missing.iter().min()?,
            Plan::Window => missing.iter().max()?,
        };
        let source_year = own_report(*year, self.reprt_code);
        Some(self.choice(source_year, missing))
    }

    /// What a report is read for.
    pub(crate) fn choice(&self, source_year: FiscalYear, missing: &[FiscalYear]) -> Choice {
        let is_its = |year: &FiscalYear| self.may_state(source_year, *year);
        let mut years: Vec<FiscalYear> = missing.iter().copied().filter(is_its).collect();
        years.sort_unstable_by(|one, other| other.cmp(one));
        Choice { source_year, years }
    }

    /// The years of a choice that its report settles also where it states no other year.
    pub(crate) fn own_years(&self, choice: &Choice) -> Vec<FiscalYear> {
        let is_own = |year: &FiscalYear| own_report(*year, self.reprt_code) == choice.source_year;
        choice.years.iter().copied().filter(is_own).collect()
    }

    /// Later reports that may state the latest missing year, were they stored already; the nearest
    /// first.
    pub(crate) fn later_reports(&self, missing: &[FiscalYear]) -> Vec<FiscalYear> {
        let Some(latest) = missing.iter().max() else {
            return Vec::new();
        };
        let own = own_report(*latest, self.reprt_code);
        [1, 2]
            .into_iter()
            .filter_map(|ahead| FiscalYear::new(latest.get() + ahead).ok())
            .filter(|source_year| *source_year != own)
            .filter(|source_year| self.may_state(*source_year, *latest))
            .collect()
    }

    /// Whether a year may be read from a report.
    fn may_state(&self, source_year: FiscalYear, year: FiscalYear) -> bool {
        if own_report(year, self.reprt_code) == source_year {
            return true;
        }
        let ahead = source_year.get().checked_sub(year.get());
        self.plan == Plan::Window
            && self.reprt_code == ReprtCode::Annual
            && matches!(ahead, Some(1 | 2))
            // 2013 and 2014 come from the 2015 report under either plan.
            && year >= FiscalYear::FIRST_REPORT
            && self.own_from.is_none_or(|from| year < from)
            && self.today > self.reprt_code.due(source_year)
    }

    /// How many reports are read for what is missing, if every one of them exists and covers a
    /// whole year.
    pub(crate) fn fewest_reports(&self, missing: &[FiscalYear]) -> Vec<FiscalYear> {
        let mut left = missing.to_vec();
        let mut reports = Vec::new();
        while let Some(choice) = self.next(&left) {
            left.retain(|year| !choice.years.contains(year));
            reports.push(choice.source_year);
        }
        reports
    }
}

#[cfg(test)]
mod tests {
    use super::{Chooser, own_report};
    use crate::domain::job::Plan;
    use crate::domain::{FiscalYear, ReprtCode};
    use chrono::NaiveDate;

    fn year(number: u16) -> FiscalYear {
        FiscalYear::new(number).unwrap()
    }

    fn years(first: u16, last: u16) -> Vec<FiscalYear> {
        year(first).through(year(last)).collect()
    }

    /// In June 2026, when the reports of 2025 are there.
    fn chooser(plan: Plan) -> Chooser {
        Chooser {
            plan,
            reprt_code: ReprtCode::Annual,
            own_from: None,
            today: NaiveDate::from_ymd_opt(2026, 6, 1).unwrap(),
        }
    }

    fn reports(chooser: Chooser, missing: &[FiscalYear]) -> Vec<u16> {
        let reports = chooser.fewest_reports(missing);
        reports.into_iter().map(FiscalYear::get).collect()
    }

    #[test]
    fn four_reports_hold_eleven_years_and_under_plan_own_eleven() {
        let missing = years(2015, 2025);
        assert_eq!(
            reports(chooser(Plan::Window), &missing),
            [2025, 2022, 2019, 2016]
        );
        assert_eq!(reports(chooser(Plan::Own), &missing).len(), 11);
    }

    #[test]
    fn what_is_cached_moves_the_reports_to_where_they_hold_most() {
        let missing = [2015, 2016, 2019, 2021, 2023].map(year);
        assert_eq!(reports(chooser(Plan::Window), &missing), [2023, 2019, 2016]);
        assert_eq!(reports(chooser(Plan::Window), &[]), [] as [u16; 0]);
    }

    #[test]
    fn a_report_that_states_no_other_year_leaves_the_year_before_to_be_next() {
        let window = chooser(Plan::Window);
        let mut left = years(2015, 2025);
        let choice = window.next(&left).unwrap();
        assert_eq!(choice.years, [2025, 2024, 2023].map(year));
        assert_eq!(window.own_years(&choice), [year(2025)]);
        left.retain(|one| *one != year(2025));
        assert_eq!(
            window.next(&left).unwrap().years,
            [2024, 2023, 2022].map(year)
        );
    }

    #[test]
    fn the_years_before_the_first_report_come_from_it_under_either_plan() {
        let missing = years(2013, 2016);
        assert_eq!(reports(chooser(Plan::Own), &missing), [2015, 2016]);
        assert_eq!(reports(chooser(Plan::Window), &missing), [2016, 2015]);
        let choice = chooser(Plan::Own).next(&years(2013, 2015)).unwrap();
        assert_eq!(choice.years, [2015, 2014, 2013].map(year));
        assert_eq!(chooser(Plan::Own).own_years(&choice).len(), 3);
    }

    #[test]
    fn a_report_that_is_not_due_speaks_for_its_own_year_alone() {
        let missing = years(2024, 2027);
        assert_eq!(reports(chooser(Plan::Window), &missing), [2027, 2026, 2025]);
        let choice = chooser(Plan::Window).next(&years(2024, 2026)).unwrap();
        assert_eq!(choice.years, [year(2026)]);
    }

    #[test]
    fn years_to_be_rechecked_are_read_from_their_own_reports() {
        let rechecking = Chooser {
            own_from: Some(year(2023)),
            ..chooser(Plan::Window)
        };
        assert_eq!(
            reports(rechecking, &years(2020, 2025)),
            [2025, 2024, 2023, 2020]
        );
        let choice = rechecking.next(&years(2020, 2024)).unwrap();
        assert_eq!(choice.years, [2024, 2022].map(year));
    }

    #[test]
    fn a_stored_report_of_one_or_two_years_later_may_state_the_latest_missing_year() {
        let later = |plan, latest| -> Vec<u16> {
            let later = chooser(plan).later_reports(&years(2013, latest));
            later.into_iter().map(FiscalYear::get).collect()
        };
        assert_eq!(later(Plan::Window, 2022), [2023, 2024]);
        assert_eq!(later(Plan::Window, 2024), [2025]);
        assert_eq!(later(Plan::Window, 2014), [] as [u16; 0]);
        assert_eq!(later(Plan::Own, 2022), [] as [u16; 0]);
    }

    #[test]
    fn interim_reports_speak_for_their_own_year_alone() {
        let half = Chooser {
            reprt_code: ReprtCode::Half,
            ..chooser(Plan::Window)
        };
        assert_eq!(reports(half, &years(2013, 2016)), [2016, 2015, 2014, 2013]);
        assert_eq!(own_report(year(2013), ReprtCode::Half), year(2013));
    }
}
