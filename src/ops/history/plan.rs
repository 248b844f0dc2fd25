use std::collections::{BTreeMap, BTreeSet};

use super::Folders;
use super::steps::{Author, Step, TagForm};
use crate::{Error, Result};

/// All files of one state, by path.
pub(super) type State<'a> = BTreeMap<&'a str, &'a [u8]>;

/// A history worked out in memory: what every commit holds, and what every name points at.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// In order: parents stand before their children.
    pub(super) commits: Vec<PlannedCommit<'a>>,
    /// Branches in the order of their making, with their last commit.
    pub(super) branches: Vec<(&'a str, usize)>,
    /// Tags in the order of their making.
    pub(super) tags: Vec<PlannedTag<'a>>,
}

#[derive(Debug)]
pub(super) struct PlannedCommit<'a> {
    pub(super) parents: Vec<usize>,
    pub(super) state: State<'a>,
    pub(super) author: Author,
    pub(super) message: String,
}

#[derive(Debug)]
pub(super) struct PlannedTag<'a> {
    pub(super) name: &'a str,
    pub(super) commit: usize,
    /// The message of an annotated tag.
    pub(super) message: Option<&'a str>,
}

impl<'a> Plan<'a> {
    /// Works out the steps, one after the other.
    pub(super) fn new(steps: &'a [Step], folders: &'a Folders) -> Result<Self> {
        let mut plan = Self::default();
        for (index, step) in steps.iter().enumerate() {
            plan.carry_out(step, folders).map_err(|error| {
                let place = format!("step {} of the history, on `{}`", index + 1, step.branch);
                let mut told = Error::new(error.kind(), format!("{place}: {error}"));
                if let Some(help) = error.help() {
                    told = told.with_help(help);
                }
                told
            })?;
        }
        if plan.commits.is_empty() {
            return Err(Error::invalid("the history has no commit"));
        }
        Ok(plan)
    }

    fn carry_out(&mut self, step: &'a Step, folders: &'a Folders) -> Result<()> {
        let known = self.branch(&step.branch).is_some();
        let tip = match (&step.from, self.branch(&step.branch)) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("`from` is given, but the branch exists"));
            }
            (Some(from), None) => Some(self.named(from)?),
            (None, None) if !self.commits.is_empty() => {
                return Err(Error::invalid("the branch is new and has no `from`")
                    .with_help("name the branch or tag where it begins: `from: main`"));
            }
            (None, tip) => tip,
        };
        let at = if step.commits() {
            let commit = self.commit(step, tip, folders)?;
            self.commits.push(commit);
            self.commits.len() - 1
        } else if step.message.is_some() {
            return Err(Error::invalid(
                "there is a message, but nothing to commit: no `folder`, `remove` or `merge`",
            ));
        } else {
            tip.ok_or_else(|| Error::invalid("the first step must make a commit"))?
        };
        if known {
            self.move_branch(&step.branch, at);
        } else {
            self.branches.push((&step.branch, at));
        }
        self.add_tag(step, at)
    }

    fn commit(
        &self,
        step: &'a Step,
        tip: Option<usize>,
        folders: &'a Folders,
    ) -> Result<PlannedCommit<'a>> {
        let mut parents: Vec<usize> = tip.into_iter().collect();
        let mut state = tip.map_or_else(State::new, |tip| self.commits[tip].state.clone());
        let laid_over = match &step.folder {
            Some(name) => Some(folders.get(name).ok_or_else(|| {
                Error::invalid(format!("there is no folder `{name}` with files"))
                    .with_names(name, folders.keys().map(String::as_str))
            })?),
            None => None,
        };
        if let Some(other) = &step.merge {
            let other_at = self.named(other)?;
            let tip = tip.ok_or_else(|| Error::invalid("the first step cannot merge"))?;
            for path in self.merge_into(&mut state, tip, other_at) {
                if !laid_over.is_some_and(|files| files.contains_key(path)) {
                    return Err(Error::invalid(format!(
                        "`{path}` was changed on both sides of the merge with `{other}`"
                    ))
                    .with_help("put the merged file into the step's folder"));
                }
            }
            parents.push(other_at);
        }
        for path in &step.remove {
            if state.remove(path.as_str()).is_none() {
                return Err(
                    Error::invalid(format!("there is no file `{path}` to remove"))
                        .with_names(path, state.keys().copied()),
                );
            }
        }
        for (path, bytes) in laid_over.into_iter().flatten() {
            state.insert(path, bytes);
        }
        Ok(PlannedCommit {
            parents,
            state,
            author: step.author()?,
            message: step.message()?,
        })
    }

    /// Takes over what the other side changed, file by file; gives the files that both changed.
    fn merge_into(&self, state: &mut State<'a>, tip: usize, other: usize) -> Vec<&'a str> {
        let theirs = &self.commits[other].state;
        let nothing = State::new();
        let shared = self.past(tip);
        let base = self.past(other).intersection(&shared).max().copied();
        let base = base.map_or(&nothing, |base| &self.commits[base].state);
        let paths: BTreeSet<&'a str> = theirs.keys().chain(base.keys()).copied().collect();
        let mut conflicts = Vec::new();
        for path in paths {
            let (old, new) = (base.get(path), theirs.get(path));
            let ours = state.get(path);
            if old == new || ours == new {
                continue;
            }
            if ours != old {
                conflicts.push(path);
            } else if let Some(bytes) = new {
                state.insert(path, bytes);
            } else {
                state.remove(path);
            }
        }
        conflicts
    }

    /// Gives the commit itself and all that it came from.
    fn past(&self, commit: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![commit];
        while let Some(at) = waiting.pop() {
            if seen.insert(at) {
                waiting.extend(&self.commits[at].parents);
            }
        }
        seen
    }

    fn branch(&self, name: &str) -> Option<usize> {
        let found = self.branches.iter().find(|(branch, _)| *branch == name);
        found.map(|(_, at)| *at)
    }

    fn move_branch(&mut self, name: &str, to: usize) {
        for (branch, at) in &mut self.branches {
            if *branch == name {
                *at = to;
            }
        }
    }

    fn add_tag(&mut self, step: &'a Step, commit: usize) -> Result<()> {
        let (name, message) = match &step.tag {
            None => return Ok(()),
            Some(TagForm::Light(name)) => (name, None),
            Some(TagForm::Annotated { name, message }) => (name, Some(message.as_str())),
        };
        if self.tags.iter().any(|tag| tag.name == name) {
            return Err(Error::invalid(format!("the tag `{name}` exists")));
        }
        self.tags.push(PlannedTag {
            name,
            commit,
            message,
        });
        Ok(())
    }

    fn named(&self, name: &str) -> Result<usize> {
        let tags = self.tags.iter().map(|tag| (tag.name, tag.commit));
        let mut all = self.branches.iter().copied().chain(tags);
        let found = all.clone().find(|(known, _)| *known == name);
        found.map(|(_, at)| at).ok_or_else(|| {
            let names: Vec<&str> = all.by_ref().map(|(known, _)| known).collect();
            Error::invalid(format!("no earlier step makes `{name}`")).with_names(name, names)
        })
    }
}
