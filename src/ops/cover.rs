//! Covers secrets in the lines that findings are shown with.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::{SmolStr, ToSmolStr};

use super::own::masked;
use crate::config::schema::{PathMap, Place, Schema};
use crate::config::{Schemas, is_template};
use crate::document::{Format, Kind, Value, parse};
use crate::git::Oid;
use crate::report::{Finding, Location, Severity};
use crate::text::{Source, Span};

/// What schemas call secrets, to be covered wherever a finding shows the text of a file.
///
/// A file is covered by all the schemas, since the same file may be read under several: rather
/// too much is covered than too little.
#[derive(Default)]
pub(super) struct Cover {
    maps: Vec<PathMap<()>>,
    known: Vec<Vec<Oid>>,
}

impl Cover {
    pub(super) fn of(maps: Vec<PathMap<()>>) -> Self {
        let known = Vec::new();
        Self { maps, known }
    }

    pub(super) fn add(&mut self, schema: &Schema) {
        let map = schema.secrets();
        if !map.is_empty() {
            self.maps.push(map);
        }
    }

    pub(super) fn add_all(&mut self, schemas: &Schemas) {
        if schemas.has_secrets() && !self.known.iter().any(|known| known == schemas.ids()) {
            self.known.push(schemas.ids().to_vec());
            schemas.all().iter().for_each(|schema| self.add(schema));
        }
    }

    /// Covers what another one covers, too.
    pub(super) fn join(&mut self, other: Self) {
        if other.known.iter().any(|ids| !self.known.contains(ids)) {
            self.known.extend(other.known);
            self.maps.extend(other.maps);
        }
    }

    /// Covers the secrets in what findings show.
    pub(super) fn over<'a>(&self, findings: impl IntoIterator<Item = &'a mut Finding>) {
        if self.maps.is_empty() {
            return;
        }
        // By address: each is held by a finding, or by this, until the end.
        let mut done: BTreeMap<*const Source, (Arc<Source>, Option<Arc<Source>>)> = BTreeMap::new();
        for finding in findings {
            let Finding {
                location, related, ..
            } = finding;
            for Location { source, .. } in related.iter_mut().chain([location]) {
                let (_, covered) = done.entry(Arc::as_ptr(source)).or_insert_with(|| {
                    let covered = self.covered(source);
                    (Arc::clone(source), covered)
                });
                if let Some(covered) = covered {
                    *source = Arc::clone(covered);
                }
            }
        }
    }

    /// Gives a file as it may be shown; none where it holds no secret.
    fn covered(&self, source: &Arc<Source>) -> Option<Arc<Source>> {
        let name = source.name();
        let mut spans = Vec::new();
        let mut is_sound = !is_template(name.into());
        match Format::of_path(name) {
            Some(format) if is_sound => {
                let parsed = parse(source, format);
                let mut faults = parsed.findings.iter();
                is_sound = faults.all(|it| it.severity < Severity::Error);
                for map in &self.maps {
                    for document in &parsed.documents {
                        each(map.root(), &document.root, &mut |value| {
                            scalars(value, &mut spans);
                        });
                    }
                }
            }
            // A file of another kind is no configuration.
            None if is_sound => return None,
            _ => {}
        }
        if !is_sound {
            let names: Option<Vec<_>> = self.maps.iter().map(PathMap::names).collect();
            match names {
                Some(names) => spans.extend(lines(source.text(), &names.concat())),
                None => spans.push(span(0, source.text().len())),
            }
        }
        (!spans.is_empty()).then(|| masked(source, &spans))
    }
}

/// Visits the marked values of a document.
pub(super) fn each(place: Place<'_, ()>, value: &Value, see: &mut dyn FnMut(&Value)) {
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

/// Gives where the scalars of a value stand.
pub(super) fn scalars(value: &Value, spans: &mut Vec<Span>) {
    match &value.kind {
        Kind::Object(map) => map.values().for_each(|value| scalars(value, spans)),
        Kind::Array(items) => items.iter().for_each(|value| scalars(value, spans)),
        _ if !value.span.is_empty() => spans.push(value.span),
        _ => {}
    }
}

/// Finds, in a text that cannot be read as a document, what follows these names: the rest of the
/// line, and the lines that belong to it.
fn lines(text: &str, names: &[SmolStr]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    let mut open: Option<Open> = None;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end();
        let indent = body.len() - body.trim_start().len();
        let belongs = match &open {
            None => false,
            Some(_) if body.is_empty() => true,
            Some(Open::Until(mark)) => {
                let mark = *mark;
                if body.contains(mark) {
                    open = None;
                }
                true
            }
            Some(Open::Table) => !body.trim_start().starts_with('['),
            Some(Open::Below(above)) => {
                indent > *above || (indent == *above && body.trim_start().starts_with('-'))
            }
        };
        let hidden = match belongs {
            true => Some(indent),
            false => {
                open = None;
                names
                    .iter()
                    .filter_map(|name| behind(body, name))
                    .min()
                    .inspect(|&from| {
                        let rest = &body[from..];
                        let odd = |mark: &&str| rest.matches(*mark).count() % 2 == 1;
                        open = Some(match ["\"\"\"", "'''"].into_iter().find(odd) {
                            Some(mark) => Open::Until(mark),
                            None if body.trim_start().starts_with('[') => Open::Table,
                            None => Open::Below(indent),
                        });
                    })
            }
        };
        if let Some(from) = hidden {
            spans.push(span(start + from, start + body.len()));
        }
        start += line.len();
    }
    spans
}

/// What more belongs to a name.
enum Open {
    /// The lines to this mark.
    Until(&'static str),
    /// The lines to the next table of TOML.
    Table,
    /// The lines that stand further in.
    Below(usize),
}

/// Finds what stands behind a name and its colon or equals sign; of a table's name, behind it.
fn behind(line: &str, name: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_table = line.trim_start().starts_with('[');
    line.match_indices(name).find_map(|(at, _)| {
        let end = at + name.len();
        let before = line[..at].chars().next_back();
        let after = line[end..].chars().next();
        if name.is_empty() || before.is_some_and(is_word) || after.is_some_and(is_word) {
            return None;
        }
        let rest = line[end..].trim_start_matches(['"', '\'']).trim_start();
        match rest.strip_prefix([':', '=']) {
            Some(value) => Some(line.len() - value.trim_start().len()),
            None if is_table => Some(line.len()),
            None => None,
        }
    })
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(text: &str) -> String {
        let names = ["key", "hooks", "vault"].map(SmolStr::new);
        let source = Source::new("x", text);
        masked(&source, &lines(text, &names)).text().to_owned()
    }

    #[test]
    fn what_follows_the_name_of_a_secret_is_covered_in_any_text() {
        insta::assert_snapshot!(covered("a: {key: 'open\nmonkey: seen\nkey : x: hidden\n"), @"
        a: {key: ***  
        monkey: seen
        key : ***
        ");
        insta::assert_snapshot!(covered("hooks:\n- first\n  - second\nb: seen\nvault:\n  any:\n\n    hidden\nc: 1\n"), @"
        hooks:
        ***    
          ***     
        b: seen
        vault:
          *** 

            ***   
        c: 1
        ");
        insta::assert_snapshot!(covered("key = '''\nfirst\n  second'''\nseen = 1\n[a.vault]\nb = 'hidden'\n\n[c]\nd = 1\n"), @"
        key = ***
        ***  
          ***      
        seen = 1
        [a.vault]
        ***         

        [c]
        d = 1
        ");
        insta::assert_snapshot!(covered("{\"key\": \"hidden,\n\"b\": 1, \"hooks\": [\n  \"hidden\"\n]}\n"), @r#"
        {"key": ***     
        "b": 1, "hooks": *
          ***     
        ]}
        "#);
    }
}
