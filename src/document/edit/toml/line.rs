//! The values of pairs: kept, changed in place, or written anew.

use super::super::super::write::toml as write;
use super::super::super::{Kind, Map, Value};
use super::outline::Outline;
use super::scan::{Key, Node, Part, Scan, Shape};

/// Writes values as they stood, as far as they are the same.
pub(super) struct Lines<'a> {
    pub(super) scan: &'a Scan<'a>,
    pub(super) outline: &'a Outline<'a>,
    /// How lines end.
    pub(super) eol: &'static str,
}

/// A part of a list or map: the one it was, and what it is to be.
type NewPart = (Option<usize>, String);

impl Lines<'_> {
    /// Writes the value of a pair; `slot` is what stood there.
    pub(super) fn pair(&self, new: &Value, slot: Option<(&Node, &Value)>) -> String {
        const LINE: usize = 80;
        if self.known(new, slot).is_some() {
            return self.value(new, slot);
        }
        match &new.kind {
            Kind::String(text) if write::is_lines(text) => write::lines_text(text),
            Kind::Array(items) if items.len() > 1 => {
                let line = self.value(new, None);
                if line.chars().count() <= LINE {
                    return line;
                }
                let items = items
                    .iter()
                    .map(|item| format!("  {},", self.value(item, None)));
                let items: Vec<_> = items.collect();
                format!("[{0}{1}{0}]", self.eol, items.join(self.eol))
            }
            _ => self.value(new, None),
        }
    }

    /// Finds the text that a value had, or that it takes the place of.
    fn known<'s>(
        &'s self,
        new: &Value,
        slot: Option<(&'s Node, &'s Value)>,
    ) -> Option<(&'s Node, &'s Value)> {
        let own = (!new.span.is_empty()).then(|| self.outline.lines.get(&new.span).copied());
        let (node, old) = own
            .flatten()
            .or_else(|| slot.filter(|_| new.span.is_empty()))?;
        let alike = match (&node.shape, &new.kind) {
            (Shape::Scalar, kind) => !matches!(kind, Kind::Array(_) | Kind::Object(_)),
            (Shape::List(_), kind) => matches!(kind, Kind::Array(_)),
            (Shape::Map(_), kind) => matches!(kind, Kind::Object(_)),
        };
        alike.then_some((node, old))
    }

    fn value(&self, new: &Value, slot: Option<(&Node, &Value)>) -> String {
        let Some((node, old)) = self.known(new, slot) else {
            return self.fresh(new);
        };
        let written = &self.scan.text[node.at.clone()];
        if same(old, new) {
            return written.to_owned();
        }
        match (&node.shape, &new.kind, &old.kind) {
            (Shape::List(parts), Kind::Array(items), Kind::Array(old)) if !parts.is_empty() => {
                self.parts(node, parts, &self.items(parts, items, old))
            }
            (Shape::Map(parts), Kind::Object(map), Kind::Object(old))
                if !parts.is_empty() && parts.iter().all(|part| part.keys.len() == 1) =>
            {
                self.parts(node, parts, &self.entries(parts, map, old))
            }
            (Shape::Scalar, Kind::String(text), _) => like(text, written, old),
            _ => self.fresh(new),
        }
    }

    /// Writes a value anew in one line, with what is in it as it stood elsewhere.
    fn fresh(&self, new: &Value) -> String {
        let mut out = String::new();
        match &new.kind {
            Kind::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item, None)).collect();
                out = format!("[{}]", items.join(", "));
            }
            Kind::Object(map) if !map.is_empty() => {
                let entries = map.iter().map(|(key, value)| {
                    format!("{} = {}", write::key_text(key), self.value(value, None))
                });
                out = format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "));
            }
            _ => write::inline(&mut out, new),
        }
        out
    }

    fn items(&self, parts: &[Part], items: &[Value], old: &[Value]) -> Vec<NewPart> {
        let mut free = vec![true; parts.len()];
        let mut found: Vec<Option<usize>> = Vec::with_capacity(items.len());
        for item in items {
            let start = item.span.start as usize;
            let part = parts
                .binary_search_by_key(&start, |part| part.at.start)
                .ok();
            let part = part.filter(|&part| !item.span.is_empty() && free[part]);
            if let Some(part) = part {
                free[part] = false;
            }
            found.push(part);
        }
        let same_length = items.len() == parts.len();
        let mut new = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let in_place = same_length && free[index] && item.span.is_empty();
            let part = found[index].or_else(|| in_place.then_some(index));
            let slot = part.map(|part| (&parts[part].node, &old[part]));
            new.push((part, self.value(item, slot)));
        }
        new
    }

    fn entries(&self, parts: &[Part], map: &Map, old: &Map) -> Vec<NewPart> {
        let mut free = vec![true; parts.len()];
        let mut new = Vec::with_capacity(map.len());
        for (name, entry) in map.entries() {
            let start = entry.key.start as usize;
            let part = match entry.key.is_empty() {
                false => parts
                    .binary_search_by_key(&start, |part| part.at.start)
                    .ok(),
                true => parts.iter().position(|part| part.keys[0].name == *name),
            };
            let part = part.filter(|&part| free[part]);
            let Some(index) = part else {
                let value = self.value(&entry.value, None);
                new.push((None, format!("{} = {value}", write::key_text(name))));
                continue;
            };
            free[index] = false;
            let part = &parts[index];
            let slot = old.get(&part.keys[0].name).map(|old| (&part.node, old));
            let mut text = self.keys(&part.keys, &[name.as_str()]);
            text.push_str(&self.scan.text[part.keys[0].at.end..part.node.at.start]);
            text.push_str(&self.value(&entry.value, slot));
            new.push((Some(index), text));
        }
        new
    }

    /// Writes a path of keys, each as it stood where it is the same.
    pub(super) fn keys(&self, keys: &[Key], names: &[&str]) -> String {
        let text = self.scan.text;
        if keys.len() != names.len() {
            let names: Vec<_> = names.iter().map(|name| write::key_text(name)).collect();
            return names.join(".");
        }
        let mut out = String::new();
        for (index, (key, name)) in keys.iter().zip(names).enumerate() {
            if index > 0 {
                out.push_str(&text[keys[index - 1].at.end..key.at.start]);
            }
            match key.name == *name {
                true => out.push_str(&text[key.at.clone()]),
                false => out.push_str(&write::key_text(name)),
            }
        }
        out
    }

    /// Puts a list or map together from its parts, old and new.
    fn parts(&self, node: &Node, parts: &[Part], new: &[NewPart]) -> String {
        let text = self.scan.text;
        let close = node.at.end - 1;
        let (open, shut) = (
            &text[node.at.start..=node.at.start],
            &text[close..node.at.end],
        );
        if new.is_empty() {
            return format!("{open}{shut}");
        }
        // What stands before each part, and the comment behind it on its line.
        let mut leads = Vec::with_capacity(parts.len());
        let mut tails = Vec::with_capacity(parts.len());
        let mut from = node.at.start + 1;
        for (index, part) in parts.iter().enumerate() {
            leads.push(&text[from..part.at.start]);
            let after = part.comma.map_or(part.at.end, |comma| comma + 1);
            let until = parts.get(index + 1).map_or(close, |next| next.at.start);
            let line = text[after..until]
                .split(['\r', '\n'])
                .next()
                .unwrap_or_default();
            let tail = if line.contains('#') { line } else { "" };
            tails.push(tail);
            from = after + tail.len();
        }
        let end = &text[from..close];
        let broken = leads.iter().copied().find(|lead| lead.contains('\n'));
        let indented = broken.map(|lead| {
            let indent = lead.rsplit('\n').next().unwrap_or_default();
            format!("{}{indent}", self.eol)
        });
        let trailing = parts.last().is_some_and(|last| last.comma.is_some());
        let mut out = open.to_owned();
        let mut must_break = false;
        for (position, (old, core)) in new.iter().enumerate() {
            let own = old.map(|old| leads[old]);
            let lead = match (own, &indented) {
                (Some(own), _) if own.contains(['\n', '#']) => own,
                (_, Some(indented)) if own.is_none() => indented,
                _ if position == 0 => leads[0].trim_start_matches(['\n', '\r']),
                _ => match old
                    .filter(|&old| old > 0)
                    .or((parts.len() > 1).then_some(1))
                {
                    Some(like) => leads[like],
                    None => " ",
                },
            };
            if must_break && !lead.starts_with(['\n', '\r']) {
                out.push_str(self.eol);
            }
            out.push_str(lead);
            out.push_str(core);
            let has_comma = position + 1 < new.len() || trailing;
            let mid = old.and_then(|old| Some(&text[parts[old].at.end..parts[old].comma?]));
            let mid = mid.filter(|mid| has_comma || mid.contains('#'));
            out.push_str(mid.unwrap_or_default());
            if has_comma {
                out.push(',');
            }
            let tail = old.map_or("", |old| tails[old]);
            out.push_str(tail);
            must_break = !tail.is_empty();
        }
        if must_break && !end.starts_with(['\n', '\r']) {
            out.push_str(self.eol);
        }
        out.push_str(end);
        out.push_str(shut);
        out
    }
}

/// Writes a text in the manner of the one that stood there.
fn like(text: &str, written: &str, old: &Value) -> String {
    let was_date = old.as_str() == Some(written);
    if was_date && text.parse::<toml::value::Datetime>().is_ok() {
        return text.to_owned();
    }
    let lines = written.starts_with("\"\"\"") || written.starts_with("'''");
    if lines && write::is_lines(text) {
        return write::lines_text(text);
    }
    let plain = !text.contains('\'') && !text.chars().any(|c| c.is_control() && c != '\t');
    if written.starts_with('\'') && plain {
        return format!("'{text}'");
    }
    write::string_text(text)
}

/// Says whether two values are written alike.
fn same(old: &Value, new: &Value) -> bool {
    match (&old.kind, &new.kind) {
        (Kind::Number(old), Kind::Number(new)) => old.as_str() == new.as_str(),
        (Kind::Array(old), Kind::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new))
        }
        (Kind::Object(old), Kind::Object(new)) => {
            old.len() == new.len()
                && (old.iter().zip(new.iter()))
                    .all(|((key, old), (name, new))| key == name && same(old, new))
        }
        (old, new) => old == new,
    }
}
