//! Tells of what was found, and not what it says.

use std::collections::BTreeSet;
use std::sync::Arc;

use bstr::ByteSlice;

use super::allowed::{Allowances, Asked};
use super::body::{AllowedBody, CommitBody, SecretBody};
use super::rules::{KEY_MATERIAL, LIKELY_SECRET};
use super::shapes::Hit;
use crate::document::{Format, Kind, Value, parse};
use crate::git::{Commit, fingerprint};
use crate::ops::own::masked;
use crate::report::{Finding, Location};
use crate::text::{Pointer, Source, Span};

/// A text that something was found in.
pub(super) struct Place<'a> {
    pub(super) source: &'a Source,
    /// The commit that brought it.
    pub(super) commit: Option<&'a Commit>,
}

/// What is told of one hit.
pub(super) struct Told {
    pub(super) body: SecretBody,
    /// None where it is allowed.
    pub(super) finding: Option<Finding>,
    /// The entry that allows it.
    pub(super) entry: Option<usize>,
}

/// Tells of each hit in a text.
pub(super) fn tell(place: &Place<'_>, hits: &[Hit], allowed: &Allowances) -> Vec<Told> {
    let text = place.source.text();
    let secrets = Secrets::of(text, hits);
    let shown = masked(place.source, &secrets.spans(text, hits));
    let pointers = pointers(place.source, hits);
    let each = hits.iter().zip(pointers).map(|(hit, pointer)| {
        let pointer = pointer.filter(|it| !it.tokens().iter().any(|key| secrets.is_in(key)));
        let rule = match hit.is_sure {
            true => &KEY_MATERIAL,
            false => &LIKELY_SECRET,
        };
        let known_by = hit.known_by.as_deref();
        let fingerprint = fingerprint(known_by.unwrap_or(&text[hit.secret.clone()]).as_bytes());
        let entry = allowed.entry_for(&Asked {
            path: place.source.name(),
            pointer: pointer.as_ref(),
            rule: rule.id,
            fingerprint: &fingerprint,
        });
        let mut location = Location::new(&shown, span(&hit.shown));
        location.pointer = pointer;
        let mut message = match (&hit.key, hit.is_sure) {
            (Some(key), false) if !secrets.is_in(&text[key.clone()]) => {
                let key = &text[key.clone()];
                format!("the value of `{key}` looks like a secret in plain text")
            }
            (_, true) => format!("{} stands here in plain text", hit.shape),
            (_, false) => format!("what looks like {} stands here in plain text", hit.shape),
        };
        if let Some(commit) = place.commit {
            let (id, author) = (commit.id.short(), &commit.author);
            let date = author.date();
            let day = date.split('T').next().unwrap_or_default();
            message = format!("{message}, since {id} by {} on {day}", author.name);
        }
        let key = location.pointer.as_ref().map(Pointer::dotted);
        let key = key.filter(|key| is_plain(key)).unwrap_or("KEY".to_owned());
        let help = format!(
            "withdraw it where it was issued and seal the new one: `git strata secret seal {key}`; \
             if it is no secret: `git strata secret scan --allow {fingerprint} --reason '…'`"
        );
        let body = SecretBody {
            rule: rule.id,
            shape: hit.shape,
            file: place.source.name().to_owned(),
            line: location.start().line,
            pointer: location.pointer.as_ref().map(Pointer::to_string),
            fingerprint,
            commit: place.commit.map(|commit| CommitBody {
                id: commit.id.to_string(),
                author: commit.author.name.clone(),
                date: commit.author.date(),
            }),
            allowed: entry.map(|index| AllowedBody {
                reason: allowed.entries[index].reason.clone(),
                until: allowed.entries[index].until,
            }),
        };
        let finding = Finding::new(rule, message, location).with_help(help);
        Told {
            body,
            finding: entry.is_none().then_some(finding),
            entry,
        }
    });
    each.collect()
}

/// Says whether a key can be pasted into a shell as it is.
fn is_plain(key: &str) -> bool {
    let is_of = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    !key.is_empty() && !key.starts_with('-') && key.bytes().all(is_of)
}

fn span(range: &std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(range.start), offset(range.end))
}

/// The secrets of a text.
struct Secrets<'t> {
    texts: BTreeSet<&'t str>,
    /// Whether there are too many to look for each.
    are_many: bool,
}

impl<'t> Secrets<'t> {
    const MOST: usize = 256;

    fn of(text: &'t str, hits: &[Hit]) -> Self {
        let each = hits.iter().map(|hit| &text[hit.secret.clone()]);
        let texts: BTreeSet<&str> = each.filter(|secret| secret.len() >= 3).collect();
        Self {
            are_many: texts.len() > Self::MOST,
            texts,
        }
    }

    /// Says whether a text holds one of them, or may.
    fn is_in(&self, text: &str) -> bool {
        self.are_many || self.texts.iter().any(|secret| text.contains(secret))
    }

    /// Gives what is covered in the text: each secret, wherever it stands. Of a text with very
    /// many, only the lines stay.
    fn spans(&self, text: &str, hits: &[Hit]) -> Vec<Span> {
        if self.are_many {
            return vec![span(&(0..text.len()))];
        }
        let found = self.texts.iter().flat_map(|secret| {
            let all = text.as_bytes().find_iter(secret.as_bytes());
            all.map(|at| span(&(at..at + secret.len())))
        });
        found
            .chain(hits.iter().map(|hit| span(&hit.secret)))
            .collect()
    }
}

/// Finds the place in the document that each hit stands in, where the file is one.
fn pointers(source: &Source, hits: &[Hit]) -> Vec<Option<Pointer>> {
    let mut found = vec![None; hits.len()];
    let Some(format) = Format::of_path(source.name()) else {
        return found;
    };
    let plain = Arc::new(Source::new(source.name(), source.text()));
    for document in &parse(&plain, format).documents {
        for (hit, pointer) in hits.iter().zip(&mut found) {
            if pointer.is_none() {
                *pointer = value_at(&document.root, span(&hit.shown));
            }
        }
    }
    found
}

/// Finds the scalar that a stretch of the text is part of.
fn value_at(root: &Value, wanted: Span) -> Option<Pointer> {
    let holds = |value: &Value| value.span.start <= wanted.start && wanted.end <= value.span.end;
    let mut pointer = Pointer::root();
    let mut value = root;
    loop {
        match &value.kind {
            Kind::Object(map) => {
                let (key, child) = map.iter().find(|(_, child)| holds(child))?;
                pointer.push(key.clone());
                value = child;
            }
            Kind::Array(items) => {
                let index = items.iter().position(holds)?;
                pointer.push(index.to_string());
                value = &items[index];
            }
            _ => return holds(value).then_some(pointer),
        }
    }
}
