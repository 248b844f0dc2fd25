use std::fmt;

use anstyle::{AnsiColor, Style as Ansi};

use crate::report::Severity;

/// Says how an answer is drawn for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are used.
    pub color: bool,
    /// How many columns there are; 0 for no limit.
    pub width: usize,
    /// Whether the tally and findings of severity info are left out.
    pub quiet: bool,
    /// Whether each finding says what its rule is about and how to read more.
    pub verbose: bool,
}

impl Style {
    /// Puts a text in a colour, where colours are used.
    pub(super) fn paint<T: fmt::Display>(&self, ink: Ink, text: T) -> Painted<T> {
        let ansi = if self.color { ink.ansi() } else { Ansi::new() };
        Painted { ansi, text }
    }
}

/// What a piece of text is, to be told apart by colour.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ink {
    /// A finding's severity, and the marks under its place.
    Severity(Severity),
    /// What stands out: a message, a heading.
    Strong,
    /// What stands around the answer: gutters, arrows, branches of trees.
    Frame,
    /// A line put in.
    Added,
    /// A line taken out.
    Removed,
    /// Where in a file a diff goes on.
    Hunk,
}

impl Ink {
    fn ansi(self) -> Ansi {
        match self {
            Self::Severity(Severity::Error) => AnsiColor::Red.on_default().bold(),
            Self::Severity(Severity::Warning) => AnsiColor::Yellow.on_default().bold(),
            Self::Severity(Severity::Info) => AnsiColor::Cyan.on_default().bold(),
            Self::Strong => Ansi::new().bold(),
            Self::Frame => AnsiColor::Blue.on_default().bold(),
            Self::Added => AnsiColor::Green.on_default(),
            Self::Removed => AnsiColor::Red.on_default(),
            Self::Hunk => AnsiColor::Cyan.on_default(),
        }
    }
}

/// A text with its colour around it.
pub(super) struct Painted<T> {
    ansi: Ansi,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ansi)?;
        self.text.fmt(f)?;
        write!(f, "{:#}", self.ansi)
    }
}
