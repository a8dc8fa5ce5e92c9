//! How long an answer is believed.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};

use super::{FiscalYear, Outcome, ReprtCode, kst_date};

/// When an answer has to be asked for again; `None` for never.
///
/// What a report says stays, unless it was [read early](read_early): then for seven days. `settled` is
/// its latest settlement date.
/// `NO_REPORT` says "not yet" before the report of `source_year` is due
/// (one day), "late" within a year after (seven days), "hardly ever" within two (90 days), and
/// "never" later.
#[must_use]
pub fn expires_at(
    outcome: Outcome,
    source_year: FiscalYear,
    reprt_code: ReprtCode,
    fetched_at: DateTime<Utc>,
    settled: Option<NaiveDate>,
) -> Option<DateTime<Utc>> {
    if outcome != Outcome::NoReport {
        return read_early(source_year, reprt_code, fetched_at, settled)
            .map(|_| fetched_at + TimeDelta::days(7));
    }
    let due = reprt_code.due(source_year);
    let today = kst_date(fetched_at);
    let days = if today <= due {
        1
    } else if due
        .checked_add_months(Months::new(12))
        .is_some_and(|day| today <= day)
    {
        7
    } else if due
        .checked_add_months(Months::new(24))
        .is_some_and(|day| today <= day)
    {
        90
    } else {
        return None;
    };
    Some(fetched_at + TimeDelta::days(days))
}

/// When a report is due whose answer was given no later than that day (KST) and may be half of the
/// year; `None` for others.
///
/// A REIT that closes its books twice a year files twice under one year, and its dividend is the
/// sum. What is `settled` on the year's last day (`stlm_dt`; the latest where several) has nothing
/// behind it, and interim answers cover one period.
#[must_use]
pub fn read_early(
    source_year: FiscalYear,
    reprt_code: ReprtCode,
    fetched_at: DateTime<Utc>,
    settled: Option<NaiveDate>,
) -> Option<NaiveDate> {
    let due = reprt_code.due(source_year);
    let last_day = NaiveDate::from_ymd_opt(i32::from(source_year.get()), 12, 31);
    let is_whole = settled.is_some() && settled == last_day;
    (reprt_code == ReprtCode::Annual && kst_date(fetched_at) <= due && !is_whole).then_some(due)
}

#[cfg(test)]
mod tests {
    use super::{expires_at, read_early};
    use crate::domain::{FiscalYear, Outcome, ReprtCode};
    use chrono::{DateTime, NaiveDate, Utc};

    #[test]
    fn no_report_is_trusted_longer_the_later_it_was_given() {
        let year = FiscalYear::new(2025).unwrap();
        let days = |said: &str| {
            let said: DateTime<Utc> = said.parse().unwrap();
            expires_at(Outcome::NoReport, year, ReprtCode::Annual, said, None)
                .map(|until| (until - said).num_days())
        };
        assert_eq!(days("2026-01-15T00:00:00Z"), Some(1));
        assert_eq!(
            days("2026-03-31T14:59:59Z"),
            Some(1),
            "still the due day in Korea"
        );
        assert_eq!(
            days("2026-03-31T15:00:00Z"),
            Some(7),
            "the day after in Korea"
        );
        assert_eq!(days("2027-03-30T00:00:00Z"), Some(7));
        assert_eq!(days("2027-04-01T00:00:00Z"), Some(90));
        assert_eq!(days("2028-04-01T00:00:00Z"), None);
    }

    #[test]
    fn what_a_report_says_stays_once_it_was_due() {
        let year = FiscalYear::new(2025).unwrap();
        for outcome in [Outcome::Paid, Outcome::NoDividend, Outcome::NotStated] {
            let days = |reprt_code, said: &str| {
                let said: DateTime<Utc> = said.parse().unwrap();
                let settled = NaiveDate::from_ymd_opt(2025, 6, 30);
                expires_at(outcome, year, reprt_code, said, settled)
                    .map(|until| (until - said).num_days())
            };
            let annual = |said| days(ReprtCode::Annual, said);
            assert_eq!(annual("2025-10-01T00:00:00Z"), Some(7));
            assert_eq!(annual("2026-03-31T14:59:59Z"), Some(7), "the due day");
            assert_eq!(annual("2026-03-31T15:00:00Z"), None, "the day after");
            assert_eq!(days(ReprtCode::Half, "2025-08-01T00:00:00Z"), None);
        }
    }

    #[test]
    fn what_is_settled_on_the_year_s_last_day_stays_however_early_it_was_read() {
        let year = FiscalYear::new(2025).unwrap();
        let said: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        let early = |settled: &str| read_early(year, ReprtCode::Annual, said, settled.parse().ok());
        assert_eq!(early("2025-12-31"), None);
        assert!(early("2025-06-30").is_some());
        assert!(early("2024-12-31").is_some());
        assert!(early("undated").is_some());
    }
}
