use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, as in `2026-03-01`.
///
/// ```
/// use strata::text::Date;
///
/// let day: Date = "2024-02-29".parse().unwrap();
/// assert!(day < "2024-03-01".parse().unwrap());
/// assert_eq!(day.to_string(), "2024-02-29");
/// assert!("2023-02-29".parse::<Date>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Gives the day of a moment, in seconds since 1970 in UTC; the first or last day that can be
    /// written where it lies beyond.
    ///
    /// The steps are those of Howard Hinnant, *chrono-compatible low-level date algorithms*,
    /// `civil_from_days`: years begin in March, so that a leap day ends one.
    #[must_use]
    pub fn of_unix(seconds: i64) -> Self {
        // 1 January of the year 1, and 31 December 9999.
        let days = seconds.div_euclid(86_400).clamp(-719_162, 2_932_896) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march + 2) / 5 + 1;
        let month = if march < 10 { march + 3 } else { march - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u8::try_from(number).unwrap_or(1);
        Self {
            year: u16::try_from(year).unwrap_or(1),
            month: small(month),
            day: small(day),
        }
    }

    /// Counts the days from another day to this one; negative where that one is later.
    #[must_use]
    pub fn days_since(self, other: Self) -> i64 {
        self.number() - other.number()
    }

    /// Numbers the days (`days_from_civil` of the same source).
    fn number(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let march = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * march + 2) / 5 + i64::from(self.day) - 1;
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no day; write it as in 2026-03-01");
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return Err(wrong());
        }
        let year: u16 = text[..4].parse().map_err(|_| wrong())?;
        let month: u8 = text[5..7].parse().map_err(|_| wrong())?;
        let day: u8 = text[8..].parse().map_err(|_| wrong())?;
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => 0,
        };
        if year == 0 || day == 0 || day > last {
            return Err(wrong());
        }
        Ok(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl serde::Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn moments_have_days() {
        let of = |seconds| Date::of_unix(seconds).to_string();
        assert_eq!(of(0), "1970-01-01");
        assert_eq!(of(-1), "1969-12-31");
        assert_eq!(of(951_782_400), "2000-02-29");
        assert_eq!(of(1_772_323_199), "2026-02-28");
        assert_eq!(of(1_772_323_200), "2026-03-01");
        assert_eq!(of(i64::MIN), "0001-01-01");
        assert_eq!(of(i64::MAX), "9999-12-31");
    }

    #[test]
    fn days_follow_one_another() {
        let mut before = day("1896-12-30");
        for number in 0..80_000_i64 {
            let seconds = (number - 26_663) * 86_400;
            let next = Date::of_unix(seconds);
            assert_eq!(next.days_since(before), 1, "{next}");
            assert!(before < next);
            assert_eq!(day(&next.to_string()), next);
            before = next;
        }
    }

    #[test]
    fn what_is_no_day() {
        for text in [
            "",
            "2026-3-1",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "1900-02-29",
            "0000-01-01",
            "2026-01-00",
            "2026/01/01",
            "2026-01-0é",
            "+026-01-01",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!(day("2026-12-25").days_since(day("2026-12-31")), -6);
    }
}
