use std::fmt;
use std::str::FromStr;

/// Says how much a finding matters; ordered, info first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely wrong, or wrong soon.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// Gives the word that every format uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            _ => Err(format!(
                "`{text}` is no severity; write info, warning or error"
            )),
        }
    }
}

/// A rule: one kind of fault, described once, as data beside the function that finds it.
///
/// Its id, its fixture folder, its test and its documentation heading are one name.
#[derive(Debug)]
pub struct Rule {
    /// The name in kebab-case: the fault, not the cure.
    pub id: &'static str,
    /// How much it matters where nothing says otherwise.
    pub severity: Severity,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// Markdown for a person: what it means, why it matters, what to do, with an example.
    pub docs: &'static str,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}
