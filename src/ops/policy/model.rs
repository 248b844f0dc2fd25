//! The policy as it was read: who may do what, and who must agree.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;

use super::touch::{Keys, Touch};
use super::who::Who;
use crate::config::Globs;
use crate::report::{Finding, Location};
use crate::text::{KeyPattern, Source, name_matches};

/// What somebody can do to a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Verb {
    /// Change values.
    #[serde(rename = "config.write")]
    ConfigWrite,
    /// Change the schema, migrations and the manifest.
    #[serde(rename = "schema.write")]
    SchemaWrite,
    /// Change templates.
    #[serde(rename = "template.write")]
    TemplateWrite,
    /// Change secrets and keyrings.
    #[serde(rename = "secret.write")]
    SecretWrite,
    /// Change what is measured.
    #[serde(rename = "telemetry.write")]
    TelemetryWrite,
    /// Agree to changes of others.
    #[serde(rename = "approve")]
    Approve,
    /// Merge.
    #[serde(rename = "land")]
    Land,
    /// Change the policy, and who may sign.
    #[serde(rename = "policy.admin")]
    PolicyAdmin,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ConfigWrite,
        Self::SchemaWrite,
        Self::TemplateWrite,
        Self::SecretWrite,
        Self::TelemetryWrite,
        Self::Approve,
        Self::Land,
        Self::PolicyAdmin,
    ];

    /// The name, as the policy has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConfigWrite => "config.write",
            Self::SchemaWrite => "schema.write",
            Self::TemplateWrite => "template.write",
            Self::SecretWrite => "secret.write",
            Self::TelemetryWrite => "telemetry.write",
            Self::Approve => "approve",
            Self::Land => "land",
            Self::PolicyAdmin => "policy.admin",
        }
    }
}

/// Which part of a configuration is meant.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The environments, as patterns; empty for all.
    pub environments: Vec<String>,
    /// The keys; empty for all.
    pub sections: Vec<KeyPattern>,
    /// The files, as patterns; empty for all.
    pub files: Vec<String>,
    pub(super) globs: Globs,
}

/// What a role holds, and where that is written.
#[derive(Clone, Debug)]
pub struct Role {
    /// What whoever has it can do.
    pub verbs: Vec<Verb>,
    /// Where it is written.
    pub location: Location,
}

/// Who has a role, and for what; or who has it not.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Names of signers, as patterns; groups as `group:NAME`.
    pub who: Vec<String>,
    /// The role.
    pub role: String,
    /// For what.
    pub scope: Scope,
    /// Whether it takes away rather than gives.
    pub is_denial: bool,
    /// Where it is written.
    pub location: Location,
}

/// What is protected.
#[derive(Clone, Debug)]
pub struct Protection {
    /// The part meant.
    pub scope: Scope,
    /// Where it is written.
    pub location: Location,
}

/// What needs the agreement of others beside the right.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// What is changed.
    pub scope: Scope,
    /// How; empty for in any way.
    pub verbs: Vec<Verb>,
    /// How many must agree.
    pub needed: usize,
    /// The role that they have.
    pub from: String,
    /// Where it is written.
    pub location: Location,
}

/// A policy: what is protected, who may change it, and who must agree.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The file.
    pub source: Arc<Source>,
    /// The repository's own name.
    pub repository: Option<String>,
    /// The roles, by name.
    pub roles: IndexMap<String, Role>,
    /// Who has them.
    pub bindings: Vec<Binding>,
    /// What is protected; all of it where nothing is said.
    pub protections: Vec<Protection>,
    /// What needs agreement.
    pub agreements: Vec<Agreement>,
    /// What is wrong with it; where anything is, nothing is allowed.
    pub findings: Vec<Finding>,
}

/// What a policy says to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Nothing protects what is changed.
    Open,
    /// The binding of this number allows it.
    Allowed(usize),
    /// The binding of this number denies it.
    Denied(usize),
    /// The outside authority refuses it.
    Refused,
    /// Nothing allows it.
    Missing,
}

impl Decision {
    /// Whether the change may be made.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Open | Self::Allowed(_))
    }

    /// The name, as JSON has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "unprotected",
            Self::Allowed(_) => "allowed",
            Self::Denied(_) => "denied",
            Self::Refused => "refused",
            Self::Missing => "missing",
        }
    }

    /// The number of the binding that decided.
    #[must_use]
    pub const fn binding(self) -> Option<usize> {
        match self {
            Self::Allowed(at) | Self::Denied(at) => Some(at),
            Self::Open | Self::Refused | Self::Missing => None,
        }
    }
}

impl Scope {
    /// Says whether all of a change is within.
    #[must_use]
    pub fn holds(&self, touch: &Touch) -> bool {
        let of_environment = match &touch.environment {
            None => self.environments.is_empty(),
            Some(name) => self.is_of(name),
        };
        let of_section = self.sections.is_empty()
            || match &touch.keys {
                Keys::All => false,
                Keys::None => true,
                Keys::One(pointer) => self.sections.iter().any(|it| it.covers(pointer)),
            };
        of_environment && of_section && self.is_of_file(touch)
    }

    /// Says whether any of a change is, or may be, within.
    #[must_use]
    pub fn meets(&self, touch: &Touch) -> bool {
        let of_environment = match &touch.environment {
            None => true,
            Some(name) => self.is_of(name),
        };
        let of_section = self.sections.is_empty()
            || match &touch.keys {
                Keys::All => true,
                Keys::None => false,
                Keys::One(pointer) => self.sections.iter().any(|it| it.meets(pointer)),
            };
        of_environment && of_section && (self.is_of_file(touch) || touch.is_of_unknown_file())
    }

    /// Says whether an environment is within.
    #[must_use]
    pub fn is_of(&self, environment: &str) -> bool {
        let mut patterns = self.environments.iter();
        self.environments.is_empty() || patterns.any(|it| name_matches(it, environment))
    }

    fn is_of_file(&self, touch: &Touch) -> bool {
        self.files.is_empty()
            || match &touch.file {
                None => touch.verb == Verb::Land,
                Some(file) => self.globs.has(file),
            }
    }

    /// Says in words what is meant.
    #[must_use]
    pub fn said(&self) -> String {
        let mut parts = Vec::new();
        if !self.sections.is_empty() {
            let all: Vec<_> = self.sections.iter().map(KeyPattern::dotted).collect();
            parts.push(all.join(", "));
        }
        if !self.environments.is_empty() {
            parts.push(format!("in {}", self.environments.join(", ")));
        }
        if !self.files.is_empty() {
            parts.push(format!("by {}", self.files.join(", ")));
        }
        match parts.is_empty() {
            true => "everything".to_owned(),
            false => parts.join(" "),
        }
    }
}

impl Policy {
    /// Gives every part of the configuration that it is about, with the place that names it.
    pub(super) fn scopes(&self) -> impl Iterator<Item = (&Scope, &Location)> {
        let of = self.bindings.iter().map(|it| (&it.scope, &it.location));
        let of = of.chain(self.protections.iter().map(|it| (&it.scope, &it.location)));
        of.chain(self.agreements.iter().map(|it| (&it.scope, &it.location)))
    }

    /// Whether it can be followed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// Says whether what is changed is protected. The policy itself and the manifest, which says
    /// what all other files mean, always are.
    #[must_use]
    pub fn protects(&self, touch: &Touch) -> bool {
        !self.is_sound()
            || self.protections.is_empty()
            || touch.is_of_the_rules()
            || self.protections.iter().any(|it| it.scope.meets(touch))
    }

    /// Decides on a change by somebody.
    #[must_use]
    pub fn decide(&self, who: Who<'_>, touch: &Touch) -> Decision {
        if !self.protects(touch) {
            return Decision::Open;
        }
        if !self.is_sound() {
            return Decision::Missing;
        }
        let denies = |it: &Binding| {
            it.is_denial
                && self.gives(it, touch.verb)
                && it.may_be_about(who)
                && it.scope.meets(touch)
        };
        if let Some(at) = self.bindings.iter().position(denies) {
            return Decision::Denied(at);
        }
        match self.granting(touch).find(|(_, it)| it.is_about(who)) {
            Some((at, _)) => Decision::Allowed(at),
            None => Decision::Missing,
        }
    }

    /// Gives the bindings that allow a change to somebody.
    pub fn granting<'a>(&'a self, touch: &'a Touch) -> impl Iterator<Item = (usize, &'a Binding)> {
        let bindings = self.bindings.iter().enumerate();
        bindings
            .filter(|(_, it)| !it.is_denial && self.gives(it, touch.verb) && it.scope.holds(touch))
    }

    /// Says whether a binding is about a verb.
    #[must_use]
    pub fn gives(&self, binding: &Binding, verb: Verb) -> bool {
        let role = self.roles.get(&binding.role);
        role.is_some_and(|role| role.verbs.contains(&verb))
    }

    /// Gives the rules by which a change needs agreement.
    pub fn agreements_on<'a>(
        &'a self,
        touch: &'a Touch,
    ) -> impl Iterator<Item = (usize, &'a Agreement)> {
        let agreements = self.agreements.iter().enumerate();
        agreements.filter(|(_, it)| {
            (it.verbs.is_empty() || it.verbs.contains(&touch.verb)) && it.scope.meets(touch)
        })
    }

    /// Says whether somebody may agree to a change, as a rule asks for.
    #[must_use]
    pub fn may_agree(&self, who: Who<'_>, agreement: &Agreement, touch: &Touch) -> bool {
        let asked = touch.agreement();
        let is_denied = |it: &Binding| {
            it.is_denial
                && self.gives(it, Verb::Approve)
                && it.may_be_about(who)
                && it.scope.meets(&asked)
        };
        self.is_sound()
            && !self.bindings.iter().any(is_denied)
            && self
                .granting(&asked)
                .any(|(_, it)| it.role == agreement.from && it.is_about(who))
    }
}
