use std::fmt;
use std::str::FromStr;

/// How long an option must have been deprecated before it may go.
///
/// ```
/// use strata::config::Window;
///
/// assert_eq!("2 releases".parse(), Ok(Window::Releases(2)));
/// assert_eq!("90 days".parse(), Ok(Window::Days(90)));
/// assert!("soon".parse::<Window>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// Through so many released versions.
    Releases(u32),
    /// For so many days since the first version that said so.
    Days(u32),
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no such time; write it as in `2 releases` or `90 days`");
        let (count, unit) = text.split_once(' ').ok_or_else(wrong)?;
        let count: u32 = count.parse().map_err(|_| wrong())?;
        match unit {
            "release" | "releases" => Ok(Self::Releases(count)),
            "day" | "days" => Ok(Self::Days(count)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::Releases(count) => (count, "release"),
            Self::Days(count) => (count, "day"),
        };
        let plural = if *count == 1 { "" } else { "s" };
        write!(out, "{count} {unit}{plural}")
    }
}

impl serde::Serialize for Window {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_written_as_it_is_read() {
        for text in ["1 release", "2 releases", "0 days", "1 day"] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
        for text in ["", "2", "2releases", "-1 days", "two releases", "3 weeks"] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }
}
