/// A moment as Git writes it down: seconds since 1970 in UTC, and the place's offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) seconds: i64,
    /// In seconds, east of Greenwich positive.
    pub(super) offset: i32,
}

/// Reads `2025-09-01T09:12:00+02:00`, the full form of RFC 3339 without fractions.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once('T')?;
    let (clock, offset) = match time.strip_suffix('Z') {
        Some(clock) => (clock, 0),
        None => {
            let at = time.find(['+', '-'])?;
            let (clock, zone) = time.split_at(at);
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let [hours, minutes] = numbers(&zone[1..], ':', [2, 2], [(0, 23), (0, 59)])?;
            (clock, sign * (hours * 3600 + minutes * 60))
        }
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2], [(1970, 9999), (1, 12), (1, 31)])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2], [(0, 23), (0, 59), (0, 59)])?;
    if day > days_in_month(year, month) {
        return None;
    }
    let days = days_since_epoch(year, month, day);
    let seconds = days * 86_400 + i64::from(hour * 3600 + minute * 60 + second - offset);
    Some(Moment { seconds, offset })
}

fn numbers<const N: usize>(
    text: &str,
    between: char,
    digits: [usize; N],
    bounds: [(i32, i32); N],
) -> Option<[i32; N]> {
    let mut found = [0; N];
    let mut parts = text.split(between);
    for at in 0..N {
        let part = parts.next()?;
        if part.len() != digits[at] || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        found[at] = part.parse().ok()?;
        if found[at] < bounds[at].0 || found[at] > bounds[at].1 {
            return None;
        }
    }
    parts.next().is_none().then_some(found)
}

fn days_in_month(year: i32, month: i32) -> i32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts days from 1970-01-01, by the years' lengths before and the months' before.
fn days_since_epoch(year: i32, month: i32, day: i32) -> i64 {
    let before = year - 1;
    let leaps = before / 4 - before / 100 + before / 400 - 477;
    let in_year: i32 = (1..month).map(|month| days_in_month(year, month)).sum();
    i64::from((year - 1970) * 365 + leaps + in_year + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dates_as_git_counts_them() {
        let seconds = |text| parse(text).map(|moment| (moment.seconds, moment.offset));
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some((0, 0)));
        assert_eq!(
            seconds("2025-09-01T09:12:00+02:00"),
            Some((1_756_710_720, 7200))
        );
        assert_eq!(
            seconds("2000-02-29T23:59:59-05:30"),
            Some((951_888_599, -19_800))
        );
        assert_eq!(seconds("2101-03-01T00:00:00Z"), Some((4_139_078_400, 0)));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "2025-09-01",
            "2025-09-01 09:12:00Z",
            "2025-02-29T00:00:00Z",
            "2025-09-01T09:12:00",
            "2025-9-01T09:12:00Z",
            "2025-09-01T24:00:00Z",
            "2025-09-01T09:12:00.5Z",
            "2025-09-01T09:12:00+2:00",
            "2025-09-01T09:12:00+02:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
