//! Who agreed to a change, and why a statement does not count.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::authority::Asking;
use super::check::{Asked, names_of};
use super::file::POLICY;
use super::model::{Agreement, Policy};
use super::statement::{Approval, NAMESPACE, Says, change_digest, statements};
use super::touch::Touch;
use super::walk::Walk;
use super::who::Who;
use crate::config::Snapshot;
use crate::error::Result;
use crate::git::{Commit, FileChange, branch_name};
use crate::ops::trust::Trust;
use crate::sign::Verdict;

/// Why somebody who withdrew is not heard.
pub(super) const TAKEN_BACK: &str = "they took it back";

/// A statement that was found about a change.
#[derive(Clone, Debug, Serialize)]
pub struct Heard {
    /// The file.
    pub file: String,
    /// Who signed it, where that is known.
    pub by: Option<String>,
    /// What it says.
    #[serde(rename = "decision")]
    pub says: Says,
    /// Why it does not count; none where it does.
    pub reason: Option<String>,
    #[serde(skip)]
    pub(super) names: Vec<String>,
}

/// A change that statements may be about.
pub(super) struct Change {
    /// The commit that it follows.
    pub(super) parent: Commit,
    changes: Vec<FileChange>,
    pub(super) digest: String,
    /// Who made it.
    pub(super) authors: BTreeSet<String>,
    /// Whether a part of it was made by nobody that is known, who may be anybody.
    pub(super) is_anonymous: bool,
    /// What is known to be other than at a commit.
    moved: RefCell<BTreeMap<String, Option<String>>>,
}

/// What statements are held against.
pub(super) struct Terms<'a> {
    pub(super) asked: &'a Asked,
    pub(super) trust: &'a Trust,
    pub(super) policy: &'a Policy,
    /// The object of the policy.
    pub(super) policy_id: &'a str,
    /// The step whose lists of signers count.
    pub(super) step: &'a Commit,
}

impl Change {
    /// Says what is other than at the commit that a statement was given upon; many may be given upon
    /// the same one.
    fn moved_since(&self, walk: &Walk<'_>, base: &str) -> Result<Option<String>> {
        if let Some(known) = self.moved.borrow().get(base) {
            return Ok(known.clone());
        }
        let told = moved(walk, self, base)?;
        self.moved
            .borrow_mut()
            .insert(base.to_owned(), told.clone());
        Ok(told)
    }

    pub(super) fn of(walk: &Walk<'_>, parent: &Commit, new: &Commit) -> Result<Self> {
        let trees = [walk.tree(Some(parent)), walk.tree(Some(new))];
        let changes = trees[0].files().changes_to(trees[1].files())?;
        Ok(Self {
            parent: parent.clone(),
            digest: change_digest(&changes),
            changes,
            authors: BTreeSet::new(),
            is_anonymous: false,
            moved: RefCell::default(),
        })
    }
}

/// Reads the statements about a change that stand in some trees, and judges each.
pub(super) fn heard(
    walk: &Walk<'_>,
    terms: &Terms<'_>,
    change: &Change,
    trees: &[&Snapshot],
) -> Result<Vec<Heard>> {
    let mut found: Vec<Heard> = Vec::new();
    let mut seen = BTreeSet::new();
    for tree in trees {
        for (file, id) in statements(tree, &change.digest)? {
            if !seen.insert((file.clone(), id)) {
                continue;
            }
            let parsed = tree.file(file.as_bytes().as_bstr())?;
            let approval = parsed.as_deref().map(Approval::read);
            let approval = approval.unwrap_or(Err("it cannot be read"));
            found.push(judge(walk, terms, change, file, approval)?);
        }
    }
    for approval in &terms.asked.spoken {
        if approval.statement.change == change.digest {
            let file = approval.file().unwrap_or_default();
            found.push(judge(walk, terms, change, file, Ok(approval.clone()))?);
        }
    }
    // Who takes it back is not heard, whichever key they do it with.
    let gone = taken_back(&found);
    for heard in &mut found {
        if heard.reason.is_none() && heard.says == Says::Approve {
            let is_gone = heard.names.iter().any(|it| gone.contains(it));
            let is_author = heard.names.iter().any(|it| change.authors.contains(it));
            heard.reason = match (is_gone, is_author, change.is_anonymous) {
                (true, ..) => Some(TAKEN_BACK.to_owned()),
                (_, true, _) => Some("they made the change themselves".to_owned()),
                (.., true) => Some("nobody knows who made the change".to_owned()),
                _ => None,
            };
        }
    }
    Ok(found)
}

/// Names those who took an agreement back.
pub(super) fn taken_back(heard: &[Heard]) -> BTreeSet<String> {
    let is_gone = |it: &&Heard| it.says == Says::Withdraw && it.reason.is_none();
    let gone = heard.iter().filter(is_gone);
    gone.flat_map(|it| it.names.iter().cloned()).collect()
}

/// Judges one statement, whoever else there is.
fn judge(
    walk: &Walk<'_>,
    terms: &Terms<'_>,
    change: &Change,
    file: String,
    approval: std::result::Result<Approval, &'static str>,
) -> Result<Heard> {
    let mut heard = Heard {
        by: None,
        says: Says::Approve,
        reason: None,
        names: Vec::new(),
        file,
    };
    let approval = match approval {
        Ok(approval) => approval,
        Err(why) => {
            heard.reason = Some(why.to_owned());
            return Ok(heard);
        }
    };
    let statement = &approval.statement;
    heard.says = statement.decision;
    let verdict: Verdict = terms.trust.verdict_on_text(
        (terms.step, change.parent.committer.time),
        NAMESPACE,
        &statement.payload(),
        approval.signature.as_bytes(),
    );
    heard.by.clone_from(&verdict.signer);
    let reason = match &verdict.key {
        _ if !verdict.is_good() => {
            let why = verdict.reason.as_deref().unwrap_or("nobody signed it");
            Some(format!("its signature does not count: {why}"))
        }
        Some(key) if statement.is_at(key, &heard.file) => None,
        _ => Some("it stands under another name than its own".to_owned()),
    };
    heard.names = names_of(&verdict);
    heard.reason = match reason {
        Some(reason) => Some(reason),
        None => amiss(walk, terms, change, &approval)?,
    };
    Ok(heard)
}

/// Says what a statement is about, if that is not this change.
fn amiss(
    walk: &Walk<'_>,
    terms: &Terms<'_>,
    change: &Change,
    approval: &Approval,
) -> Result<Option<String>> {
    let statement = &approval.statement;
    let reason = if terms.policy.repository.as_ref() != Some(&statement.repository) {
        format!("it is about the repository `{}`", statement.repository)
    } else if statement.change != change.digest {
        "it is about another change".to_owned()
    } else if statement.policy != terms.policy_id {
        "the policy is another one than it was given under".to_owned()
    } else {
        let reference = terms.asked.reference.as_deref();
        match (reference, statement.is_over(terms.asked.today)) {
            (None, _) => format!(
                "it is about `{}`, and nobody said which branch this is for (`--ref`)",
                statement.reference
            ),
            (Some(own), _) if branch_name(own) != branch_name(&statement.reference) => {
                format!("it is about `{}`", statement.reference)
            }
            (_, Err(why)) => why.to_owned(),
            (_, Ok(true)) => {
                let day = statement.expires.as_deref().unwrap_or_default();
                format!("it counted until {day}")
            }
            // One that is taken back stays so, whatever came after.
            _ if statement.decision == Says::Withdraw => return Ok(None),
            _ => return change.moved_since(walk, &statement.base),
        }
    };
    Ok(Some(reason))
}

/// Says whether something that the change is about, or the policy, was another since the commit
/// that the change was seen upon.
fn moved(walk: &Walk<'_>, change: &Change, base: &str) -> Result<Option<String>> {
    /// How far back a change may have been seen.
    const FAR: usize = 100_000;
    let gone = || {
        let base: String = base.chars().take(12).collect();
        Ok(Some(format!(
            "the commit {base} that it was given upon is not on the branch"
        )))
    };
    // What is not there at all is not looked for along the way.
    let known = walk.repo.object_name(base).ok().flatten();
    let known = known.and_then(|id| walk.repo.commit_of(id).ok().flatten());
    match known {
        Some(id) if walk.repo.is_ancestor(id, change.parent.id)? => {}
        _ => return gone(),
    }
    let now = walk.tree(Some(&change.parent));
    let mut paths: Vec<BString> = change.changes.iter().map(|it| it.path.clone()).collect();
    paths.push(POLICY.into());
    let mut commit = change.parent.clone();
    for _ in 0..FAR {
        if commit.id.to_string() == base {
            return Ok(None);
        }
        let Some(parent) = commit.parents.first() else {
            break;
        };
        let parent = walk.repo.commit(*parent)?;
        if parent.tree != commit.tree {
            let then = walk.tree(Some(&parent));
            for path in &paths {
                let path = path.as_bstr();
                if then.files().entry(path)? != now.files().entry(path)? {
                    return Ok(Some(format!("`{path}` changed since")));
                }
            }
        }
        commit = parent;
    }
    gone()
}

/// Says who of them may agree to all that a rule asks about, each person once.
pub(super) fn counted(
    policy: &Policy,
    agreement: &Agreement,
    touches: &[&Touch],
    heard: &mut [Heard],
    asking: &mut Asking,
) -> BTreeSet<String> {
    let to_agree: Vec<Touch> = touches.iter().map(|it| it.agreement()).collect();
    let to_agree: Vec<&Touch> = to_agree.iter().collect();
    let mut may = Vec::new();
    for it in heard.iter_mut() {
        if it.reason.is_some() || it.says != Says::Approve {
            continue;
        }
        let names: Vec<&str> = it.names.iter().map(String::as_str).collect();
        let known = asking.about(&it.names, &to_agree);
        let groups = known.groups();
        let who = Who {
            names: &names,
            groups: groups.as_deref(),
        };
        let mut all = touches.iter();
        if known.has_failed {
            it.reason = Some("the authority outside did not answer".to_owned());
        } else if let Some(why) = known.refused.values().next() {
            it.reason = Some(format!("the authority outside refuses it ({why})"));
        } else if all.all(|touch| policy.may_agree(who, agreement, touch)) {
            may.push(&*it);
        }
    }
    // People who share a name are one.
    let mut people: Vec<BTreeSet<&str>> = Vec::new();
    for it in may {
        let mut names: BTreeSet<&str> = it.names.iter().map(String::as_str).collect();
        people.retain(|known| {
            let is_same = !known.is_disjoint(&names);
            if is_same {
                names.extend(known);
            }
            !is_same
        });
        people.push(names);
    }
    let first = |names: &BTreeSet<&str>| names.first().map(|it| (*it).to_owned());
    people.iter().filter_map(first).collect()
}
