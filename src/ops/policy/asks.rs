//! What a step needs the agreement of others for, and who could give it.

use std::collections::{BTreeMap, BTreeSet};

use super::agreed::{Change, Heard, Terms, counted, heard as heard_of, taken_back};
use super::body::{AgreementBody, StepBody};
use super::check::{Landed, Run};
use super::model::{Agreement, Policy, Verb};
use super::refuse::{said, within};
use super::rules::APPROVAL_MISSING;
use super::statement::Says;
use super::touch::Touch;
use super::who::Who;
use crate::error::Result;
use crate::git::Commit;
use crate::report::Finding;

impl Run<'_> {
    /// Says who must agree to a step, and who did.
    pub(super) fn agreements(
        &mut self,
        body: &mut StepBody,
        landed: &Landed<'_>,
        whole: Option<&Change>,
        tip: &Commit,
    ) -> Result<()> {
        let (Some(held), Some(parent)) = (&landed.held, &landed.parent) else {
            return Ok(());
        };
        let policy = &held.policy;
        let mut asked: BTreeMap<usize, Vec<&Touch>> = BTreeMap::new();
        for touch in &landed.touches {
            for (at, _) in policy.agreements_on(touch) {
                asked.entry(at).or_default().push(touch);
            }
        }
        for touch in &landed.landings {
            let on = policy.agreements_on(touch);
            for (at, _) in on.filter(|(_, it)| it.verbs.contains(&Verb::Land)) {
                asked.entry(at).or_default().push(touch);
            }
        }
        let mut change = Change::of(&self.walk, parent, &landed.step.commit)?;
        body.change = Some(change.digest.clone());
        if asked.is_empty() {
            return Ok(());
        }
        change.authors.clone_from(&landed.authors);
        change.is_anonymous = landed.is_anonymous;
        self.asking.of(policy.repository.as_deref());
        let terms = Terms {
            asked: self.asked,
            trust: &self.trust,
            policy,
            policy_id: &held.id,
            step: &landed.step.commit,
        };
        let trees = [
            self.walk.tree(Some(&landed.step.commit)),
            self.walk.tree(Some(tip)),
        ];
        let trees = [&trees[0], &trees[1]];
        let mut all: Vec<Heard> = heard_of(&self.walk, &terms, &change, &trees)?;
        let mut authors = change.authors;
        if let Some(whole) = whole.filter(|it| it.digest != change.digest) {
            all.extend(heard_of(&self.walk, &terms, whole, &trees)?);
            authors.extend(whole.authors.iter().cloned());
        }
        let gone = taken_back(&all);
        for (at, touches) in asked {
            let Some(agreement) = policy.agreements.get(at) else {
                continue;
            };
            let mut heard = all.clone();
            let given = counted(policy, agreement, &touches, &mut heard, &mut self.asking);
            let could = could(policy, agreement, &touches, &[&given, &authors, &gone]);
            let told = AgreementBody {
                keys: touches.iter().map(|it| it.what()).collect(),
                environments: environments(&touches),
                line: agreement.location.start().line,
                needed: agreement.needed,
                from: agreement.from.clone(),
                is_met: given.len() >= agreement.needed,
                given: given.into_iter().collect(),
                could,
                heard,
            };
            if !told.is_met {
                let location = self.place(&landed.step.commit, touches.first().copied())?;
                let finding = missing(agreement, &told, &touches);
                let finding = Finding::new(&APPROVAL_MISSING, finding.0, location)
                    .with_related(agreement.location.clone().with_label("this asks for it"))
                    .with_help(finding.1);
                self.findings.push(finding);
            }
            body.agreements.push(told);
        }
        Ok(())
    }
}

/// Says that too few agreed, and who can.
fn missing(agreement: &Agreement, told: &AgreementBody, touches: &[&Touch]) -> (String, String) {
    let message = format!(
        "{}{} changes, and {} of {} who must agree did",
        said(touches),
        within(touches),
        told.given.len(),
        agreement.needed
    );
    let mut help = match told.could.is_empty() {
        true => format!("nobody else has the role `{}` there", agreement.from),
        false => format!(
            "who has the role `{}` can agree: {}",
            agreement.from,
            told.could.join(", ")
        ),
    };
    for it in &told.heard {
        if let (Says::Approve, Some(reason)) = (it.says, &it.reason) {
            let by = it.by.as_deref().unwrap_or("nobody known");
            help.push_str(&format!("; that of {by} does not count: {reason}"));
        }
    }
    (message, help)
}

/// Names who else could agree: those whom the policy gives the role, but for some.
fn could(
    policy: &Policy,
    agreement: &Agreement,
    touches: &[&Touch],
    without: &[&BTreeSet<String>],
) -> Vec<String> {
    let bindings = policy.bindings.iter();
    let of_role = bindings.filter(|it| !it.is_denial && it.role == agreement.from);
    let mut names: Vec<String> = of_role.flat_map(|it| it.who.clone()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| {
        let meant = [name.as_str()];
        let may = |touch: &&Touch| policy.may_agree(Who::meant(&meant), agreement, touch);
        touches.iter().all(may) && !without.iter().any(|it| it.contains(name))
    });
    names
}

/// Names the environments that are changed; none where all are.
fn environments(touches: &[&Touch]) -> Vec<String> {
    let names = touches.iter().map(|it| it.environment.clone());
    let names: Option<BTreeSet<String>> = names.collect();
    names.into_iter().flatten().collect()
}
