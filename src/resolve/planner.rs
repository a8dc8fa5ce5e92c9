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
use crate::domain::{FiscalYear, Outcome, ReprtCode};

/// How reports are chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReportPlanner {
    pub(crate) plan: Plan,
    pub(crate) reprt_code: ReprtCode,
    /// The day it is in Korea: a report that is not due speaks for no other year.
    pub(crate) today: NaiveDate,
}

/// A year that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MissingYear {
    pub(crate) year: FiscalYear,
    /// Whether its own report alone will do, whatever the plan: a later one cannot replace what its
    /// own has stated, and the latest years may be asked for by their own.
    pub(crate) by_own: bool,
}

/// A report to be read, and the years it is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedReport {
    pub(crate) source_year: FiscalYear,
    /// Descending; the report's own years first.
    pub(crate) years: Vec<FiscalYear>,
}

/// The report that states a year under plan *own*: its own. Only the annual one of 2015 also
/// speaks for the years before it.
pub(crate) fn source_report(year: FiscalYear, reprt_code: ReprtCode) -> FiscalYear {
    match reprt_code {
        ReprtCode::Annual => year.own_source(),
        _ => year,
    }
}

/// Whether two years of a share are planned together: under plan *own* those that one report
/// answers, under plan *window* all, since which reports are read depends on all that is missing.
pub(crate) fn goes_with(
    plan: Plan,
    reprt_code: ReprtCode,
    one: FiscalYear,
    other: FiscalYear,
) -> bool {
    plan == Plan::Window || source_report(one, reprt_code) == source_report(other, reprt_code)
}

impl ReportPlanner {
    /// Whether a year's row was read from its own report.
    pub(crate) fn is_of_own(&self, year: FiscalYear, source_year: FiscalYear) -> bool {
        source_report(year, self.reprt_code) == source_year
    }

    /// A missing year; `cached` is its row's source year and outcome, where it has one, and
    /// `is_rechecked` whether it is to be asked for by its own report.
    pub(crate) fn missing(
        &self,
        year: FiscalYear,
        cached: Option<(FiscalYear, Outcome)>,
        is_rechecked: bool,
    ) -> MissingYear {
        let has_own = cached.is_some_and(|(source_year, outcome)| {
            self.is_of_own(year, source_year) && outcome != Outcome::NoReport
        });
        let by_own = has_own || is_rechecked;
        MissingYear { year, by_own }
    }

    /// Years of a share in the groups that are planned together.
    pub(crate) fn groups(&self, first: FiscalYear, last: FiscalYear) -> Vec<Vec<FiscalYear>> {
        let years: Vec<FiscalYear> = first.through(last).collect();
        years
            .chunk_by(|one, other| goes_with(self.plan, self.reprt_code, *one, *other))
            .map(<[FiscalYear]>::to_vec)
            .collect()
    }

    /// The report to be read next, and the missing years it states; `None` where nothing is missing.
    pub(crate) fn next(&self, missing: &[MissingYear]) -> Option<PlannedReport> {
        let years = missing.iter().map(|wanted| wanted.year);
        let year = match self.plan {
            // In any order; people read years ascending.
            Plan::Own => years.min()?,
            Plan::Window => years.max()?,
        };
        Some(self.choice(source_report(year, self.reprt_code), missing))
    }

    /// What a report is read for.
    pub(crate) fn choice(&self, source_year: FiscalYear, missing: &[MissingYear]) -> PlannedReport {
        let is_its = |wanted: &&MissingYear| self.may_state(source_year, **wanted);
        let years = missing.iter().filter(is_its).map(|wanted| wanted.year);
        let mut years: Vec<FiscalYear> = years.collect();
        years.sort_unstable_by(|one, other| other.cmp(one));
        PlannedReport { source_year, years }
    }

    /// The years of a choice that its report settles also where it states no other year; none where
    /// it is a later report.
    pub(crate) fn own_years(&self, choice: &PlannedReport) -> Vec<FiscalYear> {
        let is_own = |year: &FiscalYear| self.is_of_own(*year, choice.source_year);
        choice.years.iter().copied().filter(is_own).collect()
    }

    /// Later reports that may state the latest missing year, were they stored already; the nearest
    /// first.
    pub(crate) fn later_reports(&self, missing: &[MissingYear]) -> Vec<FiscalYear> {
        let Some(latest) = missing.iter().max_by_key(|wanted| wanted.year) else {
            return Vec::new();
        };
        let own = source_report(latest.year, self.reprt_code);
        [1, 2]
            .into_iter()
            .filter_map(|ahead| FiscalYear::new(latest.year.get() + ahead).ok())
            .filter(|source_year| *source_year != own && self.may_state(*source_year, *latest))
            .collect()
    }

    /// Whether a year may be read from a report.
    fn may_state(&self, source_year: FiscalYear, wanted: MissingYear) -> bool {
        let MissingYear { year, by_own } = wanted;
        if self.is_of_own(year, source_year) {
            return true;
        }
        let ahead = source_year.get().checked_sub(year.get());
        self.plan == Plan::Window
            && self.reprt_code == ReprtCode::Annual
            && !by_own
            && matches!(ahead, Some(1 | 2))
            // 2013 and 2014 come from the 2015 report under either plan.
            && year >= FiscalYear::FIRST_REPORT
            && self.today > self.reprt_code.due(source_year)
    }

    /// The reports that are read for what is missing, if every one of them exists and covers a
    /// whole year.
    pub(crate) fn fewest_reports(&self, missing: &[MissingYear]) -> Vec<FiscalYear> {
        let mut left = missing.to_vec();
        let mut reports = Vec::new();
        while let Some(choice) = self.next(&left) {
            left.retain(|wanted| !choice.years.contains(&wanted.year));
            reports.push(choice.source_year);
        }
        reports
    }
}

#[cfg(test)]
mod tests {
    use super::{MissingYear, ReportPlanner, source_report};
    use crate::domain::job::Plan;
    use crate::domain::{FiscalYear, ReprtCode};
    use chrono::NaiveDate;

    fn year(number: u16) -> FiscalYear {
        FiscalYear::new(number).unwrap()
    }

    fn wanted(year: FiscalYear) -> MissingYear {
        let by_own = false;
        MissingYear { year, by_own }
    }

    fn years(first: u16, last: u16) -> Vec<MissingYear> {
        year(first).through(year(last)).map(wanted).collect()
    }

    /// In June 2026, when the reports of 2025 are there.
    fn planner(plan: Plan) -> ReportPlanner {
        ReportPlanner {
            plan,
            reprt_code: ReprtCode::Annual,
            today: NaiveDate::from_ymd_opt(2026, 6, 1).unwrap(),
        }
    }

    fn reports(planner: ReportPlanner, missing: &[MissingYear]) -> Vec<u16> {
        let reports = planner.fewest_reports(missing);
        reports.into_iter().map(FiscalYear::get).collect()
    }

    #[test]
    fn four_reports_hold_eleven_years_and_under_plan_own_eleven() {
        let missing = years(2015, 2025);
        assert_eq!(
            reports(planner(Plan::Window), &missing),
            [2025, 2022, 2019, 2016]
        );
        assert_eq!(reports(planner(Plan::Own), &missing).len(), 11);
    }

    #[test]
    fn what_is_cached_moves_the_reports_to_where_they_hold_most() {
        let missing = [2015, 2016, 2019, 2021, 2023].map(year).map(wanted);
        assert_eq!(reports(planner(Plan::Window), &missing), [2023, 2019, 2016]);
        assert_eq!(reports(planner(Plan::Window), &[]), [] as [u16; 0]);
    }

    #[test]
    fn a_report_that_states_no_other_year_leaves_the_year_before_to_be_next() {
        let window = planner(Plan::Window);
        let mut left = years(2015, 2025);
        let choice = window.next(&left).unwrap();
        assert_eq!(choice.years, [2025, 2024, 2023].map(year));
        assert_eq!(window.own_years(&choice), [year(2025)]);
        left.retain(|one| one.year != year(2025));
        assert_eq!(
            window.next(&left).unwrap().years,
            [2024, 2023, 2022].map(year)
        );
    }

    #[test]
    fn the_years_before_the_first_report_come_from_it_under_either_plan() {
        let missing = years(2013, 2016);
        assert_eq!(reports(planner(Plan::Own), &missing), [2015, 2016]);
        assert_eq!(reports(planner(Plan::Window), &missing), [2016, 2015]);
        let choice = planner(Plan::Own).next(&years(2013, 2015)).unwrap();
        assert_eq!(choice.years, [2015, 2014, 2013].map(year));
        assert_eq!(planner(Plan::Own).own_years(&choice).len(), 3);
    }

    #[test]
    fn a_report_that_is_not_due_speaks_for_its_own_year_alone() {
        let missing = years(2024, 2027);
        assert_eq!(reports(planner(Plan::Window), &missing), [2027, 2026, 2025]);
        let choice = planner(Plan::Window).next(&years(2024, 2026)).unwrap();
        assert_eq!(choice.years, [year(2026)]);
    }

    #[test]
    fn years_that_their_own_report_alone_can_settle_are_read_from_it() {
        let window = planner(Plan::Window);
        let by_own_from = |from: u16, first, last| -> Vec<MissingYear> {
            let of = |wanted: MissingYear| MissingYear {
                by_own: wanted.year >= year(from),
                ..wanted
            };
            years(first, last).into_iter().map(of).collect()
        };
        assert_eq!(
            reports(window, &by_own_from(2023, 2020, 2025)),
            [2025, 2024, 2023, 2020]
        );
        let choice = window.next(&by_own_from(2023, 2020, 2024)).unwrap();
        assert_eq!(choice.years, [2024, 2022].map(year));
        assert_eq!(window.later_reports(&by_own_from(2023, 2020, 2023)), []);
    }

    #[test]
    fn a_stored_report_of_one_or_two_years_later_may_state_the_latest_missing_year() {
        let later = |plan, latest| -> Vec<u16> {
            let later = planner(plan).later_reports(&years(2013, latest));
            later.into_iter().map(FiscalYear::get).collect()
        };
        assert_eq!(later(Plan::Window, 2022), [2023, 2024]);
        assert_eq!(later(Plan::Window, 2024), [2025]);
        assert_eq!(later(Plan::Window, 2014), [] as [u16; 0]);
        assert_eq!(later(Plan::Own, 2022), [] as [u16; 0]);
    }

    #[test]
    fn interim_reports_speak_for_their_own_year_alone() {
        let half = ReportPlanner {
            reprt_code: ReprtCode::Half,
            ..planner(Plan::Window)
        };
        assert_eq!(reports(half, &years(2013, 2016)), [2016, 2015, 2014, 2013]);
        assert_eq!(source_report(year(2013), ReprtCode::Half), year(2013));
    }
}
