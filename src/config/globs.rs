use globset::{GlobBuilder, GlobMatcher};

use crate::{Error, Result};

/// Patterns of files, as paths from the root: `*` stands for any part of a name, `**` for any
/// folders.
///
/// ```
/// use strata::config::Globs;
///
/// let globs = Globs::parse(["examples/**/*.yaml"])?;
/// assert!(globs.has("examples/a/b.yaml"));
/// assert!(!globs.has("config/b.yaml"));
/// # Ok::<(), strata::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Globs(Vec<GlobMatcher>);

impl Globs {
    /// Reads patterns.
    ///
    /// # Errors
    ///
    /// When one of them is none.
    pub fn parse<T: AsRef<str>>(patterns: impl IntoIterator<Item = T>) -> Result<Self> {
        let mut globs = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let whole = pattern.strip_prefix("./").unwrap_or(pattern);
            let glob = GlobBuilder::new(whole).literal_separator(true).build();
            let glob = glob.map_err(|cause| {
                Error::usage(format!("`{pattern}` is no pattern of files"))
                    .with_help("write it as in `examples/**/*.yaml`")
                    .because(cause)
            })?;
            globs.push(glob.compile_matcher());
        }
        Ok(Self(globs))
    }

    /// Takes further patterns.
    pub fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Says whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Says whether any of them matches a path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.0.iter().any(|glob| glob.is_match(path))
    }
}
