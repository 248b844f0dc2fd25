//! Who set each value of a file: the commit that last changed the value, not its line.

mod body;
mod past;
mod renamed;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, ByteSlice};

pub use body::{BlameBody, Blamed};

use super::read::{SetBy, ShowBody};
use crate::config::{Configuration, ParsedFile, Schemas, Snapshot, is_template};
use crate::document::{Format, Value, parts};
use crate::error::{Error, Result};
use crate::git::{Commit, Oid, Repo};
use crate::ops::trust::{Signature, Trust};
use crate::report::{Report, Severity};
use crate::text::Pointer;
use past::{Mark, Version};

/// The published JSON Schema of the body of `blame`.
pub const SCHEMA: &str = include_str!("blame.schema.json");

/// A tree that values are looked up in, and the commits that it follows.
pub struct Start {
    tree: Snapshot,
    parents: Vec<Oid>,
}

impl Start {
    /// Begins with a tree as of a revision; without one, the tree is that of what is not committed
    /// yet.
    ///
    /// # Errors
    ///
    /// Where there is no such revision.
    pub fn new(repo: &Repo, tree: Snapshot, revision: Option<&str>) -> Result<Self> {
        let parents = match revision {
            Some(revision) => vec![repo.revision(revision)?.id],
            None => {
                // What a merge brings is committed on its other side.
                let merged = repo.revision("MERGE_HEAD").ok().map(|it| it.id);
                repo.head()?.commit.into_iter().chain(merged).collect()
            }
        };
        Ok(Self { tree, parents })
    }
}

/// Says of each value of a file which commit last changed it; `below` leaves out what stands
/// elsewhere in the file. Reformatting, other comments, another order and another name of the
/// file change no value. Where a merge took a value from one of its parents, the commit is looked
/// for there.
///
/// # Errors
///
/// Where the file cannot be read as YAML, JSON or TOML, the history cannot be read, or nothing is
/// set at the key.
pub fn blame(
    repo: &Repo,
    configuration: Option<&Configuration>,
    start: &Start,
    path: &BStr,
    below: &Pointer,
) -> Result<Report<BlameBody>> {
    if is_template(path) {
        let help = "see the past of one value: `git strata log KEY --env ENVIRONMENT`";
        let message = format!("`{path}` is a template: what it says depends on who asks");
        return Err(Error::usage(message).with_help(help));
    }
    let file = start.tree.file(path)?;
    let file = file.ok_or_else(|| Error::not_found(format!("there is no file `{path}`")))?;
    let version = readable(&file)?;
    let all = parts(&version.documents);
    let is_leaf = |value: &Value| value.as_array().is_none_or(<[Value]>::is_empty);
    let wanted: Vec<bool> = all
        .iter()
        .map(|part| is_leaf(part.value) && below.contains(&part.pointer))
        .collect();
    if !wanted.contains(&true) && !below.is_root() {
        let mut names: Vec<String> = all.iter().map(|part| part.pointer.dotted()).collect();
        for key in names.clone() {
            let dots = key.match_indices('.').map(|(at, _)| key[..at].to_owned());
            names.extend(dots);
        }
        let message = format!("nothing sets `{}` in `{path}`", below.dotted());
        return Err(
            Error::not_found(message).with_names(&below.dotted(), names.iter().map(String::as_str))
        );
    }
    let marks = past::trace(repo, &start.tree, &start.parents, &file, &wanted)?;
    let schemas = match configuration {
        Some(configuration) => schemas(configuration, &start.tree, path)?,
        None => Vec::new(),
    };
    let mut commits = Commits::of(repo, start)?;
    let several = file.documents().len() > 1;
    let mut values = Vec::new();
    for (number, part) in all.iter().enumerate().filter(|(at, _)| wanted[*at]) {
        let secret = schemas.iter().any(|it| it.is_secret(&part.pointer));
        let document = &file.documents()[part.document];
        let place = document.location(document.root.place(&part.pointer));
        values.push(Blamed {
            pointer: part.pointer.clone(),
            document: several.then_some(part.document),
            line: place.start().line,
            value: Some(part.value.clone()).filter(|_| !secret),
            secret,
            set_by: commits.told(marks[number])?,
        });
    }
    let body = BlameBody {
        path: path.to_str_lossy().into_owned(),
        values,
    };
    let revision = start.tree.label().map(str::to_owned);
    Ok(Report::new(revision, Vec::new(), body))
}

/// Adds to the values of a resolved configuration which commit put each into the layer that sets
/// it. Values of templates are left out.
///
/// # Errors
///
/// Where a layer or the history cannot be read.
pub fn blame_resolved(repo: &Repo, start: &Start, report: &mut Report<ShowBody>) -> Result<()> {
    let mut commits = Commits::of(repo, start)?;
    let mut files: BTreeMap<&str, Vec<Pointer>> = BTreeMap::new();
    // What a template includes is no layer, and its keys need not be those of the file.
    let layers = &report.body.layers;
    let provenance = report.body.provenance.iter();
    for (pointer, origin) in provenance.filter(|(_, it)| layers.contains(&it.file)) {
        let pointers = files.entry(&origin.file).or_default();
        pointers.extend(pointer.parse::<Pointer>());
    }
    let mut told = Vec::new();
    for (path, pointers) in files {
        let path = BStr::new(path);
        let real = start.tree.files().real_path(path)?;
        let Some(file) = real.as_ref().map(|it| start.tree.file(it.as_ref())) else {
            continue;
        };
        let Some(file) = file?.filter(|it| !is_template(it.path.as_ref()) && it.is_sound()) else {
            continue;
        };
        let version = Version::of(&file);
        let all = parts(&version.documents);
        let pointers: std::collections::BTreeSet<_> = pointers.into_iter().collect();
        let wanted: Vec<bool> = all
            .iter()
            .map(|part| part.document == 0 && pointers.contains(&part.pointer))
            .collect();
        let marks = past::trace(repo, &start.tree, &start.parents, &file, &wanted)?;
        for (part, mark) in all
            .iter()
            .zip(marks)
            .zip(wanted)
            .filter_map(|(it, wanted)| wanted.then_some(it))
        {
            told.push((part.pointer.to_string(), commits.told(mark)?));
        }
    }
    for (pointer, set_by) in told {
        if let Some(origin) = report.body.provenance.get_mut(&pointer) {
            origin.set_by = Some(set_by);
        }
    }
    report.body.is_blamed = true;
    Ok(())
}

fn readable(file: &ParsedFile) -> Result<Version> {
    let fault = file.findings().find(|it| it.severity == Severity::Error);
    match fault {
        None => Ok(Version::of(file)),
        Some(_) if Format::of_path(&file.path.to_str_lossy()).is_none() => {
            let path = &file.path;
            let message = format!("`{path}` cannot be read as YAML, JSON or TOML");
            Err(Error::invalid(message).with_help(format!("see it by line: `git blame {path}`")))
        }
        Some(fault) => {
            let at = &fault.location;
            let place = format!("{}:{}", at.source.name(), at.start().line);
            Err(
                Error::invalid(format!("{place}: {}", fault.message)).with_help(format!(
                    "see all that is wrong: `git strata check {}`",
                    at.source.name()
                )),
            )
        }
    }
}

/// Finds the schemas of all targets that a file is a layer of.
fn schemas(
    configuration: &Configuration,
    tree: &Snapshot,
    path: &BStr,
) -> Result<Vec<Arc<Schemas>>> {
    let manifest = configuration.manifest();
    let services = configuration.services(tree)?;
    let mut found: Vec<Arc<Schemas>> = Vec::new();
    let environments = manifest.environment_names().map(Some);
    for environment in environments.chain([None]) {
        for service in services
            .iter()
            .map(|name| Some(name.as_str()))
            .chain([None])
        {
            let target = manifest.target(environment, service);
            let layers = configuration.layer_paths(&target);
            if !layers.iter().any(|layer| is_at(tree, layer.as_ref(), path)) {
                continue;
            }
            let schemas = configuration.schemas(tree, &target)?;
            if !found.iter().any(|known| Arc::ptr_eq(known, &schemas)) {
                found.push(schemas);
            }
        }
    }
    Ok(found)
}

/// Says whether a path is, or by links leads to, another one.
fn is_at(tree: &Snapshot, layer: &BStr, path: &BStr) -> bool {
    layer == path || matches!(tree.files().real_path(layer), Ok(Some(real)) if real == path)
}

/// Commits by name, each read once.
struct Commits<'a> {
    repo: &'a Repo,
    known: BTreeMap<Oid, (Commit, Option<Signature>)>,
    trust: Option<Trust>,
}

impl<'a> Commits<'a> {
    fn of(repo: &'a Repo, start: &Start) -> Result<Self> {
        Ok(Self {
            repo,
            known: BTreeMap::new(),
            trust: Trust::up_to(repo, &start.parents)?,
        })
    }

    fn told(&mut self, mark: Option<Mark>) -> Result<SetBy> {
        let Some(mark) = mark else {
            return Ok(SetBy::default());
        };
        if !self.known.contains_key(&mark.commit) {
            let commit = self.repo.commit(mark.commit)?;
            let trust = self.trust.as_ref();
            let signature = trust.map(|trust| trust.signature(self.repo, &commit));
            self.known
                .insert(mark.commit, (commit, signature.transpose()?));
        }
        Ok(self
            .known
            .get(&mark.commit)
            .map_or_else(SetBy::default, |(commit, signature)| SetBy {
                signature: signature.clone(),
                commit: Some(commit.id.to_string()),
                author: Some(commit.author.name.clone()),
                email: Some(commit.author.email.clone()),
                date: Some(commit.author.date()),
                title: Some(commit.title()),
                boundary: mark.is_boundary,
            }))
    }
}
