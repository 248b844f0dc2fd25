//! Git hooks and drivers that call this tool: put in place beside what is there, and taken away
//! again.

mod driver;
mod install;
mod push;
#[cfg(test)]
mod tests;

pub use driver::{Driver, DriverState};
pub use install::{HookBody, HookState, State, install, install_drivers, status, uninstall};
pub use push::{Pushed, pushed};

/// The published JSON Schema of the body of `hook`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// A hook that can be put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Checks what is staged.
    PreCommit,
    /// Checks what is about to be pushed.
    PrePush,
}

impl Hook {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::PreCommit, Self::PrePush];

    /// Gives Git's name for the hook.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    /// Gives the script; `program` is what it calls.
    fn script(self, program: &str) -> String {
        let script = match self {
            Self::PreCommit => include_str!("../../../hooks/pre-commit"),
            Self::PrePush => include_str!("../../../hooks/pre-push"),
        };
        // Within the single quotes of a shell a quote is written as '\''.
        script.replace("@PROGRAM@", &program.replace('\'', r"'\''"))
    }
}

impl std::str::FromStr for Hook {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|hook| hook.name() == text);
        found.ok_or_else(|| format!("`{text}` is no hook; there are pre-commit and pre-push"))
    }
}
