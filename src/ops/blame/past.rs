//! The way back: which commit every value of a file was last changed by.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use bstr::{BString, ByteSlice};
use foldhash::{HashMap, HashSet};

use super::renamed;
use crate::config::{ParsedFile, Snapshot};
use crate::document::{Identity, Value, same};
use crate::error::Result;
use crate::git::{Commit, Files, Oid, Repo, Revision};

/// The commit that last changed a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) commit: Oid,
    /// Whether the history that is here ends there, so that it may have been an older one.
    pub(super) is_boundary: bool,
}

/// What one version of a file says.
pub(super) struct Version {
    pub(super) documents: Vec<Arc<Value>>,
}

impl Version {
    pub(super) fn of(file: &ParsedFile) -> Self {
        let documents = file.documents().iter();
        Self {
            documents: documents.map(|it| Arc::clone(&it.root)).collect(),
        }
    }

    /// Finds for each part of this version the same part of an older one.
    pub(super) fn parts_in(&self, older: &Self) -> Vec<Option<usize>> {
        same(&older.documents, &self.documents, &Identity::default())
    }
}

/// Values that stood in one version of a file, and whose past is still to be read.
struct Group {
    path: BString,
    /// The object of the version.
    held: Oid,
    version: Rc<Version>,
    /// The oldest commit known to have these values; none where they are not committed.
    owner: Option<Oid>,
    /// Which values: the number of the answer, and that of the part of the version.
    values: Vec<(usize, usize)>,
}

/// Where a step back is made from.
struct Here {
    parents: Vec<Oid>,
    files: Source,
    is_boundary: bool,
}

enum Source {
    Commit(Oid, Oid),
    Tree(Files),
}

/// Goes back from a tree through the history up to its parents, and says of each part of a file
/// which commit it is owed to; none where it is not committed yet. `wanted` says which parts
/// matter.
pub(super) fn trace(
    repo: &Repo,
    tree: &Snapshot,
    parents: &[Oid],
    file: &ParsedFile,
    wanted: &[bool],
) -> Result<Vec<Option<Mark>>> {
    let version = Rc::new(Version::of(file));
    let mut walk = Walk {
        repo: repo.with_memory(),
        boundary: repo.boundary()?,
        queue: BinaryHeap::new(),
        waiting: HashMap::default(),
        pushed: 0,
        versions: HashMap::default(),
        broken: HashSet::default(),
        marks: vec![None; wanted.len()],
    };
    let Some(held) = file.id else {
        return Ok(walk.marks);
    };
    walk.versions.insert(held, Rc::downgrade(&version));
    let values = (0..wanted.len()).filter(|&part| wanted[part]);
    let group = Group {
        path: file.path.clone(),
        held,
        version,
        owner: None,
        values: values.map(|part| (part, part)).collect(),
    };
    let here = Here {
        parents: parents.to_vec(),
        files: Source::Tree(tree.files().clone()),
        is_boundary: false,
    };
    walk.step(&here, group)?;
    while let Some((_, _, id)) = walk.queue.pop() {
        let Some((commit, groups)) = walk.waiting.remove(&id) else {
            continue;
        };
        let is_boundary = walk.boundary.contains(&id);
        let here = Here {
            files: Source::Commit(commit.id, commit.tree),
            parents: match is_boundary {
                true => Vec::new(),
                false => commit.parents,
            },
            is_boundary,
        };
        for group in groups {
            walk.step(&here, group)?;
        }
    }
    Ok(walk.marks)
}

struct Walk {
    repo: Repo,
    boundary: HashSet<Oid>,
    /// The commits to be looked at, the latest first.
    queue: BinaryHeap<(i64, Reverse<usize>, Oid)>,
    waiting: HashMap<Oid, (Commit, Vec<Group>)>,
    pushed: usize,
    /// The versions that are still in use.
    versions: HashMap<Oid, Weak<Version>>,
    /// Objects that cannot be read as configuration.
    broken: HashSet<Oid>,
    marks: Vec<Option<Mark>>,
}

impl Walk {
    /// Hands each value to a parent that has it; what none has was changed here.
    fn step(&mut self, here: &Here, mut group: Group) -> Result<()> {
        let mut parents = Vec::with_capacity(here.parents.len());
        for parent in &here.parents {
            let parent = self.repo.commit(*parent)?;
            let there = self.repo.file_at(parent.tree, &group.path)?;
            if there == Some(group.held) {
                group.owner = Some(parent.id);
                self.push(parent, group);
                return Ok(());
            }
            parents.push((parent, there));
        }
        let mut unreadable = None;
        let mut lacking = Vec::new();
        for (parent, there) in parents {
            let Some(there) = there else {
                lacking.push(parent);
                continue;
            };
            match self.version(&group.path, there)? {
                None => unreadable = unreadable.or(Some(parent)),
                Some(version) => {
                    let path = group.path.clone();
                    self.hand_over(&mut group, parent, path, there, version);
                }
            }
        }
        for parent in lacking {
            if group.values.is_empty() {
                return Ok(());
            }
            let before = self.files(parent.id, parent.tree);
            let after = match &here.files {
                Source::Commit(id, tree) => self.files(*id, *tree),
                Source::Tree(files) => files.clone(),
            };
            let was = renamed::find(&before, &after, group.held, &group.version, &group.path)?;
            if let Some((path, there)) = was
                && let Some(version) = self.version(&path, there)?
            {
                self.hand_over(&mut group, parent, path, there, version);
            }
        }
        if group.values.is_empty() {
            return Ok(());
        }
        // What stands behind a version that cannot be read may have the values all the same.
        if let Some(parent) = unreadable {
            self.push(parent, group);
            return Ok(());
        }
        for (answer, _) in group.values {
            self.marks[answer] = group.owner.map(|commit| Mark {
                commit,
                is_boundary: here.is_boundary,
            });
        }
        Ok(())
    }

    fn files(&self, id: Oid, tree: Oid) -> Files {
        self.repo.files(&Revision {
            name: id.short(),
            id,
            tree,
        })
    }

    /// Hands to a commit those values that its version has, too.
    fn hand_over(
        &mut self,
        group: &mut Group,
        commit: Commit,
        path: BString,
        held: Oid,
        version: Rc<Version>,
    ) {
        let found = group.version.parts_in(&version);
        let mut handed = Vec::new();
        group.values.retain(|&(answer, part)| {
            let was = found.get(part).copied().flatten();
            handed.extend(was.map(|was| (answer, was)));
            was.is_none()
        });
        if !handed.is_empty() {
            let group = Group {
                path,
                held,
                version,
                owner: Some(commit.id),
                values: handed,
            };
            self.push(commit, group);
        }
    }

    fn push(&mut self, commit: Commit, group: Group) {
        let id = commit.id;
        let time = commit.committer.time;
        let (_, groups) = self.waiting.entry(id).or_insert_with(|| {
            self.pushed += 1;
            self.queue.push((time, Reverse(self.pushed), id));
            (commit, Vec::new())
        });
        let known = groups.iter_mut().find(|known| {
            known.held == group.held && known.owner == group.owner && known.path == group.path
        });
        match known {
            Some(known) => known.values.extend(group.values),
            None => groups.push(group),
        }
    }

    /// Reads a version, unless it is still in use; none where it cannot be read.
    fn version(&mut self, path: &BString, id: Oid) -> Result<Option<Rc<Version>>> {
        if self.broken.contains(&id) {
            return Ok(None);
        }
        if let Some(known) = self.versions.get(&id).and_then(Weak::upgrade) {
            return Ok(Some(known));
        }
        let bytes = self.repo.bytes(id)?;
        let file = ParsedFile::of_bytes(&path.to_str_lossy(), &bytes);
        if !file.is_sound() {
            self.broken.insert(id);
            return Ok(None);
        }
        let version = Rc::new(Version::of(&file));
        self.versions.insert(id, Rc::downgrade(&version));
        Ok(Some(version))
    }
}
