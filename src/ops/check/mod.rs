//! Is all of it valid: syntax, manifest, layers, schemas, cross-field rules, and the schema's
//! compatibility where it changes. Every check, in one list.

mod apps;
mod body;
mod dead;
mod files;
mod gate;
mod patterns;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

pub use apps::Apps;
pub use body::{CheckBody, EnvironmentChecked, SCHEMA};
pub use files::check_files;
pub use gate::{GateBody, GateTarget, Reason, Verdict};

use gate::Gate;

use crate::config::{Configuration, MANIFEST, Manifest, Snapshot};
use crate::document::Format;
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::compat::{self, CompatBody, Terms};
use crate::ops::cover::Cover;
use crate::ops::drift::{EXPECTATIONS, Expectations};
use crate::ops::policy;
use crate::ops::scan::{self, Allowances, SECRETS_ALLOWED};
use crate::ops::secret;
use crate::ops::upgrade::migrations::Migrations;
use crate::report::{Finding, Report, Rule, Severity};
use crate::seal::Identities;
use crate::text::{Date, Source};

/// The rules that only `check` looks for.
pub const RULES: &[&Rule] = &[
    &dead::DEAD_OVERRIDE,
    &patterns::LAYER_MATCHES_NOTHING,
    &patterns::SCHEMA_MATCHES_NOTHING,
    &patterns::SERVICES_MATCH_NOTHING,
    &patterns::STRAY_LAYER,
    &targets::ENVIRONMENT_UNREADABLE,
    &apps::UNKNOWN_APP,
    &apps::UNMET_APP_VERSION,
];

/// What is checked.
pub enum Scope {
    /// The tree whole, and every environment that lives elsewhere.
    Everything,
    /// The tree whole, and nothing beside it.
    Tree,
    /// What the tree changes since another one: the index since HEAD, or a range of commits.
    Changes {
        /// The older tree; none before the first commit.
        since: Option<Snapshot>,
    },
}

/// What is asked beside what is checked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The day that counts as today.
    pub today: Option<Date>,
    /// The versions of applications that are to run.
    pub apps: Apps,
    /// Whether verdicts are asked for on what may be deployed, and from which severity on a finding
    /// speaks against it.
    pub gate: Option<Severity>,
    /// The history that is held to the policy, where there is one where it begins.
    pub policy: Option<policy::Asked>,
    /// What opens secrets, to hold them against the schema, too.
    pub identities: Option<Arc<Identities>>,
}

/// Checks a tree.
///
/// # Errors
///
/// Where the tree cannot be read, or an application is named almost like one that is known.
pub fn check(
    repo: Option<Repo>,
    here: &Snapshot,
    scope: &Scope,
    options: &Options,
) -> Result<Report<CheckBody>> {
    let revision = here.label().map(str::to_owned);
    let changed = match scope {
        Scope::Everything | Scope::Tree => None,
        Scope::Changes { since } => Some(changed_paths(since.as_ref(), here)?),
    };
    let (configuration, mut findings) = Configuration::read(repo.clone(), here.clone())?;
    if options.gate.is_some() && configuration.is_none() && findings.is_empty() {
        return Err(
            Error::not_found("there is nothing to judge: no `strata.yaml`")
                .with_help("start one with `git strata init`, or go to the repository that has it"),
        );
    }
    let mut body = CheckBody::default();
    let mut of_targets = Vec::new();
    let mut gate = Gate::default();
    let mut cover = Cover::default();
    match &configuration {
        Some(configuration) => {
            body.files.insert(MANIFEST.into());
            let mut run = targets::Run::new(configuration, changed.as_ref(), scope, options);
            run.everything(&mut body)?;
            let here = run.environments_here();
            let files = body.files.union(&body.schemas).cloned().collect();
            (of_targets, gate, cover) = run.finish()?;
            findings.extend(secrets(
                configuration,
                scope,
                &here,
                &files,
                changed.as_ref(),
                options,
            )?);
            findings.extend(patterns::check(configuration, changed.as_ref())?);
        }
        None if findings.is_empty() => {
            findings.extend(syntax(here, changed.as_ref(), &mut body)?);
        }
        None => {
            body.files.insert(MANIFEST.into());
        }
    }
    if repo.is_none() && body.files.is_empty() && findings.is_empty() {
        return Err(Error::not_found(
            "there is nothing to check here: no repository, and no file of configuration",
        )
        .with_help("go to the folder that holds it: `git strata -C FOLDER check`"));
    }
    let manifest = configuration.as_ref().map(Configuration::manifest);
    let concerned = |path: &str| {
        changed
            .as_ref()
            .is_none_or(|it| it.contains(path.as_bytes().as_bstr()))
    };
    let accepted = manifest.and_then(|it| it.compat.accepted.as_deref());
    let accepted = accepted.unwrap_or(compat::ACCEPTED_BREAKS);
    if concerned(accepted) {
        findings.extend(compat::AcceptedBreaks::read(here, accepted)?.findings);
    }
    if concerned(EXPECTATIONS) {
        findings.extend(Expectations::read(here, manifest, options.today)?.findings);
    }
    findings.extend(check_migrations(repo.as_ref(), here, scope, manifest)?);
    if let Scope::Changes { since: Some(since) } = scope {
        let report = compare_schemas(
            repo.as_ref(),
            since,
            here,
            configuration.as_ref(),
            options.today,
        )?;
        findings.extend(report.findings);
        body.compat = Some(report.body);
    }
    match (&repo, scope, &options.policy) {
        (Some(repo), Scope::Changes { since: Some(since) }, Some(asked))
            if since.files().entry(policy::POLICY.into())?.is_some() =>
        {
            findings.extend(policy::check(repo, here, asked)?.findings);
        }
        // A policy with a fault would keep everybody from mending it.
        _ if concerned(policy::POLICY) || concerned(MANIFEST) => {
            findings.extend(policy::faults(here, manifest)?);
        }
        _ => {}
    }
    body.gate = options
        .gate
        .map(|least| gate.into_body(Reason::of(&findings, least)));
    findings.extend(of_targets);
    cover.over(&mut findings);
    Ok(Report::new(revision, findings, body))
}

/// Judges the secrets of the tree, and of every environment that lives elsewhere.
fn secrets(
    configuration: &Configuration,
    scope: &Scope,
    here: &[&str],
    files: &BTreeSet<String>,
    changed: Option<&BTreeSet<BString>>,
    options: &Options,
) -> Result<Vec<Finding>> {
    if changed.is_some_and(BTreeSet::is_empty) {
        return Ok(Vec::new());
    }
    let vault = |tree: &Snapshot| {
        let identities = options.identities.clone();
        identities
            .map(|it| configuration.vault(tree, it))
            .transpose()
    };
    let names = configuration.manifest().environment_names();
    let own: Vec<Option<&str>> = match here {
        [] => names.clone().map(Some).chain([None]).collect(),
        names => names.iter().copied().map(Some).collect(),
    };
    let since = match scope {
        Scope::Changes { since } => since.as_ref(),
        Scope::Everything | Scope::Tree => None,
    };
    let manifest_changed = changed.is_some_and(|it| it.contains(MANIFEST.as_bytes().as_bstr()));
    let concerned = |path: &BString| manifest_changed || changed.is_none_or(|it| it.contains(path));
    let tree = configuration.here();
    let allowed = Allowances::read(tree, options.today)?;
    let mut findings = Vec::new();
    if concerned(&SECRETS_ALLOWED.into()) {
        findings.extend(allowed.findings().iter().cloned());
    }
    for path in files {
        let path = BString::from(path.as_str());
        if concerned(&path)
            && let Some(blob) = tree.files().read(path.as_ref())?
            && let Ok(text) = String::from_utf8(blob.bytes)
        {
            let mut source = Source::new(path.to_str_lossy(), text);
            if let Some(label) = tree.label() {
                source = source.at_revision(label);
            }
            findings.extend(scan::texts(&source, &allowed));
        }
    }
    findings.extend(secret::judge(
        configuration,
        tree,
        &own,
        since,
        vault(tree)?.as_ref(),
        &concerned,
    )?);
    if matches!(scope, Scope::Everything) {
        for name in names.filter(|name| !here.contains(name)) {
            // One that cannot be read is told already.
            let Ok(tree) = configuration.tree(Some(name)) else {
                continue;
            };
            let found = secret::judge(
                configuration,
                &tree,
                &[Some(name)],
                None,
                vault(&tree)?.as_ref(),
                &|_| true,
            )?;
            findings.extend(found);
        }
    }
    Ok(findings)
}

/// Checks the migrations, where there are any: that they speak of what the changes since a
/// release break, that none was edited, and their tests.
fn check_migrations(
    repo: Option<&Repo>,
    here: &Snapshot,
    scope: &Scope,
    manifest: Option<&Manifest>,
) -> Result<Vec<Finding>> {
    let migrations = Migrations::read(repo, here, manifest, None)?;
    if migrations.is_empty() {
        return Ok(Vec::new());
    }
    let since = match (scope, repo) {
        (Scope::Changes { since: Some(since) }, Some(repo)) => since.label().zip(Some(repo)),
        _ => None,
    };
    let Some((label, repo)) = since else {
        return migrations.check_files();
    };
    let base = repo.revision(label)?;
    let version = migrations.versions().of_revision(repo, &base)?;
    Ok(migrations.check(version.as_ref())?.findings)
}

/// Judges how the schemas changed: with a manifest those it names, else all that changed.
fn compare_schemas(
    repo: Option<&Repo>,
    since: &Snapshot,
    here: &Snapshot,
    configuration: Option<&Configuration>,
    today: Option<Date>,
) -> Result<Report<CompatBody>> {
    let changes = since.files().changes_to(here.files())?;
    let mut pairs = compat::schemas_between(since, here, &changes, &[])?;
    if let Some(configuration) = configuration {
        let patterns = &configuration.manifest().schemas;
        let named = |path: &Option<String>| {
            path.as_deref().is_some_and(|path| {
                let path = path.as_bytes().as_bstr();
                patterns
                    .iter()
                    .any(|pattern| pattern.value.read(path).is_some())
            })
        };
        pairs.retain(|pair| named(&pair.old) || named(&pair.new));
    }
    let tip = match (repo, here.label()) {
        (Some(repo), None | Some("index")) => repo.head()?.commit,
        (Some(repo), Some(label)) => Some(repo.revision(label)?.id),
        (None, _) => None,
    };
    let history = repo.zip(tip);
    let mut terms = Terms::of(here, history, None, &[], today)?;
    // What is wrong with the manifest is told already.
    let told = |finding: &Finding| finding.location.source.name() == MANIFEST;
    terms.accepted.findings.retain(|finding| !told(finding));
    compat::run(&side(since), &side(here), &pairs, &terms)
}

fn side(tree: &Snapshot) -> compat::Side<'_> {
    compat::Side {
        loader: tree,
        revision: tree.label().map(str::to_owned),
        version: None,
        date: None,
    }
}

fn changed_paths(since: Option<&Snapshot>, here: &Snapshot) -> Result<BTreeSet<BString>> {
    Ok(match since {
        Some(since) => {
            let changes = since.files().changes_to(here.files())?;
            changes.into_iter().map(|change| change.path).collect()
        }
        None => {
            let all = here.files().walk(b"".as_bstr())?;
            all.into_iter().map(|(path, _)| path).collect()
        }
    })
}

/// Reads every configuration file of a tree without a manifest.
fn syntax(
    here: &Snapshot,
    changed: Option<&BTreeSet<BString>>,
    body: &mut CheckBody,
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, entry) in here.files().walk(b"".as_bstr())? {
        let wanted = changed.is_none_or(|changed| changed.contains(&path));
        let is_file = matches!(
            entry.kind,
            crate::git::FileKind::File | crate::git::FileKind::Executable
        );
        if wanted && is_file && Format::of_path(&path.to_str_lossy()).is_some() {
            findings.extend(read_file(here, path.as_ref(), body)?);
        }
    }
    Ok(findings)
}

fn read_file(here: &Snapshot, path: &BStr, body: &mut CheckBody) -> Result<Vec<Finding>> {
    let Some(file) = here.file(path)? else {
        return Ok(Vec::new());
    };
    body.files.insert(path.to_str_lossy().into_owned());
    Ok(file.findings().cloned().collect())
}
