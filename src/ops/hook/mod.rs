//! Git hooks and drivers that call this tool: put in place beside what is there, and taken away
//! again; and what the hooks ask.

mod driver;
mod guard;
mod install;
mod message;
mod place;
mod push;
mod receive;
mod rules;
mod size;
mod state;
#[cfg(test)]
mod tests;
mod told;

use std::fmt::Write as _;

pub use driver::{Driver, DriverState};
pub use install::{install, install_drivers, status, uninstall};
pub use message::message;
pub use push::{push, pushed};
pub use receive::{ReceiveOptions, RefUpdate, receive};
pub use rules::RULES;
pub use size::Limits;
pub use state::{HookBody, HookState, How, State};
pub use told::{Change, RECEIVE_SCHEMA, ReceiveBody, RefJudged};

/// The published JSON Schema of the body of `hook`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// A hook that can be put in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Checks what is staged.
    PreCommit,
    /// Checks the message of a commit.
    CommitMsg,
    /// Checks what is about to be pushed.
    PrePush,
    /// Checks, on a server, all that a push brings.
    PreReceive,
    /// Checks, on a server, one reference that a push moves.
    Update,
}

/// How hooks are put in place.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the hooks of a person's clone call.
    pub program: String,
    /// What the hooks of a server call, which may know no search path.
    pub server_program: String,
    /// What this version of Git can.
    pub how: How,
}

impl Setup {
    /// Says how a hook is put in place. A server's is always a script: every Git runs that, and a
    /// guard must not fall silent with another version of it.
    #[must_use]
    pub fn how_of(&self, hook: Hook) -> How {
        match hook.is_of_server() {
            true => How::File,
            false => self.how,
        }
    }
}

impl Hook {
    /// Those of a person's clone.
    pub const CLIENT: [Self; 3] = [Self::PreCommit, Self::CommitMsg, Self::PrePush];
    /// Those of a server.
    pub const SERVER: [Self; 2] = [Self::PreReceive, Self::Update];
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::PreCommit,
        Self::CommitMsg,
        Self::PrePush,
        Self::PreReceive,
        Self::Update,
    ];

    /// Gives Git's name for the hook.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// Says whether it is a server's.
    #[must_use]
    pub fn is_of_server(self) -> bool {
        Self::SERVER.contains(&self)
    }

    /// Gives the script.
    fn script(self, setup: &Setup) -> String {
        let script = match self {
            Self::PreCommit => include_str!("../../../hooks/pre-commit"),
            Self::CommitMsg => include_str!("../../../hooks/commit-msg"),
            Self::PrePush => include_str!("../../../hooks/pre-push"),
            Self::PreReceive => include_str!("../../../hooks/pre-receive"),
            Self::Update => include_str!("../../../hooks/update"),
        };
        // Within the single quotes of a shell a quote is written as '\''.
        script.replace("@PROGRAM@", &setup.program_of(self).replace('\'', r"'\''"))
    }

    /// Gives the command for Git's configuration.
    fn command(self, setup: &Setup) -> String {
        let program = driver::shell_word(setup.program_of(self));
        format!("{program} hook run {}", self.name())
    }

    /// Gives the section of Git's configuration that is ours.
    fn section(self) -> String {
        format!("strata-{}", self.name())
    }
}

impl Setup {
    fn program_of(&self, hook: Hook) -> &str {
        match hook.is_of_server() {
            true => &self.server_program,
            false => &self.program,
        }
    }
}

impl std::str::FromStr for Hook {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|hook| hook.name() == text);
        found.ok_or_else(|| {
            let mut message = format!("`{text}` is no hook; there are");
            for (index, hook) in Self::ALL.into_iter().enumerate() {
                let before = match index {
                    0 => " ",
                    index if index + 1 == Self::ALL.len() => " and ",
                    _ => ", ",
                };
                let _ = write!(message, "{before}{}", hook.name());
            }
            message
        })
    }
}
