//! Whose signatures count, commit by commit.

use std::sync::Arc;

mod lists;
#[cfg(test)]
mod tests;

use foldhash::HashMap;
use serde::Serialize;

use lists::{Files, Lists};

use crate::error::Result;
use crate::git::{Commit, Landings, Oid, Repo, Signed, TagObject};
use crate::report::{Finding, Location, Rule, Severity};
use crate::sign::{Certificates, Clock, Revoked, Signers, Standing, Verdict};
use crate::text::Source;

/// Where a repository lists who may sign, in the form of Git's `gpg.ssh.allowedSignersFile`.
pub const SIGNERS: &str = "allowed_signers";

/// Where it lists the keys that count no longer, whenever they signed.
pub const REVOKED: &str = "revoked_signers";

/// The folder where it keeps the OpenPGP certificates of who may sign, `NAME.asc`, and the keys that
/// count no longer, `NAME.revoked.asc`.
pub const CERTIFICATES: &str = "pgp_signers";

/// The rules about lists of signers.
pub const RULES: &[&Rule] = &[&SIGNERS_CHANGED, &SIGNERS_UNREADABLE];

/// A change of the lists that nobody on them signed.
static SIGNERS_CHANGED: Rule = Rule {
    id: "signers-changed",
    severity: Severity::Error,
    summary: "a change of who may sign that nobody who may sign made",
    docs: "`allowed_signers`, `revoked_signers` or a certificate in `pgp_signers/` changes in a \
commit without a signature that counts. Anybody could put themselves on the list that way, so the \
lists of before stay in force.

**What to do.** Let somebody on the list make the change, signed.

```sh
git show COMMIT -- allowed_signers revoked_signers pgp_signers
```",
};

/// A list of signers that cannot be read.
static SIGNERS_UNREADABLE: Rule = Rule {
    id: "signers-unreadable",
    severity: Severity::Error,
    summary: "a list of signers that cannot be read, so that nobody's signature counts",
    docs: "A line of `allowed_signers` or `revoked_signers` is not as OpenSSH has them. Git and \
OpenSSH refuse what follows such a line, and so nobody's signature counts from there on. The same \
holds where a file of `pgp_signers/` is no OpenPGP certificate, holds something that its owner did \
not sign, or has a name that says nobody.

**What to do.** Mend the line, or export the certificate anew (`gpg --armor --export-options \
export-minimal --export ann@example.org`); somebody gives the lists from elsewhere to audit that commit: \
`--signers FILE`.

```text
ann@example.org ssh-ed25519 AAAA…
```",
};

/// Where trust begins.
#[derive(Clone, Debug, Default)]
pub enum Root {
    /// The lists that stand in the repository when the history asked for begins: each commit is
    /// judged by those of the step before it, and they only change by a commit that is itself
    /// signed by somebody on them.
    #[default]
    History,
    /// The same, from a commit that is trusted.
    Anchor(Oid),
    /// Lists from elsewhere.
    Lists(Signers),
}

/// Whose signature a commit has, as far as the repository says who may sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// What it is worth.
    pub signature: Standing,
    /// Who made it: the names on the line that lists the key.
    pub signer: Option<String>,
}

impl Signature {
    /// Names an author, with what their signature is worth.
    pub(crate) fn beside(all: Option<&Self>, author: &str) -> String {
        let word = match all.map(|it| it.signature) {
            None => return author.to_owned(),
            Some(Standing::Good) => "signed",
            Some(Standing::None) => "not signed",
            Some(Standing::Bad) => "bad signature",
            Some(Standing::Unknown) => "unknown signer",
            Some(Standing::Expired) => "expired key",
        };
        format!("{author} ({word})")
    }
}

/// Whose signatures count for each commit of a history.
pub(crate) struct Trust {
    /// The lists, one after the other as they came into force.
    states: Vec<Signers>,
    /// Which of them counts for a commit, and which one is in force when it has landed.
    of: HashMap<Oid, [usize; 2]>,
    /// What is wrong with the lists.
    pub(crate) findings: Vec<Finding>,
    /// What certificates say of themselves, up to the end.
    later: Certificates,
    /// What counts as now; none where nobody says.
    now: Option<i64>,
    /// When the latest step was landed, as far as it says so.
    landed: i64,
    /// What was read already.
    lists: Lists,
}

impl Trust {
    /// Follows the lists along a history that begins behind `base`.
    ///
    /// # Errors
    ///
    /// Where the repository cannot be read.
    pub(crate) fn along(
        repo: &Repo,
        landings: &Landings,
        base: Option<Oid>,
        root: &Root,
    ) -> Result<Self> {
        let mut trust = Self {
            states: Vec::new(),
            of: HashMap::default(),
            findings: Vec::new(),
            later: Certificates::default(),
            now: repo.now(),
            landed: i64::MIN,
            lists: Lists::default(),
        };
        if let Root::Lists(signers) = root {
            trust.enter(signers.clone());
            let commits = landings.steps.iter().map(|step| step.commit.committer.time);
            trust.landed = commits.max().unwrap_or(trust.landed);
            let steps = landings.steps.iter();
            let all = steps.flat_map(|step| step.brought.iter().chain([&step.commit]));
            trust.of.extend(all.map(|commit| (commit.id, [0, 0])));
            return Ok(trust);
        }
        // What a history says first can only be believed, where no commit is trusted.
        let first = base.or_else(|| Some(landings.steps.first()?.commit.id));
        let first = first.map(|id| repo.commit(id)).transpose()?;
        let files = match &first {
            Some(commit) => Files::of(repo, commit.tree)?,
            None => Files::default(),
        };
        let first = trust.read(repo, first.as_ref(), &files, &Revoked::default())?;
        trust.enter(first);
        for step in &landings.steps {
            let state = trust.states.len() - 1;
            trust.of.insert(step.commit.id, [state, state]);
            // Who dates a commit back does not bring a key back that was over when others landed
            // theirs; who dates one forward ends no key before its time.
            let time = step.commit.committer.time;
            trust.landed = trust
                .landed
                .max(trust.now.map_or(time, |now| time.min(now)));
            trust.step(repo, &step.commit)?;
            let after = trust.states.len() - 1;
            for commit in step.brought.iter().chain([&step.commit]) {
                trust.of.insert(commit.id, [state, after]);
            }
        }
        Ok(trust)
    }

    /// Follows the lists from the beginning of a history to some commits; none where there are none,
    /// or the history is not here to its beginning.
    ///
    /// # Errors
    ///
    /// Where the repository cannot be read.
    pub(crate) fn up_to(repo: &Repo, tips: &[Oid]) -> Result<Option<Self>> {
        let &[tip] = tips else { return Ok(None) };
        if repo.is_shallow() || !Files::of(repo, repo.commit(tip)?.tree)?.say_who() {
            return Ok(None);
        }
        let landings = repo.landings(None, tip)?;
        Self::along(repo, &landings, None, &Root::History).map(Some)
    }

    /// Says whose signature a commit has.
    ///
    /// # Errors
    ///
    /// When the commit cannot be read.
    pub(crate) fn signature(&self, repo: &Repo, commit: &Commit) -> Result<Signature> {
        let verdict = self.verdict(repo, commit)?;
        Ok(Signature {
            signature: verdict.standing,
            signer: verdict.signer,
        })
    }

    /// Takes up what a step of the history makes of the lists.
    fn step(&mut self, repo: &Repo, commit: &Commit) -> Result<()> {
        let Some(parent) = commit.parents.first() else {
            return Ok(());
        };
        let now = Files::of(repo, commit.tree)?;
        if now == Files::of(repo, repo.commit(*parent)?.tree)? {
            return Ok(());
        }
        // Whether a list came into force does not change when a key is over later.
        let verdict = self.verdict_at(repo, commit, self.landed)?;
        if !verdict.is_good() {
            let message = format!(
                "this commit changes who may sign, and {}",
                unsigned(&verdict)
            );
            self.findings.push(Finding::new(&SIGNERS_CHANGED, message, told(commit)).with_help(
                "who may sign already makes the change, or signs it; until then the lists of before \
                 count",
            ));
            return Ok(());
        }
        // What was revoked once stays so.
        let revoked = self.states.last().map(|it| it.revoked.clone());
        let next = self.read(repo, Some(commit), &now, &revoked.unwrap_or_default())?;
        self.enter(next);
        Ok(())
    }

    /// Puts lists into force.
    fn enter(&mut self, signers: Signers) {
        self.later.learn(&signers.certificates);
        self.states.push(signers);
    }

    /// Reads the lists of a tree. Where one cannot be read, nobody's signature counts.
    fn read(
        &mut self,
        repo: &Repo,
        commit: Option<&Commit>,
        files: &Files,
        revoked: &Revoked,
    ) -> Result<Signers> {
        let (signers, faults) = self.lists.read(repo, files, revoked)?;
        for error in faults {
            if let Some(commit) = commit {
                let found = Finding::new(&SIGNERS_UNREADABLE, error.to_string(), told(commit));
                let help = error.help().unwrap_or("see `man ssh-keygen`");
                self.findings.push(found.with_help(help));
            }
        }
        Ok(signers)
    }

    /// Judges the signature of a commit; one that is not of the history has no signers.
    ///
    /// # Errors
    ///
    /// When the commit cannot be read.
    pub(crate) fn verdict(&self, repo: &Repo, commit: &Commit) -> Result<Verdict> {
        self.verdict_at(repo, commit, self.now.unwrap_or(self.landed))
    }

    fn verdict_at(&self, repo: &Repo, commit: &Commit, at: i64) -> Result<Verdict> {
        let signed = repo.signed_commit(commit.id)?;
        let state = self.of.get(&commit.id);
        let state = state.and_then(|[before, _]| self.states.get(*before));
        Ok(self.judge(&signed, state, commit.committer.time, at))
    }

    /// Judges a signature for another purpose than commits and tags, by the lists that count for a
    /// commit.
    pub(crate) fn verdict_on_text(
        &self,
        (landed, since): (&Commit, i64),
        namespace: &str,
        payload: &[u8],
        armored: &[u8],
    ) -> Verdict {
        let nobody = Signers::default();
        let state = self.of.get(&landed.id);
        let state = state.and_then(|[before, _]| self.states.get(*before));
        // Whoever made the commit says when; not before what it follows, which others made.
        let moment = landed.committer.time.max(since);
        let verdict = (state.unwrap_or(&nobody)).verify(namespace, payload, armored, moment);
        match self.states.last() {
            Some(last) => last.revoked.judge(verdict),
            None => verdict,
        }
    }

    /// Judges the signature of a tag: by the lists that were in force when its commit landed, or
    /// else by those of the end.
    ///
    /// # Errors
    ///
    /// When the tag cannot be read.
    pub(crate) fn verdict_on_tag(&self, repo: &Repo, tag: &TagObject) -> Result<Verdict> {
        let Some(object) = tag.object else {
            return Ok(Verdict::none());
        };
        let signed = repo.signed_tag(object)?;
        let landed = tag.commit.and_then(|commit| self.of.get(&commit));
        let then = landed.and_then(|[_, after]| self.states.get(*after));
        let at = self.now.unwrap_or(self.landed);
        let verdict = self.judge(&signed, then, tag.time, at);
        match verdict.standing {
            Standing::Unknown | Standing::Expired => {
                Ok(self.judge(&signed, self.states.last(), tag.time, at))
            }
            _ => Ok(verdict),
        }
    }

    /// Judges what is signed at a moment; OpenPGP keys must not be over `at` another one.
    fn judge(&self, signed: &Signed, state: Option<&Signers>, moment: i64, at: i64) -> Verdict {
        let nobody = Signers::default();
        let signers = state.unwrap_or(&nobody);
        let verdict = match (signed.fault, &signed.signature) {
            (Some(fault), _) => Verdict::malformed(fault),
            (None, None) => Verdict::none(),
            (None, Some(armored)) => {
                let clock = Clock {
                    at,
                    now: self.now,
                    later: &self.later,
                };
                signers.verify_object(&signed.payload, armored, moment, &clock)
            }
        };
        // A key that is revoked counted never.
        match self.states.last() {
            Some(last) => last.revoked.judge(verdict),
            None => verdict,
        }
    }

    /// Whether anybody was ever listed.
    pub(crate) fn is_empty(&self) -> bool {
        let mut states = self.states.iter();
        states.all(|it| it.allowed.entries().is_empty() && it.certificates.is_empty())
            && self.findings.is_empty()
    }
}

/// Says what is wrong with a signature, after "and".
fn unsigned(verdict: &Verdict) -> String {
    match &verdict.reason {
        None => "nobody signed it".to_owned(),
        Some(reason) => format!("its signature does not count: {reason}"),
    }
}

/// The place that stands for a commit: its title.
pub(crate) fn told(commit: &Commit) -> Location {
    let id = commit.id.short();
    let text = format!("{}\n", commit.title());
    let source = Source::new(format!("commit {id}"), text).at_revision(id);
    Location::file(&Arc::new(source))
}
