//! Writes down that breaks are accepted.

use super::accepted::{AcceptedBreak, AcceptedBreaks};
use super::body::CompatBody;
use crate::config::ParsedFile;
use crate::document::{Kind, Map, Value};
use crate::ops::own::{append, one_line};
use crate::report::{Location, Severity};
use crate::text::{Date, Pointer};
use crate::{Error, Result};

/// What is said of every break that is accepted in one go.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it holds.
    pub expires: Date,
    /// The rule and, where one is given, the place that it is about; none for whatever breaks.
    pub only: Option<(String, Option<Pointer>)>,
}

const HEAD: &str = "# Breaking changes of schemas that people agreed to. They are listed, and fail
# nothing until their day. `git strata compat --accept` adds to them.
";

/// Adds an entry for every change of a report that breaks and that nobody agreed to yet, and gives
/// the new text of the file with their number. What stands in the file stays as it is.
///
/// `text` is the file as it is, if there is one, and `path` what it is called.
///
/// # Errors
///
/// When the file cannot be read or added to, or has such an entry that is over.
pub fn accept(
    path: &str,
    text: Option<&str>,
    body: &CompatBody,
    agreement: &Agreement,
) -> Result<(String, usize)> {
    let text = text.unwrap_or_default();
    let file = ParsedFile::of_bytes(path, text.as_bytes());
    let known = AcceptedBreaks::of(&file);
    if let Some(first) = known.findings.first() {
        let line = first.location.start().line;
        let message = format!("`{path}:{line}` cannot be added to: {}", first.message);
        return Err(Error::invalid(message).with_help("mend the file first"));
    }
    let added = entries(body, &known, agreement)?;
    if added.is_empty() {
        return Ok((text.to_owned(), 0));
    }
    let new = append(
        &file,
        text,
        "breaks",
        HEAD,
        added.iter().map(entry).collect(),
    )?;
    // What was written is read again: nothing else may have come of it.
    let again = AcceptedBreaks::of(&ParsedFile::of_bytes(path, new.as_bytes()));
    let wanted = known.entries.iter().chain(&added);
    let same = again.findings.is_empty()
        && again.entries.len() == known.entries.len() + added.len()
        && wanted.zip(&again.entries).all(|(a, b)| is_same(a, b));
    match same {
        true => Ok((new, added.len())),
        false => Err(Error::invalid(format!("`{path}` cannot be added to"))
            .with_help("write its `breaks` as a list, one `- rule: …` an entry")),
    }
}

fn is_same(a: &AcceptedBreak, b: &AcceptedBreak) -> bool {
    let key = |it: &AcceptedBreak| (it.rule.clone(), it.schema.clone(), it.path.clone());
    key(a) == key(b) && a.reason == b.reason && a.owner == b.owner && a.expires == b.expires
}

fn entries(
    body: &CompatBody,
    known: &AcceptedBreaks,
    agreement: &Agreement,
) -> Result<Vec<AcceptedBreak>> {
    let mut added: Vec<AcceptedBreak> = Vec::new();
    for schema in &body.schemas {
        for change in &schema.changes {
            let meant = agreement.only.as_ref().is_none_or(|(rule, place)| {
                *rule == change.rule.id()
                    && place.as_ref().is_none_or(|place| *place == change.pointer)
            });
            if !meant || change.accepted.is_some() || change.severity() < Severity::Error {
                continue;
            }
            if let Some(over) = (known.entries.iter()).find(|it| it.is_about(&schema.path, change))
            {
                let at = over.location.start().line;
                let file = over.location.source.name();
                let message = format!(
                    "`{file}:{at}` accepted `{}` until {} already",
                    over.rule, over.expires
                );
                return Err(Error::usage(message).with_help("change its `expires` there"));
            }
            if !added.iter().any(|it| it.is_about(&schema.path, change)) {
                added.push(AcceptedBreak {
                    rule: change.rule.id().to_owned(),
                    schema: schema.path.clone(),
                    path: change.pointer.clone(),
                    reason: one_line(&agreement.reason),
                    owner: agreement.owner.as_deref().map(one_line),
                    expires: agreement.expires,
                    location: Location::file(&std::sync::Arc::new(crate::text::Source::new(
                        "", "",
                    ))),
                });
            }
        }
    }
    Ok(added)
}

/// Writes an entry as a value.
fn entry(of: &AcceptedBreak) -> Value {
    let text = |text: &str| Value::detached(Kind::String(text.into()));
    let mut map = Map::new();
    map.set("rule", text(&of.rule));
    map.set("schema", text(&of.schema));
    if !of.path.is_root() {
        map.set("path", text(&of.path.to_string()));
    }
    map.set("reason", text(&of.reason));
    if let Some(owner) = &of.owner {
        map.set("owner", text(owner));
    }
    map.set("expires", text(&of.expires.to_string()));
    Value::detached(Kind::Object(map))
}

#[cfg(test)]
mod tests {
    use super::super::tests::of;
    use super::super::{Policy, Profile, SchemaReport, SideReport};
    use super::*;

    /// Two breaks of a schema.
    fn body() -> CompatBody {
        let old = "properties: {a: {maximum: 2}, b: {maximum: 2}}\n";
        let new = "properties: {a: {maximum: 1}, b: {maximum: 1}, c: {}}\n";
        let side = SideReport::default;
        let comparison = of(old, new, Profile::Default);
        let report = SchemaReport::of("s.yaml".to_owned(), side(), side(), comparison);
        CompatBody::new(vec![report], Policy::default())
    }

    fn agreement(place: Option<&str>) -> Agreement {
        let only = |place: &str| {
            let place = Some(place.parse::<Pointer>().unwrap());
            ("maximum-lowered".to_owned(), place)
        };
        Agreement {
            reason: "it is\n  said: #1".to_owned(),
            owner: None,
            expires: "2030-12-31".parse().unwrap(),
            only: place.map(only),
        }
    }

    /// Adds what breaks at a place, or everywhere, to a text.
    fn added(text: &str, place: Option<&str>) -> String {
        let (text, _) = accept("a.yaml", Some(text), &body(), &agreement(place)).unwrap();
        text
    }

    const ENTRY: &str = "- rule: maximum-lowered\n  schema: s.yaml\n  path: /a\n  reason: x\n  expires: 2030-12-31\n";

    #[test]
    fn entries_are_added_in_the_style_of_the_file() {
        let fresh = added("", Some("a"));
        assert!(fresh.starts_with("# Breaking changes") && fresh.contains("\n  - rule: "));
        assert_eq!(
            added("# ours\n", Some("a")),
            format!("# ours\nbreaks:\n{}", indented("/a"))
        );
        // Without an end of line, with two characters at each, and in the middle of a file.
        let text = format!("breaks:\n{}", ENTRY.trim_end());
        let new = added(&text, Some("b"));
        assert!(
            new.starts_with(&text) && new[text.len()..].starts_with("\n- rule:"),
            "{new}"
        );
        let windows = format!("breaks:\n{ENTRY}x-own: 1\n").replace('\n', "\r\n");
        let new = added(&windows, Some("b"));
        assert_eq!(new.matches("\r\n").count(), new.matches('\n').count());
        assert!(new.ends_with("x-own: 1\r\n"), "{new}");
        let remark = format!("breaks:\n{}  # agreed\n# the end\n", ENTRY.trim_end());
        let new = added(&remark, Some("b"));
        assert!(
            new.contains("  # agreed\n- rule:") && new.ends_with("\n# the end\n"),
            "{new}"
        );
        // A reason is one line.
        assert!(new.contains("reason: \"it is said: #1\"\n"), "{new}");
        let (_, count) = accept("a.yaml", None, &body(), &agreement(None)).unwrap();
        assert_eq!(count, 2);
        assert_eq!(
            accept("a.yaml", None, &body(), &agreement(Some("c")))
                .unwrap()
                .1,
            0
        );
    }

    fn indented(path: &str) -> String {
        format!(
            "  - rule: maximum-lowered\n    schema: s.yaml\n    path: {path}\n    reason: \"it is said: #1\"\n    expires: \"2030-12-31\"\n"
        )
    }

    #[test]
    fn any_style_is_added_to_and_a_broken_file_left_alone() {
        let fails = |text: &str| {
            let error = accept("a.yaml", Some(text), &body(), &agreement(None)).unwrap_err();
            error.to_string()
        };
        assert!(added("breaks: []\n", Some("a")).starts_with("breaks:\n  - rule: "));
        let flow = added("{breaks: null} # ours\n", Some("a"));
        assert!(
            flow.starts_with("{breaks: [{rule: ") && flow.ends_with("} # ours\n"),
            "{flow}"
        );
        assert!(fails("breaks: [\n").contains("cannot be added to"));
        // What is over is mended there.
        let over = format!("breaks:\n{}", ENTRY.replace("2030", "2020"));
        assert!(fails(&over).contains("`a.yaml:2` accepted `maximum-lowered` until 2020-12-31"));
    }
}
