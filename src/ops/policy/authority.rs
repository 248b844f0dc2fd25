//! An outside system that knows more of people than the repository does: which groups they are in,
//! and what they may not do after all.
//!
//! ```text
//! Question { names, touches } ──JSON──▶ command ──JSON──▶ Answer { groups, refused }
//! ```
//!
//! It never allows what the policy does not: groups only count where the policy binds them. Where it
//! does not answer, or not as it should, nothing that is protected is allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::model::{Decision, Policy, Verb};
use super::touch::{Keys, Touch};
use super::who::{GROUP, Who};
use crate::error::{Error, Result};

/// The version of questions and answers.
const VERSION: u32 = 1;

/// Asks the outside system: gets a question and gives the answer, both as JSON.
pub type Ask = dyn Fn(&str) -> Result<String> + Send + Sync;

/// An outside system that is asked about people.
#[derive(Clone)]
pub struct Authority(pub Arc<Ask>);

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority(…)")
    }
}

/// What is asked about somebody.
#[derive(Debug, Serialize)]
struct Question<'a> {
    /// The version of the question.
    #[serde(rename = "strata-authority")]
    version: u32,
    /// The repository's own name.
    repository: Option<&'a str>,
    /// The branch that the change is for.
    #[serde(rename = "ref")]
    reference: Option<&'a str>,
    /// The names of whoever signed.
    names: &'a [String],
    /// What they do; the answer names these by their number, from 0.
    touches: Vec<AskedTouch<'a>>,
}

/// One thing that somebody does.
#[derive(Debug, Serialize)]
struct AskedTouch<'a> {
    verb: Verb,
    /// None for all that there are or will be.
    environment: Option<&'a str>,
    /// None where no key is known.
    key: Option<String>,
    file: Option<&'a str>,
}

impl<'a> AskedTouch<'a> {
    fn of(touch: &'a Touch) -> Self {
        Self {
            verb: touch.verb,
            environment: touch.environment.as_deref(),
            key: match &touch.keys {
                Keys::One(pointer) => Some(pointer.dotted()),
                Keys::None | Keys::All => None,
            },
            file: touch.file.as_deref().filter(|it| !it.is_empty()),
        }
    }
}

/// What the outside system says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// The version of the answer.
    #[serde(rename = "strata-authority")]
    version: u32,
    /// The groups that they are in.
    #[serde(default)]
    groups: Vec<String>,
    /// What they may not do.
    #[serde(default)]
    refused: Vec<Refused>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    touch: usize,
    reason: String,
}

/// What is known of somebody from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Their groups; none where nobody could say.
    pub(super) groups: Option<Vec<String>>,
    /// What they may not do, by its number, with the reason.
    pub(super) refused: BTreeMap<usize, String>,
    /// Whether there should be an answer, and is none.
    pub(super) has_failed: bool,
}

/// Asks about people, about each the same thing once.
#[derive(Debug, Default)]
pub(super) struct Asking {
    authority: Option<Authority>,
    repository: Option<String>,
    reference: Option<String>,
    known: BTreeMap<String, Told>,
    /// Why there were no answers.
    pub(super) faults: BTreeSet<String>,
}

impl Asking {
    pub(super) fn new(authority: Option<Authority>, reference: Option<&str>) -> Self {
        Self {
            authority,
            reference: reference.map(str::to_owned),
            ..Self::default()
        }
    }

    /// Says for which repository it is asked.
    pub(super) fn of(&mut self, repository: Option<&str>) {
        self.repository = repository.map(str::to_owned);
    }

    /// Asks what is known of somebody who does something. Nobody is not asked about.
    pub(super) fn about(&mut self, names: &[String], touches: &[&Touch]) -> Told {
        let Some(authority) = &self.authority else {
            return Told::default();
        };
        if names.is_empty() || touches.is_empty() {
            return Told {
                groups: Some(Vec::new()),
                ..Told::default()
            };
        }
        let question = Question {
            version: VERSION,
            repository: self.repository.as_deref(),
            reference: self.reference.as_deref(),
            names,
            touches: touches.iter().map(|it| AskedTouch::of(it)).collect(),
        };
        let Ok(text) = serde_json::to_string(&question) else {
            return self.failed("the question cannot be written");
        };
        if !self.faults.is_empty() {
            // Who did not answer once is not waited for again.
            return Told {
                has_failed: true,
                ..Told::default()
            };
        }
        if let Some(known) = self.known.get(&text) {
            return known.clone();
        }
        let told = match ask(authority, &text, touches.len()) {
            Ok(told) => told,
            Err(error) => self.failed(&error.to_string()),
        };
        self.known.insert(text, told.clone());
        told
    }

    fn failed(&mut self, why: &str) -> Told {
        self.faults.insert(why.to_owned());
        Told {
            has_failed: true,
            ..Told::default()
        }
    }
}

impl Told {
    /// Decides on what was asked about under this number: nothing is allowed where there should be
    /// an answer, and is none.
    pub(super) fn decide(
        &self,
        policy: &Policy,
        names: &[&str],
        (number, touch): (usize, &Touch),
    ) -> Decision {
        if self.has_failed {
            return Decision::Missing;
        }
        let groups = self.groups();
        let groups = groups.as_deref();
        match policy.decide(Who { names, groups }, touch) {
            Decision::Allowed(_) if self.refused.contains_key(&number) => Decision::Refused,
            decision => decision,
        }
    }

    /// Gives the groups, where they are known.
    pub(super) fn groups(&self) -> Option<Vec<&str>> {
        let groups = self.groups.as_ref()?;
        Some(groups.iter().map(String::as_str).collect())
    }
}

fn ask(authority: &Authority, question: &str, touches: usize) -> Result<Told> {
    let wrong = |what: String| Error::usage(format!("its answer {what}"));
    let answer = (authority.0)(question)?;
    let answer: Answer = serde_json::from_str(&answer)
        .map_err(|cause| wrong(format!("is not what was asked for: {cause}")))?;
    if answer.version != VERSION {
        return Err(wrong(format!("is of version {}", answer.version)));
    }
    if let Some(it) = answer.refused.iter().find(|it| it.touch >= touches) {
        return Err(wrong(format!(
            "refuses number {}, which nobody asked about",
            it.touch
        )));
    }
    let group = |it: &String| match it.starts_with(GROUP) {
        true => it.clone(),
        false => format!("{GROUP}{it}"),
    };
    let refused = answer.refused.into_iter();
    Ok(Told {
        groups: Some(answer.groups.iter().map(group).collect()),
        refused: refused.map(|it| (it.touch, it.reason)).collect(),
        has_failed: false,
    })
}
