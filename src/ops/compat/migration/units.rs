//! Units of time and of size, by their names.

/// What a number in one unit is multiplied by to stand in another; none where either is no unit
/// known here, or they measure different things.
pub(super) fn factor(from: &str, to: &str) -> Option<f64> {
    let (from, to) = (unit(from)?, unit(to)?);
    // Whole numbers are divided, so that a thousandth is one.
    (from.0 == to.0).then_some(from.1 / to.1)
}

/// The same, where both are given and differ.
pub(super) fn between(from: Option<&str>, to: Option<&str>) -> Option<f64> {
    let factor = factor(from?, to?)?;
    ((factor - 1.0).abs() > f64::EPSILON).then_some(factor)
}

/// Gives the unit that an option's name ends with, such as `ms` of `timeout_ms` and `timeoutMs`.
pub(super) fn of_name(name: &str) -> Option<&str> {
    let cut = name.rfind(['_', '-', '.']).map(|at| at + 1);
    let hump = || {
        let at = name.rfind(|c: char| c.is_ascii_uppercase())?;
        (at > 0).then_some(at)
    };
    let last = &name[cut.or_else(hump)?..];
    unit(last).map(|_| last)
}

/// Gives what a unit measures, and how many of the least ones it is.
fn unit(name: &str) -> Option<(char, f64)> {
    Some(match name.to_ascii_lowercase().as_str() {
        "ns" | "nanosecond" | "nanoseconds" | "nanos" => ('t', 1.0),
        "us" | "µs" | "microsecond" | "microseconds" | "micros" => ('t', 1e3),
        "ms" | "millisecond" | "milliseconds" | "millis" | "msec" => ('t', 1e6),
        "s" | "sec" | "secs" | "second" | "seconds" => ('t', 1e9),
        "min" | "mins" | "minute" | "minutes" => ('t', 60e9),
        "h" | "hour" | "hours" => ('t', 3_600e9),
        "d" | "day" | "days" => ('t', 86_400e9),
        "b" | "byte" | "bytes" => ('s', 1.0),
        "kb" | "kilobytes" => ('s', 1e3),
        "mb" | "megabytes" => ('s', 1e6),
        "gb" | "gigabytes" => ('s', 1e9),
        "kib" => ('s', 1_024.0),
        "mib" => ('s', 1_048_576.0),
        "gib" => ('s', 1_073_741_824.0),
        "percent" | "pct" => ('p', 1.0),
        "ratio" | "fraction" => ('p', 100.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_by_their_names() {
        assert_eq!(factor("ms", "s"), Some(0.001));
        assert_eq!(factor("Seconds", "millis"), Some(1000.0));
        assert_eq!(factor("MiB", "bytes"), Some(1_048_576.0));
        assert_eq!(factor("ms", "kb"), None);
        assert_eq!(factor("ms", "parsec"), None);
        assert_eq!(between(Some("s"), Some("sec")), None);
        assert_eq!(between(Some("h"), Some("min")), Some(60.0));
        assert_eq!(between(None, Some("min")), None);
        assert_eq!(of_name("timeout_ms"), Some("ms"));
        assert_eq!(of_name("timeoutSeconds"), Some("Seconds"));
        assert_eq!(of_name("max-size.kb"), Some("kb"));
        assert_eq!(of_name("name"), None);
        assert_eq!(of_name("Days"), None);
        assert_eq!(of_name("_x"), None);
    }
}
