//! Holds a history to the policy.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::agreed::Change;
use super::authority::{Asking, Authority};
use super::body::{PartBody, PolicyCheckBody, StepBody, TouchBody};
use super::effect::Effect;
use super::file::POLICY;
use super::model::{Decision, Policy, Verb};
use super::refuse::{unanswered, with_outside};
use super::rules::{HISTORY_REWRITTEN, POLICY_INVALID, POLICY_MISSING};
use super::statement::{APPROVALS, Approval, is_statement};
use super::touch::Touch;
use super::walk::Walk;
use super::who::GROUP;
use crate::config::Snapshot;
use crate::error::Result;
use crate::git::{Commit, Landing, Oid, Repo};
use crate::ops::audit;
use crate::ops::trust::{Root, Trust, told};
use crate::report::{Finding, Report};
use crate::sign::Verdict;
use crate::text::Date;

/// What is asked about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The commit behind which the history begins; none for all of it.
    pub base: Option<Oid>,
    /// Its last commit.
    pub tip: Oid,
    /// The branch that moves: approvals are for one, and so are environments with a `ref`.
    pub reference: Option<String>,
    /// Whose signatures count.
    pub root: Root,
    /// The day that counts as today.
    pub today: Option<Date>,
    /// Statements that count as if they stood in the tree.
    pub spoken: Vec<Approval>,
    /// Who else is asked about people.
    pub authority: Option<Authority>,
    /// Whether this is what may be merged into the branch, rather than what the branch is to be.
    pub is_proposal: bool,
}

impl Asked {
    /// Asks about what a branch is to be: believing the history, and without anything said beside it.
    #[must_use]
    pub const fn of(base: Option<Oid>, tip: Oid, reference: Option<String>) -> Self {
        Self {
            base,
            tip,
            reference,
            root: Root::History,
            today: None,
            spoken: Vec::new(),
            authority: None,
            is_proposal: false,
        }
    }
}

/// A policy as it stood at one commit.
pub(super) struct Held {
    pub(super) policy: Policy,
    pub(super) id: String,
}

/// A commit, with who made it and what it did.
pub(super) struct Part<'a> {
    pub(super) commit: &'a Commit,
    pub(super) verdict: Verdict,
    pub(super) names: Vec<String>,
    pub(super) effect: Effect,
}

/// A history, as it is walked along.
pub(super) struct Run<'a> {
    pub(super) asked: &'a Asked,
    pub(super) walk: Walk<'a>,
    pub(super) trust: Trust,
    policies: BTreeMap<Oid, Arc<Held>>,
    pub(super) asking: Asking,
    pub(super) findings: Vec<Finding>,
}

/// Holds each step of a history to the policy of the step before it.
///
/// # Errors
///
/// Where the repository cannot be read, or is shallow.
pub fn check(repo: &Repo, here: &Snapshot, asked: &Asked) -> Result<Report<PolicyCheckBody>> {
    let repo = &repo.with_memory();
    let mut landings = repo.landings(asked.base, asked.tip)?;
    let tip = repo.commit(asked.tip)?;
    // A branch that took up the one it is for can only land by a merge.
    if let Some(base) = asked.base
        && !landings.is_straight
        && asked.is_proposal
        && repo.is_ancestor(base, tip.id)?
    {
        landings = landings.merged(base, &tip);
    }
    let mut body = PolicyCheckBody {
        base: asked.base.map(|it| it.to_string()),
        tip: asked.tip.to_string(),
        reference: asked.reference.clone(),
        change: None,
        steps: Vec::new(),
    };
    if !landings.is_straight {
        let base = asked.base.map_or_else(String::new, |it| it.short());
        let message = format!(
            "the branch does not go on from {base}: commits were taken back, or it was put upon \
             another history"
        );
        let help = "check what will land: the merge into the branch, or the commits put upon it \
                    with `git rebase`";
        let finding = Finding::new(&HISTORY_REWRITTEN, message, told(&tip)).with_help(help);
        return Ok(Report::new(None, vec![finding], body));
    }
    let span = audit::Span {
        base: asked.base,
        tip: asked.tip,
    };
    let trusted = audit::trusted(repo, span, &asked.root)?;
    let trust = match trusted == asked.base {
        true => Trust::along(repo, &landings, trusted, &asked.root)?,
        false => Trust::along(
            repo,
            &repo.landings(trusted, asked.tip)?,
            trusted,
            &asked.root,
        )?,
    };
    let mut run = Run {
        asked,
        walk: Walk::new(repo, here, asked.reference.as_deref()),
        trust,
        policies: BTreeMap::new(),
        asking: Asking::new(asked.authority.clone(), asked.reference.as_deref()),
        findings: Vec::new(),
    };
    run.findings.extend(run.trust.findings.iter().cloned());
    let base = asked.base.map(|it| repo.commit(it)).transpose()?;
    let mut whole = base
        .as_ref()
        .map(|base| Change::of(&run.walk, base, &tip))
        .transpose()?;
    body.change = whole.as_ref().map(|it| it.digest.clone());
    let mut judged = Vec::new();
    for step in &landings.steps {
        let one = run.step(step)?;
        if let Some(whole) = &mut whole {
            whole.authors.extend(one.1.authors.iter().cloned());
            whole.is_anonymous |= one.1.is_anonymous;
        }
        judged.push(one);
    }
    if run.policies.is_empty() && !landings.steps.is_empty() {
        let message = format!("there is no `{POLICY}` in force, so nothing is protected");
        let help = format!(
            "write one, and commit it; `git strata explain {}` tells more",
            POLICY_MISSING.id
        );
        run.findings
            .push(Finding::new(&POLICY_MISSING, message, told(&tip)).with_help(help));
    }
    for (mut step, state) in judged {
        run.agreements(&mut step, &state, whole.as_ref(), &tip)?;
        body.steps.push(step);
    }
    let newest = run.walk.state(Some(&tip))?;
    if let Some(path) = newest.reached.keys().find(|path| is_statement(path)) {
        // Who agrees sees no file that stands there.
        let message = format!("`{path}` is a layer, and stands where statements do");
        run.findings.push(
            Finding::new(&POLICY_INVALID, message, told(&tip))
                .with_help(format!("keep layers out of `{APPROVALS}/`")),
        );
    }
    if let Some(held) = run.policy(&tip)? {
        let is_told = body
            .steps
            .iter()
            .any(|it| it.policy.as_deref() == Some(&held.id));
        if !is_told {
            run.findings.extend(held.policy.findings.iter().cloned());
        }
        if let Some(configuration) = &newest.configuration {
            let unknown = held.policy.unknown_environments(configuration.manifest());
            run.findings.extend(unknown);
        }
    }
    for fault in std::mem::take(&mut run.asking.faults) {
        run.findings.push(unanswered(&fault, &tip));
    }
    run.walk.cover.over(&mut run.findings);
    Ok(Report::new(None, run.findings, body))
}

/// What is kept of a step for the question who agreed.
pub(super) struct Landed<'a> {
    pub(super) step: &'a Landing,
    pub(super) parent: Option<Commit>,
    pub(super) held: Option<Arc<Held>>,
    pub(super) touches: BTreeSet<Touch>,
    pub(super) authors: BTreeSet<String>,
    pub(super) is_anonymous: bool,
    /// What a merge does as such.
    pub(super) landings: BTreeSet<Touch>,
}

impl Run<'_> {
    /// Reads the policy of a commit's tree; what is wrong with it is told once.
    fn policy(&mut self, commit: &Commit) -> Result<Option<Arc<Held>>> {
        let tree = self.walk.tree(Some(commit));
        let Some(entry) = tree.files().entry(POLICY.into())? else {
            return Ok(None);
        };
        let Some(id) = entry.id else { return Ok(None) };
        if let Some(known) = self.policies.get(&id) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(policy) = Policy::read(&tree)? else {
            return Ok(None);
        };
        let held = Arc::new(Held {
            policy,
            id: id.to_string(),
        });
        self.policies.insert(id, Arc::clone(&held));
        Ok(Some(held))
    }

    fn step<'s>(&mut self, step: &'s Landing) -> Result<(StepBody, Landed<'s>)> {
        let commit = &step.commit;
        let parent = commit.parents.first();
        let parent = parent.map(|id| self.walk.repo.commit(*id)).transpose()?;
        let before = self.policies.len();
        let held = match &parent {
            Some(parent) => self.policy(parent)?,
            None => None,
        };
        if let Some(held) = held.as_ref().filter(|_| self.policies.len() > before) {
            self.findings.extend(held.policy.findings.iter().cloned());
        }
        let mut body = StepBody {
            commit: commit.id.to_string(),
            title: commit.title(),
            policy: held.as_ref().map(|it| it.id.clone()),
            change: None,
            parts: Vec::new(),
            agreements: Vec::new(),
        };
        let mut landed = Landed {
            step,
            parent,
            held: held.clone(),
            touches: BTreeSet::new(),
            authors: BTreeSet::new(),
            is_anonymous: false,
            landings: BTreeSet::new(),
        };
        let Some(held) = held else {
            return Ok((body, landed));
        };
        let policy = &held.policy;
        let done = self.walk.step(step, Some(policy))?;
        let mut own = done.own;
        if commit.parents.len() > 1 {
            let environments = done.landed.touches.iter().map(|it| it.environment.clone());
            let environments: BTreeSet<_> = environments.collect();
            landed.landings = environments.into_iter().map(Touch::landing).collect();
            // Who merges what is proposed is not known yet.
            if !step.is_proposed {
                own.touches.extend(landed.landings.iter().cloned());
            }
        }
        landed.touches = done.landed.touches;
        let mut parts = Vec::new();
        for (commit, effect) in step.brought.iter().zip(done.brought) {
            parts.push(self.part(commit, effect)?);
        }
        if !step.is_proposed || !own.touches.is_empty() {
            parts.push(self.part(commit, own)?);
        }
        for part in parts {
            let makes = |it: &Touch| it.verb != Verb::Land;
            if part.effect.touches.iter().any(makes) {
                landed.authors.extend(part.names.iter().cloned());
                landed.is_anonymous |= part.names.is_empty();
            }
            let told = self.decide(policy, &part)?;
            body.parts.push(told);
        }
        Ok((body, landed))
    }

    fn part<'c>(&self, commit: &'c Commit, effect: Effect) -> Result<Part<'c>> {
        let verdict = self.trust.verdict(self.walk.repo, commit)?;
        Ok(Part {
            commit,
            names: names_of(&verdict),
            verdict,
            effect,
        })
    }

    /// Decides on all that a commit does.
    fn decide<'p>(&mut self, policy: &Policy, part: &'p Part<'_>) -> Result<PartBody> {
        let names: Vec<&str> = part.names.iter().map(String::as_str).collect();
        let mut groups: BTreeMap<(Verb, Option<String>, Decision), Vec<&Touch>> = BTreeMap::new();
        let mut add = |touch: &'p Touch, decision: Decision| {
            let key = (touch.verb, touch.environment.clone(), decision);
            groups.entry(key).or_default().push(touch);
        };
        let touches = part.effect.touches.iter();
        let (protected, open): (Vec<_>, Vec<_>) = touches.partition(|it| policy.protects(it));
        self.asking.of(policy.repository.as_deref());
        let known = self.asking.about(&part.names, &protected);
        for touch in open {
            add(touch, Decision::Open);
        }
        for (number, touch) in protected.iter().enumerate() {
            add(touch, known.decide(policy, &names, (number, touch)));
        }
        let mut body = PartBody {
            commit: part.commit.id.to_string(),
            title: part.commit.title(),
            signature: part.verdict.standing,
            signer: part.verdict.signer.clone(),
            touches: Vec::new(),
        };
        // What is refused alike in several environments is told once.
        let mut refused: BTreeMap<(Verb, Decision, Vec<String>), Vec<&Touch>> = BTreeMap::new();
        for ((verb, environment, decision), touches) in groups {
            if !decision.is_allowed() {
                let what = touches.iter().map(|it| it.what()).collect();
                refused
                    .entry((verb, decision, what))
                    .or_default()
                    .extend(&touches);
            }
            body.touches
                .push(TouchBody::of(policy, verb, environment, decision, &touches));
        }
        for ((verb, decision, _), touches) in refused {
            let finding = self.refusal(policy, part, (verb, decision), &touches)?;
            let number = protected.iter().position(|it| touches.contains(it));
            let why = number.and_then(|number| known.refused.get(&number));
            self.findings
                .push(with_outside(finding, policy, &known, why));
        }
        Ok(body)
    }
}

/// Gives the names of whoever signed; none where the signature does not count. A pattern is
/// nobody's name.
pub(super) fn names_of(verdict: &Verdict) -> Vec<String> {
    let signer = verdict.signer.as_deref().filter(|_| verdict.is_good());
    let names = signer.into_iter().flat_map(|it| it.split(','));
    let is_name = |it: &&str| !it.is_empty() && !it.contains(['*', '?', '!']);
    let names = names.filter(|it| is_name(it) && !it.starts_with(GROUP));
    names.map(str::to_owned).collect()
}
