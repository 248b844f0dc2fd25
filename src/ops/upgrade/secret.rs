//! Keeps secrets out of what is shown.

use std::sync::Arc;

use smol_str::ToSmolStr;

use super::version::Stop;
use crate::Result;
use crate::config::ParsedFile;
use crate::config::schema::{PathMap, Place};
use crate::document::{Document, Format, Kind, Value, parse};
use crate::ops::migration::Secrets;
use crate::ops::own::MASK;
use crate::report::Finding;
use crate::text::{Pointer, Source, Span};

/// Which places hold secrets, by the schemas of several versions.
pub(super) struct Hidden {
    maps: Vec<PathMap<()>>,
}

impl Hidden {
    pub(super) fn of(stops: &[&Stop]) -> Result<Self> {
        let mut maps = Vec::new();
        for stop in stops {
            let schemas = stop.schemas()?.iter();
            maps.extend(
                schemas
                    .map(|it| it.schema.secrets())
                    .filter(|it| !it.is_empty()),
            );
        }
        Ok(Self { maps })
    }

    fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// Says whether the value at a place is a secret, or part of one, or holds one.
    pub(super) fn is_at(&self, at: &Pointer) -> bool {
        self.maps.iter().any(|map| {
            let mut place = map.root();
            let on_the_way = at.tokens().iter().any(|token| {
                place = place.descend(token);
                place.get().is_some()
            });
            on_the_way || !place.is_empty()
        })
    }

    /// Finds the secrets of a document.
    pub(super) fn secrets(&self, root: &Value) -> Secrets {
        let mut secrets = Secrets::default();
        for map in &self.maps {
            each(map.root(), root, &mut |value| secrets.add(value));
        }
        secrets
    }

    /// Masks the secrets in a text, and what stands at further places.
    pub(super) fn mask(&self, text: &str, format: Format, more: &[Pointer]) -> String {
        if self.is_empty() && more.is_empty() {
            return text.to_owned();
        }
        let source = Arc::new(Source::new("", text));
        let mut spans: Vec<Span> = Vec::new();
        for Document { root, .. } in &parse(&source, format).documents {
            let mut add = |value: &Value| scalars(value, &mut spans);
            for map in &self.maps {
                each(map.root(), root, &mut add);
            }
            more.iter().filter_map(|at| root.at(at)).for_each(&mut add);
        }
        spans.sort();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for span in spans {
            let range = span.range();
            // An alias stands where its anchor does.
            if let Some(before) = text.get(at..range.start) {
                out.push_str(before);
                out.push_str(MASK);
                at = range.end;
            }
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// Gives a file as it may be shown beside a finding: with secrets masked, and all else where
    /// it stands.
    pub(super) fn covered(&self, file: &ParsedFile) -> Option<Arc<Source>> {
        let mut spans = Vec::new();
        for document in file.documents() {
            for map in &self.maps {
                each(map.root(), &document.root, &mut |value| {
                    scalars(value, &mut spans);
                });
            }
        }
        if spans.is_empty() {
            return None;
        }
        let mut bytes = file.source.text().as_bytes().to_vec();
        for span in spans {
            for (at, byte) in bytes.get_mut(span.range())?.iter_mut().enumerate() {
                match *byte {
                    b'\n' | b'\r' => {}
                    _ if at < MASK.len() => *byte = b'*',
                    _ => *byte = b' ',
                }
            }
        }
        let source = Source::new(file.source.name(), String::from_utf8(bytes).ok()?);
        Some(Arc::new(match file.source.revision() {
            Some(revision) => source.at_revision(revision),
            None => source,
        }))
    }
}

/// Shows findings about a file with the text that may be shown of it.
pub(super) fn cover(findings: &mut [Finding], old: &Arc<Source>, new: &Arc<Source>) {
    for finding in findings {
        let related = finding.related.iter_mut();
        for location in related.chain([&mut finding.location]) {
            if Arc::ptr_eq(&location.source, old) {
                location.source = Arc::clone(new);
            }
        }
    }
}

fn each(place: Place<'_, ()>, value: &Value, see: &mut dyn FnMut(&Value)) {
    if place.is_empty() {
        return;
    }
    if place.get().is_some() {
        return see(value);
    }
    match &value.kind {
        Kind::Object(map) => {
            for (key, child) in map.iter() {
                each(place.key(key), child, see);
            }
        }
        Kind::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                each(place.descend(&index.to_smolstr()), child, see);
            }
        }
        _ => {}
    }
}

fn scalars(value: &Value, spans: &mut Vec<Span>) {
    match &value.kind {
        Kind::Object(map) => map.values().for_each(|value| scalars(value, spans)),
        Kind::Array(items) => items.iter().for_each(|value| scalars(value, spans)),
        _ if !value.span.is_empty() => spans.push(value.span),
        _ => {}
    }
}
