use std::sync::Arc;

use smol_str::SmolStr;

use crate::document::{Entry, Map, Value};
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Pointer, Source, Span, nearest};

/// A file of our own (manifest, drift rules, …) has a key that nothing reads.
pub(crate) static UNKNOWN_KEY: Rule = Rule {
    id: "unknown-key",
    severity: Severity::Error,
    summary: "a key in one of Strata's own files that nothing reads",
    docs: "A file of Strata's own, such as `strata.yaml`, holds a key that Strata does not know. \
Such a key would have no effect, and nobody would notice; so it is refused.

**What to do.** Correct the name: the finding offers the nearest one. `git strata util schema \
manifest` prints all of them.

```yaml
strata: 1
layer:            # unknown: it is `layers`
  - config/base.yaml
```",
};

/// A key of one of our own files holds what it cannot hold.
pub(crate) static INVALID_VALUE: Rule = Rule {
    id: "invalid-value",
    severity: Severity::Error,
    summary: "a value in one of Strata's own files that cannot stand there",
    docs: "A file of Strata's own, such as `strata.yaml`, holds a value of another kind than the \
key asks for: a list where one name is meant, a path that leads out of the repository, a key that \
must be there and is not.

**What to do.** The message says what the key takes.

```yaml
strata: 1
layers: config/base.yaml   # must be a list: `- config/base.yaml`
```",
};

/// Reads the keys of one map in a file of our own, and says what is wrong with them.
///
/// Each accessor takes note of the key it asked for; [`finish`](Self::finish) turns what nobody
/// asked for into findings.
pub(crate) struct Fields<'a> {
    source: &'a Arc<Source>,
    pointer: Pointer,
    span: Span,
    map: Option<&'a Map>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// Starts on a value, which must be a map.
    pub(crate) fn new(
        source: &'a Arc<Source>,
        pointer: Pointer,
        value: &'a Value,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let fields = Self {
            source,
            pointer,
            span: value.span,
            map: value.as_object(),
            known: Vec::new(),
        };
        if fields.map.is_none() {
            findings.push(fields.wrong(&fields.pointer, value, "must be a map of keys to values"));
        }
        fields
    }

    fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.known.push(key);
        let map = self.map?;
        map.entry(key).filter(|entry| !entry.value.is_null())
    }

    /// Asks for a key that may hold anything.
    pub(crate) fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Asks for a text.
    pub(crate) fn text(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Finding>,
    ) -> Option<SmolStr> {
        let value = self.value(key)?;
        let text = self.text_of(&self.pointer.join(key), value, findings)?;
        Some(text)
    }

    /// Asks for a map of whatever one likes.
    pub(crate) fn map(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Finding>,
    ) -> Option<&'a Value> {
        let value = self.value(key)?;
        if value.as_object().is_none() {
            findings.push(self.wrong(
                &self.pointer.join(key),
                value,
                "must be a map of names to values",
            ));
            return None;
        }
        Some(value)
    }

    /// Asks for a boolean.
    pub(crate) fn truth(&mut self, key: &'static str, findings: &mut Vec<Finding>) -> Option<bool> {
        let value = self.value(key)?;
        let truth = value.as_bool();
        if truth.is_none() {
            findings.push(self.wrong(&self.pointer.join(key), value, "must be true or false"));
        }
        truth
    }

    /// Asks for a list of texts, each with its place.
    pub(crate) fn texts(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Finding>,
    ) -> Vec<(SmolStr, Location)> {
        let pointer = self.pointer.join(key);
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            findings.push(self.wrong(&pointer, value, "must be a list, one `- name` a line"));
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let pointer = pointer.join(index.to_string());
            if let Some(text) = self.text_of(&pointer, item, findings) {
                texts.push((text, self.at(&pointer, item)));
            }
        }
        texts
    }

    /// Asks for a map, and gives its entries with their places.
    pub(crate) fn entries(
        &mut self,
        key: &'static str,
        findings: &mut Vec<Finding>,
    ) -> Vec<(&'a SmolStr, &'a Entry, Pointer)> {
        let pointer = self.pointer.join(key);
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(map) = value.as_object() else {
            findings.push(self.wrong(&pointer, value, "must be a map of names to settings"));
            return Vec::new();
        };
        map.entries()
            .map(|(name, entry)| (name, entry, pointer.join(name.clone())))
            .collect()
    }

    /// Says that a key must be there and is not.
    pub(crate) fn missing(&self, key: &str, example: &str) -> Finding {
        let location = Location::new(self.source, self.span).with_pointer(self.pointer.clone());
        Finding::new(
            &INVALID_VALUE,
            format!("the key `{key}` is missing"),
            location,
        )
        .with_help(format!("add `{example}`"))
    }

    /// Turns every key that nobody asked for into a finding. A key that starts with `x-` is the
    /// reader's own.
    pub(crate) fn finish(self, findings: &mut Vec<Finding>) {
        let Some(map) = self.map else { return };
        for (key, entry) in map.entries() {
            if self.known.contains(&key.as_str()) || key.starts_with("x-") {
                continue;
            }
            let location =
                Location::new(self.source, entry.key).with_pointer(self.pointer.join(key.clone()));
            let near = nearest(key, self.known.iter().copied());
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here are {}", quoted(&self.known)),
            };
            let message = format!("nothing reads the key `{key}`");
            findings.push(Finding::new(&UNKNOWN_KEY, message, location).with_help(help));
        }
    }

    fn text_of(
        &self,
        pointer: &Pointer,
        value: &Value,
        findings: &mut Vec<Finding>,
    ) -> Option<SmolStr> {
        let text = value.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            findings.push(self.wrong(pointer, value, "must be a text that is not empty"));
        }
        text.map(SmolStr::new)
    }

    fn wrong(&self, pointer: &Pointer, value: &Value, what: &str) -> Finding {
        let name = match pointer.tokens() {
            [.., list, item] if item.parse::<usize>().is_ok() => format!("each of `{list}`"),
            [.., name] => format!("`{name}`"),
            [] => "the file".to_owned(),
        };
        let message = format!("{name} {what}; it is a {}", value.type_name());
        Finding::new(&INVALID_VALUE, message, self.at(pointer, value))
    }

    fn at(&self, pointer: &Pointer, value: &Value) -> Location {
        Location::new(self.source, value.span).with_pointer(pointer.clone())
    }
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
