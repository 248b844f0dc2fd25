use std::fmt;

/// Says how compatible a change is; ordered, the best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything that was valid still is, and means the same.
    #[default]
    Compatible,
    /// Still valid, but it may mean something else, or it breaks under a stated policy only.
    Risk,
    /// Something changed that the analysis cannot decide.
    Unknown,
    /// Some configuration that was valid is refused, or an option it sets is silently ignored.
    Breaking,
}

/// Names the version bump that a change asks for; ordered, the smallest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// No release is needed.
    #[default]
    None,
    /// A patch release.
    Patch,
    /// A minor release.
    Minor,
    /// A major release.
    Major,
}

impl Verdict {
    /// Gives the word that every format uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Risk => "risk",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        }
    }
}

impl Bump {
    /// Gives the word that every format uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
