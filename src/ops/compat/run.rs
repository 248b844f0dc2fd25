use std::collections::BTreeSet;

use bstr::BString;

use super::body::{CompatBody, SchemaReport, SideReport};
use super::compare::{Change, Comparison, compare_since};
use super::impact::{self, Affected};
use super::releases::Deprecations;
use super::rules::{self, CompatRule};
use super::sources::{SchemaPair, at_paths, changed};
use super::terms::Terms;
use super::verdict::{Bump, Verdict};
use super::version;
use super::witness::{Witness, WitnessKind};
use crate::Result;
use crate::config::Snapshot;
use crate::config::schema::{Formats, Loader, Schema, Validator};
use crate::git::{FileChange, Repo, Revision};
use crate::inclusion;
use crate::ops::cover::Cover;
use crate::report::{Finding, Location, Report};
use crate::text::{Date, Pointer, Span};

/// One side of a comparison: where its files come from, and what it is called.
pub struct Side<'a> {
    /// The files.
    pub loader: &'a dyn Loader,
    /// The revision as the user named it; none for the work tree or a file.
    pub revision: Option<String>,
    /// The version that a tag gives it.
    pub version: Option<String>,
    /// The day of its commit; none where it is none yet.
    pub date: Option<Date>,
}

/// How many places in configurations a finding shows.
const RELATED: usize = 3;

/// Finds the schemas that differ between two trees of files.
///
/// `changes` are the files that differ. Without `paths` these are the schemas that a changed file
/// belongs to: those the manifest names, and files that name a JSON Schema in `$schema`, or look
/// like one, and that no other such file refers to, wherever they stand. Each served version of a
/// Kubernetes custom resource is a schema of its own. A path names a schema itself
/// (`crds.yaml#widgets.example.com/v1` a version in it); a folder, those below it.
///
/// # Errors
///
/// When a path is on neither side, or the files cannot be read.
pub fn schemas_between(
    old: &Snapshot,
    new: &Snapshot,
    changes: &[FileChange],
    paths: &[BString],
) -> Result<Vec<SchemaPair>> {
    let mut pairs = if paths.is_empty() {
        changed(old, new, changes)?
    } else {
        at_paths(old, new, changes, paths)?
    };
    pairs.sort_by(|a, b| a.path().cmp(&b.path()));
    Ok(pairs)
}

/// Gives the version that a tag, such as `v*`, gives to a revision, the highest if there are
/// several.
///
/// # Errors
///
/// When the tags cannot be read.
pub fn version_of(repo: &Repo, tags: &str, revision: &Revision) -> Result<Option<String>> {
    let tags = repo.versions(tags)?.into_iter().rev();
    let mut tags = tags.filter(|tag| tag.revision.id == revision.id);
    Ok(tags.next().map(|tag| tag.version.to_string()))
}

/// Compares schemas of two sides.
///
/// # Errors
///
/// When a schema cannot be found or read.
pub fn run(
    old: &Side<'_>,
    new: &Side<'_>,
    pairs: &[SchemaPair],
    terms: &Terms,
) -> Result<Report<CompatBody>> {
    let mut findings: Vec<Finding> = terms.accepted.findings.clone();
    let mut used = vec![false; terms.accepted.entries.len()];
    let mut schemas: Vec<SchemaReport> = Vec::new();
    let mut cover = Cover::default();
    for pair in pairs {
        let Some(path) = pair.path() else { continue };
        let mut comparison = one(old, new, pair, terms, &mut findings, &mut cover)?;
        let changes = &mut comparison.changes;
        let over = (terms.accepted).mark(path, changes, terms.today, &mut used);
        let changes = &comparison.changes;
        let place = changes.iter().find_map(Change::file);
        if let Some(place) = &place {
            let affected = comparison
                .impact
                .as_ref()
                .map_or(&[][..], |it| &it.affected);
            findings.extend(changes.iter().map(|it| told(it, place, affected)));
        }
        findings.extend(over);
        let side = |side: &Side<'_>, there: &Option<String>| SideReport {
            revision: side.revision.clone(),
            version: side.version.clone(),
            path: there.clone().filter(|there| there != path),
        };
        let (before, after) = (side(old, &pair.old), side(new, &pair.new));
        let report = SchemaReport::of(path.clone(), before, after, comparison);
        findings.extend(place.and_then(|place| version::check(&report, &place)));
        schemas.push(report);
    }
    findings.extend(stale(new, pairs, terms, &used)?);
    cover.over(&mut findings);
    let body = CompatBody::new(schemas, terms.policy.clone());
    Ok(Report::new(new.revision.clone(), findings, body))
}

/// Gives a change as a finding, with the first places that it concerns.
fn told(change: &Change, place: &Location, affected: &[Affected]) -> Finding {
    let mut known = BTreeSet::new();
    let mut finding = change.finding(place);
    for it in affected.iter().filter(|it| it.is_of(change)) {
        let at = &it.location;
        let name = (at.source.name(), at.source.revision(), at.span.start);
        if known.len() < RELATED && known.insert(name) {
            finding = finding.with_related(at.clone().with_label(it.effect.words()));
        }
    }
    finding
}

/// Finds the entries that nothing matches: neither these changes, nor those since the last
/// release, in which they may have come before.
fn stale(
    new: &Side<'_>,
    pairs: &[SchemaPair],
    terms: &Terms,
    used: &[bool],
) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let mut since: Vec<(&String, Vec<Change>)> = Vec::new();
    for (entry, _) in (terms.accepted.entries.iter().zip(used)).filter(|(_, used)| !*used) {
        let here = (pairs.iter()).find(|pair| pair.path() == Some(&entry.schema));
        let Some(pair) = here else { continue };
        let Some(path) = pair.path() else { continue };
        if !since.iter().any(|(known, _)| *known == path) {
            since.push((path, since_release(new, pair, terms)?));
        }
        let changes = since.iter().find(|(known, _)| *known == path);
        if !changes.is_some_and(|(_, changes)| {
            (changes.iter()).any(|change| entry.is_about(&entry.schema, change))
        }) {
            found.push(entry.stale());
        }
    }
    Ok(found)
}

/// Gives what changed in a schema since the last release.
fn since_release(new: &Side<'_>, pair: &SchemaPair, terms: &Terms) -> Result<Vec<Change>> {
    let Some(release) = terms.releases.first() else {
        return Ok(Vec::new());
    };
    let there = |path: &Option<String>| -> Result<Option<String>> {
        let Some(path) = path else { return Ok(None) };
        Ok(release.tree.load(path)?.map(|_| path.clone()))
    };
    let was = match there(&pair.old)? {
        Some(path) => Some(path),
        None => there(&pair.new)?,
    };
    let old = Side {
        loader: &release.tree,
        revision: Some(release.name.clone()),
        version: None,
        date: Some(release.date),
    };
    let pair = SchemaPair {
        old: was,
        new: pair.new.clone(),
    };
    let terms = Terms {
        instances: None,
        ..terms.clone()
    };
    Ok(one(
        &old,
        new,
        &pair,
        &terms,
        &mut Vec::new(),
        &mut Cover::default(),
    )?
    .changes)
}

fn one(
    old: &Side<'_>,
    new: &Side<'_>,
    pair: &SchemaPair,
    terms: &Terms,
    findings: &mut Vec<Finding>,
    cover: &mut Cover,
) -> Result<Comparison> {
    let mut foreign = false;
    // A fault that both sides have is told once, where it is now.
    let mut load = |side: &Side<'_>, path: &Option<String>, tell: bool| -> Result<Option<Schema>> {
        let Some(path) = path else { return Ok(None) };
        let (schema, told) = Schema::load(side.loader, path)?;
        foreign |= told.iter().any(|it| it.rule.id == "schema-dialect-unknown");
        if tell || schema.is_none() {
            findings.extend(told);
        }
        Ok(schema)
    };
    let before = load(old, &pair.old, pair.new.is_none())?;
    let after = load(new, &pair.new, true)?;
    before.iter().chain(&after).for_each(|it| cover.add(it));
    Ok(match (&before, &after) {
        (Some(before), Some(after)) => {
            let compiled = Validator::compile_to_judge(after, Formats::Annotate);
            let is_invalid = compiled.is_err();
            if let Err(invalid) = &compiled {
                findings.extend(invalid.iter().cloned());
            }
            let deprecations = match (terms.policy.deprecation_window, new.date.or(terms.today)) {
                (Some(window), Some(now)) => {
                    let path = before.path();
                    Some(Deprecations::of(window, &terms.releases, path, now)?)
                }
                _ => None,
            };
            let policy = &terms.policy;
            let mut comparison = compare_since(
                before,
                after,
                || compiled.ok(),
                policy,
                deprecations.as_ref(),
            );
            if let (Some(was), Some(is)) = (&pair.old, &pair.new)
                && !terms.named
                && !is_same_name(was, is)
            {
                let message = format!("the schema `{was}` is called `{is}` now");
                let change = about(&rules::SCHEMA_RENAMED, message, Some(before), Some(after));
                comparison.add(change, after);
            }
            let vague = match (is_invalid, foreign) {
                (true, _) => {
                    Some("the schema of {at} is not valid itself, so nothing it says is sure")
                }
                (_, true) => {
                    Some("the schema of {at} is written in a language that is not known here")
                }
                _ => None,
            };
            if let Some(message) = vague {
                let message = message.replace("{at}", &format!("`{}`", after.path()));
                let rule = &rules::UNMODELLED_KEYWORD_CHANGED;
                comparison.add(about(rule, message, Some(before), Some(after)), after);
            }
            look(pair, before, Some(after), terms, &mut comparison)?;
            comparison
        }
        (None, Some(after)) if pair.old.is_none() => {
            let message = format!("the schema `{}` is new", after.path());
            let mut comparison = Comparison::default();
            comparison.add(
                about(&rules::SCHEMA_ADDED, message, None, Some(after)),
                after,
            );
            comparison
        }
        (Some(before), None) if pair.new.is_none() => {
            let still = new.loader.load(before.path())?;
            let message = match still {
                Some(_) => format!("the version `{}` is no longer served", before.path()),
                None => format!("the schema `{}` is gone", before.path()),
            };
            let mut comparison = Comparison::default();
            let mut change = about(&rules::SCHEMA_REMOVED, message, Some(before), None);
            let still = still.and_then(|loaded| loaded.document);
            change.new_location = still.map(|document| {
                Location::new(&document.source, Span::at(document.root.span.start))
            });
            // Nothing looks at what was written for it any more.
            change.witness = inclusion::example(before).map(|document| Witness {
                kind: WitnessKind::Ignored,
                document,
                pointer: Pointer::root(),
            });
            if change.witness.is_none() {
                change.verdict = Verdict::Unknown;
            }
            comparison.add(change, before);
            look(pair, before, None, terms, &mut comparison)?;
            comparison
        }
        _ => {
            // A side whose text is broken: its findings say so, and nothing can be said beyond.
            let mut comparison = Comparison::default();
            if let Some(schema) = before.as_ref().or(after.as_ref()) {
                let message = "the schema of {at} cannot be read on one side";
                let message = message.replace("{at}", &format!("`{}`", schema.path()));
                let rule = &rules::UNMODELLED_KEYWORD_CHANGED;
                let change = about(rule, message, before.as_ref(), after.as_ref());
                comparison.add(change, schema);
            } else {
                comparison.verdict = Verdict::Unknown;
                comparison.bump = Bump::Major;
            }
            comparison
        }
    })
}

/// Looks at the configurations in the repository, where a change may concern any.
fn look(
    pair: &SchemaPair,
    old: &Schema,
    new: Option<&Schema>,
    terms: &Terms,
    comparison: &mut Comparison,
) -> Result<()> {
    match &terms.instances {
        Some(instances) if comparison.verdict >= Verdict::Risk => {
            impact::judge(instances, pair, old, new, &terms.policy, comparison)
        }
        _ => Ok(()),
    }
}

/// Says whether two paths name the same schema. A version of a custom resource has a name of its
/// own, whatever its file is called.
fn is_same_name(was: &str, is: &str) -> bool {
    was == is || (was.contains('#') && is.contains('#'))
}

/// Makes a change that concerns a schema as a whole.
fn about(
    rule: &'static CompatRule,
    message: String,
    old: Option<&Schema>,
    new: Option<&Schema>,
) -> Change {
    let place = |schema: Option<&Schema>| schema.map(place_of);
    Change {
        rule,
        verdict: rule.verdict,
        bump: rule.bump,
        pointer: Pointer::root(),
        also_at: Vec::new(),
        old: None,
        new: None,
        message,
        help: None,
        old_location: place(old),
        new_location: place(new),
        witness: None,
        migration: None,
        assumed: false,
        accepted: None,
    }
}

/// Gives the place to show for a schema as a whole: its file, or its own lines in that.
fn place_of(schema: &Schema) -> Location {
    let location = schema.root().location();
    match schema.path().contains('#') {
        true => Location::new(&location.source, Span::at(location.span.start)),
        false => Location::file(&location.source),
    }
}

impl Comparison {
    fn add(&mut self, change: Change, schema: &Schema) {
        self.changes.push(change);
        self.settle();
        let root = place_of(schema);
        let findings = self.changes.iter().map(|change| change.finding(&root));
        self.findings = findings.collect();
    }
}
