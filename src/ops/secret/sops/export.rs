use std::collections::BTreeSet;

use bstr::ByteSlice;
use smol_str::SmolStr;

use super::{only_document, put, written};
use crate::config::{
    ParsedFile, SOPS, SealedAt, Vault, mac_text, plain_of, value_of, walk_leaves, walk_sealed,
};
use crate::document::{Document, Format, Kind, Map, Number, Value};
use crate::error::{Error, Result};
use crate::seal::sops::{Choice, DataKey, Mac, SealedValue, about};
use crate::seal::{Ask, Recipient, Refused};
use crate::text::{Date, Pointer, shell_word};

/// The version of SOPS whose form is written.
const VERSION: &str = "3.9.0";

/// A file with sealed values, as a SOPS file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The text of the file.
    pub text: String,
    /// The places of the values that are sealed, in order: also those that were plain, where their
    /// key has the name of one that was not.
    pub sealed: Vec<Pointer>,
    /// Whether some of the text had to be written anew, so that comments and style may be lost.
    pub is_anew: bool,
}

/// Makes of a file with sealed values a SOPS file for these recipients. What was sealed is sealed
/// again, by the names of its keys (`encrypted_regex`); what was plain stays so, unless it has such
/// a name. `modified` is the time of the change in seconds since 1970.
///
/// SOPS does not seal empty texts and nulls: those stand there in plain.
///
/// # Errors
///
/// Where nothing is sealed, a secret does not open, there is no recipient, or the file says what a
/// SOPS file cannot.
pub fn export(
    file: &ParsedFile,
    vault: &Vault,
    recipients: &[Recipient],
    modified: i64,
    ask: &Ask,
) -> Result<Exported> {
    let document = only_document(file)?;
    let own = file.path.to_str_lossy();
    exportable(document, &own)?;
    if recipients.is_empty() {
        return Err(Error::usage("there is nobody to seal it for")
            .with_help("name a recipient: a public key that begins with `age1`"));
    }
    let mut intended = (*document.root).clone();
    let names = open_all(&mut intended, file, vault)?;
    if names.is_empty() {
        return Err(
            Error::usage(format!("nothing is sealed in `{own}`")).with_help(format!(
                "seal all of it: `sops encrypt {}`",
                shell_word(&own)
            )),
        );
    }
    let choice = Choice::of_names(names.iter().map(String::as_str)).map_err(|why| {
        Error::usage(format!("`{own}` cannot be a SOPS file: {why}")).with_help("split the file")
    })?;
    let key = DataKey::new()?;
    let modified = moment(modified);
    let (sealed, mac) = seal_all(&intended, document, &choice, &key)?;
    for (at, text) in &sealed {
        put(&mut intended, at, text.clone());
    }
    let metadata = metadata(recipients, &key, &modified, mac, &choice, ask)?;
    if let Kind::Object(map) = &mut intended.kind {
        map.set(SOPS, metadata);
    }
    let (text, is_anew) = written(document, &intended)?;
    Ok(Exported {
        text,
        sealed: sealed.into_iter().map(|(at, _)| at).collect(),
        is_anew,
    })
}

/// Says why a file cannot be a SOPS file.
fn exportable(document: &Document, name: &str) -> Result<()> {
    let refuse = |what: &str, help: &str| {
        Err(Error::usage(format!("`{name}` cannot be a SOPS file: {what}")).with_help(help))
    };
    let Some(map) = document.root.as_object() else {
        return refuse("it is no map of keys to values", "put it below a key");
    };
    if map.contains_key(SOPS) {
        return refuse(
            "it has a key `sops` already, which is that of SOPS itself",
            "give the key another name, or leave the file as it is where it is a SOPS file",
        );
    }
    let is_merge = |line: &str| {
        let line = line.trim_start_matches([' ', '-', '{']);
        let rest = line.strip_prefix("<<").map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(':'))
    };
    if document.format == Format::Yaml && document.source.text().lines().any(is_merge) {
        return refuse(
            "it merges maps with `<<`, which SOPS reads as a key of that name",
            "write the merged values out, then export it",
        );
    }
    Ok(())
}

/// Opens every sealed value of a document, and gives the names of their nearest keys.
fn open_all(root: &mut Value, file: &ParsedFile, vault: &Vault) -> Result<BTreeSet<String>> {
    let mut tokens = Vec::new();
    walk_sealed(root, &mut Pointer::root(), &mut |at, value| {
        tokens.push((at.clone(), value.as_str().unwrap_or_default().to_owned()));
    });
    let mut names = BTreeSet::new();
    for (at, text) in tokens {
        let key = at.dotted();
        let place = SealedAt {
            text: &text,
            document: file.path.clone(),
            pointer: at.clone(),
        };
        let secret = vault.open(&place).map_err(|why| why.into_error(&key))?;
        names.insert(nearest_name(root, &at));
        if let Some(value) = root.at_mut(&at) {
            let span = value.span;
            *value = value_of(&secret);
            if value.as_array().is_none() && value.as_object().is_none() {
                value.span = span;
            }
        }
    }
    Ok(names)
}

/// Gives the name of the last key that leads to a place, numbers of items left out.
fn nearest_name(root: &Value, at: &Pointer) -> String {
    let mut value = Some(root);
    let mut name = String::new();
    for token in at.tokens() {
        if value.is_some_and(|value| value.as_object().is_some()) {
            token.as_str().clone_into(&mut name);
        }
        value = value.and_then(|value| value.child(token));
    }
    name
}

/// Says whether SOPS seals a value at all: no empty text.
fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("")
}

/// Seals the values that are chosen, and adds up all.
fn seal_all(
    root: &Value,
    document: &Document,
    choice: &Choice,
    key: &DataKey,
) -> Result<(Vec<(Pointer, String)>, Mac)> {
    let mut mac = Mac::new(false);
    let mut sealed = Vec::new();
    let mut fault = None;
    let walked = walk_leaves(root, &mut |at, keys, value| {
        let path = || keys.iter().map(SmolStr::as_str);
        let plain = plain_of(value).filter(|_| !is_empty(value) && choice.seals(path()));
        let Some(plain) = plain else {
            mac.add(&mac_text(value, document));
            return Ok(());
        };
        let is_same = |number: &Number| Number::new(plain.expose()).as_ref() == Some(number);
        if !value.as_number().is_none_or(is_same) {
            return Err(Refused::Failed(at.dotted()));
        }
        mac.add(plain.expose());
        let about = about(path());
        match SealedValue::seal(&plain, key, &about) {
            Ok(value) => sealed.push((at.clone(), value.to_string())),
            Err(error) => fault = Some(error),
        }
        Ok(())
    });
    match (walked, fault) {
        (_, Some(error)) => Err(error),
        (Err(at), _) => Err(Error::usage(format!(
            "the number at `{at}` has more digits than SOPS can hold"
        ))
        .with_help("seal it as a text: write it in quotes")),
        (Ok(()), None) => Ok((sealed, mac)),
    }
}

/// Writes the part `sops`.
fn metadata(
    recipients: &[Recipient],
    key: &DataKey,
    modified: &str,
    mac: Mac,
    choice: &Choice,
    ask: &Ask,
) -> Result<Value> {
    let text = |text: &str| Value::detached(Kind::String(text.into()));
    let map = |entries: Vec<(&str, Value)>| {
        let mut map = Map::new();
        for (key, value) in entries {
            map.set(key, value);
        }
        Value::detached(Kind::Object(map))
    };
    let mut keys = Vec::new();
    for recipient in recipients {
        let wrapped = key.wrap(recipient, ask)?;
        keys.push(map(vec![
            ("recipient", text(recipient.as_str())),
            ("enc", text(&wrapped)),
        ]));
    }
    Ok(map(vec![
        ("age", Value::detached(Kind::Array(keys))),
        ("lastmodified", text(modified)),
        ("mac", text(&mac.seal(key, modified)?)),
        ("encrypted_regex", text(choice.names().unwrap_or_default())),
        ("version", text(VERSION)),
    ]))
}

/// Writes a time as RFC 3339 has it.
fn moment(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}Z",
        Date::of_unix(seconds)
    )
}
