use bstr::{BString, ByteSlice};

use super::{Oid, Repo};
use crate::{Error, Result};

/// A commit, as the repository holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The commit's own name.
    pub id: Oid,
    /// The commits it follows; in a shallow clone some may not be there.
    pub parents: Vec<Oid>,
    /// The files at this commit.
    pub tree: Oid,
    /// Who wrote the change, and when.
    pub author: Person,
    /// Who made the commit, and when.
    pub committer: Person,
    /// The message, in whatever encoding it was written.
    pub message: BString,
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The moment, in seconds since 1970 in UTC.
    pub time: i64,
    /// The person's offset from UTC, in seconds.
    pub offset: i32,
}

impl Commit {
    /// Gives the message's first line.
    #[must_use]
    pub fn title(&self) -> String {
        self.message
            .lines()
            .next()
            .unwrap_or_default()
            .to_str_lossy()
            .into_owned()
    }
}

impl Person {
    /// Reads a moment as Git writes dates, as seconds since 1970 and the offset from UTC in seconds.
    #[must_use]
    pub fn moment(text: &str) -> Option<(i64, i32)> {
        let time = gix::date::parse(text.trim().trim_start_matches('@'), None).ok()?;
        Some((time.seconds, time.offset))
    }

    /// Gives the moment as RFC 3339 has it: `2025-09-01T09:12:00+02:00`.
    #[must_use]
    pub fn date(&self) -> String {
        gix::date::Time::new(self.time, self.offset)
            .format_or_unix(gix::date::time::format::ISO8601_STRICT)
    }
}

impl Repo {
    /// Reads a commit.
    ///
    /// # Errors
    ///
    /// When there is no such commit.
    pub fn commit(&self, id: Oid) -> Result<Commit> {
        read_commit(&self.git, id.0)
    }
}

pub(super) fn read_commit(git: &gix::Repository, id: gix::ObjectId) -> Result<Commit> {
    let broken = |cause| Error::repository(format!("cannot read the commit {id}")).because(cause);
    let object = git.find_commit(id).map_err(broken)?;
    let commit = object.decode().map_err(broken)?;
    Ok(Commit {
        id: Oid(id),
        parents: commit.parents().map(Oid).collect(),
        tree: Oid(commit.tree()),
        author: commit.author().map_err(broken)?.into(),
        committer: commit.committer().map_err(broken)?.into(),
        message: commit.message.to_owned(),
    })
}

impl From<gix::actor::SignatureRef<'_>> for Person {
    fn from(signature: gix::actor::SignatureRef<'_>) -> Self {
        let time = signature.time().unwrap_or_default();
        Self {
            name: signature.name.to_str_lossy().into_owned(),
            email: signature.email.to_str_lossy().into_owned(),
            time: time.seconds,
            offset: time.offset,
        }
    }
}

impl From<&Person> for gix::actor::Signature {
    fn from(person: &Person) -> Self {
        Self {
            name: person.name.as_str().into(),
            email: person.email.as_str().into(),
            time: gix::date::Time::new(person.time, person.offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::git::testing::Scratch;

    #[test]
    fn commit_tells_who_when_and_why() {
        let scratch = Scratch::diverged();
        scratch.git(&["merge", "-q", "-m", "Merge main\n\nBecause.", "main"]);
        let repo = scratch.repo();
        let id = scratch.id("HEAD");
        let commit = repo.commit(id).unwrap();
        assert_eq!(commit.id, id);
        assert_eq!(commit.parents, [scratch.id("HEAD^1"), scratch.id("HEAD^2")]);
        assert_eq!(commit.tree, scratch.id("HEAD^{tree}"));
        assert_eq!(commit.title(), "Merge main");
        assert_eq!(commit.message, "Merge main\n\nBecause.\n");
        assert_eq!(commit.author.name, "Ada");
        assert_eq!(commit.author.email, "ada@example.org");
        assert_eq!(commit.committer.offset, 7200);
        assert!(commit.committer.time > 1_700_000_000);
        assert!(repo.commit(commit.tree).is_err());
        assert_eq!(format!("{:?}", commit.id), format!("Oid({id})"));
    }
}
