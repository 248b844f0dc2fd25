use std::sync::Arc;

use indexmap::IndexMap;

use super::super::fields::{Fields, INVALID_VALUE};
use crate::document::Value;
use crate::report::{Finding, Location};
use crate::seal::{Recipient, is_keyring_name};
use crate::text::{KeyPattern, Pointer, Source};

/// Who can read some of the secrets, and where those may stand.
#[derive(Clone, Debug)]
pub struct Keyring {
    /// The public key that secrets are sealed with.
    pub recipient: Recipient,
    /// Which key of the keyring that is, counted from 1.
    pub generation: u32,
    /// The members by name: the private key is sealed for each of them.
    pub members: IndexMap<String, Recipient>,
    /// The environments that its secrets are for; empty for any.
    pub environments: Vec<String>,
    /// The keys that its secrets may stand at; empty for any.
    pub keys: Vec<KeyPattern>,
    /// Where it is declared.
    pub location: Location,
}

impl Keyring {
    /// Gives the path of the file that holds the private keys of a keyring, sealed.
    #[must_use]
    pub fn path(name: &str) -> String {
        format!("keyrings/{name}.age")
    }

    /// Says whether a secret of this keyring may stand at a key of a file that these environments
    /// are made of; none of them means any.
    #[must_use]
    pub fn is_for<'a>(
        &self,
        mut environments: impl Iterator<Item = &'a str>,
        pointer: &Pointer,
    ) -> bool {
        let covered = |name: &str| self.environments.iter().any(|own| own == name);
        (self.environments.is_empty() || environments.all(covered))
            && (self.keys.is_empty() || self.keys.iter().any(|key| key.covers(pointer)))
    }

    /// Counts what it is limited to, so that of two that fit, the closer one can be taken.
    #[must_use]
    pub fn closeness(&self) -> usize {
        usize::from(!self.keys.is_empty()) * 2 + usize::from(!self.environments.is_empty())
    }
}

pub(super) fn read(
    fields: &mut Fields<'_>,
    source: &Arc<Source>,
    environments: &[String],
    findings: &mut Vec<Finding>,
) -> IndexMap<String, Keyring> {
    let mut keyrings = IndexMap::new();
    for (name, entry, pointer) in fields.entries("keyrings", findings) {
        let location = Location::new(source, entry.key).with_pointer(pointer.clone());
        if !is_keyring_name(name) {
            let message = format!("`{name}` cannot name a keyring");
            findings.push(
                Finding::new(&INVALID_VALUE, message, location)
                    .with_help("take letters, digits, `-` and `_`"),
            );
            continue;
        }
        let mut names = keyrings.keys();
        if let Some(other) = names.find(|it: &&String| it.eq_ignore_ascii_case(name)) {
            let message = format!("the keyrings `{other}` and `{name}` differ by capitals alone");
            findings.push(
                Finding::new(&INVALID_VALUE, message, location)
                    .with_help("give one another name: their files are one on some computers"),
            );
            continue;
        }
        let one = One {
            fields: Fields::new(source, pointer, &entry.value, findings),
            source,
            findings,
        };
        if let Some(keyring) = one.read(location, environments) {
            keyrings.insert(name.to_string(), keyring);
        }
    }
    keyrings
}

/// A keyring that is being read.
struct One<'a, 'b> {
    fields: Fields<'a>,
    source: &'b Arc<Source>,
    findings: &'b mut Vec<Finding>,
}

impl One<'_, '_> {
    fn read(mut self, location: Location, known: &[String]) -> Option<Keyring> {
        let recipient = match self.fields.text("recipient", self.findings) {
            Some(text) => {
                let place = self.place("recipient", &location);
                self.recipient(&text, place)
            }
            None => {
                let example = "recipient: age1…";
                self.findings
                    .push(self.fields.missing("recipient", example));
                None
            }
        };
        let generation = self.generation(&location);
        let mut members = IndexMap::new();
        for (name, entry, pointer) in self.fields.entries("members", self.findings) {
            let place = Location::new(self.source, entry.value.span).with_pointer(pointer);
            let text = entry.value.as_str().unwrap_or_default();
            if let Some(member) = self.recipient(text, place) {
                members.insert(name.to_string(), member);
            }
        }
        let mut environments = Vec::new();
        for (name, place) in self.fields.texts("environments", self.findings) {
            if !known.contains(&name.to_string()) {
                let message = format!("`{name}` is no environment");
                let near = crate::text::nearest(&name, known.iter().map(String::as_str));
                let mut finding = Finding::new(&super::UNKNOWN_ENVIRONMENT, message, place);
                if let Some(near) = near.first() {
                    finding = finding.with_help(format!("did you mean `{near}`?"));
                }
                self.findings.push(finding);
            }
            environments.push(name.to_string());
        }
        let mut keys = Vec::new();
        for (text, place) in self.fields.texts("keys", self.findings) {
            match text.parse::<KeyPattern>() {
                Ok(key) => keys.push(key),
                Err(error) => self.findings.push(
                    Finding::new(&INVALID_VALUE, format!("`{text}`: {error}"), place)
                        .with_help("write a key, in which `*` stands for any one part: `db.*`"),
                ),
            }
        }
        self.fields.finish(self.findings);
        Some(Keyring {
            recipient: recipient?,
            generation: generation?,
            members,
            environments,
            keys,
            location,
        })
    }

    fn place(&mut self, key: &'static str, keyring: &Location) -> Location {
        let span = self
            .fields
            .value(key)
            .map_or(keyring.span, |value: &Value| value.span);
        let above = keyring.pointer.clone().unwrap_or_default();
        Location::new(self.source, span).with_pointer(above.join(key))
    }

    fn recipient(&mut self, text: &str, place: Location) -> Option<Recipient> {
        match text.parse() {
            Ok(recipient) => Some(recipient),
            Err(error) => {
                let error: crate::Error = error;
                let mut finding = Finding::new(&INVALID_VALUE, error.to_string(), place);
                if let Some(help) = error.help() {
                    finding = finding.with_help(help);
                }
                self.findings.push(finding);
                None
            }
        }
    }

    fn generation(&mut self, location: &Location) -> Option<u32> {
        let Some(value) = self.fields.value("generation") else {
            self.findings
                .push(self.fields.missing("generation", "generation: 1"));
            return None;
        };
        let number = value.as_number().and_then(|number| number.to_i64());
        let number = number.and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            let message = "a generation is a whole number from 1";
            let place = self.place("generation", location);
            self.findings.push(
                Finding::new(&INVALID_VALUE, message, place)
                    .with_help("`git strata secret keyring rotate` counts it"),
            );
        }
        number
    }
}
