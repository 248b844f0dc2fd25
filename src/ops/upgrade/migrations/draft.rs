//! A draft of a migration, from what changed between two versions.

use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::Result;
use crate::document::{Kind, Value, write_flow};
use crate::ops::compat::{self, Change, Migration as Proposal, MigrationKind, Verdict};
use crate::ops::migration::path_of;
use crate::ops::upgrade::plan::pairs;
use crate::ops::upgrade::version::Stop;
use crate::text::Pointer;

/// How sure a proposal must be to be written as a step.
const SURE: f64 = 0.85;

/// Writes a draft: what is sure as steps, what is a guess as a step in a comment with something for
/// a person to do.
pub(super) fn draft(from: &Stop, to: &Stop) -> Result<String> {
    let mut changes: Vec<Change> = Vec::new();
    for (old, new) in pairs(from, to)? {
        let options = compat::Options::default();
        changes.extend(compat::compare(&old.schema, &new.schema, &options).changes);
    }
    let mut steps = String::new();
    let mut replaced: IndexMap<Pointer, Vec<&Change>> = IndexMap::new();
    for change in changes.iter().filter(|it| it.verdict >= Verdict::Risk) {
        let kind = change.migration.as_ref().map(|it| it.kind);
        if kind == Some(MigrationKind::Replace) {
            replaced
                .entry(change.pointer.clone())
                .or_default()
                .push(change);
        }
    }
    for change in changes.iter().filter(|it| it.verdict >= Verdict::Risk) {
        match &change.migration {
            Some(proposal) if proposal.kind == MigrationKind::Replace => {
                if let Some(together) = replaced.shift_remove(&change.pointer) {
                    map_values(&mut steps, &together);
                }
            }
            Some(proposal) => step(&mut steps, change, proposal),
            None if change.verdict == Verdict::Breaking => {
                comment(&mut steps, &change.message);
                manual(&mut steps, change, &change.message);
            }
            None => comment(&mut steps, &format!("perhaps: {}", change.message)),
        }
    }
    let mut out = format!(
        "# What carries a document from {} to {}, drafted from their schemas.\n\
         # Read every step, write the rest, and test it: `git strata migration test`.\n\
         strata-migration: 1\n",
        from.label(),
        to.label()
    );
    if let Some(version) = &from.version {
        let _ = writeln!(out, "from: \">={version}\"");
    }
    if steps.lines().all(|line| line.trim_start().starts_with('#')) {
        out.push_str("steps: []\n");
        out.push_str(&steps);
    } else {
        out.push_str("steps:\n");
        out.push_str(&steps);
    }
    Ok(out)
}

fn comment(out: &mut String, text: &str) {
    let text = text.replace(['\n', '\r'], " ");
    let _ = writeln!(out, "  # {text}");
}

fn scalar(text: &str) -> String {
    write_flow(&Value::detached(Kind::String(text.into())))
}

/// Writes lines as a step, or as a step in a comment.
fn lines(out: &mut String, sure: bool, lines: &[String]) {
    for (index, line) in lines.iter().enumerate() {
        let dash = if index == 0 { "- " } else { "  " };
        let sign = if sure { "" } else { "# " };
        let _ = writeln!(out, "  {sign}{dash}{line}");
    }
}

fn manual(out: &mut String, change: &Change, text: &str) {
    let at = scalar(&path_of(&change.pointer));
    let text = scalar(&text.replace(['\n', '\r'], " "));
    lines(
        out,
        true,
        &[
            format!("manual: {text}"),
            format!("when: {{ path: {at}, exists: true }}"),
        ],
    );
}

fn why(change: &Change) -> String {
    format!(
        "why: {}",
        scalar(&change.message.replace(['\n', '\r'], " "))
    )
}

fn step(out: &mut String, change: &Change, proposal: &Proposal) {
    let from = scalar(&path_of(&proposal.from));
    let value = proposal.value.as_ref().map(write_flow).unwrap_or_default();
    let sure = proposal.score >= SURE;
    comment(out, &change.message);
    if !proposal.alternatives.is_empty() {
        let others = proposal.alternatives.iter().filter_map(|it| {
            Some(format!(
                "`{}` ({:.0} %)",
                it.to.as_ref()?.dotted(),
                it.score * 100.0
            ))
        });
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            comment(out, &format!("or it may be {}", others.join(", ")));
        }
    }
    let guess = |out: &mut String| {
        if !sure {
            let why = proposal.why.join(", ");
            comment(
                out,
                &format!("a guess ({:.0} %): {why}", proposal.score * 100.0),
            );
        }
    };
    match (proposal.kind, &proposal.to) {
        (MigrationKind::Rename, Some(to)) => {
            guess(out);
            scaled(out, sure, &from, proposal);
            let name = scalar(to.last().unwrap_or_default());
            lines(
                out,
                sure,
                &[
                    format!("rename: {from}"),
                    format!("to: {name}"),
                    why(change),
                ],
            );
            left_open(out, sure, change);
        }
        (MigrationKind::Move, Some(to)) => {
            guess(out);
            scaled(out, sure, &from, proposal);
            let to = scalar(&path_of(to));
            lines(
                out,
                sure,
                &[format!("move: {from}"), format!("to: {to}"), why(change)],
            );
            left_open(out, sure, change);
        }
        (MigrationKind::Remove | MigrationKind::Rename | MigrationKind::Move, _) => {
            let other = proposal.alternatives.iter().find_map(|it| it.to.as_ref());
            match other.filter(|_| !sure) {
                Some(to) => {
                    let to = scalar(&path_of(to));
                    lines(
                        out,
                        false,
                        &[format!("move: {from}"), format!("to: {to}"), why(change)],
                    );
                }
                None => lines(out, true, &[format!("remove: {from}"), why(change)]),
            }
            left_open(out, sure || other.is_none(), change);
        }
        (MigrationKind::Add, _) if proposal.value.is_some() => {
            lines(
                out,
                true,
                &[
                    format!("add: {from}"),
                    format!("value: {value}"),
                    why(change),
                ],
            );
        }
        (MigrationKind::Add, _) => {
            let text = scalar(&proposal.words());
            lines(
                out,
                true,
                &[
                    format!("manual: {text}"),
                    format!("when: {{ path: {from}, absent: true }}"),
                ],
            );
        }
        (MigrationKind::Pin, _) => {
            comment(
                out,
                "to keep what the program did where the option is unset:",
            );
            lines(
                out,
                false,
                &[format!("pin_default: {from}"), format!("value: {value}")],
            );
        }
        (MigrationKind::Limit, _) => {
            let sign = if proposal.why.iter().any(|it| it == "least") {
                "<"
            } else {
                ">"
            };
            let text = scalar(&proposal.words());
            let bound = proposal.value.as_ref().and_then(Value::as_number);
            let bound = bound.map_or(0.0, crate::document::Number::to_f64);
            let beyond = scalar(&format!("double(self) {sign} {bound:?}"));
            lines(
                out,
                true,
                &[
                    format!("manual: {text}"),
                    format!("when: {{ path: {from}, type: number, cel: {beyond} }}"),
                ],
            );
        }
        (MigrationKind::Wrap, _) => {
            lines(
                out,
                true,
                &[format!("wrap: {from}"), "as: list".to_owned(), why(change)],
            );
        }
        (MigrationKind::Convert, _) => match &proposal.why[..] {
            [to] if ["boolean", "string", "number", "integer"].contains(&to.as_str()) => {
                lines(
                    out,
                    true,
                    &[
                        format!("convert: {from}"),
                        format!("type: {to}"),
                        why(change),
                    ],
                );
            }
            _ => manual(out, change, &proposal.words()),
        },
        (MigrationKind::Scale, _) => scaled(out, true, &from, proposal),
        (MigrationKind::Replace, _) => {}
    }
}

/// Writes what happens to the value itself.
fn scaled(out: &mut String, sure: bool, from: &str, proposal: &Proposal) {
    if let Some(factor) = proposal.factor {
        let factor = format!("factor: {factor}");
        lines(out, sure, &[format!("convert: {from}"), factor]);
    }
    if proposal.negated {
        lines(
            out,
            sure,
            &[format!("convert: {from}"), "negate: true".to_owned()],
        );
    }
}

/// Leaves to a person what a guess does not decide.
fn left_open(out: &mut String, sure: bool, change: &Change) {
    if !sure {
        manual(out, change, &change.message);
    }
}

fn map_values(out: &mut String, changes: &[&Change]) {
    let Some(first) = changes.first() else { return };
    let mut known = Vec::new();
    let mut whole = true;
    for change in changes {
        comment(out, &change.message);
        let Some(proposal) = &change.migration else {
            continue;
        };
        match (&proposal.old, &proposal.value) {
            (Some(old), Some(new)) => {
                if proposal.score < SURE {
                    whole = false;
                    let why = proposal.why.join(", ");
                    let percent = proposal.score * 100.0;
                    comment(out, &format!("a guess ({percent:.0} %): {why}"));
                }
                known.push(format!(
                    "{{ from: {}, to: {} }}",
                    write_flow(old),
                    write_flow(new)
                ));
            }
            _ => whole = false,
        }
    }
    let from = scalar(&path_of(&first.pointer));
    if !known.is_empty() {
        let values = known.join(", ");
        lines(
            out,
            whole,
            &[
                format!("map_values: {from}"),
                format!("values: [{values}]"),
                why(first),
            ],
        );
    }
    if !whole {
        manual(out, first, &first.message);
    }
}
