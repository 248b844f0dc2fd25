use bstr::{BStr, BString};
use indexmap::IndexMap;

use super::places::{What, places, usage};
use crate::config::{Configuration, Keyring, context, is_template, secret_of};
use crate::document::{Kind, RewriteOptions, Value, rewrite};
use crate::error::{Error, Result};
use crate::git::Repo;
use crate::ops::change::{self, Assignment, Edit, Given, Plan, Wanted};
use crate::seal::{Secret, Token};
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
    for sealing in sealings {
        let environment = sealing.environment.as_deref();
        let mut one = Wanted {
            environment: sealing.environment.clone(),
            service: sealing.service.clone(),
            layer: sealing.layer.clone(),
            ..Wanted::default()
        };
        if sealing.key.tokens().iter().any(|token| token == "-") {
            let key = sealing.key.dotted();
            return Err(Error::usage(format!("`{key}` names no item of the list"))
                .with_help("name the item by its number from 0"));
        }
        let path = change::layer_for(repo, configuration, &one, &sealing.key)?;
        let tree = configuration.tree(environment)?;
        let keyrings = configuration.keyrings(&tree)?;
        let environments: Vec<&str> = match environment {
            Some(name) => vec![name],
            None => configuration.manifest().environment_names().collect(),
        };
        let wanted_name = sealing.keyring.as_deref();
        let (name, keyring) = choose(&keyrings, wanted_name, &environments, &sealing.key)?;
        let token = token(
            &sealing.secret,
            (name, keyring),
            path.as_ref(),
            &sealing.key,
        )?;
        one.layer = Some(path.to_string());
        one.assignments.push(Assignment {
            key: sealing.key.clone(),
            value: Some(Given::of(&token)),
        });
        wanted.push(one);
    }
    change::plan_all(repo, configuration, &wanted)
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
        let mut edits = Vec::new();
        for (path, usage) in usage(
            configuration,
            tree,
            &living_with(configuration, environment),
        )? {
            let Some(file) = usage.file(configuration, tree, &path)? else {
                continue;
            };
            let plain = places(&file, &usage).into_iter();
            let plain: Vec<_> = plain.filter(|it| matches!(it.what, What::Plain)).collect();
            let ([document], Some(first)) = (file.documents(), plain.first()) else {
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
            let mut root = (*document.root).clone();
            let environments: Vec<&str> = usage.environments.iter().map(String::as_str).collect();
            for place in &plain {
                let (name, keyring) = choose(&keyrings, keyring, &environments, &place.pointer)?;
                let Some(value) = root.at_mut(&place.pointer) else {
                    continue;
                };
                let secret = secret_of(value);
                let token = token(&secret, (name, keyring), path.as_ref(), &place.pointer)?;
                value.kind = token.kind;
            }
            edits.push(rewritten(&path, document, root)?);
        }
        Ok(edits)
    })
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

/// Seals a value for a place.
pub(super) fn token(
    secret: &Secret,
    (name, keyring): (&str, &Keyring),
    path: &BStr,
    pointer: &Pointer,
) -> Result<Value> {
    let place = context(name, path, pointer);
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
