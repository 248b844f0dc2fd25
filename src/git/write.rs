use std::path::Path;

use bstr::{BString, ByteSlice};
use gix::refs::transaction::{PreviousValue, RefEdit};
use gix::refs::{FullName, Target};

use super::locks::held;
use super::{FileKind, ObjectFormat, Oid, OpenOptions, Person, Repo};
use crate::{Error, Result};

/// A commit to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommit {
    /// The files.
    pub tree: Oid,
    /// The commits it follows.
    pub parents: Vec<Oid>,
    /// Who wrote the change, and when.
    pub author: Person,
    /// Who makes the commit, and when.
    pub committer: Person,
    /// The message.
    pub message: BString,
}

/// A reference that is to move to another commit.
#[derive(Clone, Debug)]
pub struct RefMove {
    /// Its name.
    pub name: String,
    /// Where it stands; none if it must not be there yet.
    pub expected: Option<Oid>,
    /// Where it is to stand.
    pub new: Oid,
}

impl Repo {
    /// Makes a new repository, with no commit, and `HEAD` on the branch named.
    ///
    /// # Errors
    ///
    /// When there is one already, the branch's name is no good, or the disk refuses.
    pub fn init(dir: &Path, branch: &str, bare: bool, format: ObjectFormat) -> Result<Self> {
        let branch = full_name(&format!("refs/heads/{branch}"))?;
        let shown = dir.display();
        std::fs::create_dir_all(dir)
            .map_err(|cause| Error::io(format!("cannot make the folder `{shown}`"), cause))?;
        let kind = if bare {
            gix::create::Kind::Bare
        } else {
            gix::create::Kind::WithWorktree
        };
        let options = gix::create::Options {
            object_hash: Some(format.into()),
            ..gix::create::Options::default()
        };
        let made = gix::create::into(dir, kind, options).map_err(|cause| {
            Error::repository(format!("cannot make a repository in `{shown}`"))
                .with_help(format!("see what is there: `git -C {shown} status`"))
                .because(cause)
        })?;
        let (git_dir, _) = made.into_repository_and_work_tree_directories();
        let head = git_dir.join("HEAD");
        std::fs::write(&head, format!("ref: {}\n", branch.as_bstr()))
            .map_err(|cause| Error::io(format!("cannot write `{}`", head.display()), cause))?;
        Self::open_with(&OpenOptions {
            dir: dir.to_owned(),
            ..OpenOptions::default()
        })
    }

    /// Writes a file's bytes.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    pub fn write_blob(&self, bytes: &[u8]) -> Result<Oid> {
        self.may_write()?;
        let id = self.git.write_blob(bytes);
        id.map(|id| Oid(id.detach()))
            .map_err(|cause| cannot_write("a file", cause))
    }

    /// Writes a tree: another one, or an empty one, with some paths set and others removed.
    ///
    /// Removing what is not there is no error, and a folder left empty goes.
    ///
    /// # Errors
    ///
    /// When a path is none that Git takes, an object is missing, or the disk refuses.
    pub fn write_tree(
        &self,
        base: Option<Oid>,
        edits: &[(BString, Option<(Oid, FileKind)>)],
    ) -> Result<Oid> {
        self.may_write()?;
        let refused = |cause| cannot_write("a tree", cause);
        let empty = gix::ObjectId::empty_tree(self.git.object_hash());
        let base = base.map_or(empty, |base| base.0);
        let mut editor = self.git.edit_tree(base).map_err(refused)?;
        for (path, edit) in edits {
            match edit {
                Some((id, kind)) => editor.upsert(path, (*kind).into(), id.0),
                None => editor.remove(path),
            }
            .map_err(refused)?;
        }
        Ok(Oid(editor.write().map_err(refused)?.detach()))
    }

    /// Writes a commit; no branch moves.
    ///
    /// # Errors
    ///
    /// When a name or address holds what Git does not take, or the disk refuses.
    pub fn write_commit(&self, commit: &NewCommit) -> Result<Oid> {
        self.write_commit_object(commit.into())
    }

    /// Writes a commit that is signed: `sign` gives the signature, in its armor, of the bytes that it
    /// gets, which are the commit without one.
    ///
    /// # Errors
    ///
    /// When `sign` has none, or for what [`write_commit`](Self::write_commit) refuses.
    pub fn write_signed_commit(
        &self,
        commit: &NewCommit,
        sign: &dyn Fn(&[u8]) -> Result<String>,
    ) -> Result<Oid> {
        let mut object = gix::objs::Commit::from(commit);
        let mut payload = Vec::new();
        gix::objs::WriteTo::write_to(&object, &mut payload)
            .map_err(|cause| Error::io("cannot write a commit", cause))?;
        let header = match self.object_format() {
            ObjectFormat::Sha1 => "gpgsig",
            ObjectFormat::Sha256 => "gpgsig-sha256",
        };
        let armored = sign(&payload)?;
        object
            .extra_headers
            .push((header.into(), armored.trim_end().into()));
        self.write_commit_object(object)
    }

    fn write_commit_object(&self, object: gix::objs::Commit) -> Result<Oid> {
        self.may_write()?;
        let id = self.git.write_object(object);
        id.map(|id| Oid(id.detach()))
            .map_err(|cause| cannot_write("a commit", cause))
    }
}

impl From<&NewCommit> for gix::objs::Commit {
    fn from(commit: &NewCommit) -> Self {
        Self {
            tree: commit.tree.0,
            parents: commit.parents.iter().map(|id| id.0).collect(),
            author: (&commit.author).into(),
            committer: (&commit.committer).into(),
            encoding: None,
            message: commit.message.clone(),
            extra_headers: Vec::new(),
        }
    }
}

impl Repo {
    /// Moves a reference to a commit, if it still stands where it is expected to.
    ///
    /// `expected` is the commit it stands at, or `None` if it must not be there yet. `HEAD` moves
    /// the branch it is on. The log of the reference names the new commit's committer.
    ///
    /// # Errors
    ///
    /// When the reference stands elsewhere, in which case nothing has changed.
    pub fn update_ref(&self, name: &str, expected: Option<Oid>, new: Oid, log: &str) -> Result<()> {
        self.may_write()?;
        let full = full_name(name)?;
        let committer = self.commit(new)?.committer;
        let moved = self.set_ref(full, expected, new, log, Some(&committer));
        moved.map_err(|cause| match self.ref_target(name) {
            now if now == expected => {
                let error = cannot_write(&format!("`{name}`"), cause);
                match self.lock_of_ref(name) {
                    Some(lock) => held(error, &lock),
                    None => error,
                }
            }
            now => {
                let place = |id: Option<Oid>| match id {
                    Some(id) => format!("at {}", id.short()),
                    None => "nowhere".to_owned(),
                };
                let (now, expected) = (place(now), place(expected));
                Error::repository(format!(
                    "`{name}` has moved: it is {now}, and was expected {expected}"
                ))
                .with_help(format!(
                    "see what happened (`git log {name}`), and try again"
                ))
                .because(cause)
            }
        })
    }

    /// Moves several references together, each as [`update_ref`](Self::update_ref) does: all are
    /// locked before the first moves.
    ///
    /// # Errors
    ///
    /// When one of them stands elsewhere, in which case nothing has changed.
    pub fn update_refs(&self, moves: &[RefMove], log: &str) -> Result<()> {
        self.may_write()?;
        let [first, ..] = moves else {
            return Ok(());
        };
        if let [one] = moves {
            return self.update_ref(&one.name, one.expected, one.new, log);
        }
        let committer = self.commit(first.new)?.committer;
        let mut edits = Vec::with_capacity(moves.len());
        for it in moves {
            edits.push(ref_edit(full_name(&it.name)?, it.expected, it.new, log));
        }
        self.edit_refs(edits, Some(&committer)).map_err(|cause| {
            let names: Vec<_> = moves.iter().map(|it| format!("`{}`", it.name)).collect();
            let error = cannot_write(&names.join(", "), cause);
            match moves.iter().find_map(|it| self.lock_of_ref(&it.name)) {
                Some(lock) => held(error, &lock),
                None => error,
            }
        })
    }

    /// Makes a tag: a light one, or one with a message and the person who made it.
    ///
    /// # Errors
    ///
    /// When there is a tag of that name, or the name is no good.
    pub fn tag(&self, name: &str, target: Oid, annotated: Option<(&Person, &str)>) -> Result<()> {
        self.may_write()?;
        let full = full_name(&format!("refs/tags/{name}"))?;
        let mut id = target;
        if let Some((tagger, message)) = annotated {
            let header = self.git.find_header(target.0);
            let header = header.map_err(|cause| cannot_write(&format!("tag `{name}`"), cause))?;
            let mut message = BString::from(message);
            if !message.ends_with_str("\n") {
                message.push(b'\n');
            }
            let object = gix::objs::Tag {
                target: target.0,
                target_kind: header.kind(),
                name: name.into(),
                tagger: Some(tagger.into()),
                message,
                signature: None,
            };
            let written = self.git.write_object(object);
            id = Oid(written
                .map_err(|cause| cannot_write("a tag", cause))?
                .detach());
        }
        let tagger = annotated.map(|(tagger, _)| tagger);
        self.set_ref(full, None, id, "", tagger).map_err(|cause| {
            Error::repository(format!("cannot make the tag `{name}`"))
                .with_help(format!(
                    "see whether there is one: `git show-ref --tags {name}`"
                ))
                .because(cause)
        })
    }

    fn set_ref(
        &self,
        name: FullName,
        expected: Option<Oid>,
        new: Oid,
        log: &str,
        person: Option<&Person>,
    ) -> std::result::Result<(), gix::Error> {
        self.edit_refs(vec![ref_edit(name, expected, new, log)], person)
    }

    fn edit_refs(
        &self,
        edits: Vec<RefEdit>,
        person: Option<&Person>,
    ) -> std::result::Result<(), gix::Error> {
        let mut buffer = gix::date::parse::TimeBuf::default();
        let person = person.map(gix::actor::Signature::from);
        let person = person.as_ref().map(|person| person.to_ref(&mut buffer));
        self.git.edit_references_as(edits, person)?;
        Ok(())
    }

    fn ref_target(&self, name: &str) -> Option<Oid> {
        let mut reference = self.git.try_find_reference(name).ok()??;
        Some(Oid(reference.peel_to_id().ok()?.detach()))
    }
}

fn ref_edit(name: FullName, expected: Option<Oid>, new: Oid, log: &str) -> RefEdit {
    let expected = match expected {
        Some(id) => PreviousValue::MustExistAndMatch(Target::Object(id.0)),
        None => PreviousValue::MustNotExist,
    };
    let log = log.lines().next().unwrap_or_default();
    RefEdit::update(name, new.0, expected, log).with_deref(true)
}

fn full_name(name: &str) -> Result<FullName> {
    FullName::try_from(name).map_err(|cause| {
        Error::usage(format!("`{name}` is no name that Git takes"))
            .with_help(format!("see `git check-ref-format --print {name}`"))
            .because(cause)
    })
}

fn cannot_write(what: &str, cause: gix::Error) -> Error {
    Error::repository(format!("cannot write {what}")).because(cause)
}

#[cfg(test)]
mod tests;
