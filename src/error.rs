use std::error::Error as StdError;
use std::fmt;

/// What stops a command: the question could not be answered.
///
/// A fault in the *configuration* is never an error but a [`Finding`](crate::report::Finding).
/// The message is a phrase that says what, where and why; [`help`](Self::help) says what to do,
/// with a command to paste where there is one. The cause stands in
/// [`source`](StdError::source), not in the message.
pub struct Error {
    kind: ErrorKind,
    message: String,
    help: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Sorts errors by what the caller can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request contradicts itself, or lacks something.
    Usage,
    /// A name that nothing answers to: a revision, file, environment, service, key or rule.
    NotFound,
    /// The repository cannot be read, or is none.
    Repository,
    /// A file or stream cannot be read or written.
    Io,
    /// The configuration is so broken that no answer can be given.
    Invalid,
}

/// What every fallible function here returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes an error from its message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
            source: None,
        }
    }

    /// Makes an error about a request.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Makes an error about a name that nothing answers to.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// Makes an error about the repository.
    pub fn repository(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Repository, message)
    }

    /// Makes an error about a file or stream.
    pub fn io(message: impl Into<String>, cause: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, message).because(cause)
    }

    /// Makes an error about configuration that is too broken to answer from.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Says what the reader can do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers near names, if there are any; otherwise names what there is.
    ///
    /// ```
    /// use strata::Error;
    ///
    /// let error = Error::not_found("no environment `prd`").with_names("prd", ["dev", "prod"]);
    /// assert_eq!(error.help(), Some("did you mean `prod`?"));
    /// let error = Error::not_found("no environment `qa`").with_names("qa", ["dev", "prod"]);
    /// assert_eq!(error.help(), Some("there are `dev`, `prod`"));
    /// ```
    #[must_use]
    pub fn with_names<'a>(
        self,
        wanted: &str,
        names: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let quote = |names: Vec<&str>, between: &str| {
            let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(between)
        };
        let near = crate::text::nearest(wanted, names.clone());
        if !near.is_empty() {
            return self.with_help(format!("did you mean {}?", quote(near, " or ")));
        }
        let mut all: Vec<&str> = names.into_iter().take(21).collect();
        match all.len() {
            0 => self,
            1..=20 => self.with_help(format!("there are {}", quote(all, ", "))),
            _ => {
                all.truncate(20);
                self.with_help(format!("among others there are {}", quote(all, ", ")))
            }
        }
    }

    /// Names the cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// Gives the kind.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Gives what the reader can do, if anything is known.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)?;
        if let Some(help) = &self.help {
            write!(f, " (help: {help})")?;
        }
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, "; because: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|cause| cause as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_kind_help_and_causes() {
        let error =
            Error::io("cannot read `a`", std::io::Error::other("disk")).with_help("try again");
        assert_eq!(
            format!("{error:?}"),
            "Io: cannot read `a` (help: try again); because: disk"
        );
        assert_eq!(error.to_string(), "cannot read `a`");
        assert_eq!(error.kind(), ErrorKind::Io);
    }

    #[test]
    fn lists_some_of_many_names() {
        let names: Vec<String> = (0..30).map(|i| format!("environment-{i}")).collect();
        let error = Error::usage("x").with_names("q", names.iter().map(String::as_str));
        assert!(error.help().unwrap().starts_with("among others"));
        assert_eq!(Error::usage("x").with_names("q", []).help(), None);
    }
}
