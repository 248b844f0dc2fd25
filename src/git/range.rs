use bstr::ByteSlice;

use super::{Oid, Repo, Revision};
use crate::{Error, Result};

/// Two commits to be compared, and the way they were named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The range as written.
    pub spec: String,
    /// The older side, which a range's left end stands for or leads to.
    pub base: Revision,
    /// The newer side.
    pub tip: Revision,
    /// The branch that the left side names, here or at a remote, by its short name.
    pub branch: Option<String>,
}

/// Says whether a word is a range, such as `main..HEAD`, rather than a revision or a path.
///
/// ```
/// use strata::git::looks_like_range;
///
/// assert!(looks_like_range("main..HEAD") && looks_like_range("..HEAD"));
/// assert!(!looks_like_range("../config.yaml") && !looks_like_range("v1.2"));
/// ```
#[must_use]
pub fn looks_like_range(spec: &str) -> bool {
    split(spec).is_some()
}

fn split(spec: &str) -> Option<(&str, &str, bool)> {
    let (left, right) = spec.split_once("..")?;
    let (right, symmetric) = match right.strip_prefix('.') {
        Some(right) => (right, true),
        None => (right, false),
    };
    let is_path = left.ends_with('/') || right.starts_with('/');
    let is_bare = left.is_empty() && right.is_empty();
    (!is_path && !is_bare).then_some((left, right, symmetric))
}

impl Repo {
    /// Finds the two commits that a range names.
    ///
    /// `A...B` begins where the two parted. So does `A..B` when `A` is a branch that has moved on
    /// since; otherwise it begins at `A`. A side left out is `HEAD`.
    ///
    /// # Errors
    ///
    /// When a side is unknown, the sides never met, or they stand in the wrong order.
    pub fn range(&self, spec: &str) -> Result<Range> {
        let Some((left, right, symmetric)) = split(spec) else {
            return Err(Error::usage(format!("`{spec}` is not a range"))
                .with_help(format!("write two revisions: `{spec}..HEAD`")));
        };
        let or_head = |side| if str::is_empty(side) { "HEAD" } else { side };
        let (left, right) = (or_head(left), or_head(right));
        let from = self.revision(left)?;
        let tip = self.revision(right)?;
        let parted = self.merge_base(from.id, tip.id)?;
        if parted == Some(tip.id) && from.id != tip.id {
            let dots = if symmetric { "..." } else { ".." };
            return Err(Error::usage(format!(
                "the range `{spec}` is in the wrong order: `{right}` is an ancestor of `{left}`"
            ))
            .with_help(format!("swap the sides: `{right}{dots}{left}`")));
        }
        let base = match parted {
            Some(id) if id == from.id => from,
            Some(id) if symmetric || self.is_branch(left) => self.parting(id)?,
            None if symmetric || (self.is_shallow() && self.is_branch(left)) => {
                return Err(self.never_met(left, right));
            }
            _ => from,
        };
        Ok(Range {
            spec: spec.to_owned(),
            base,
            tip,
            branch: self.branch_of(left),
        })
    }

    fn parting(&self, id: Oid) -> Result<Revision> {
        self.peel(&id.short(), id.0)
    }

    fn never_met(&self, left: &str, right: &str) -> Error {
        let error = Error::usage(format!("`{left}` and `{right}` have no commit in common"));
        if self.is_shallow() {
            error.with_help("this clone is shallow; `git fetch --unshallow --tags` brings the rest")
        } else {
            error.with_help(format!("compare them as they are: `{left}..{right}`"))
        }
    }

    /// Says whether a name is a branch's, here or at a remote, and so one that moves.
    fn is_branch(&self, name: &str) -> bool {
        self.branch_of(name).is_some()
    }

    /// Gives the branch that a name stands for, here or at a remote.
    fn branch_of(&self, name: &str) -> Option<String> {
        if matches!(name, "HEAD" | "@") {
            return self.head().ok()?.branch;
        }
        let find = |name: &str| self.git.try_find_reference(name).ok().flatten();
        let reference = find(name).or_else(|| find(&format!("refs/remotes/origin/{name}")))?;
        let name = reference.name().as_bstr().to_str().ok()?;
        match name.strip_prefix("refs/remotes/") {
            Some(at_remote) => Some(at_remote.split_once('/')?.1.to_owned()),
            None => Some(name.strip_prefix("refs/heads/")?.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::testing::Scratch;

    #[test]
    fn ranges_are_told_from_paths_and_revisions() {
        for spec in [
            "a..b",
            "a...b",
            "..b",
            "a..",
            "origin/main..HEAD",
            "...b",
            "v1..v2:x",
        ] {
            assert!(looks_like_range(spec), "{spec}");
        }
        for spec in ["a", "../a", "a/../b", "a/..", "..", "...", "./a", ""] {
            assert!(!looks_like_range(spec), "{spec}");
        }
    }

    #[test]
    fn branch_that_moved_on_is_compared_from_where_it_was_left() {
        let scratch = Scratch::diverged();
        let repo = scratch.repo();
        let fork = scratch.id("fork");
        for spec in [
            "main..feature",
            "main...feature",
            "main..",
            "heads/main..HEAD",
        ] {
            let range = repo.range(spec).unwrap();
            assert_eq!(range.spec, spec);
            assert_eq!(range.base.id, fork, "{spec}");
            assert_eq!(range.base.name, fork.short());
            assert_eq!(range.tip.id, scratch.id("feature"));
        }
        let range = repo.range("..main").unwrap();
        assert_eq!((range.base.id, range.tip.id), (fork, scratch.id("main")));
    }

    #[test]
    fn tag_or_commit_is_compared_as_it_is() {
        let scratch = Scratch::diverged();
        scratch.git(&["tag", "v1", "main"]);
        let repo = scratch.repo();
        let main = scratch.id("main");
        for spec in [
            "v1..feature".to_owned(),
            format!("{main}..feature"),
            "main~0..".to_owned(),
        ] {
            let range = repo.range(&spec).unwrap();
            assert_eq!(range.base.id, main, "{spec}");
        }
        assert_eq!(
            repo.range("v1...feature").unwrap().base.id,
            scratch.id("fork")
        );
        let range = repo.range("fork..main").unwrap();
        assert_eq!(
            (range.base.name.as_str(), range.tip.name.as_str()),
            ("fork", "main")
        );
        let range = repo.range("main..main").unwrap();
        assert_eq!(range.base, range.tip);
    }

    #[test]
    fn detached_head_is_no_branch() {
        let scratch = Scratch::diverged();
        scratch.git(&["checkout", "-q", "--detach"]);
        let range = scratch.repo().range("..main").unwrap();
        assert_eq!(range.base.id, scratch.id("feature"));
    }

    #[test]
    fn remote_branch_that_moved_on_counts_as_one() {
        let scratch = Scratch::diverged();
        let clone = scratch.beside("clone");
        scratch.git(&["clone", "-q", ".", clone.to_str().unwrap()]);
        let repo = Repo::discover(&clone).unwrap();
        for spec in ["main..feature", "origin/main..feature"] {
            assert_eq!(
                repo.range(spec).unwrap().base.id,
                scratch.id("fork"),
                "{spec}"
            );
        }
    }

    #[test]
    fn wrong_order_offers_the_range_swapped() {
        let scratch = Scratch::diverged();
        let error = scratch.repo().range("main..fork").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the range `main..fork` is in the wrong order: `fork` is an ancestor of `main`"
        );
        assert_eq!(error.help(), Some("swap the sides: `fork..main`"));
        let error = scratch.repo().range("HEAD...fork").unwrap_err();
        assert_eq!(error.help(), Some("swap the sides: `fork...HEAD`"));
    }

    #[test]
    fn sides_that_never_met_have_no_merge_base() {
        let scratch = Scratch::started();
        scratch.git(&["checkout", "-q", "--orphan", "lone"]);
        scratch.commit("lone");
        let repo = scratch.repo();
        assert_eq!(
            repo.range("main..lone").unwrap().base.id,
            scratch.id("main")
        );
        let error = repo.range("main...lone").unwrap_err();
        assert_eq!(error.help(), Some("compare them as they are: `main..lone`"));
    }

    #[test]
    fn unknown_side_or_no_range_is_an_error() {
        let scratch = Scratch::started();
        let repo = scratch.repo();
        assert_eq!(
            repo.range("mian..HEAD").unwrap_err().help(),
            Some("did you mean `main`?")
        );
        assert!(repo.range("main..x").is_err());
        let error = repo.range("main").unwrap_err();
        assert_eq!(error.help(), Some("write two revisions: `main..HEAD`"));
    }
}
