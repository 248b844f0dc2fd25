//! A change log between two versions, ready for a release page.

use std::fmt::Write;

use super::body::{CompatBody, SchemaReport, SideReport};
use super::compare::Change;
use super::verdict::{Bump, Verdict};
use super::witness::WitnessKind;
use crate::document::write_yaml;

/// Where a change stands in the change log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Breaking,
    Undecided,
    Risky,
    New,
    Deprecated,
    Other,
}

const GROUPS: [(Group, &str); 6] = [
    (Group::Breaking, "Breaking"),
    (Group::Undecided, "Perhaps breaking"),
    (Group::Risky, "Risky"),
    (Group::New, "New"),
    (Group::Deprecated, "Deprecated"),
    (Group::Other, "Other changes"),
];

/// Writes the change log of everything that was compared, as Markdown: a section a schema, in it
/// what breaks, what is risky, new, deprecated, and the rest, each with what to do about it.
/// Changed descriptions are counted only. `date` is the day of the release.
#[must_use]
pub fn changelog(body: &CompatBody, date: Option<&str>) -> String {
    let mut out = String::new();
    let several = body.schemas.len() > 1;
    for schema in &body.schemas {
        if !out.is_empty() {
            out.push('\n');
        }
        section(schema, several, date, &mut out);
    }
    if out.is_empty() {
        out.push_str("No schema changed.\n");
    }
    out
}

fn section(schema: &SchemaReport, several: bool, date: Option<&str>, out: &mut String) {
    let name = |side: &SideReport| side.version.clone().or_else(|| side.revision.clone());
    let (old, new) = (name(&schema.old), name(&schema.new));
    out.push_str("## ");
    if several {
        push(out, format_args!("`{}` ", schema.path));
    }
    out.push_str(new.as_deref().unwrap_or("Unreleased"));
    if let Some(date) = date {
        push(out, format_args!(" - {date}"));
    }
    let since = old.map_or_else(|| "the version before".to_owned(), |old| format!("`{old}`"));
    let says = match (schema.verdict, schema.bump) {
        (Verdict::Breaking, _) => {
            format!("Some configurations that were valid for {since} must be changed.")
        }
        (Verdict::Unknown, _) => {
            format!("Whether every configuration of {since} still holds could not be decided.")
        }
        (Verdict::Risk, _) => format!(
            "Every configuration of {since} is still valid; some may behave in another way."
        ),
        (Verdict::Compatible, Bump::None) => format!("Nothing changed since {since}."),
        (Verdict::Compatible, _) => {
            format!("Every configuration of {since} is still valid and means the same.")
        }
    };
    push(out, format_args!("\n\n{says}\n"));
    for (group, title) in GROUPS {
        let changes = schema
            .changes
            .iter()
            .filter(|change| of(change) == Some(group));
        let changes: Vec<&Change> = changes.collect();
        if !changes.is_empty() {
            push(out, format_args!("\n### {title}\n\n"));
        }
        for change in changes {
            entry(change, out);
        }
    }
    let words = schema
        .changes
        .iter()
        .filter(|change| of(change).is_none())
        .count();
    if words > 0 {
        let noun = if words == 1 {
            "description"
        } else {
            "descriptions"
        };
        push(out, format_args!("\n{words} {noun} changed too.\n"));
    }
}

/// Says where a change belongs; nowhere if it only describes.
fn of(change: &Change) -> Option<Group> {
    let id = change.rule.id();
    Some(match change.verdict {
        Verdict::Breaking => Group::Breaking,
        Verdict::Unknown => Group::Undecided,
        _ if id.starts_with("deprecated-") => Group::Deprecated,
        Verdict::Risk => Group::Risky,
        Verdict::Compatible if change.bump <= Bump::Patch => return None,
        Verdict::Compatible if id.contains("-added") || id.ends_with("unforbidden") => Group::New,
        Verdict::Compatible => Group::Other,
    })
}

fn entry(change: &Change, out: &mut String) {
    push(
        out,
        format_args!("- {} (`{}`)\n", change.message, change.rule.id()),
    );
    // What the reader of a release has to do; what its author could have done is in the report.
    if let Some(migration) = &change.migration {
        push(out, format_args!("  - To do: {}.\n", migration.words()));
    }
    if let Some(witness) = &change.witness {
        let says = match witness.kind {
            WitnessKind::Rejected => "was accepted, and is refused now",
            WitnessKind::Ignored => "is accepted, and partly ignored",
        };
        push(out, format_args!("\n  ```yaml\n  # {says}\n"));
        for line in write_yaml(&witness.document).lines() {
            push(out, format_args!("  {line}\n"));
        }
        out.push_str("  ```\n");
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text)
        .expect("a string takes all that is written");
}

#[cfg(test)]
mod tests {
    use super::super::tests::of as compared;
    use super::super::{Policy, Profile};
    use super::*;

    fn report(old: &str, new: &str) -> SchemaReport {
        let side = |version: &str| SideReport {
            version: Some(version.to_owned()),
            ..SideReport::default()
        };
        let comparison = compared(old, new, Profile::Default);
        SchemaReport::of(
            "app.yaml".to_owned(),
            side("1.0.0"),
            side("2.0.0"),
            comparison,
        )
    }

    #[test]
    fn changes_are_grouped_with_what_to_do() {
        let old = "type: object\nadditionalProperties: false\nproperties:\n  port: {type: integer, default: 80}\n  name: {type: string, description: a}\n  old: {type: string}\n";
        let new = "type: object\nadditionalProperties: false\nproperties:\n  port: {type: integer, default: 81}\n  name: {type: string, description: b}\n  size: {type: integer}\n";
        let body = CompatBody::new(vec![report(old, new)], Policy::default());
        insta::assert_snapshot!(changelog(&body, Some("2026-03-01")), @"
        ## 2.0.0 - 2026-03-01

        Some configurations that were valid for `1.0.0` must be changed.

        ### Breaking

        - the option `old` is gone; configurations that set it are refused (`option-removed-rejected`)
          - To do: take `old` out.

          ```yaml
          # was accepted, and is refused now
          old: a
          ```

        ### Risky

        - the default of `port` was `80` and is `81` now; who never set it gets the new one (`default-changed`)
          - To do: set `port` to `80` where the old default is wanted.

        ### New

        - the option `size` is new (`option-added-optional`)

        1 description changed too.
        ");
        let open = |names: &str| format!("type: object\nproperties: {{ {names} }}\n");
        let report = report(&open("a: {}, b: {}"), &open("a: {}"));
        let body = CompatBody::new(vec![report], Policy::default());
        insta::assert_snapshot!(changelog(&body, None), @"
        ## 2.0.0

        Some configurations that were valid for `1.0.0` must be changed.

        ### Breaking

        - the option `b` is gone; configurations that set it are accepted, and the setting is silently ignored (`option-removed-ignored`)
          - To do: take `b` out.

          ```yaml
          # is accepted, and partly ignored
          b: true
          ```
        ");
    }

    #[test]
    fn what_changes_nothing_is_said_in_a_line() {
        let same = "type: object\n";
        let body = CompatBody::new(vec![report(same, same)], Policy::default());
        insta::assert_snapshot!(changelog(&body, None), @"
        ## 2.0.0

        Nothing changed since `1.0.0`.
        ");
        assert_eq!(
            changelog(&CompatBody::default(), None),
            "No schema changed.\n"
        );
        let body = CompatBody::new(
            vec![report(same, same), report("true\n", same)],
            Policy::default(),
        );
        insta::assert_snapshot!(changelog(&body, None), @"
        ## `app.yaml` 2.0.0

        Nothing changed since `1.0.0`.

        ## `app.yaml` 2.0.0

        Some configurations that were valid for `1.0.0` must be changed.

        ### Breaking

        - the configuration may no longer be null (`null-removed`)

          ```yaml
          # was accepted, and is refused now
          null
          ```
        - the configuration may no longer be boolean or number or string or array (`type-removed`)

          ```yaml
          # was accepted, and is refused now
          true
          ```
        ");
    }

    #[test]
    fn risks_and_wider_bounds_have_their_groups() {
        let old = "properties: {a: {type: integer, maximum: 3, default: 1}}\n";
        let new = "properties: {a: {type: integer, maximum: 4, default: 2, deprecated: true}}\n";
        let body = CompatBody::new(vec![report(old, new)], Policy::default());
        insta::assert_snapshot!(changelog(&body, None), @"
        ## 2.0.0

        Every configuration of `1.0.0` is still valid; some may behave in another way.

        ### Risky

        - the default of `a` was `1` and is `2` now; who never set it gets the new one (`default-changed`)
          - To do: set `a` to `1` where the old default is wanted.

        ### Deprecated

        - `a` is deprecated, and nothing says what to use instead (`deprecated-without-replacement`)
        - the option `a` is deprecated now (`deprecated-added`)

        ### Other changes

        - `a` need only be at most 4 now, and was at most 3 (`maximum-raised`)
        ");
    }

    #[test]
    fn what_is_undecided_or_only_described_is_told_apart() {
        let said = |old: &str, new: &str| {
            let body = CompatBody::new(vec![report(old, new)], Policy::default());
            changelog(&body, None)
        };
        let undecided = said("enum: [ab]\n", "enum: [ab]\npattern: (?=a)\n");
        assert!(
            undecided
                .contains("of `1.0.0` still holds could not be decided.\n\n### Perhaps breaking\n"),
            "{undecided}"
        );
        let text = |word: &str| {
            format!("properties: {{a: {{description: {word}}}, b: {{description: {word}}}}}\n")
        };
        let described = said(&text("x"), &text("y"));
        assert!(
            described.contains(
                "of `1.0.0` is still valid and means the same.\n\n2 descriptions changed too.\n"
            ),
            "{described}"
        );
    }
}
