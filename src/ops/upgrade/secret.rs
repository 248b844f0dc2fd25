//! Keeps secrets out of what is shown.

use std::sync::Arc;

use super::version::Stop;
use crate::Result;
use crate::config::schema::PathMap;
use crate::document::{Document, Format, Value, parse};
use crate::ops::cover::{Cover, each, scalars};
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

    /// Covers the secrets in what findings show.
    pub(super) fn cover(self, findings: &mut [Finding]) {
        Cover::of(self.maps).over(findings);
    }
}
