use std::collections::BTreeSet;

use bstr::{BStr, BString, ByteSlice};
use indexmap::IndexMap;

use super::places::{What, usage};
use super::trusted::trusted;
use crate::config::{Configuration, Keyring, Snapshot, is_template, secret_of, value_of};
use crate::document::{Kind, RewriteOptions, Value, rewrite};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{self, Assignment, Edit, Given, Plan, Wanted};
use crate::seal::{Context, Secret, Token, is_token};
use crate::text::Pointer;

/// A value that is to be sealed.
#[derive(Clone, Debug)]
pub struct Sealing {
    /// For this environment alone.
    pub environment: Option<String>,
    /// For this service alone.
    pub service: Option<String>,
    /// In this layer, whomever it concerns.
    pub layer: Option<String>,
    /// The key.
    pub key: Pointer,
    /// The value.
    pub secret: Secret,
    /// The keyring; none for the one that is closest.
    pub keyring: Option<String>,
}

/// Plans to seal values where they are set, like [`change::plan`]. All live on one branch.
///
/// # Errors
///
/// Where no layer or no keyring is right for a key, or the file cannot be changed.
pub fn seal(repo: &Repo, configuration: &Configuration, sealings: &[Sealing]) -> Result<Plan> {
    let mut wanted = Vec::with_capacity(sealings.len());
    let mut seen = BTreeSet::new();
    for sealing in sealings {
        let environment = sealing.environment.as_deref();
        let mut one = Wanted {
            environment: sealing.environment.clone(),
            service: sealing.service.clone(),
            layer: sealing.layer.clone(),
            ..Wanted::default()
        };
        let path = change::layer_for(repo, configuration, &one, &sealing.key)?;
        let tree = configuration.tree(environment)?;
        let key = own_place(configuration, &tree, sealing, &path)?;
        let reference = change::reference(configuration, environment);
        let keyrings = configuration.keyrings(&tree)?;
        // All that a layer is for can read what stands in it.
        let all = usage(
            configuration,
            &tree,
            &living_with(configuration, environment),
        )?;
        let shared = all.get(&path).map(|usage| &usage.environments);
        let environments: Vec<&str> = match (shared.filter(|all| !all.is_empty()), environment) {
            (Some(all), _) => all.iter().map(String::as_str).collect(),
            (None, Some(name)) => vec![name],
            (None, None) => configuration.manifest().environment_names().collect(),
        };
        let wanted_name = sealing.keyring.as_deref();
        let (name, keyring) = choose(&keyrings, wanted_name, &environments, &key)?;
        if !seen.contains(&(reference.clone(), name.to_owned())) {
            trusted(repo, configuration, &tree, (name, keyring))?;
            seen.insert((reference, name.to_owned()));
        }
        let file = tree.file(path.as_ref())?;
        let root = file.as_ref().and_then(|file| file.documents().first());
        let place = match all.get(&path).zip(root) {
            Some((usage, document)) => usage.place(&document.root, &key),
            None => key.to_string(),
        };
        let token = token(&sealing.secret, (name, keyring), path.as_ref(), place)?;
        one.layer = Some(path.to_string());
        one.assignments.push(Assignment {
            key,
            value: Some(Given::of(&token)),
        });
        wanted.push(one);
    }
    change::plan_all(repo, configuration, &wanted)
}

/// Gives the place of a key in the layer that it is to be sealed in, where an item of a list may have
/// another number; and refuses what would replace or lengthen what nobody named.
fn own_place(
    configuration: &Configuration,
    tree: &Snapshot,
    sealing: &Sealing,
    path: &BString,
) -> Result<Pointer> {
    let key = &sealing.key;
    let dotted = key.dotted();
    let target =
        configuration.target(sealing.environment.as_deref(), sealing.service.as_deref())?;
    let (resolved, _) = configuration.resolve_in(tree, &target)?;
    let file = tree.file(path.as_ref())?;
    let root = file.as_ref().and_then(|file| file.documents().first());
    let mut own = key.clone();
    // With a layer, the key is one of that file.
    if sealing.layer.is_none()
        && resolved
            .layer_of(key)
            .is_some_and(|layer| layer.path == *path)
        && let Some(place) = resolved.place_in_layer(key)
    {
        own = place;
    }
    let standing = root.and_then(|document| document.root.at(&own));
    let below = resolved.value().at(key).filter(|_| sealing.layer.is_none());
    let whole = value_of(&sealing.secret);
    for value in [standing, below].into_iter().flatten() {
        let (what, example) = match &value.kind {
            Kind::Object(map) => ("map", map.keys().next().map(ToString::to_string)),
            Kind::Array(items) => ("list", (!items.is_empty()).then(|| "0".to_owned())),
            _ => continue,
        };
        if let Some(example) = example
            && value.type_name() != whole.type_name()
        {
            let example = key.join(example).dotted();
            let one = if what == "map" { "key" } else { "item" };
            return Err(Error::usage(format!(
                "`{dotted}` is a {what}, which one value would replace as a whole"
            ))
            .with_help(format!(
                "name the {one} that holds the secret, such as `{example}`; to seal all of the \
                 {what} as one, give it as YAML: `--yaml`"
            )));
        }
    }
    let mut above = own.clone();
    let Some(last) = above.pop() else {
        return Ok(own);
    };
    let items = root.and_then(|document| document.root.at(&above)?.as_array().map(<[Value]>::len));
    match (last.as_str(), items) {
        ("-", Some(count)) => Ok(above.join(count.to_string())),
        (_, Some(count)) if last.parse::<usize>().map_or(true, |at| at >= count) => {
            let (list, count) = (above.dotted(), count.to_string());
            Err(Error::not_found(format!(
                "the list `{list}` in `{path}` has no item `{last}`, but {count} items, from 0 on"
            ))
            .with_help(format!(
                "name one by its number; `{list}.-` adds one at the end"
            )))
        }
        _ if own.tokens().iter().any(|token| token == "-") => Err(Error::usage(format!(
            "`{dotted}` names no item of a list in `{path}`"
        ))
        .with_help("name the item by its number from 0")),
        _ => Ok(own),
    }
}

/// Plans to seal every plain value that the schema calls a secret, in the layers of the tree that
/// an environment lives in; none is the tree one stands on.
///
/// # Errors
///
/// Where no keyring is right for one of them, or a file cannot be changed.
pub fn seal_all(
    repo: &Repo,
    configuration: &Configuration,
    environment: Option<&str>,
    keyring: Option<&str>,
) -> Result<Plan> {
    change::plan_files(repo, configuration, environment, |tree| {
        let keyrings = configuration.keyrings(tree)?;
        let choice = Choice {
            keyrings: &keyrings,
            wanted: keyring,
            known: &|_, _, _| None,
        };
        plain_edits(configuration, tree, environment, &choice)
    })
}

/// Seals what stands for all to read in the files of the work tree, committed or not: gives the files
/// as they are to be. `committed` is the tree before a plan of [`seal_all`] and after it, by whose
/// keyrings it is sealed: a value that it sealed is the same sealed value here.
///
/// # Errors
///
/// The same as of [`seal_all`].
pub fn seal_work_tree(
    configuration: &Configuration,
    environment: Option<&str>,
    keyring: Option<&str>,
    committed: [&Snapshot; 2],
) -> Result<Vec<Edit>> {
    let [before, after] = committed;
    let (manifest, _) = Configuration::read(None, before.clone())?;
    let keyrings = manifest.map_or_else(IndexMap::new, |it| it.manifest().keyrings.clone());
    let at = |tree: &Snapshot, path: &BString, pointer: &Pointer| -> Option<Value> {
        let file = tree.file(path.as_ref()).ok().flatten()?;
        file.documents().first()?.root.at(pointer).cloned()
    };
    let choice = Choice {
        keyrings: &keyrings,
        wanted: keyring,
        known: &|path, pointer, value| {
            at(before, path, pointer).filter(|old| old == value)?;
            at(after, path, pointer).filter(|new| new.as_str().is_some_and(is_token))
        },
    };
    plain_edits(configuration, configuration.here(), environment, &choice)
}

/// What is sealed with which keyring.
struct Choice<'a> {
    keyrings: &'a IndexMap<String, Keyring>,
    /// The one that is asked for.
    wanted: Option<&'a str>,
    /// Gives what a value was sealed to already.
    known: &'a dyn Fn(&BString, &Pointer, &Value) -> Option<Value>,
}

/// Seals the plain values of a tree that the schema calls secrets.
fn plain_edits(
    configuration: &Configuration,
    tree: &Snapshot,
    environment: Option<&str>,
    choice: &Choice<'_>,
) -> Result<Vec<Edit>> {
    let mut seen = BTreeSet::new();
    let mut edits = Vec::new();
    let environments = living_with(configuration, environment);
    for (path, usage) in usage(configuration, tree, &environments)? {
        let plain = usage.places(configuration, tree, &path)?.into_iter();
        let plain: Vec<_> = plain.filter(|it| matches!(it.what, What::Plain)).collect();
        let Some(first) = plain.first() else {
            continue;
        };
        if is_template(path.as_ref()) {
            let line = first.location.start().line;
            let message = format!(
                "the template `{path}` holds a secret (line {line}), and is edited by hand"
            );
            return Err(Error::usage(message)
                .with_help("move it into another layer first, then seal it there"));
        }
        let Some(file) = tree.file(path.as_ref())? else {
            continue;
        };
        let [document] = file.documents() else {
            continue;
        };
        let mut root = (*document.root).clone();
        let environments: Vec<&str> = usage.environments.iter().map(String::as_str).collect();
        for place in &plain {
            let at = &place.pointer;
            let Some(value) = root.at_mut(at) else {
                continue;
            };
            if let Some(known) = (choice.known)(&path, at, value) {
                value.kind = known.kind;
                continue;
            }
            let (name, keyring) = choose(choice.keyrings, choice.wanted, &environments, at)?;
            if let Some(repo) = configuration.repo()
                && seen.insert(name.to_owned())
            {
                trusted(repo, configuration, tree, (name, keyring))?;
            }
            let secret = secret_of(value);
            let sealed_for = usage.place(&document.root, at);
            value.kind = token(&secret, (name, keyring), path.as_ref(), sealed_for)?.kind;
        }
        edits.push(rewritten(&path, document, root)?);
    }
    Ok(edits)
}

/// Gives the environments that live where this one does.
pub(super) fn living_with<'a>(
    configuration: &'a Configuration,
    environment: Option<&str>,
) -> Vec<Option<&'a str>> {
    let reference = change::reference(configuration, environment);
    let all = configuration.manifest().environments.iter();
    let here = all.filter(|(_, it)| it.reference == reference);
    let names: Vec<_> = here.map(|(name, _)| Some(name.as_str())).collect();
    match names.is_empty() {
        true => vec![None],
        false => names,
    }
}

/// Writes a file anew, with every comment kept.
pub(super) fn rewritten(
    path: &BString,
    document: &crate::document::Document,
    root: Value,
) -> Result<Edit> {
    let options = RewriteOptions {
        drop_comments: true,
        refuse_shared: true,
        ..RewriteOptions::default()
    };
    let done = rewrite(std::slice::from_ref(document), &[root], &options).map_err(|error| {
        Error::usage(format!("cannot change `{path}`: {error}"))
            .with_help("change it where the alias stands")
    })?;
    Ok(Edit {
        path: path.clone(),
        text: done.text,
        anew: done.anew.into_iter().map(|(_, at)| at).collect(),
    })
}

/// Seals a value for a place, as [`Usage::place`](super::Usage::place) gives it.
pub(super) fn token(
    secret: &Secret,
    (name, keyring): (&str, &Keyring),
    path: &BStr,
    pointer: String,
) -> Result<Value> {
    let place = Context {
        keyring: name.to_owned(),
        document: path.to_str_lossy().into_owned(),
        pointer,
    };
    let token = Token::seal(secret, &place, keyring.generation, &keyring.recipient)?;
    Ok(Value::detached(Kind::String(token.to_string().into())))
}

/// Chooses the keyring for a place: the one that is asked for, or the closest that is for it.
pub(super) fn choose<'a>(
    keyrings: &'a IndexMap<String, Keyring>,
    wanted: Option<&str>,
    environments: &[&str],
    pointer: &Pointer,
) -> Result<(&'a str, &'a Keyring)> {
    let key = pointer.dotted();
    let is_for = |keyring: &Keyring| keyring.is_for(environments.iter().copied(), pointer);
    if let Some(name) = wanted {
        let names = keyrings.keys().map(String::as_str);
        let (name, keyring) = keyrings.get_key_value(name).ok_or_else(|| {
            Error::not_found(format!("there is no keyring `{name}`")).with_names(name, names)
        })?;
        if !is_for(keyring) {
            return Err(
                Error::usage(format!("the keyring `{name}` is not for `{key}`"))
                    .with_help("leave `--keyring` out, or name another one"),
            );
        }
        return Ok((name, keyring));
    }
    let fitting: Vec<_> = keyrings.iter().filter(|(_, it)| is_for(it)).collect();
    let closest = fitting.iter().map(|(_, it)| it.closeness()).max();
    let closest: Vec<_> = fitting
        .into_iter()
        .filter(|(_, it)| Some(it.closeness()) == closest)
        .collect();
    match &closest[..] {
        [(name, keyring)] => Ok((name, keyring)),
        [] => {
            let of = match environments {
                [] => String::new(),
                names => format!(" in {}", names.join(", ")),
            };
            Err(Error::usage(format!("no keyring is for `{key}`{of}")).with_help(
                "make one: `git strata secret keyring new NAME --member YOU=age1…`; what is not \
                 committed yet does not count",
            ))
        }
        several => {
            let names: Vec<_> = several
                .iter()
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            Err(Error::usage(format!(
                "several keyrings are for `{key}`: {}",
                names.join(", ")
            ))
            .with_help("say which: `--keyring NAME`"))
        }
    }
}
