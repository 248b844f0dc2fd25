use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};

use super::assignment::{Assignment, Given, put};
use super::base::{Base, Edit, after, reference};
use super::body::ChangeBody;
use super::effects::touched;
use super::owner::{Asked, left_to_hand};
use crate::config::{Configuration, ParsedFile, Resolved, Schemas, Snapshot, is_sops, is_template};
use crate::document::{
    Document, Format, Kind, RewriteError, RewriteOptions, Value, rewrite, write_json, write_toml,
    write_yaml,
};
use crate::error::{Error, Result};
use crate::git::{Oid, Repo, Revision};
use crate::report::{Finding, Severity};
use crate::seal::is_sealed;
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
    let base = Base::find(repo, configuration, reference)?;
    let before = &base.before;
    let mut files: BTreeMap<BString, Vec<(&Assignment, Option<Value>)>> = BTreeMap::new();
    let write_out = wanted.iter().any(|wanted| wanted.write_out);
    let has_keyrings = !configuration.keyrings(before)?.is_empty();
    for wanted in wanted {
        let target =
            configuration.target(wanted.environment.as_deref(), wanted.service.as_deref())?;
        let asked = Asked {
            configuration,
            target: &target,
            own_branch: base.reference.is_some(),
        };
        let (resolved, _) = configuration.resolve_in(before, &target)?;
        let by_hand = |path: &BString, key: &Pointer| {
            let hand = is_template(path.as_ref());
            hand.then(|| left_to_hand(path, key, &resolved))
        };
        let schemas = configuration.schemas(before, &target)?;
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
            let at = &assignment.key;
            if let Some(new) = &value
                && has_keyrings
                && schemas.is_secret(at)
                && !is_covered(new)
            {
                return Err(plain(at, wanted));
            }
            files.entry(path).or_default().push((assignment, value));
        }
    }
    let mut edits = Vec::new();
    for (path, assignments) in &files {
        if let Some((text, anew)) = changed(before, path.as_bstr(), assignments, write_out)? {
            edits.push(Edit {
                path: path.clone(),
                text,
                anew,
            });
        }
    }
    let reference = base.reference.clone();
    let plan = base.plan(edits)?;
    let after = plan.after(repo, configuration);
    for path in wanted.iter().filter_map(|it| it.layer.as_deref()) {
        let own = BString::from(path);
        if touched(configuration, &after, reference.as_deref(), &[&own])?.is_empty() {
            return Err(no_layer(configuration, &after, path));
        }
    }
    Ok(plan)
}

/// Says that nothing would read a file.
fn no_layer(configuration: &Configuration, tree: &Snapshot, path: &str) -> Error {
    let mut names = BTreeSet::new();
    let services = configuration.services(tree).unwrap_or_default();
    let services: Vec<_> = services
        .iter()
        .map(|it| Some(it.as_str()))
        .chain([None])
        .collect();
    let manifest = configuration.manifest();
    let environments: Vec<_> = manifest
        .environment_names()
        .map(Some)
        .chain([None])
        .collect();
    for environment in environments {
        for service in &services {
            let target = manifest.target(environment, *service);
            let paths = configuration.layer_paths(&target);
            names.extend(paths.iter().map(ToString::to_string));
        }
    }
    Error::not_found(format!(
        "`{path}` is no layer here, so nothing would read it"
    ))
    .with_names(path, names.iter().map(String::as_str))
}

/// Says whether a value may stand where a secret does: it is sealed, or nothing.
fn is_covered(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(is_sealed)
}

/// Says that a secret is not written for all to read.
fn plain(key: &Pointer, wanted: &Wanted) -> Error {
    let key = key.dotted();
    let mut command = format!("git strata secret seal {key}");
    for (flag, name) in [
        ("--env", &wanted.environment),
        ("--service", &wanted.service),
    ] {
        if let Some(name) = name {
            command.push_str(&format!(" {flag} {name}"));
        }
    }
    Error::usage(format!(
        "`{key}` is a secret, and would stand there for all to read"
    ))
    .with_help(format!("seal it: `{command}`"))
}

/// Gives the layer that a value is set in, or is to be.
///
/// # Errors
///
/// Where a name does not exist, or no layer is right for the key.
pub fn layer_for(
    repo: &Repo,
    configuration: &Configuration,
    wanted: &Wanted,
    key: &Pointer,
) -> Result<BString> {
    if let Some(path) = &wanted.layer {
        return Ok(path.as_str().into());
    }
    let environment = wanted.environment.as_deref();
    let base = Base::find(repo, configuration, reference(configuration, environment))?;
    let target = configuration.target(environment, wanted.service.as_deref())?;
    let (resolved, _) = configuration.resolve_in(&base.before, &target)?;
    let asked = Asked {
        configuration,
        target: &target,
        own_branch: base.reference.is_some(),
    };
    Ok(asked.owner(&resolved, key)?.path)
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
