//! DART's day begins at 00:00 in Seoul; the database keeps UTC.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};

const KST_AHEAD_OF_UTC: TimeDelta = TimeDelta::hours(9);

/// The day it is in Korea (KST, UTC+9, no daylight saving).
#[must_use]
pub fn kst_date(now: DateTime<Utc>) -> NaiveDate {
    (now + KST_AHEAD_OF_UTC).date_naive()
}

/// The calendar year it is in Korea (KST).
#[must_use]
pub fn kst_year(now: DateTime<Utc>) -> u16 {
    u16::try_from(kst_date(now).year()).unwrap_or_default()
}

/// The next 00:00 KST after `now`, in UTC: when a day's limit of calls resets.
#[must_use]
pub fn next_kst_midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = kst_date(now)
        .checked_add_days(Days::new(1))
        .unwrap_or(NaiveDate::MAX);
    tomorrow.and_time(chrono::NaiveTime::MIN).and_utc() - KST_AHEAD_OF_UTC
}

#[cfg(test)]
mod tests {
    use super::{kst_date, kst_year, next_kst_midnight};
    use chrono::{DateTime, Utc};

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_turns_at_three_in_the_afternoon_utc() {
        assert_eq!(
            kst_date(utc("2026-11-23T14:59:59Z")).to_string(),
            "2026-11-23"
        );
        assert_eq!(
            kst_date(utc("2026-11-23T15:00:00Z")).to_string(),
            "2026-11-24"
        );
        assert_eq!(kst_year(utc("2026-12-31T15:00:00Z")), 2027);
    }

    #[test]
    fn the_limit_resets_at_the_next_midnight_in_seoul() {
        assert_eq!(
            next_kst_midnight(utc("2026-11-23T14:59:59Z")),
            utc("2026-11-23T15:00:00Z")
        );
        assert_eq!(
            next_kst_midnight(utc("2026-11-23T15:00:00Z")),
            utc("2026-11-24T15:00:00Z")
        );
    }
}
