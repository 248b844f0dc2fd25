use std::fmt;

/// Names a format that configuration is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// YAML 1.2, core schema.
    Yaml,
    /// JSON; comments and trailing commas are admitted.
    Json,
    /// TOML 1.1.
    Toml,
}

impl Format {
    /// Tells the format by a file name's extension; `None` for a file that is no document.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (stem, extension) = path.rsplit_once('.')?;
        if stem.is_empty() || stem.ends_with('/') {
            return None;
        }
        match extension.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" | "jsonc" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// Gives the name as people write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Toml => "TOML",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extension_tells_the_format() {
        for (path, format) in [
            ("a.yaml", Some(Format::Yaml)),
            ("config/b.YML", Some(Format::Yaml)),
            ("a.json", Some(Format::Json)),
            ("a.b.jsonc", Some(Format::Json)),
            ("Cargo.toml", Some(Format::Toml)),
            (".yaml", None),
            ("config/.yaml", None),
            ("yaml", None),
            ("a.txt", None),
        ] {
            assert_eq!(Format::of_path(path), format, "{path}");
        }
        assert_eq!(Format::Toml.to_string(), "TOML");
    }
}
