use super::accepted::{ACCEPTED_BREAKS, AcceptedBreaks};
use super::instances::Instances;
use super::policy::{Policy, Profile};
use super::releases::{Release, releases};
use super::sources::manifest_with_faults;
use crate::config::Snapshot;
use crate::git::{Oid, Repo};
use crate::report::Finding;
use crate::text::Date;
use crate::{Error, Result};

/// What changes are judged by, beside the two schemas.
#[derive(Clone, Default)]
pub struct Terms {
    /// The policies in force.
    pub policy: Policy,
    /// The breaks that people agreed to.
    pub accepted: AcceptedBreaks,
    /// The tags that release versions, such as `v*`.
    pub tags: String,
    /// The versions that were released, the newest first, where anything asks for them.
    pub releases: Vec<Release>,
    /// Where configurations are looked for that a change concerns; none where that is not asked.
    pub instances: Option<Instances>,
    /// Whether the two schemas were named one by one, so that another name is no news.
    pub named: bool,
    /// The day that counts as today; without one nothing expires.
    pub today: Option<Date>,
}

impl Terms {
    /// Takes the terms that a tree sets: by its manifest, its file of accepted breaks, and the
    /// tags that release versions on the way to `tip`. What is given here stands over the
    /// manifest.
    ///
    /// # Errors
    ///
    /// When the tree or the tags cannot be read, or a policy given here is none.
    pub fn of(
        tree: &Snapshot,
        history: Option<(&Repo, Oid)>,
        profile: Option<Profile>,
        policies: &[String],
        today: Option<Date>,
    ) -> Result<Self> {
        let (manifest, faults) = manifest_with_faults(tree)?;
        let mut policy = match &manifest {
            Some(manifest) => Policy::of_manifest(manifest, profile).map_err(Error::usage)?,
            None => Policy::of(profile.unwrap_or_default()),
        };
        for setting in policies {
            policy.set(setting).map_err(Error::usage)?;
        }
        let file = (manifest.as_ref()).and_then(|manifest| manifest.compat.accepted.as_deref());
        let mut accepted = AcceptedBreaks::read(tree, file.unwrap_or(ACCEPTED_BREAKS))?;
        let about = |finding: &Finding| {
            let pointer = finding.location.pointer.as_ref();
            pointer.is_some_and(|it| it.tokens().first().is_some_and(|key| key == "compat"))
        };
        accepted.findings.extend(faults.into_iter().filter(about));
        let asked = policy.deprecation_window.is_some() || !accepted.entries.is_empty();
        let tags = (manifest.as_ref()).map_or("v*", |manifest| manifest.versions.as_str());
        let releases = match history.filter(|_| asked) {
            Some((repo, tip)) => releases(repo, tags, tip, tree)?,
            None => Vec::new(),
        };
        let patterns = manifest.as_ref().map_or(&[][..], |it| &it.compat.instances);
        let repo = history.map(|(repo, _)| repo);
        let instances = Instances::of(tree, repo, patterns)?;
        Ok(Self {
            policy,
            accepted,
            tags: tags.to_owned(),
            releases,
            instances: Some(instances),
            named: false,
            today,
        })
    }
}
