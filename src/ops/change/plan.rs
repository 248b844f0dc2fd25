use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::assignment::{Assignment, Given, put};
use super::body::{ChangeBody, FileBody};
use super::effects::{effects, touched};
use super::owner::{Asked, left_to_hand};
use super::patch::patch;
use crate::config::{Configuration, ParsedFile, Resolved, Schemas, Snapshot, is_sops, is_template};
use crate::document::{
    Document, Format, Kind, RewriteError, RewriteOptions, Value, rewrite, write_json, write_toml,
    write_yaml,
};
use crate::error::{Error, Result};
use crate::git::{FileKind, Oid, Repo, Revision};
use crate::report::{Finding, Severity};
use crate::text::{Pointer, shell_word};

/// What is to be changed.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// For this environment alone.
    pub environment: Option<String>,
    /// For this service alone.
    pub service: Option<String>,
    /// In this layer, whomever it concerns.
    pub layer: Option<String>,
    /// The keys and their values.
    pub assignments: Vec<Assignment>,
    /// Whether a value that aliases repeat elsewhere may be changed; they are written out then.
    pub write_out: bool,
}

/// A change that is ready to be committed.
#[derive(Debug)]
pub struct Plan {
    /// The reference to be moved: `refs/heads/…`, or `HEAD` where that is on no branch.
    pub branch: String,
    /// Where it stands.
    pub base: Revision,
    /// The files as they are to be.
    pub tree: Oid,
    /// Values that the change makes invalid: it is not to be made while there is an error.
    pub findings: Vec<Finding>,
    /// What is said of differences that stay; it keeps nothing from being made.
    pub left: Vec<Finding>,
    /// What it does.
    pub body: ChangeBody,
    /// The change of the files, as `git apply` reads it.
    pub patch: String,
}

impl Plan {
    /// Gives the files as they are to be.
    #[must_use]
    pub fn after(&self, repo: &Repo, configuration: &Configuration) -> Snapshot {
        after(repo, configuration, &self.base, self.tree)
    }

    /// Says whether nothing is to be changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.files.is_empty()
    }
}

/// Finds out where values are to be changed, writes the files anew, with every comment kept, and
/// validates every environment and service that they concern. Objects are written; no reference
/// moves.
///
/// # Errors
///
/// Where a name does not exist, no layer is right for a key, a file cannot be read, or a value is
/// shared by aliases.
pub fn plan(repo: &Repo, configuration: &Configuration, wanted: &Wanted) -> Result<Plan> {
    plan_all(repo, configuration, std::slice::from_ref(wanted))
}

/// Plans several changes of one branch together, like [`plan`].
///
/// # Errors
///
/// The same; and where the environments live on several branches.
pub fn plan_all(repo: &Repo, configuration: &Configuration, wanted: &[Wanted]) -> Result<Plan> {
    let reference_of = |wanted: &Wanted| reference(configuration, wanted.environment.as_deref());
    let reference = wanted.first().and_then(reference_of);
    if let Some(other) = wanted.iter().find(|it| reference_of(it) != reference) {
        let name = other.environment.as_deref().unwrap_or("the work tree");
        return Err(Error::usage(format!("`{name}` lives on another branch"))
            .with_help("change the environments of each branch by themselves"));
    }
    let (branch, base) = branch(repo, reference.as_deref())?;
    let before = configuration.here().beside(repo.files(&base));
    let mut files: BTreeMap<BString, Vec<(&Assignment, Option<Value>)>> = BTreeMap::new();
    let write_out = wanted.iter().any(|wanted| wanted.write_out);
    for wanted in wanted {
        let target =
            configuration.target(wanted.environment.as_deref(), wanted.service.as_deref())?;
        let asked = Asked {
            configuration,
            target: &target,
            own_branch: reference.is_some(),
        };
        let (resolved, _) = configuration.resolve_in(&before, &target)?;
        let by_hand = |path: &BString, key: &Pointer| {
            let hand = is_template(path.as_ref());
            hand.then(|| left_to_hand(path, key, &resolved))
        };
        let schemas = configuration.schemas(&before, &target)?;
        for assignment in &wanted.assignments {
            let (path, inherits) = match &wanted.layer {
                Some(path) => (path.as_str().into(), false),
                None => {
                    let owner = asked.owner(&resolved, &assignment.key)?;
                    (owner.path, owner.inherits)
                }
            };
            if let Some(refused) = by_hand(&path, &assignment.key) {
                return Err(refused);
            }
            let value = match &assignment.value {
                Some(given) => Some(value_of(given, &assignment.key, &resolved, &schemas)),
                // What a lower layer sets is taken out by null.
                None => inherits.then(|| Value::detached(Kind::Null)),
            };
            files.entry(path).or_default().push((assignment, value));
        }
    }
    let mut edits = Vec::new();
    let mut bodies = Vec::new();
    let mut patches = String::new();
    for (path, assignments) in &files {
        let Some((text, anew)) = changed(&before, path.as_bstr(), assignments, write_out)? else {
            continue;
        };
        let known = before.files().entry(path.as_bstr())?;
        let kind = known.map_or(FileKind::File, |entry| entry.kind);
        if kind == FileKind::Symlink {
            return Err(Error::usage(format!("`{path}` is a link to another file"))
                .with_help("name that file: `--layer FILE`"));
        }
        let old = before.file(path.as_bstr())?;
        let old = old.as_ref().map(|file| file.source.text());
        patches.push_str(&patch(path.as_bstr(), kind, old, &text));
        edits.push((
            path.clone(),
            Some((repo.write_blob(text.as_bytes())?, kind)),
        ));
        bodies.push(FileBody {
            path: path.to_string(),
            new: known.is_none(),
            anew,
        });
    }
    let tree = repo.write_tree(Some(base.tree), &edits)?;
    let mut body = ChangeBody {
        branch: branch
            .strip_prefix("refs/heads/")
            .unwrap_or(&branch)
            .to_owned(),
        files: bodies,
        ..ChangeBody::default()
    };
    let after = after(repo, configuration, &base, tree);
    let paths: Vec<&BString> = edits.iter().map(|(path, _)| path).collect();
    let mut findings = Vec::new();
    for target in touched(configuration, &before, reference.as_deref(), &paths)? {
        effects(
            configuration,
            [&before, &after],
            &target,
            &mut body.changes,
            &mut findings,
        )?;
    }
    Ok(Plan {
        branch,
        base,
        tree,
        findings,
        left: Vec::new(),
        body,
        patch: patches,
    })
}

/// Gives the branch or revision that an environment lives at; none for the tree one stands on.
pub(crate) fn reference(
    configuration: &Configuration,
    environment: Option<&str>,
) -> Option<String> {
    let declared = configuration.manifest().environments.get(environment?)?;
    declared.reference.clone()
}

fn after(repo: &Repo, configuration: &Configuration, base: &Revision, tree: Oid) -> Snapshot {
    configuration.here().beside(repo.files(&Revision {
        name: "the change".to_owned(),
        id: base.id,
        tree,
    }))
}

/// Finds the reference that an environment lives at, and where it stands.
fn branch(repo: &Repo, reference: Option<&str>) -> Result<(String, Revision)> {
    let Some(name) = reference else {
        let head = repo.head()?;
        let short = head.branch.as_deref();
        if head.commit.is_none() {
            let short = short.unwrap_or("HEAD");
            return Err(Error::usage(format!(
                "`{short}` has no commit yet, so there is nothing to change"
            ))
            .with_help("commit the files first: `git add --all && git commit -m start`"));
        }
        let branch = short.map_or_else(|| "HEAD".to_owned(), |name| format!("refs/heads/{name}"));
        return Ok((branch, repo.revision("HEAD")?));
    };
    let short = name.strip_prefix("refs/heads/").unwrap_or(name);
    let full = format!("refs/heads/{short}");
    if let Some(folder) = repo.checked_out_elsewhere(&full)? {
        let folder = folder.display();
        return Err(Error::usage(format!(
            "`{short}` is checked out in `{folder}`, whose files would be behind it"
        ))
        .with_help(format!("run this there: `cd '{folder}'`")));
    }
    match repo.revision(&full) {
        Ok(revision) => Ok((
            full,
            Revision {
                name: short.to_owned(),
                ..revision
            },
        )),
        Err(_) => {
            let found = repo.revision(name);
            let what = match &found {
                Ok(_) => "is no branch of this repository",
                Err(_) => "is no revision here",
            };
            Err(
                Error::not_found(format!("cannot commit to `{name}`: it {what}")).with_help(
                    format!("make the branch: `git branch {short} origin/{short}`"),
                ),
            )
        }
    }
}

/// Gives the value that words stand for: where the schema takes no such value, and takes
/// the words themselves, they are meant.
fn value_of(given: &Given, key: &Pointer, resolved: &Resolved, schemas: &Schemas) -> Value {
    let is_word = matches!(given.value.type_name(), "boolean" | "number" | "null");
    let refused = |value: &Value| {
        let mut whole = resolved.value().clone();
        if put(&mut whole, key, Some(value)).is_err() {
            return true;
        }
        let found = schemas.validate(&whole, None, &|pointer| resolved.location(pointer));
        found.iter().any(|finding| {
            let at = finding.location.pointer.as_ref();
            finding.severity == Severity::Error && at.is_some_and(|at| at == key)
        })
    };
    if is_word && !given.text.is_empty() && refused(&given.value) && !refused(&given.as_text()) {
        return given.as_text();
    }
    given.value.clone()
}

/// Writes a file anew; `None` where it says all of it already.
fn changed(
    tree: &Snapshot,
    path: &BStr,
    assignments: &[(&Assignment, Option<Value>)],
    write_out: bool,
) -> Result<Option<(String, Vec<Pointer>)>> {
    let name = path.to_str_lossy();
    let format = Format::of_path(&name).ok_or_else(|| {
        Error::usage(format!("`{name}` is no file of configuration"))
            .with_help("name a `.yaml`, `.json` or `.toml` file")
    })?;
    let file = tree.file(path)?;
    let documents = file.as_ref().map(readable).transpose()?;
    let old = documents.as_ref().map(|document| (*document.root).clone());
    let mut new = old.clone().unwrap_or_else(|| Value::detached(Kind::Null));
    for (assignment, value) in assignments {
        put(&mut new, &assignment.key, value.as_ref())?;
    }
    if old.as_ref() == Some(&new) || (old.is_none() && new.is_null()) {
        return Ok(None);
    }
    let Some(document) = documents else {
        let text = match format {
            Format::Yaml => write_yaml(&new),
            Format::Json => write_json(&new),
            Format::Toml => write_toml(&new).map_err(|error| {
                Error::usage(format!("cannot write `{name}`: {error}"))
                    .with_help("give it a value that TOML has")
            })?,
        };
        return Ok(Some((text, Vec::new())));
    };
    if is_sops(&document.root) {
        return Err(Error::usage(format!(
            "`{name}` is a SOPS file, which only SOPS can change: it has a MAC over all values"
        ))
        .with_help(format!("change it with `sops edit {}`", shell_word(&name))));
    }
    let options = RewriteOptions {
        drop_comments: true,
        refuse_shared: !write_out,
        ..RewriteOptions::default()
    };
    let done = rewrite(&[document], &[new], &options).map_err(|error| {
        let help = match &error {
            RewriteError::Shared { .. } => {
                "change it where the alias stands, or write the others out: `--write-out-aliases`"
            }
            RewriteError::Unwritable { .. } => "unset it instead: `--unset KEY`",
        };
        Error::usage(format!("cannot change `{name}`: {error}")).with_help(help)
    })?;
    let anew = done.anew.into_iter().map(|(_, at)| at).collect();
    Ok(Some((done.text, anew)))
}

/// Gives the only document of a file.
fn readable(file: &Arc<ParsedFile>) -> Result<Document> {
    let name = file.source.name();
    match file.documents() {
        [document] if file.is_sound() => Ok(document.clone()),
        [_, _, ..] => Err(Error::invalid(format!(
            "`{name}` holds several documents, and a layer is one"
        ))
        .with_help("keep one of them in the file")),
        _ => {
            let first = file.findings().next();
            let what = first.map_or_else(String::new, |finding| format!(": {}", finding.message));
            Err(Error::invalid(format!("`{name}` cannot be read{what}"))
                .with_help(format!("see what is wrong: `git strata check {name}`")))
        }
    }
}
