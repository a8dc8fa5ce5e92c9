//! How long an answer is believed.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};

use super::{FiscalYear, Outcome, ReprtCode, kst_date};

/// When an answer has to be asked for again; `None` for never.
///
/// What a report says stays, unless it was [read early](read_early): then for seven days.
/// `NO_REPORT` says "not yet" before the report of `source_year` is due
/// (one day), "late" within a year after (seven days), "hardly ever" within two (90 days), and
/// "never" later.
#[must_use]
pub fn expires_at(
    outcome: Outcome,
    source_year: FiscalYear,
    reprt_code: ReprtCode,
    fetched_at: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if outcome != Outcome::NoReport {
        return read_early(source_year, reprt_code, fetched_at)
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

/// When a report is due whose answer was given no later than that day (KST); `None` for others.
///
/// An annual answer of before then may be half of the year: a REIT that closes its books twice a
/// year files twice under one year, and its dividend is the sum. Interim answers cover one period.
#[must_use]
pub fn read_early(
    source_year: FiscalYear,
    reprt_code: ReprtCode,
    fetched_at: DateTime<Utc>,
) -> Option<NaiveDate> {
    let due = reprt_code.due(source_year);
    (reprt_code == ReprtCode::Annual && kst_date(fetched_at) <= due).then_some(due)
}

#[cfg(test)]
mod tests {
    use super::expires_at;
    use crate::domain::{FiscalYear, Outcome, ReprtCode};
    use chrono::{DateTime, Utc};

    #[test]
    fn no_report_is_believed_the_longer_the_later_it_is_said() {
        let year = FiscalYear::new(2025).unwrap();
        let days = |said: &str| {
            let said: DateTime<Utc> = said.parse().unwrap();
            expires_at(Outcome::NoReport, year, ReprtCode::Annual, said)
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
                expires_at(outcome, year, reprt_code, said).map(|until| (until - said).num_days())
            };
            let annual = |said| days(ReprtCode::Annual, said);
            assert_eq!(annual("2025-10-01T00:00:00Z"), Some(7));
            assert_eq!(annual("2026-03-31T14:59:59Z"), Some(7), "the due day");
            assert_eq!(annual("2026-03-31T15:00:00Z"), None, "the day after");
            assert_eq!(days(ReprtCode::Half, "2025-08-01T00:00:00Z"), None);
        }
    }
}
