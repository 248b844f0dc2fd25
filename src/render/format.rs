use std::fmt;
use std::str::FromStr;

use crate::text::nearest;

/// A form that an answer can be drawn in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// For a person at a terminal; not a contract.
    #[default]
    Human,
    /// For a program: the envelope `strata.<command>/1`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit XML, for test reports.
    Junit,
    /// Markdown, for a comment on a pull request.
    Markdown,
    /// A page of its own, for a report that is sent or kept.
    Html,
    /// GitHub's workflow commands, for annotations.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
}

impl Format {
    /// Every format, in the order that help texts list them.
    pub const ALL: [Self; 8] = [
        Self::Human,
        Self::Json,
        Self::Sarif,
        Self::Junit,
        Self::Markdown,
        Self::Html,
        Self::Github,
        Self::Gitlab,
    ];

    /// Gives the word that names the format on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::as_str);
        if let Some(at) = names.iter().position(|name| *name == text) {
            return Ok(Self::ALL[at]);
        }
        let meant = match nearest(text, names).first() {
            Some(name) => format!("; did you mean {name}?"),
            None => String::new(),
        };
        let (last, others) = names.split_last().unwrap_or((&"", &[]));
        Err(format!(
            "`{text}` is no format{meant} (there are {} and {last})",
            others.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_back_its_name() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        assert_eq!(Format::default(), Format::Human);
    }

    #[test]
    fn unknown_format_is_refused_with_all_names() {
        assert_eq!(
            "jsn".parse::<Format>().unwrap_err(),
            "`jsn` is no format; did you mean json? \
             (there are human, json, sarif, junit, markdown, html, github and gitlab)"
        );
        let other = "exotic".parse::<Format>().unwrap_err();
        assert!(other.starts_with("`exotic` is no format (there"), "{other}");
    }
}
