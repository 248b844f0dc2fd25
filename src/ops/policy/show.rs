//! What the policy says: what somebody may do, and who may change something.

use serde::Serialize;

use super::file::POLICY;
use super::known;
use super::model::{Policy, Verb};
use super::touch::{Keys, Touch};
use super::who::Who;
use crate::config::{Manifest, Snapshot};
use crate::error::{Error, Result};
use crate::report::{Block, Report, View};
use crate::text::Pointer;

/// The published JSON Schema of the body of `policy show`.
pub const SHOW_SCHEMA: &str = include_str!("show.schema.json");

/// Which part of the policy is asked about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// What this person may do.
    pub who: Option<String>,
    /// Who may change this key.
    pub path: Option<Pointer>,
    /// In this environment.
    pub environment: Option<String>,
}

/// What the policy says.
#[derive(Debug, Serialize)]
pub struct PolicyShowBody {
    /// The repository's own name.
    pub repository: Option<String>,
    /// Who may do what; what is denied stands first, as it counts first.
    pub bindings: Vec<BindingBody>,
    /// What is protected; all of it where nothing is said.
    pub protected: Vec<ScopeBody>,
    /// What others must agree to.
    pub approvals: Vec<ApprovalBody>,
    /// For one key: whether it is protected.
    pub is_protected: Option<bool>,
    /// Who is asked about.
    #[serde(skip)]
    who: Option<String>,
}

/// Who may do what.
#[derive(Debug, Serialize)]
pub struct BindingBody {
    /// Names, as patterns.
    pub who: Vec<String>,
    /// The role.
    pub role: String,
    /// What it holds.
    pub verbs: Vec<Verb>,
    /// For what.
    #[serde(flatten)]
    pub scope: ScopeBody,
    /// Whether it is denied.
    pub deny: bool,
}

/// A part of the configuration.
#[derive(Debug, Serialize)]
pub struct ScopeBody {
    /// The environments; empty for all.
    pub environments: Vec<String>,
    /// The keys; empty for all.
    pub sections: Vec<String>,
    /// The files; empty for all.
    pub files: Vec<String>,
    /// The line of the policy.
    pub line: u32,
    #[serde(skip)]
    said: String,
}

/// What others must agree to.
#[derive(Debug, Serialize)]
pub struct ApprovalBody {
    /// How many must agree.
    pub needed: usize,
    /// The role that they have.
    pub from: String,
    /// To what; empty for any change.
    pub verbs: Vec<Verb>,
    /// Of what.
    #[serde(flatten)]
    pub scope: ScopeBody,
}

impl ScopeBody {
    fn of(scope: &super::model::Scope, location: &crate::report::Location) -> Self {
        Self {
            environments: scope.environments.clone(),
            sections: scope.sections.iter().map(|it| it.dotted()).collect(),
            files: scope.files.clone(),
            line: location.start().line,
            said: scope.said(),
        }
    }
}

/// Says what the policy of a tree says.
///
/// # Errors
///
/// Where there is none, the tree cannot be read, or nobody has the name asked about.
pub fn show(
    tree: &Snapshot,
    manifest: Option<&Manifest>,
    about: &About,
) -> Result<Report<PolicyShowBody>> {
    let policy = Policy::read(tree)?.ok_or_else(|| {
        Error::not_found(format!("there is no `{POLICY}` here"))
            .with_help("write one; `git strata explain policy-missing` shows how it begins")
    })?;
    if let (Some(name), Some(manifest)) = (&about.environment, manifest)
        && !manifest.environments.contains_key(name)
    {
        let message = format!("there is no environment `{name}`");
        return Err(Error::not_found(message).with_names(name, manifest.environment_names()));
    }
    if let Some(name) = &about.who {
        known::is_known(tree, &policy, name)?;
    }
    // What is asked about may be changed by any file: only keys and environments are looked at.
    let asked = |verb: Verb| Touch {
        verb,
        environment: about.environment.clone(),
        keys: about.path.clone().map_or(Keys::None, Keys::One),
        file: Some(String::new()),
    };
    let is_place = about.path.is_some() || about.environment.is_some();
    let concerns = |scope: &super::model::Scope| {
        let of_path = about.path.as_ref().is_none_or(|path| {
            scope.sections.is_empty() || scope.sections.iter().any(|it| it.meets(path))
        });
        of_path && about.environment.as_ref().is_none_or(|it| scope.is_of(it))
    };
    let mut body = PolicyShowBody {
        repository: policy.repository.clone(),
        bindings: Vec::new(),
        protected: Vec::new(),
        approvals: Vec::new(),
        who: about.who.clone(),
        is_protected: is_place.then(|| policy.protects(&asked(Verb::ConfigWrite))),
    };
    for binding in &policy.bindings {
        let of_who = about
            .who
            .as_ref()
            .is_none_or(|who| binding.is_about(Who::meant(&[who])));
        if !of_who || !concerns(&binding.scope) {
            continue;
        }
        let role = policy.roles.get(&binding.role);
        body.bindings.push(BindingBody {
            who: binding.who.clone(),
            role: binding.role.clone(),
            verbs: role.map(|it| it.verbs.clone()).unwrap_or_default(),
            scope: ScopeBody::of(&binding.scope, &binding.location),
            deny: binding.is_denial,
        });
    }
    body.bindings.sort_by_key(|it| !it.deny);
    for it in policy.protections.iter().filter(|it| concerns(&it.scope)) {
        body.protected.push(ScopeBody::of(&it.scope, &it.location));
    }
    for it in policy.agreements.iter().filter(|it| concerns(&it.scope)) {
        body.approvals.push(ApprovalBody {
            needed: it.needed,
            from: it.from.clone(),
            verbs: it.verbs.clone(),
            scope: ScopeBody::of(&it.scope, &it.location),
        });
    }
    let revision = tree.label().map(str::to_owned);
    let findings = policy.faults(manifest);
    Ok(Report::new(revision, findings, body))
}

impl View for PolicyShowBody {
    fn view(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let words = |verbs: &[Verb]| {
            verbs
                .iter()
                .map(|it| it.name())
                .collect::<Vec<_>>()
                .join(", ")
        };
        if self.is_protected == Some(false) {
            blocks.push(Block::Text(
                "this is not protected: anybody may change it".to_owned(),
            ));
        }
        if self.bindings.is_empty() {
            let (who, what) = match &self.who {
                Some(who) => (who.as_str(), "nothing"),
                None => ("nobody", "anything"),
            };
            blocks.push(Block::Text(format!(
                "{who} may do {what} that is protected here"
            )));
        } else {
            let row = |it: &BindingBody| {
                vec![
                    it.who.join(", "),
                    if it.deny { "may not" } else { "may" }.to_owned(),
                    words(&it.verbs),
                    it.scope.said.clone(),
                    format!("{} (line {})", it.role, it.scope.line),
                ]
            };
            let columns = ["who", "", "what", "of", "as"];
            blocks.push(Block::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows: self.bindings.iter().map(row).collect(),
            });
        }
        if !self.approvals.is_empty() {
            let row = |it: &ApprovalBody| {
                let verbs = match it.verbs.is_empty() {
                    true => "any change".to_owned(),
                    false => words(&it.verbs),
                };
                vec![
                    format!("{} with the role {}", it.needed, it.from),
                    verbs,
                    it.scope.said.clone(),
                    format!("line {}", it.scope.line),
                ]
            };
            let columns = ["who must agree", "to", "of", "says"];
            blocks.push(Block::Table {
                columns: columns.map(str::to_owned).to_vec(),
                rows: self.approvals.iter().map(row).collect(),
            });
        }
        blocks
    }
}
