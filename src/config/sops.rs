use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use crate::document::{Document, Format, Kind, Value};
use crate::seal::sops::{
    Choice, DEFAULT_SUFFIX, DataKey, Mac, Plain, SealedValue, Type, about, is_sealed_value,
    number_text,
};
use crate::seal::{Identities, Refused, Secret};
use crate::text::{Date, Pointer};

/// The key of a SOPS file that is none of its values.
pub const SOPS: &str = "sops";

/// How many places are tried, to tell where a value that was moved comes from.
const TRIED: usize = 4096;

/// Says whether a document is a [SOPS](https://getsops.io) file: it has a part `sops` with a MAC
/// and the time of the last change.
#[must_use]
pub fn is_sops(root: &Value) -> bool {
    let text = |name: &str| root.get(SOPS)?.get(name)?.as_str();
    text("mac").is_some_and(is_sealed_value) && text("lastmodified").is_some()
}

/// Gives what a document says: without its part `sops`, where it is a SOPS file.
pub(super) fn without_metadata(root: &Arc<Value>) -> Arc<Value> {
    if !is_sops(root) {
        return Arc::clone(root);
    }
    let mut root = (**root).clone();
    if let Kind::Object(map) = &mut root.kind {
        map.remove(SOPS);
    }
    Arc::new(root)
}

/// What a SOPS file says of itself.
#[derive(Debug)]
struct Metadata<'a> {
    wrapped: Vec<&'a str>,
    modified: &'a str,
    mac: &'a str,
    choice: Choice,
}

impl<'a> Metadata<'a> {
    fn read(root: &'a Value) -> Result<Self, Refused> {
        let none = || Refused::Malformed("it has no part `sops` with a MAC and a date".to_owned());
        let part = root.get(SOPS).filter(|_| is_sops(root)).ok_or_else(none)?;
        let text = |name: &str| part.get(name).and_then(Value::as_str);
        let some = |name: &str| text(name).filter(|text| !text.is_empty());
        let refuse = |why: &str| Err(Refused::Failed(why.to_owned()));
        if some("encrypted_comment_regex").is_some() || some("unencrypted_comment_regex").is_some()
        {
            return refuse("it says by comments what is sealed, which only `sops` itself can read");
        }
        let groups = part.get("key_groups").and_then(Value::as_array);
        let keys = match groups.unwrap_or_default() {
            [] => part,
            [one] => one,
            _ => {
                return refuse("its key is split among several groups, which only `sops` can join");
            }
        };
        let keys = keys.get("age").and_then(Value::as_array);
        let wrapped = keys.unwrap_or_default().iter();
        let wrapped: Vec<&str> = wrapped
            .filter_map(|it| it.get("enc").and_then(Value::as_str))
            .collect();
        if wrapped.is_empty() {
            return refuse("it is not sealed with age, the one means that is known here");
        }
        let pattern = |name| some(name).map(Choice::pattern).transpose();
        let mut choice = Choice {
            unencrypted_suffix: some("unencrypted_suffix").map(str::to_owned),
            encrypted_suffix: some("encrypted_suffix").map(str::to_owned),
            unencrypted_regex: pattern("unencrypted_regex")?,
            encrypted_regex: pattern("encrypted_regex")?,
            mac_only_encrypted: part.get("mac_only_encrypted").and_then(Value::as_bool)
                == Some(true),
        };
        let is_default = choice.unencrypted_suffix.is_none()
            && choice.encrypted_suffix.is_none()
            && choice.unencrypted_regex.is_none()
            && choice.encrypted_regex.is_none();
        if is_default {
            choice.unencrypted_suffix = Some(DEFAULT_SUFFIX.to_owned());
        }
        Ok(Self {
            wrapped,
            modified: text("lastmodified").unwrap_or_default(),
            mac: text("mac").unwrap_or_default(),
            choice,
        })
    }
}

/// A SOPS file that was opened, and whose MAC was found to be that of its values.
pub struct OpenSops {
    key: DataKey,
    values: IndexMap<Pointer, (SmolStr, Secret)>,
}

impl OpenSops {
    /// Opens a document that is a SOPS file: its data key, all its values, and its MAC.
    ///
    /// # Errors
    ///
    /// Where it is none, is not sealed for any of the identities, or was changed after it was
    /// sealed.
    pub fn open(document: &Document, identities: &Identities) -> Result<Self, Refused> {
        let root = &*document.root;
        let metadata = Metadata::read(root)?;
        let key = DataKey::unwrap(metadata.wrapped.iter().copied(), identities)?;
        let choice = &metadata.choice;
        // In JSON, SOPS takes every number for a float, and in YAML some texts for a time; other
        // programs do not.
        let mut macs = [0, 1].map(|_| Mac::new(choice.mac_only_encrypted));
        let mut values = IndexMap::new();
        walk_leaves(root, &mut |at, keys, value| {
            let path = || keys.iter().map(SmolStr::as_str);
            let sealed = value.as_str().filter(|text| is_sealed_value(text));
            if let Some(text) = sealed {
                let plain = open_value(text, &key, root, at, &about(path()))?;
                macs.iter_mut().for_each(|mac| mac.add(plain.expose()));
                values.insert(at.clone(), (text.into(), plain.secret()));
                return Ok(());
            }
            if value.as_str() == Some("") {
                return Ok(());
            }
            if choice.seals(path()) {
                return Err(Refused::Plain(at.dotted()));
            }
            if !choice.mac_only_encrypted {
                macs[0].add(&mac_text(value, document));
                macs[1].add(&exact_text(value));
            }
            Ok(())
        })?;
        let verified = macs[0].verify(metadata.mac, &key, metadata.modified);
        verified.or_else(|_| macs[1].verify(metadata.mac, &key, metadata.modified))?;
        Ok(Self { key, values })
    }

    /// Gives the secret at a place, where this text stands.
    #[must_use]
    pub fn secret(&self, at: &Pointer, text: &str) -> Option<&Secret> {
        let (known, secret) = self.values.get(at)?;
        (known == text).then_some(secret)
    }

    /// Gives the places of all sealed values, in the order written.
    pub fn places(&self) -> impl Iterator<Item = &Pointer> {
        self.values.keys()
    }

    /// Opens a comment that stands somewhere in the document; none where it does not open.
    pub(crate) fn comment(&self, text: &str, root: &Value) -> Option<Secret> {
        let sealed = SealedValue::parse(text).ok()?;
        let is_comment = sealed.kind() == Type::Comment;
        let mut places = containers(root);
        places.truncate(if is_comment { TRIED } else { 0 });
        let opened = places
            .iter()
            .find_map(|about| sealed.open(&self.key, about).ok());
        opened.map(|plain| plain.secret())
    }
}

impl std::fmt::Debug for OpenSops {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenSops({} values)", self.values.len())
    }
}

/// Opens one value; where it does not, tells where it comes from.
fn open_value(
    text: &str,
    key: &DataKey,
    root: &Value,
    at: &Pointer,
    here: &str,
) -> Result<Plain, Refused> {
    let named = |why: Refused| {
        let key = at.dotted();
        Refused::Malformed(match why {
            Refused::Malformed(why) => format!("at `{key}`, {why}"),
            other => format!("at `{key}`, {other}"),
        })
    };
    let sealed = SealedValue::parse(text).map_err(named)?;
    match sealed.open(key, here) {
        Err(Refused::Damaged) => {}
        opened => return opened.map_err(named),
    }
    let mut from = None;
    let mut tried = 0;
    let _ = walk_leaves(root, &mut |other, keys, _| {
        tried += 1;
        let place = about(keys.iter().map(SmolStr::as_str));
        if from.is_none() && tried <= TRIED && sealed.open(key, &place).is_ok() {
            from = Some(other.dotted());
        }
        Ok(())
    });
    Err(Refused::Moved(at.dotted(), from))
}

/// Writes a plain value as SOPS has it in its MAC. It reads numbers of JSON as floats, and what
/// looks like a date in YAML, without quotes, as a moment.
pub(crate) fn mac_text(value: &Value, document: &Document) -> String {
    match (&value.kind, document.format) {
        (Kind::Number(number), Format::Json) => number_text(None, number.to_f64()),
        (Kind::String(text), Format::Yaml) => {
            let written = document.source.text().get(value.span.range());
            let is_day = text.len() == 10 && text.parse::<Date>().is_ok();
            match is_day && written == Some(text.as_str()) {
                true => format!("{text}T00:00:00Z"),
                false => text.to_string(),
            }
        }
        _ => exact_text(value),
    }
}

/// Writes a value as SOPS has it in its MAC, numbers as exact as it can; nothing for a list, map
/// or null.
fn exact_text(value: &Value) -> String {
    plain_of(value).map_or_else(String::new, |plain| plain.expose().to_owned())
}

/// Gives a value as SOPS seals it; none for a list, map or null.
pub(crate) fn plain_of(value: &Value) -> Option<Plain> {
    match &value.kind {
        Kind::Bool(is_true) => Some(Plain::bool(*is_true)),
        Kind::Number(number) => Some(Plain::number(&number_text(
            number.to_i64(),
            number.to_f64(),
        ))),
        Kind::String(text) => Some(Plain::text(text)),
        Kind::Null | Kind::Array(_) | Kind::Object(_) => None,
    }
}

/// Looks at a value: its place, the keys that lead there, and itself.
type Visit<'a> = dyn FnMut(&Pointer, &[SmolStr], &Value) -> Result<(), Refused> + 'a;

/// Visits the values of a document that are no lists, maps or nulls, in the order written, with
/// the keys that lead to each; the part `sops` is left out.
pub(crate) fn walk_leaves(root: &Value, visit: &mut Visit<'_>) -> Result<(), Refused> {
    fn step(
        value: &Value,
        at: &mut Pointer,
        keys: &mut Vec<SmolStr>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Refused> {
        match &value.kind {
            Kind::Null => Ok(()),
            Kind::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
                at.push(index.to_string());
                let done = step(item, at, keys, visit);
                at.pop();
                done
            }),
            Kind::Object(map) => map.iter().try_for_each(|(key, item)| {
                if at.tokens().is_empty() && key == SOPS {
                    return Ok(());
                }
                at.push(key.clone());
                keys.push(key.clone());
                let done = step(item, at, keys, visit);
                keys.pop();
                at.pop();
                done
            }),
            _ => visit(at, keys, value),
        }
    }
    step(root, &mut Pointer::root(), &mut Vec::new(), visit)
}

/// Gives what the comments of each list and map of a document are sealed about.
fn containers(root: &Value) -> Vec<String> {
    fn step(value: &Value, keys: &mut Vec<SmolStr>, found: &mut Vec<String>) {
        match &value.kind {
            Kind::Array(items) => items.iter().for_each(|item| step(item, keys, found)),
            Kind::Object(map) => {
                found.push(about(keys.iter().map(SmolStr::as_str)));
                for (key, item) in map.iter() {
                    keys.push(key.clone());
                    if item.as_array().is_some() {
                        found.push(about(keys.iter().map(SmolStr::as_str)));
                    }
                    step(item, keys, found);
                    keys.pop();
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    step(root, &mut Vec::new(), &mut found);
    found
}

#[cfg(test)]
mod tests;
