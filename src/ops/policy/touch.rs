use super::model::Verb;
use crate::config::MANIFEST;
use crate::text::Pointer;

/// One thing that a change does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touch {
    /// What is done.
    pub verb: Verb,
    /// To which environment; none for all that there are or will be.
    pub environment: Option<String>,
    /// To which keys.
    pub keys: Keys,
    /// By which file; none where a merge is all there is. Empty where no changed file can be told
    /// to have done it.
    pub file: Option<String>,
}

/// Which keys are changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keys {
    /// None: a comment, or what is no value.
    None,
    /// This one; a list is changed as a whole.
    One(Pointer),
    /// All that there may be.
    All,
}

impl Touch {
    /// A change of a file as a whole.
    #[must_use]
    pub fn of_file(verb: Verb, file: &str) -> Self {
        Self {
            verb,
            environment: None,
            keys: Keys::All,
            file: Some(file.to_owned()),
        }
    }

    /// A merge that changes an environment.
    #[must_use]
    pub fn landing(environment: Option<String>) -> Self {
        Self {
            verb: Verb::Land,
            environment,
            keys: Keys::None,
            file: None,
        }
    }

    /// Agreement to this.
    pub(super) fn agreement(&self) -> Self {
        Self {
            verb: Verb::Approve,
            ..self.clone()
        }
    }

    /// Whether it changes what all else depends on.
    pub(super) fn is_of_the_rules(&self) -> bool {
        self.verb == Verb::PolicyAdmin || self.file.as_deref() == Some(MANIFEST)
    }

    pub(super) fn is_of_unknown_file(&self) -> bool {
        self.file.as_deref() == Some("")
    }

    /// What stays the same when the same thing is done in another commit: a value is known by its
    /// key, whichever file it stands in.
    pub(super) fn place(&self) -> Self {
        let mut place = self.clone();
        if matches!(place.keys, Keys::One(_)) {
            place.file = None;
        }
        place
    }

    /// Says in words what is changed.
    #[must_use]
    pub fn what(&self) -> String {
        let file = self.file.as_deref().unwrap_or_default();
        match &self.keys {
            Keys::One(pointer) => pointer.dotted(),
            Keys::None | Keys::All => file.to_owned(),
        }
    }
}
