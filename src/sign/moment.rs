//! Moments as `ssh-keygen(1)` writes them: `YYYYMMDD[HHMM[SS]][Z]`.

use crate::text::Date;

/// A moment in seconds since 1970. Without `Z` it is one of some place on earth, and nobody says
/// which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    seconds: i64,
    is_utc: bool,
}

impl Moment {
    /// Reads a moment; none where the text is none, or names a day that is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (digits, is_utc) = match text.strip_suffix(['Z', 'z']) {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let part =
            |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |it| it.parse().ok());
        let day = format!(
            "{}-{}-{}",
            digits.get(..4)?,
            digits.get(4..6)?,
            digits.get(6..8)?
        );
        let day: Date = day.parse().ok()?;
        let days = day.days_since(Date::of_unix(0));
        let (hour, minute, second): (i64, i64, i64) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
        if days < 0 || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
        Some(Self { seconds, is_utc })
    }

    /// The latest moment that may be meant: where the day begins last.
    pub(super) fn latest(self) -> i64 {
        self.seconds + if self.is_utc { 0 } else { 12 * 3_600 }
    }

    /// The earliest moment that may be meant: where the day begins first.
    pub(super) fn earliest(self) -> i64 {
        self.seconds - if self.is_utc { 0 } else { 14 * 3_600 }
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn moments_are_read_with_and_without_a_time() {
        let at = |text: &str| Moment::read(text).unwrap();
        assert_eq!(at("19700101Z").latest(), 0);
        assert_eq!(at("20000229Z").earliest(), 951_782_400);
        assert_eq!(at("202311142213Z").latest(), 1_699_999_980);
        assert_eq!(at("20231114221320Z").latest(), 1_700_000_000);
        assert_eq!(at("20231114221320z").latest(), 1_700_000_000);
    }

    #[test]
    fn a_moment_of_no_zone_may_be_that_of_any() {
        let at = Moment::read("20240101").unwrap();
        let utc = Moment::read("20240101Z").unwrap().latest();
        assert_eq!(at.latest() - utc, 12 * 3_600);
        assert_eq!(utc - at.earliest(), 14 * 3_600);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "Z",
            "2024",
            "20241301",
            "20240230",
            "20230229",
            "20240100",
            "202401012400",
            "202401012360",
            "20240101235961",
            "2024010112345",
            "2024-01-01",
            "19691231Z",
            "２０２４０１０１",
        ] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }
}
