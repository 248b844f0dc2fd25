//! What a format cannot say of a value.

use std::collections::HashSet;
use std::sync::Arc;

use super::rules::{FORM_LOST, MEANING_CHANGES, NOT_REPRESENTABLE};
use super::{ConvertBody, Options};
use crate::document::{
    Comments, Document, Entry, Format, Kind, Map, Number, Value, is_string_everywhere, parse,
};
use crate::report::{Finding, Rule, Severity};
use crate::text::{Pointer, Source, Span};

/// Finds what is lost, and makes the value that is left.
pub(super) struct Losses<'d> {
    document: &'d Document,
    to: Format,
    lossy: bool,
    at: Pointer,
    pub(super) findings: Vec<Finding>,
    /// The places met, to tell what aliases bring in.
    seen: HashSet<Span>,
    aliases: Option<(usize, Span)>,
    numbers: Option<(usize, Span, String)>,
}

/// Says whether some reader of YAML takes a text without quotes for something else. None in use
/// today does so with `y` and `n`.
fn is_hazard(text: &str) -> bool {
    !matches!(text, "" | "y" | "Y" | "n" | "N") && !is_string_everywhere(text)
}

/// Data that is lost.
struct Loss {
    rule: &'static Rule,
    what: String,
    /// What is done about it, where that is wanted.
    done: String,
    /// The same, as a wish.
    to_do: &'static str,
}

impl<'d> Losses<'d> {
    pub(super) fn new(document: &'d Document, options: &Options) -> Self {
        Self {
            document,
            to: options.to,
            lossy: options.lossy,
            at: Pointer::root(),
            findings: Vec::new(),
            seen: HashSet::new(),
            aliases: None,
            numbers: None,
        }
    }

    /// Gives the value as the format can say it.
    pub(super) fn mend(&mut self, root: &Value) -> Value {
        if self.to == Format::Toml && !matches!(root.kind, Kind::Object(_) | Kind::Null) {
            let what = match root.kind {
                Kind::Array(_) => "a list",
                _ => "a single value",
            };
            let message = format!("the document is {what}, and a TOML file is always a map");
            let finding = Finding::new(
                &NOT_REPRESENTABLE,
                message,
                self.document.location(root.span),
            );
            let help = "give it a name, as in `items: …`, or choose another format with `--to`";
            self.findings.push(finding.with_help(help));
        }
        let value = match (self.to, &root.kind) {
            // An empty file is an empty file.
            (Format::Toml, Kind::Null) => Value::new(Kind::Object(Map::new()), root.span),
            _ => self.value(root),
        };
        if let Some((count, span)) = self.aliases.take() {
            let values = if count == 1 { "value" } else { "values" };
            let what = format!(
                "what aliases and `<<` bring in is written out where it is used: {count} {values}"
            );
            self.say(&FORM_LOST, Severity::Info, what, span, None);
        }
        if let Some((count, span, example)) = self.numbers.take() {
            let what = match count {
                1 => format!("a number is spelt in another way: {example}"),
                _ => format!("{count} numbers are spelt in another way: {example}, and so on"),
            };
            self.say(&FORM_LOST, Severity::Info, what, span, None);
        }
        value
    }

    fn value(&mut self, value: &Value) -> Value {
        let mut mended = Value::new(Kind::Null, value.span);
        if let Some(tag) = &value.tag {
            match self.to {
                Format::Yaml => mended.tag = Some(tag.clone()),
                to => {
                    let what =
                        format!("{} has the tag `{tag}`, and {to} has no tags", self.place());
                    let loss = Loss {
                        rule: &MEANING_CHANGES,
                        what,
                        done: "its value is left without it".to_owned(),
                        to_do: "write the value without it",
                    };
                    self.lose(loss, value.span);
                }
            }
        }
        mended.kind = match &value.kind {
            Kind::Null | Kind::Bool(_) => value.kind.clone(),
            Kind::Number(number) => self.number(number, value.span),
            Kind::String(text) => {
                self.text(text, value.span);
                value.kind.clone()
            }
            Kind::Array(items) => {
                let mut kept = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    self.at.push(index.to_string());
                    if !self.is_left_out(item, item.span) {
                        let first = self.is_first(item.span);
                        kept.push(self.met(first, item));
                    }
                    self.at.pop();
                }
                Kind::Array(kept)
            }
            Kind::Object(map) => {
                let mut kept = Map::new();
                for (name, entry) in map.entries() {
                    self.at.push(name.clone());
                    if !self.is_left_out(&entry.value, entry.key) {
                        let by_key = self.is_first(entry.key);
                        let by_value = self.is_first(entry.value.span);
                        if by_key {
                            self.key(name, entry.key);
                        }
                        let value = self.met(by_key && by_value, &entry.value);
                        let key = entry.key;
                        kept.insert(name.clone(), Entry { key, value });
                    }
                    self.at.pop();
                }
                Kind::Object(kept)
            }
        };
        mended
    }

    /// Goes on into a value; what was met before is what an alias brings in, and said once.
    fn met(&mut self, first: bool, value: &Value) -> Value {
        if first || self.document.format != Format::Yaml {
            return self.value(value);
        }
        if self.to != Format::Yaml {
            self.aliases.get_or_insert((0, value.span)).0 += 1;
        }
        let (findings, aliases) = (self.findings.len(), self.aliases);
        let mended = self.value(value);
        self.findings.truncate(findings);
        self.aliases = aliases;
        mended
    }

    fn is_first(&mut self, span: Span) -> bool {
        span.is_empty() || self.seen.insert(span)
    }

    /// Says of a null that TOML cannot write it.
    fn is_left_out(&mut self, value: &Value, span: Span) -> bool {
        if self.to != Format::Toml || !value.is_null() {
            return false;
        }
        let loss = Loss {
            rule: &NOT_REPRESENTABLE,
            what: format!("{} is null, and TOML has no null", self.place()),
            done: "it is left out".to_owned(),
            to_do: "leave it out",
        };
        self.lose(loss, span);
        true
    }

    fn number(&mut self, number: &Number, span: Span) -> Kind {
        let kept = Kind::Number(number.clone());
        let Some(decimal) = number.decimal() else {
            if self.to == Format::Json {
                let is_nan = number.to_f64().is_nan();
                let name = if is_nan {
                    "no number (`nan`)"
                } else {
                    "infinite"
                };
                let loss = Loss {
                    rule: &NOT_REPRESENTABLE,
                    what: format!("{} is {name}, which JSON cannot say", self.place()),
                    done: format!("it becomes the text \"{number}\""),
                    to_do: "write it as a text",
                };
                self.lose(loss, span);
                return Kind::String(number.as_str().into());
            }
            return kept;
        };
        if self.to == Format::Toml {
            let written = number.as_str();
            let is_whole = !written.contains(['.']) && decimal.is_integer();
            let is_float = written.contains(['.', 'e', 'E']) && !written.starts_with("0x");
            let is_long = is_whole && !is_float && number.to_i64().is_none();
            if is_long || number.to_f64().is_infinite() {
                let most = if is_long {
                    "whole numbers of 64 bits"
                } else {
                    "numbers up to 1.8e308"
                };
                let loss = Loss {
                    rule: &NOT_REPRESENTABLE,
                    what: format!("{} is `{number}`, and TOML has {most}", self.place()),
                    done: "it is written all the same, and other programs may refuse it".to_owned(),
                    to_do: "write it all the same",
                };
                self.lose(loss, span);
            }
        }
        if let Some(new) = self.spelt(number) {
            let example = format!("`{number}` becomes `{new}`");
            self.numbers.get_or_insert((0, span, example)).0 += 1;
        }
        kept
    }

    /// Gives the other spelling that a number must have in the format.
    fn spelt(&self, number: &Number) -> Option<String> {
        let value = Value::detached(Kind::Number(number.clone()));
        let new = match self.to {
            Format::Json => number.to_json_text()?.to_string(),
            Format::Yaml => crate::document::write_flow(&value),
            Format::Toml => crate::document::toml_number(number),
        };
        (new != number.as_str()).then_some(new)
    }

    /// Says what a text was taken for that stood without quotes.
    fn text(&mut self, text: &str, span: Span) {
        if self.document.source.slice(span) != text || self.to == self.document.format {
            return;
        }
        let what = match self.document.format {
            Format::Toml => format!(
                "{} is a date, and becomes a text in {}",
                self.place(),
                self.to
            ),
            Format::Yaml if is_hazard(text) => {
                format!("`{text}` becomes a text; older readers of YAML take it for something else")
            }
            _ => return,
        };
        let at = self.at.clone();
        self.say(&MEANING_CHANGES, Severity::Warning, what, span, Some(at));
    }

    fn key(&mut self, name: &str, span: Span) {
        let is_other = self.document.format == Format::Yaml
            && self.to != Format::Yaml
            && self.document.source.slice(span) == name
            && is_hazard(name);
        if is_other {
            let what = format!("the key `{name}` becomes the text \"{name}\"");
            let at = self.at.clone();
            self.say(&MEANING_CHANGES, Severity::Warning, what, span, Some(at));
        }
    }

    fn place(&self) -> String {
        match self.at.dotted() {
            place if place.is_empty() => "the document".to_owned(),
            place => format!("`{place}`"),
        }
    }

    /// Says that data is lost.
    fn lose(&mut self, loss: Loss, span: Span) {
        let (severity, what) = match self.lossy {
            true => (Severity::Warning, format!("{}: {}", loss.what, loss.done)),
            false => (Severity::Error, loss.what),
        };
        let at = self.at.clone();
        self.say(loss.rule, severity, what, span, Some(at));
        if let Some(last) = self.findings.last_mut().filter(|_| !self.lossy) {
            last.help = Some(format!("to {}, add `--lossy`", loss.to_do));
        }
    }

    fn say(
        &mut self,
        rule: &'static Rule,
        severity: Severity,
        what: String,
        span: Span,
        at: Option<Pointer>,
    ) {
        let mut location = self.document.location(span);
        location.pointer = at;
        self.findings
            .push(Finding::new(rule, what, location).with_severity(severity));
    }
}

/// Says of comments that they are lost, once.
pub(super) fn comments(
    document: &Document,
    comments: &Comments,
    body: &ConvertBody,
    findings: &mut Vec<Finding>,
) {
    let (Some(first), Some(_)) = (comments.first(), &body.text) else {
        return;
    };
    let lost = body.comments.found.saturating_sub(body.comments.carried);
    let number = match lost {
        0 => return,
        1 => "1 comment is".to_owned(),
        _ => format!("{lost} comments are"),
    };
    let what = match body.to {
        Format::Json => format!("{number} left out: JSON has none"),
        _ => format!("{number} left out, with what they were about"),
    };
    findings.push(Finding::new(&FORM_LOST, what, document.location(first)));
}

/// Says of the order of keys that it is another, once.
pub(super) fn order(
    document: &Document,
    text: &str,
    options: &Options,
    findings: &mut Vec<Finding>,
) {
    if options.to != Format::Toml {
        return;
    }
    let parsed = parse(&Arc::new(Source::new("", text)), options.to);
    let Some(written) = parsed.documents.first() else {
        return;
    };
    if let Some(span) = out_of_order(&document.root, &written.root) {
        let what = "keys stand in another order: in TOML, settings stand before tables";
        findings.push(Finding::new(&FORM_LOST, what, document.location(span)));
    }
}

/// Finds the first key that another one has overtaken.
fn out_of_order(old: &Value, new: &Value) -> Option<Span> {
    match (&old.kind, &new.kind) {
        (Kind::Object(old), Kind::Object(new)) => {
            let kept = old.entries().filter(|(name, _)| new.contains_key(name));
            let moved = kept.zip(new.keys()).find(|((old, _), new)| old != new);
            moved.map(|((_, entry), _)| entry.key).or_else(|| {
                old.iter()
                    .find_map(|(name, value)| out_of_order(value, new.get(name)?))
            })
        }
        (Kind::Array(old), Kind::Array(new)) => old
            .iter()
            .zip(new)
            .find_map(|(old, new)| out_of_order(old, new)),
        _ => None,
    }
}
