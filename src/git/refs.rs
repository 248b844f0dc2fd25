use bstr::ByteSlice;
use semver::Version;

use super::{Oid, Repo, Revision};
use crate::{Error, Result};

/// A tag that releases a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionTag {
    /// The tag's name.
    pub name: String,
    /// The version in it.
    pub version: Version,
    /// The commit it stands for; an annotated tag is followed to it.
    pub revision: Revision,
}

/// A tag, as the repository holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagObject {
    /// The name of its reference, without `refs/tags/`.
    pub name: String,
    /// The tag itself; none for a light one.
    pub object: Option<Oid>,
    /// The name that it was made with.
    pub own_name: Option<String>,
    /// The commit it stands for; none for a tag of something else.
    pub commit: Option<Oid>,
    /// When it was made, in seconds since 1970, as its maker says.
    pub time: i64,
    /// The first line of its message, or for a light one its name.
    pub title: String,
}

/// Gives the short name of a branch, however it is written: `main` for `refs/heads/main`.
#[must_use]
pub fn branch_name(reference: &str) -> &str {
    reference.strip_prefix("refs/heads/").unwrap_or(reference)
}

/// Gives the version that a tag releases by a pattern such as `v*`, if any.
pub(crate) fn released(pattern: &str, tag: &str) -> Option<Version> {
    let (before, after) = pattern.split_once('*')?;
    let version = tag.strip_prefix(before)?.strip_suffix(after)?;
    Version::parse(version).ok()
}

impl Repo {
    /// Gives the branch that a remote shows first, as far as it was asked when it was cloned.
    #[must_use]
    pub fn first_of(&self, remote: &str) -> Option<String> {
        let name = format!("refs/remotes/{remote}/HEAD");
        let head = self.git.try_find_reference(name.as_str()).ok()??;
        let target = head
            .target()
            .try_name()?
            .as_bstr()
            .to_str()
            .ok()?
            .to_owned();
        let below = target.strip_prefix(&format!("refs/remotes/{remote}/"))?;
        Some(below.to_owned())
    }

    /// Reads the tags, by name.
    ///
    /// # Errors
    ///
    /// When one cannot be read.
    pub fn tag_objects(&self) -> Result<Vec<TagObject>> {
        let mut tags = Vec::new();
        for name in self.tags()? {
            let broken =
                |cause| Error::repository(format!("cannot read the tag `{name}`")).because(cause);
            let full = format!("refs/tags/{name}");
            let reference = self.git.find_reference(full.as_str()).map_err(broken)?;
            let Some(id) = reference.target().try_id().map(ToOwned::to_owned) else {
                continue;
            };
            let object = self.git.find_object(id).map_err(broken)?;
            let mut tag = TagObject {
                object: None,
                own_name: None,
                commit: None,
                time: 0,
                title: name.clone(),
                name: name.clone(),
            };
            if object.kind == gix::objs::Kind::Tag {
                let object = object.clone().into_tag();
                let decoded = object.decode().map_err(broken)?;
                tag.object = Some(Oid(id));
                tag.own_name = Some(decoded.name.to_str_lossy().into_owned());
                tag.title = (decoded.message.lines().next().unwrap_or_default())
                    .to_str_lossy()
                    .into_owned();
                let tagger = decoded.tagger().map_err(broken)?;
                tag.time = (tagger.and_then(|it| it.time().ok())).map_or(0, |time| time.seconds);
            }
            let peeled = object.peel_to_commit();
            tag.commit = peeled.ok().map(|commit| Oid(commit.id));
            tags.push(tag);
        }
        Ok(tags)
    }

    /// Names the local branches, sorted.
    ///
    /// # Errors
    ///
    /// When the references cannot be read.
    pub fn branches(&self) -> Result<Vec<String>> {
        self.names_under("refs/heads/")
    }

    /// Names the branches of this repository and of its remotes, each without the remote, sorted.
    ///
    /// # Errors
    ///
    /// When the references cannot be read.
    pub fn all_branches(&self) -> Result<Vec<String>> {
        let mut names = self.branches()?;
        let remote = self.names_under("refs/remotes/")?;
        names.extend(
            remote
                .iter()
                .filter_map(|it| Some(it.split_once('/')?.1.to_owned())),
        );
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Names the tags, sorted.
    ///
    /// # Errors
    ///
    /// When the references cannot be read.
    pub fn tags(&self) -> Result<Vec<String>> {
        self.names_under("refs/tags/")
    }

    /// Finds the tags that release a version, oldest version first.
    ///
    /// The pattern is a tag's name with a `*` where the version stands: `v*`, `schema/v*`. A tag
    /// whose `*` is no semantic version, or that leads to no commit, is passed over.
    ///
    /// # Errors
    ///
    /// When the references cannot be read.
    pub fn versions(&self, pattern: &str) -> Result<Vec<VersionTag>> {
        let mut found = Vec::new();
        for name in self.tags()? {
            let Some(version) = released(pattern, &name) else {
                continue;
            };
            let Some(id) = self.resolve(&format!("refs/tags/{name}"))? else {
                continue;
            };
            if let Ok(revision) = self.peel(&name, id) {
                found.push(VersionTag {
                    name,
                    version,
                    revision,
                });
            }
        }
        found.sort_by(|a, b| a.version.cmp(&b.version).then_with(|| a.name.cmp(&b.name)));
        Ok(found)
    }

    /// Names the references below a prefix, without it.
    pub(super) fn names_under(&self, prefix: &str) -> Result<Vec<String>> {
        let broken = |cause| Error::repository("cannot read the references").because(cause);
        let platform = self.git.references().map_err(broken)?;
        let mut names = Vec::new();
        for reference in platform.prefixed(prefix).map_err(broken)? {
            // A broken reference is nobody's name.
            let Ok(reference) = reference else { continue };
            let name = reference.name().as_bstr();
            if let Some(name) = name.strip_prefix(prefix.as_bytes()) {
                names.push(name.to_str_lossy().into_owned());
            }
        }
        for (full, to) in self.moved.iter() {
            if let Some(name) = full.strip_prefix(prefix) {
                names.retain(|known| known != name);
                names.extend(to.map(|_| name.to_owned()));
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use crate::git::testing::Scratch;

    #[test]
    fn versions_ascend_and_what_is_none_is_passed_over() {
        let scratch = Scratch::started();
        for tag in [
            "v1.10.0",
            "v1.2.0",
            "v2.0.0-rc.1",
            "v1.2",
            "version",
            "x1.0.0",
            "env/v1.0.0",
        ] {
            scratch.git(&["tag", tag]);
        }
        scratch.git(&["tag", "v9.0.0", "HEAD^{tree}"]);
        scratch.write("a.yaml", "a: 2\n");
        let second = scratch.commit("second");
        scratch.git(&["tag", "-a", "v2.0.0", "-m", "two"]);
        scratch.git(&["pack-refs", "--all"]);
        let repo = scratch.repo();
        let found = repo.versions("v*").unwrap();
        let names: Vec<_> = found.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["v1.2.0", "v1.10.0", "v2.0.0-rc.1", "v2.0.0"]);
        assert_eq!(found[3].revision.id, second);
        assert_eq!(found[3].revision.name, "v2.0.0");
        assert_eq!(found[1].version.to_string(), "1.10.0");
        assert_eq!(repo.versions("env/v*").unwrap().len(), 1);
        assert!(repo.versions("v1.2.0").unwrap().is_empty());
        assert_eq!(repo.tags().unwrap().len(), 9);
    }

    #[test]
    fn packed_and_loose_branches_are_named_once() {
        let scratch = Scratch::diverged();
        scratch.git(&["pack-refs", "--all"]);
        scratch.commit("again");
        scratch.git(&["branch", "env/prod"]);
        assert_eq!(
            scratch.repo().branches().unwrap(),
            ["env/prod", "feature", "main"]
        );
    }
}
