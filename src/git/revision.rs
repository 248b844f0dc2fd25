use gix::revision::Spec;
use gix::revision::spec::parse::{ObjectKindHint, Options};

use super::{Files, Oid, Repo};
use crate::{Error, Result};

/// A commit, with the name a person gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The name as written, such as `v1.2` or `HEAD~3`.
    pub name: String,
    /// The commit.
    pub id: Oid,
    /// Its files.
    pub tree: Oid,
}

impl Repo {
    /// Finds the commit that a revision names.
    ///
    /// Every form of `gitrevisions(7)` serves. A name that nothing here answers to is looked for
    /// under `refs/remotes/origin/` too, since a checkout made for a job has its branches there.
    ///
    /// # Errors
    ///
    /// When nothing answers to the name (near ones are offered), or it is no commit.
    pub fn revision(&self, spec: &str) -> Result<Revision> {
        match self.resolve(spec)? {
            Some(id) => self.peel(spec, id),
            None => Err(self.unknown_revision(spec)),
        }
    }

    /// Gives the files of a revision.
    #[must_use]
    pub fn files(&self, revision: &Revision) -> Files {
        Files::tree(self.store(), revision)
    }

    /// Finds the commit where two histories parted; none if they never met.
    ///
    /// # Errors
    ///
    /// When the history cannot be read.
    pub fn merge_base(&self, a: Oid, b: Oid) -> Result<Option<Oid>> {
        let base = self.git.merge_base(a.0, b.0).map_err(|cause| {
            let (a, b) = (a.short(), b.short());
            Error::repository(format!("cannot find where {a} and {b} parted")).because(cause)
        })?;
        Ok(base.map(|id| Oid(id.detach())))
    }

    /// Says whether the history of `descendant` holds `ancestor`; a commit is its own ancestor.
    ///
    /// # Errors
    ///
    /// When the history cannot be read.
    pub fn is_ancestor(&self, ancestor: Oid, descendant: Oid) -> Result<bool> {
        Ok(self.merge_base(ancestor, descendant)? == Some(ancestor))
    }

    /// Finds the object that a name stands for, of whatever kind; none if there is none.
    pub(super) fn resolve(&self, spec: &str) -> Result<Option<gix::ObjectId>> {
        if spec.is_empty() {
            return Err(Error::usage("a revision cannot be empty").with_help("name one: `HEAD`"));
        }
        if let Some(moved) = self.moved(base_name(spec)) {
            let Some(id) = moved else { return Ok(None) };
            let rest = &spec[base_name(spec).len()..];
            return Ok(match rest {
                "" => Some(id.0),
                rest => self.parse(&format!("{id}{rest}")).unwrap_or_default(),
            });
        }
        let cause = match self.parse(spec) {
            Ok(found) => return Ok(found),
            Err(cause) => cause,
        };
        let base = base_name(spec);
        if let Some(full) = self.full_sha256(base) {
            return Ok(self
                .parse(&format!("{full}{}", &spec[base.len()..]))
                .unwrap_or_default());
        }
        if base == spec && cause.to_string().contains("ambiguous") {
            return Err(Error::usage(format!(
                "`{spec}` is the beginning of several objects' names"
            ))
            .with_help(format!("see `git rev-parse --disambiguate={spec}`"))
            .because(cause));
        }
        let is_known = base != spec && matches!(self.parse(base), Ok(Some(_)));
        if is_known || base.is_empty() {
            return Ok(None);
        }
        let remote = format!("refs/remotes/origin/{spec}");
        Ok(self.parse(&remote).unwrap_or_default())
    }

    fn parse(&self, spec: &str) -> std::result::Result<Option<gix::ObjectId>, gix::Error> {
        let options = Options {
            object_kind_hint: Some(ObjectKindHint::Committish),
            ..Options::default()
        };
        let spec = Spec::from_bstr(spec, &self.git, options)?;
        Ok(spec.single().map(gix::Id::detach))
    }

    /// Completes a shortened SHA-256 name, which the library takes for a SHA-1 one.
    fn full_sha256(&self, short: &str) -> Option<gix::ObjectId> {
        let kind = gix::hash::Kind::Sha256;
        if self.git.object_hash() != kind || !(4..64).contains(&short.len()) {
            return None;
        }
        let padded = format!("{short:0<64}");
        let padded = gix::ObjectId::from_hex(padded.as_bytes()).ok()?;
        let prefix = gix::hash::Prefix::new(&padded, short.len()).ok()?;
        self.git.objects.lookup_prefix(prefix, None).ok()??.ok()
    }

    /// Makes a revision of an object, which must be a commit or a tag of one.
    pub(super) fn peel(&self, name: &str, id: gix::ObjectId) -> Result<Revision> {
        let broken =
            |cause| Error::repository(format!("cannot read the revision `{name}`")).because(cause);
        let object = self.git.find_object(id).map_err(broken)?;
        let object = object.peel_tags_to_end().map_err(broken)?;
        if object.kind != gix::objs::Kind::Commit {
            let kind = object.kind;
            return Err(Error::usage(format!("`{name}` is a {kind}, not a commit"))
                .with_help("name a commit, a branch or a tag: `HEAD`"));
        }
        let commit = object.into_commit();
        let tree = commit.tree_id().map_err(broken)?;
        Ok(Revision {
            name: name.to_owned(),
            id: Oid(commit.id),
            tree: Oid(tree.detach()),
        })
    }

    pub(super) fn unknown_revision(&self, spec: &str) -> Error {
        let names = self.near_names();
        let base = base_name(spec);
        let unborn = matches!(self.head(), Ok(head) if head.commit.is_none());
        if unborn && (names.is_empty() || matches!(base, "HEAD" | "@")) {
            return Error::not_found(format!("no revision `{spec}`: there are no commits yet"))
                .with_help("make the first one: `git commit --allow-empty -m start`");
        }
        let error = Error::not_found(format!("no revision `{spec}`"));
        let names = names.iter().map(String::as_str);
        let may_be_further_back =
            base != spec || crate::text::nearest(base, names.clone()).is_empty();
        if self.is_shallow() && may_be_further_back {
            let error = Error::not_found(format!("no revision `{spec}` in what this clone holds"));
            return error.with_help(
                "this clone is shallow; `git fetch --unshallow --tags` brings the rest",
            );
        }
        error.with_names(base, names)
    }

    /// Names what a person may have meant: branches, those of `origin`, and tags.
    fn near_names(&self) -> Vec<String> {
        let mut names = self.branches().unwrap_or_default();
        names.extend(self.tags().unwrap_or_default());
        names.extend(self.names_under("refs/remotes/origin/").unwrap_or_default());
        names.sort();
        names.dedup();
        names
    }
}

/// Cuts off what navigates from a name: `main~2` is `main`, `v1:a.yaml` is `v1`.
fn base_name(spec: &str) -> &str {
    let end = spec.find(['~', '^', ':']).unwrap_or(spec.len());
    let end = spec[..end].find("@{").unwrap_or(end);
    &spec[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::git::testing::{Scratch, path};

    #[test]
    fn every_form_of_a_revision_serves() {
        let scratch = Scratch::diverged();
        scratch.git(&["tag", "-a", "v1", "-m", "one", "main"]);
        let repo = scratch.repo();
        let full = scratch.id("feature").to_string();
        for spec in [
            "HEAD",
            "@",
            "feature",
            "feature~1",
            "HEAD^",
            "v1",
            "v1^{commit}",
            "v1~1",
            "fork",
            "refs/heads/main",
            "heads/main",
            "@{-1}",
            "HEAD@{1}",
            ":/feature",
            &full,
            &full[..7],
        ] {
            let revision = repo.revision(spec).unwrap();
            let by_git = scratch.git(&["log", "-1", "--format=%H %T", spec]);
            assert_eq!(
                format!("{} {}", revision.id, revision.tree),
                by_git,
                "{spec}"
            );
            assert_eq!(revision.name, spec);
        }
    }

    #[test]
    fn branch_of_origin_stands_in_for_a_local_one() {
        let scratch = Scratch::diverged();
        let clone = scratch.beside("clone");
        scratch.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
        let repo = Repo::discover(&clone).unwrap();
        assert_eq!(repo.branches().unwrap(), ["feature"]);
        assert_eq!(repo.revision("main").unwrap().id, scratch.id("main"));
        assert_eq!(repo.revision("main~1").unwrap().id, scratch.id("main~1"));
        assert_eq!(repo.revision("origin/main").unwrap().id, scratch.id("main"));
        let error = repo.revision("mian").unwrap_err();
        assert_eq!(error.help(), Some("did you mean `main`?"));
    }

    #[test]
    fn unknown_revision_offers_near_names() {
        let scratch = Scratch::diverged();
        let repo = scratch.repo();
        let error = repo.revision("feture").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.to_string(), "no revision `feture`");
        assert_eq!(error.help(), Some("did you mean `feature`?"));
        let error = repo.revision("main~99").unwrap_err();
        assert_eq!(error.help(), Some("did you mean `main`?"));
        let error = repo.revision("zzz").unwrap_err();
        assert_eq!(error.help(), Some("there are `feature`, `fork`, `main`"));
        assert!(repo.revision("").is_err());
    }

    #[test]
    fn what_is_no_commit_is_refused() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        for (spec, kind) in [("HEAD^{tree}", "tree"), ("HEAD:a.yaml", "blob")] {
            let error = repo.revision(spec).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("`{spec}` is a {kind}, not a commit")
            );
        }
    }

    #[test]
    fn ambiguous_beginning_is_said_to_be_so() {
        let scratch = Scratch::started();
        // Two blobs whose SHA-1 begins alike, found by counting.
        let mut seen = std::collections::BTreeMap::new();
        let twins = (0..).find_map(|i| {
            let id = scratch
                .repo()
                .write_blob(format!("{i}").as_bytes())
                .unwrap()
                .to_string();
            seen.insert(id[..4].to_owned(), id.clone())
                .map(|_| id[..4].to_owned())
        });
        let twins = twins.unwrap();
        let error = scratch.repo().revision(&twins).unwrap_err();
        assert!(error.to_string().contains("several objects"), "{error:?}");
    }

    #[test]
    fn merge_base_is_where_two_histories_parted() {
        let scratch = Scratch::diverged();
        let repo = scratch.repo();
        let (main, feature, fork) = (
            scratch.id("main"),
            scratch.id("feature"),
            scratch.id("fork"),
        );
        assert_eq!(repo.merge_base(main, feature).unwrap(), Some(fork));
        assert!(repo.is_ancestor(fork, main).unwrap());
        assert!(repo.is_ancestor(main, main).unwrap());
        assert!(!repo.is_ancestor(main, feature).unwrap());
        scratch.git(&["checkout", "-q", "--orphan", "lone"]);
        scratch.commit("lone");
        assert_eq!(repo.merge_base(main, scratch.id("lone")).unwrap(), None);
        assert!(repo.merge_base(main, scratch.id("main^{tree}")).is_err());
    }

    #[test]
    fn shallow_clone_is_read_up_to_its_end() {
        let scratch = Scratch::diverged();
        let clone = scratch.beside("shallow");
        let url = format!("file://{}", scratch.path().display());
        scratch.git(&[
            "clone",
            "-q",
            "--depth=1",
            "--no-tags",
            "--no-single-branch",
            &url,
            clone.to_str().unwrap(),
        ]);
        let repo = Repo::discover(&clone).unwrap();
        assert!(repo.is_shallow());
        let (main, feature) = (
            repo.revision("main").unwrap(),
            repo.revision("feature").unwrap(),
        );
        assert_eq!(repo.merge_base(main.id, feature.id).unwrap(), None);
        let history: Vec<_> = repo.history(main.id, &["a.yaml".into()]).collect();
        assert_eq!(history.len(), 1);
        let error = repo.revision("main~1").unwrap_err();
        assert!(error.help().unwrap().contains("--unshallow"), "{error:?}");
        let error = repo.range("main..feature").unwrap_err();
        assert!(error.help().unwrap().contains("--unshallow"), "{error:?}");
    }

    #[test]
    fn replace_objects_are_not_followed() {
        let scratch = Scratch::started();
        let first = scratch.id("HEAD");
        scratch.write("a.yaml", "a: 2\n");
        let second = scratch.commit("second");
        scratch.git(&["replace", &first.to_string(), &second.to_string()]);
        let repo = scratch.repo();
        let files = repo.files(&repo.revision("HEAD~1").unwrap());
        assert_eq!(
            files.read(path("a.yaml")).unwrap().unwrap().bytes,
            b"a: 1\n"
        );
    }
}
