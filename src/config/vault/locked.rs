use crate::config::Keyring;
use crate::error::Error;
use crate::seal::Refused;
use crate::text::shell_word;

/// Why a value stays sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locked {
    /// No keyring of this name is declared.
    UnknownKeyring(String),
    /// The file of the keyring is not there.
    NoFile(String),
    /// There is no identity to open the keyring with.
    NoIdentity(String),
    /// The keyring's file holds another key than the manifest says.
    Mismatch(String),
    /// The keyring does not open.
    Keyring(String, Refused),
    /// There is no identity to open the SOPS file with.
    NoIdentityForFile(String),
    /// The SOPS file does not open.
    File(String, Refused),
    /// The value itself does not open.
    Value(Refused),
}

impl std::fmt::Display for Locked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownKeyring(name) => write!(f, "there is no keyring `{name}`"),
            Self::NoFile(name) => write!(f, "there is no file `{}`", Keyring::path(name)),
            Self::NoIdentity(name) => {
                write!(
                    f,
                    "the keyring `{name}` needs an identity of one of its members"
                )
            }
            Self::Keyring(name, Refused::NotForYou) => {
                write!(f, "this identity is no member of the keyring `{name}`")
            }
            Self::Keyring(name, why) => write!(f, "the keyring `{name}` does not open: {why}"),
            Self::Mismatch(name) => write!(
                f,
                "the key of the keyring `{name}` in the manifest is not the newest in `{}`",
                Keyring::path(name)
            ),
            Self::NoIdentityForFile(path) => {
                write!(
                    f,
                    "the SOPS file `{path}` needs an identity of one of its recipients"
                )
            }
            Self::File(path, Refused::NotForYou) => {
                write!(f, "the SOPS file `{path}` is not sealed for this identity")
            }
            Self::File(path, why) => write!(f, "the SOPS file `{path}` does not open: {why}"),
            Self::Value(why) => write!(f, "the secret does not open: {why}"),
        }
    }
}

impl Locked {
    /// Says whether another identity might open it: nothing is wrong with the value itself.
    #[must_use]
    pub fn is_for_others(&self) -> bool {
        matches!(
            self,
            Self::NoIdentity(_)
                | Self::Keyring(_, Refused::NotForYou)
                | Self::NoIdentityForFile(_)
                | Self::File(_, Refused::NotForYou)
        )
    }

    /// Makes an error of it, about a key.
    #[must_use]
    pub fn into_error(self, key: &str) -> Error {
        Error::invalid(format!("`{key}` stays sealed: {self}")).with_help(self.help())
    }

    /// Says what can be done.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoIdentity(_) | Self::NoIdentityForFile(_) => {
                "name the file of your private key: `--identity FILE`, or `STRATA_IDENTITY_FILE`"
                    .to_owned()
            }
            Self::Keyring(name, Refused::NotForYou) => {
                format!("ask a member to add you: `git strata secret keyring add {name} YOU=age1…`")
            }
            Self::Mismatch(name) => format!(
                "somebody changed one of them by hand: `git log strata.yaml {}`",
                Keyring::path(name)
            ),
            Self::UnknownKeyring(name) => {
                format!("make it (`git strata secret keyring new {name}`), or seal the value anew")
            }
            Self::NoFile(name) => {
                format!("bring back `{}`, from an older commit", Keyring::path(name))
            }
            Self::File(path, Refused::NotForYou) => format!(
                "ask one who can open it to add you: `sops rotate -i --add-age age1… {}`",
                shell_word(path)
            ),
            Self::File(path, Refused::OtherMac | Refused::Moved(..) | Refused::Plain(_)) => {
                format!(
                    "undo what was changed by hand, and change it with `sops edit {}`",
                    shell_word(path)
                )
            }
            Self::File(path, _) => format!(
                "see what `sops decrypt {}` says, or take the file from an older commit",
                shell_word(path)
            ),
            Self::Value(Refused::Elsewhere(_)) => {
                "if it was moved here on purpose: `git strata secret adopt`".to_owned()
            }
            Self::Value(Refused::OldGeneration(..)) => {
                "seal it with the key in force: `git strata secret adopt`".to_owned()
            }
            Self::Keyring(..) | Self::Value(_) => {
                "take it from an older commit, or seal the value anew: `git strata secret seal`"
                    .to_owned()
            }
        }
    }
}
