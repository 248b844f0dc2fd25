//! Judges a push as a whole, before any of its references moves.

use std::collections::{BTreeMap, BTreeSet};

use bstr::ByteSlice;

use super::guard::Guard;
use super::size::Limits;
use super::told::{Change, ReceiveBody, RefJudged};
use crate::config::{Configuration, MANIFEST, Manifest, Snapshot};
use crate::error::{Error, Result};
use crate::git::{Oid, Repo, Revision, branch_name};
use crate::ops::check::{self, Options, Scope};
use crate::ops::policy;
use crate::ops::scan::{self, Allowances, What};
use crate::report::{Finding, Report, Severity};

/// A reference that a push moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its full name, such as `refs/heads/main`.
    pub name: String,
    /// What it led to; none where it is new.
    pub old: Option<Oid>,
    /// What it is to lead to; none where it is to go.
    pub new: Option<Oid>,
}

/// How a push is judged.
pub struct ReceiveOptions<'a> {
    /// What `check` is asked.
    pub check: check::Options,
    /// From which severity on a finding refuses the push.
    pub least: Severity,
    /// How much is read.
    pub limits: Limits,
    /// What a tree's templates may know; see [`Snapshot::with_environment`].
    pub known: &'a dyn Fn(Snapshot) -> Snapshot,
    /// Who else is asked about people.
    pub authority: Option<policy::Authority>,
}

impl RefUpdate {
    /// Reads what Git hands to `pre-receive` on its standard input: a line `<old> <new> <ref>` for
    /// each reference ([githooks]).
    ///
    /// # Errors
    ///
    /// Where a line is not of that form.
    ///
    /// [githooks]: https://git-scm.com/docs/githooks#pre-receive
    pub fn read(repo: &Repo, input: &str) -> Result<Vec<Self>> {
        let lines = input.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| match line.splitn(3, ' ').collect::<Vec<_>>()[..] {
                [old, new, name] => Self::of(repo, name, old, new),
                _ => Err(Error::usage(format!(
                    "`{line}` is no line that Git hands to pre-receive"
                ))
                .with_help("let Git run this hook: `git strata hook install --server`")),
            })
            .collect()
    }

    /// Makes one of what Git hands to `update`: the reference, and both objects in digits.
    ///
    /// # Errors
    ///
    /// Where an object's name is none.
    pub fn of(repo: &Repo, name: &str, old: &str, new: &str) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            old: repo.object_name(old)?,
            new: repo.object_name(new)?,
        })
    }

    /// Gives the branch that it is.
    pub(super) fn branch(&self) -> Option<&str> {
        self.name.strip_prefix("refs/heads/")
    }

    /// Gives the tag that it is.
    pub(super) fn tag(&self) -> Option<&str> {
        self.name.strip_prefix("refs/tags/")
    }
}

/// Judges all references of a push together, as a server does: each is compared with what it was,
/// a new one with the best commit that it has in common with any that is there, and the others count
/// as moved already. What the commits bring is searched for secrets, one by one.
///
/// # Errors
///
/// Where the repository cannot be read, or the push moves more references than are judged.
pub fn receive(
    repo: &Repo,
    updates: &[RefUpdate],
    options: &ReceiveOptions<'_>,
) -> Result<Report<ReceiveBody>> {
    let moved = updates
        .iter()
        .map(|update| (update.name.clone(), update.new));
    let after = repo.as_if(moved);
    let head = repo.head()?.branch.filter(|_| repo.is_bare());
    let first = head.into_iter().collect();
    judge(
        repo,
        &after,
        (&repo.tips_under("")?, first),
        updates,
        options,
    )
}

/// Judges references: `before` is the repository as it is, `after` as it is to be, `known` what
/// commits the other side has, and `first` the branches that it shows first, or may.
pub(super) fn judge(
    before: &Repo,
    after: &Repo,
    (known, mut first): (&[Oid], Vec<String>),
    updates: &[RefUpdate],
    options: &ReceiveOptions<'_>,
) -> Result<Report<ReceiveBody>> {
    if updates.len() > options.limits.refs {
        let (count, most) = (updates.len(), options.limits.refs);
        return Err(Error::usage(format!(
            "the push moves {count} references, and {most} are judged at once"
        ))
        .with_help("push fewer at a time: `git push origin BRANCH…`"));
    }
    let guard = Guard::read(before)?;
    first.extend(guard.governed());
    let mut judged = Judged {
        after,
        known,
        first,
        options,
        done: BTreeMap::new(),
        body: ReceiveBody::default(),
        findings: Vec::new(),
    };
    for update in updates {
        let mut findings = guard.judge(before, update)?;
        let asked = judged.asked(before, update)?;
        if let (Some(asked), Some(branch)) = (&asked, update.branch()) {
            let rootless = asked.base.is_none().then(|| guard.rootless(branch));
            findings.extend(rootless.flatten());
        }
        if let Some(asked) = &asked {
            findings.extend(judged.check(asked)?);
        }
        judged.tell(update, asked.as_ref(), findings);
    }
    let (findings, body) = (judged.findings, judged.body);
    Ok(Report::new(None, findings, body))
}

/// What is asked of one reference.
struct Asked {
    change: Change,
    /// What it is compared with; none where there is nothing in common.
    base: Option<Revision>,
    tip: Revision,
    /// The branch that a policy in force is about.
    governed: Option<String>,
}

/// What is compared with what, under which name, and the branch that a policy holds.
type Compared = (Option<Oid>, Oid, String, Option<String>);

/// What was judged so far.
struct Judged<'a> {
    after: &'a Repo,
    known: &'a [Oid],
    first: Vec<String>,
    options: &'a ReceiveOptions<'a>,
    /// What was found, by what is compared with what under which name: references that stand at the
    /// same commits ask for it once.
    done: BTreeMap<Compared, Vec<Finding>>,
    body: ReceiveBody,
    findings: Vec<Finding>,
}

impl Judged<'_> {
    /// Finds what a reference is to be compared with; none where it goes, or leads to no commit.
    fn asked(&self, before: &Repo, update: &RefUpdate) -> Result<Option<Asked>> {
        let Some(new) = update.new else {
            return Ok(None);
        };
        let Some(tip) = self.after.commit_of(new)? else {
            return Ok(None);
        };
        // What the other side has may be unknown here.
        let old = match update.old.map(|old| before.commit_of(old)) {
            Some(Ok(Some(old))) => Some(old),
            _ => None,
        };
        let (change, base) = match old {
            Some(old) if self.after.is_ancestor(old, tip)? => (Change::Moved, Some(old)),
            Some(old) => (Change::Rewound, Some(old)),
            None => {
                let change = match update.old {
                    Some(_) => Change::Moved,
                    None => Change::Created,
                };
                (change, self.after.parting_from(tip, self.known)?)
            }
        };
        let revision = |id: Oid| {
            let mut revision = self.after.revision(&id.to_string())?;
            revision.name = id.short();
            Ok::<_, Error>(revision)
        };
        let base = base.map(revision).transpose()?;
        let governed = match (&base, update.branch()) {
            (Some(base), Some(branch)) if self.is_governed(base, branch)? => {
                Some(branch.to_owned())
            }
            _ => None,
        };
        let mut tip = revision(tip)?;
        if let Some(branch) = update.branch()
            && self.is_environment(&tip, branch)?
        {
            branch.clone_into(&mut tip.name);
        }
        Ok(Some(Asked {
            change,
            base,
            tip,
            governed,
        }))
    }

    /// Says whether a policy holds a branch: the one that a server shows first, or one that an
    /// environment lives at. What else is pushed is a proposal, and held to it when it lands.
    fn is_governed(&self, base: &Revision, branch: &str) -> Result<bool> {
        let is_first = self.first.iter().any(|it| it == branch);
        Ok(is_first || self.is_environment(base, branch)?)
    }

    /// Says whether a tree's manifest has an environment that lives at a branch.
    fn is_environment(&self, tip: &Revision, branch: &str) -> Result<bool> {
        let files = self.after.files(tip);
        let entry = files.entry(MANIFEST.as_bytes().as_bstr())?;
        if let Some(id) = entry.and_then(|entry| entry.id)
            && self.after.size_of(id)? > self.options.limits.file
        {
            return Ok(false);
        }
        let manifest = manifest(self.after, tip)?;
        let environments = manifest.iter().flat_map(|it| it.environments.values());
        let mut named = environments.filter_map(|it| it.reference.as_deref());
        Ok(named.any(|name| branch_name(name) == branch))
    }

    fn has_policy(&self, revision: &Revision) -> Result<bool> {
        let files = self.after.files(revision);
        Ok(files.entry(policy::POLICY.into())?.is_some())
    }

    fn check(&mut self, asked: &Asked) -> Result<Vec<Finding>> {
        let base = asked.base.as_ref().map(|base| base.id);
        let tip = &asked.tip;
        let key = (base, tip.id, tip.name.clone(), asked.governed.clone());
        if let Some(done) = self.done.get(&key) {
            return Ok(done.clone());
        }
        let here = (self.options.known)(Snapshot::of_revision(self.after, &asked.tip));
        let mut findings =
            self.options
                .limits
                .judge(self.after, asked.base.as_ref(), &asked.tip)?;
        if let (Some(branch), Some(base)) = (&asked.governed, &asked.base)
            && findings.is_empty()
            && (self.has_policy(base)? || self.has_policy(&asked.tip)?)
        {
            let limits = self.options.limits;
            findings = limits.judge_each(self.after, base, &asked.tip, branch)?;
        }
        // What is too large is not read, and with it nothing that may lead to it.
        if findings.is_empty() {
            let scope = match &asked.base {
                Some(base) => Scope::Changes {
                    since: Some(here.beside(self.after.files(base))),
                },
                None => Scope::Tree,
            };
            let repo = Some(self.after.clone());
            let options = Options {
                policy: asked.governed.clone().map(|branch| policy::Asked {
                    today: self.options.check.today,
                    authority: self.options.authority.clone(),
                    ..policy::Asked::of(base, asked.tip.id, Some(branch))
                }),
                ..self.options.check.clone()
            };
            let report = check::check(repo, &here, &scope, &options)?;
            self.body.files += report.body.files.len();
            self.body.targets += report.body.targets;
            findings = report.findings;
            let brought = self.secrets(asked, &here)?;
            findings.retain(|finding| !brought.iter().any(|it| says_as_much(it, finding)));
            findings.extend(brought);
        }
        self.done.insert(key, findings.clone());
        Ok(findings)
    }

    /// Searches what the commits brought that the other side does not have.
    fn secrets(&self, asked: &Asked, here: &Snapshot) -> Result<Vec<Finding>> {
        let allowed = Allowances::read(here, self.options.check.today)?;
        let what = What::Commits {
            tips: vec![asked.tip.id],
            without: self.known.to_vec(),
        };
        let report = scan::scan(self.after, here, &what, &allowed)?;
        // What is wrong with the list itself is told by `check`.
        let of_list = |finding: &Finding| finding.location.source.name() == scan::SECRETS_ALLOWED;
        let found = report.findings.into_iter();
        Ok(found.filter(|finding| !of_list(finding)).collect())
    }

    fn tell(&mut self, update: &RefUpdate, asked: Option<&Asked>, findings: Vec<Finding>) {
        let refuses = |finding: &&Finding| finding.severity >= self.options.least;
        let change = match (asked, update.new) {
            (_, None) => Change::Deleted,
            (Some(asked), _) => asked.change,
            (None, _) if update.old.is_none() => Change::Created,
            (None, _) => Change::Moved,
        };
        self.body.refs.push(RefJudged {
            name: update.name.clone(),
            old: update.old.map(|id| id.to_string()),
            new: update.new.map(|id| id.to_string()),
            change,
            base: asked.and_then(|it| Some(it.base.as_ref()?.id.to_string())),
            refusals: findings.iter().filter(refuses).count(),
            findings: findings.len(),
        });
        let seen: BTreeSet<_> = self.findings.iter().map(identity).collect();
        let new: Vec<_> = findings
            .into_iter()
            .filter(|finding| !seen.contains(&identity(finding)))
            .collect();
        self.findings.extend(new);
    }
}

/// Says what makes a finding the same as another one.
fn identity(finding: &Finding) -> (&'static str, String, Option<String>, u32, String) {
    let at = &finding.location;
    (
        finding.rule.id,
        at.source.name().to_owned(),
        at.source.revision().map(str::to_owned),
        at.span.start,
        finding.message.clone(),
    )
}

/// Says whether a finding about a commit tells what one about the tree does.
fn says_as_much(commit: &Finding, tree: &Finding) -> bool {
    let (a, b) = (&commit.location.source, &tree.location.source);
    commit.rule.id == tree.rule.id
        && a.name() == b.name()
        && commit.message.starts_with(&tree.message)
}

/// Reads the manifest of a revision, if there is one that can be read.
pub(super) fn manifest(repo: &Repo, revision: &Revision) -> Result<Option<Manifest>> {
    let tree = Snapshot::of_revision(repo, revision);
    let (configuration, _) = Configuration::read(None, tree)?;
    Ok(configuration.map(|it| it.manifest().clone()))
}
