//! What no push may do to references, whatever its files say.

use super::receive::{RefUpdate, manifest};
use super::rules::{PROTECTED_BRANCH_DELETED, PROTECTED_BRANCH_REWOUND, RELEASE_TAG_MOVED};
use crate::config::Manifest;
use crate::error::Result;
use crate::git::{Repo, branch_name, released};
use crate::ops::policy::{HISTORY_REWRITTEN, POLICY};
use crate::report::{Finding, Location, Rule};

/// What the manifest of the default branch protects, as it is before the push.
pub(super) struct Guard {
    manifest: Option<Manifest>,
    /// The default branch: where an environment without a `ref` lives.
    branch: Option<String>,
    /// Whether a policy is in force there.
    has_policy: bool,
}

impl Guard {
    /// Reads it.
    pub(super) fn read(before: &Repo) -> Result<Self> {
        let head = before.head()?;
        let manifest = match head.commit {
            Some(_) => manifest(before, &before.revision("HEAD")?)?,
            None => None,
        };
        let has_policy = match head.commit {
            Some(_) => {
                let files = before.files(&before.revision("HEAD")?);
                files.entry(POLICY.into())?.is_some()
            }
            None => false,
        };
        Ok(Self {
            manifest,
            branch: head.branch,
            has_policy,
        })
    }

    /// Names the branches that environments live on, where a policy is in force: they are held to
    /// it, whatever their own files say.
    pub(super) fn governed(&self) -> Vec<String> {
        let manifest = self.manifest.as_ref().filter(|_| self.has_policy);
        let environments = manifest.into_iter().flat_map(|it| it.environments.values());
        let names = environments.filter_map(|it| it.reference.as_deref());
        names.map(|it| branch_name(it).to_owned()).collect()
    }

    /// Refuses a branch of an environment that begins a history of its own.
    pub(super) fn rootless(&self, branch: &str) -> Option<Finding> {
        let manifest = self.manifest.as_ref()?;
        if !self.governed().iter().any(|it| it == branch) {
            return None;
        }
        let message = format!(
            "`{branch}`, where an environment lives, begins a history of its own, in which no \
             policy is in force"
        );
        let finding = Finding::new(
            &HISTORY_REWRITTEN,
            message,
            Location::file(&manifest.source),
        );
        Some(finding.with_help("begin it at a commit of a branch that is here already"))
    }

    /// Judges what one reference is to do.
    pub(super) fn judge(&self, before: &Repo, update: &RefUpdate) -> Result<Vec<Finding>> {
        let (Some(manifest), Some(old)) = (&self.manifest, update.old) else {
            return Ok(Vec::new());
        };
        let mut findings = Vec::new();
        if let Some(tag) = update.tag()
            && released(&manifest.versions, tag).is_some()
            && update.new != Some(old)
        {
            let what = match update.new {
                Some(new) => format!("from {} to {}", old.short(), new.short()),
                None => format!("from {} to nowhere", old.short()),
            };
            let message = format!("the push moves the tag `{tag}` of a release {what}");
            findings.push(
                Finding::new(
                    &RELEASE_TAG_MOVED,
                    message,
                    Location::file(&manifest.source),
                )
                .with_help("leave it as it is, and release another version"),
            );
        }
        let Some(branch) = update.branch() else {
            return Ok(findings);
        };
        for (name, environment) in &manifest.environments {
            let lives_at = match &environment.reference {
                Some(reference) => Some(branch_name(reference)),
                None => self.branch.as_deref(),
            };
            if !(environment.protected || self.has_policy) || lives_at != Some(branch) {
                continue;
            }
            let mut tell = |rule: &'static Rule, message: String, help: &str| {
                let location = environment.location.clone();
                findings.push(Finding::new(rule, message, location).with_help(help));
            };
            let Some(new) = update.new else {
                tell(
                    &PROTECTED_BRANCH_DELETED,
                    format!(
                        "the push deletes `{branch}`, where the protected environment `{name}` lives"
                    ),
                    "leave the branch, or take the environment out of the manifest first",
                );
                continue;
            };
            // What the other side has and this one does not was not dropped here.
            let Ok(Some(known)) = before.commit_of(old) else {
                continue;
            };
            let on_top = match before.commit_of(new)? {
                Some(new) => before.is_ancestor(known, new)?,
                None => false,
            };
            if !on_top {
                tell(
                    &PROTECTED_BRANCH_REWOUND,
                    format!(
                        "the push drops commits from `{branch}`, where the protected environment \
                         `{name}` lives"
                    ),
                    "put your commits on top of it (`git pull --rebase`), or undo with `git revert`",
                );
            }
        }
        Ok(findings)
    }
}
