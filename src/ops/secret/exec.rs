use std::collections::BTreeMap;

use crate::config::{Resolved, Schemas, Vault, secret_of};
use crate::error::{Error, Result};
use crate::seal::{Secret, is_sealed};
use crate::text::{KeyPattern, Pointer};

/// Variables of an environment, by name.
pub type EnvironmentVariables = BTreeMap<String, Secret>;

/// Gives the secrets of a target as variables of an environment: sealed values, opened, and those
/// that the schema calls secrets; or of these keys all values. `database.password` becomes
/// `DATABASE_PASSWORD`; a value that is no text is written as JSON.
///
/// # Errors
///
/// Where a secret does not open, two keys would have the same name, or nothing is there to give.
pub fn variables(
    resolved: &Resolved,
    schemas: &Schemas,
    vault: &Vault,
    only: &[KeyPattern],
    prefix: &str,
) -> Result<EnvironmentVariables> {
    let mut found: BTreeMap<String, (Pointer, Secret)> = BTreeMap::new();
    let mut wanted: Vec<Pointer> = Vec::new();
    resolved.walk(|pointer, value| {
        let mut any = Vec::new();
        value.each_text(&mut |below, text, _| {
            if is_sealed(text) {
                let mut whole = pointer.clone();
                below.tokens().iter().for_each(|it| whole.push(it.clone()));
                any.push(whole);
            }
        });
        let is_wanted = match only {
            [] => !any.is_empty() || schemas.is_secret(pointer),
            only => only.iter().any(|it| it.covers(pointer)),
        };
        if is_wanted {
            match any.is_empty() {
                true => wanted.push(pointer.clone()),
                false => wanted.extend(any),
            }
        }
    });
    for pointer in wanted {
        let secret = match resolved.sealed(&pointer) {
            Some(_) => resolved.open(&pointer, vault)?,
            None => match resolved.value().at(&pointer) {
                Some(value) => secret_of(value),
                None => continue,
            },
        };
        if secret.expose().contains('\0') {
            let key = pointer.dotted();
            return Err(
                Error::usage(format!("`{key}` holds a zero byte, which no variable can"))
                    .with_help("leave it out: `--only KEY` names those to give"),
            );
        }
        let name = name_of(&pointer, prefix);
        if only.is_empty() && rules_programs(&name) {
            let key = pointer.dotted();
            return Err(Error::usage(format!("`{key}` would be `{name}`, by which programs are ruled"))
                .with_help("who may write it could run what they like: add `--prefix APP_`, or name the keys to give: `--only KEY`"));
        }
        if let Some((other, _)) = found.get(&name) {
            let (a, b) = (other.dotted(), pointer.dotted());
            return Err(
                Error::usage(format!("`{a}` and `{b}` would both be `{name}`"))
                    .with_help("name those to give: `--only KEY`"),
            );
        }
        found.insert(name, (pointer, secret));
    }
    if found.is_empty() {
        return Err(Error::not_found("there is no secret to give")
            .with_help("name keys to give all the same: `--only KEY`"));
    }
    let found = found.into_iter();
    Ok(found.map(|(name, (_, secret))| (name, secret)).collect())
}

/// Says whether a variable decides what programs run, or what they load.
fn rules_programs(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "PATH",
        "HOME",
        "ENV",
        "IFS",
        "SHELL",
        "PS4",
        "CDPATH",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "NODE_OPTIONS",
        "CLASSPATH",
    ];
    const STARTS: [&str; 10] = [
        "LD_",
        "DYLD_",
        "BASH_",
        "GIT_",
        "PYTHON",
        "PERL5",
        "RUBY",
        "JAVA_TOOL_",
        "SSH_",
        "STRATA_",
    ];
    NAMES.contains(&name) || STARTS.iter().any(|start| name.starts_with(start))
}

/// Makes the name of a variable: letters, digits and `_`, the first no digit.
fn name_of(pointer: &Pointer, prefix: &str) -> String {
    let parts: Vec<&str> = pointer
        .tokens()
        .iter()
        .map(|token| token.as_str())
        .collect();
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    let mut name: String = prefix.to_owned();
    name.extend(parts.join("_").chars().map(letter));
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("_{name}"),
        false => name,
    }
}
