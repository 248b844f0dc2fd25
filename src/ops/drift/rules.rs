use crate::config::Schemas;
use crate::document::{Change, ChangeKind};
use crate::ops::diff::short;
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::Pointer;

/// The rules about differences of environments.
pub const RULES: &[&Rule] = &[&VALUE_DIFFERS, &MISSING_KEY, &TYPE_MISMATCH];

/// A value differs between two environments.
static VALUE_DIFFERS: Rule = Rule {
    id: "value-differs",
    severity: Severity::Warning,
    summary: "a value that differs between two environments",
    docs: "Two environments that should be alike resolve the same key to different values, and \
nothing says that this is meant.

**What to do.** Carry the right value over, or say in the schema that the option is one's own in \
each environment.

```yaml
properties:
  host:
    x-env-specific: true    # differs by nature; no longer told
```",
};

/// A key is set in one environment and absent in another.
static MISSING_KEY: Rule = Rule {
    id: "missing-key",
    severity: Severity::Error,
    summary: "a key that one environment sets and another does not",
    docs: "One environment sets the key, the other does not, and no default of the schema makes \
them equal. The service behaves differently there, most often by accident.

**What to do.** Set the key in the environment that lacks it, take it away in the other, or give \
the option a default in the schema.

```yaml
# staging                # prod
cache:                   cache: {}
  ttl_seconds: 60
```",
};

/// The same text has another type in another environment.
static TYPE_MISMATCH: Rule = Rule {
    id: "type-mismatch",
    severity: Severity::Error,
    summary: "a value whose type differs between two environments",
    docs: "Two environments set the key to values of different types, such as the number `5432` \
and the text `\"5432\"`. They look alike to a reader, and a program treats them differently.

**What to do.** Write the value in the same way in both.

```yaml
# staging                # prod
port: 5432               port: \"5432\"
```",
};

/// What a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The schema says that environments differ here.
    Intentional,
    /// Absent in one, and the other holds the schema's default.
    SameByDefault,
    /// Another value.
    ValueDiffers,
    /// Absent in one.
    MissingKey,
    /// Another type.
    TypeMismatch,
}

impl Class {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Intentional => "intentional",
            Self::SameByDefault => "same-by-default",
            Self::ValueDiffers => VALUE_DIFFERS.id,
            Self::MissingKey => MISSING_KEY.id,
            Self::TypeMismatch => TYPE_MISMATCH.id,
        }
    }

    /// Says whether environments are meant to differ so.
    pub(super) fn is_meant(self) -> bool {
        self.rule().is_none()
    }

    fn rule(self) -> Option<&'static Rule> {
        match self {
            Self::Intentional | Self::SameByDefault => None,
            Self::ValueDiffers => Some(&VALUE_DIFFERS),
            Self::MissingKey => Some(&MISSING_KEY),
            Self::TypeMismatch => Some(&TYPE_MISMATCH),
        }
    }
}

pub(super) fn classify(change: &Change, left: &Schemas, right: &Schemas, from: &Pointer) -> Class {
    if right.is_env_specific(&change.pointer) || left.is_env_specific(from) {
        return Class::Intentional;
    }
    let class = class_of(change.kind);
    if class == Class::MissingKey {
        // The side that lacks the key is the one whose default counts.
        let (default, value) = match change.kind {
            ChangeKind::Added => (left.default_at(&change.pointer), &change.new),
            _ => (right.default_at(&change.pointer), &change.old),
        };
        if default.is_some() && default == *value {
            return Class::SameByDefault;
        }
    }
    class
}

pub(super) fn class_of(kind: ChangeKind) -> Class {
    match kind {
        ChangeKind::Added | ChangeKind::Removed => Class::MissingKey,
        ChangeKind::TypeChanged => Class::TypeMismatch,
        ChangeKind::Changed | ChangeKind::Moved => Class::ValueDiffers,
    }
}

/// Makes the finding of one difference: it points at the later side where the key is there, with
/// the earlier one beside it.
pub(super) fn finding(
    class: Class,
    service: Option<&str>,
    change: &Change,
    (left, right): (&str, &str),
    (old, new): (Option<Location>, Option<Location>),
) -> Option<Finding> {
    let rule = class.rule()?;
    let key = match change.pointer.dotted() {
        key if key.is_empty() => "everything".to_owned(),
        key => format!("`{key}`"),
    };
    let of = service
        .map(|name| format!(" of {name}"))
        .unwrap_or_default();
    let text =
        |value: &Option<crate::document::Value>| value.as_ref().map(short).unwrap_or_default();
    let message = match (class, &change.old, &change.new) {
        (Class::MissingKey, None, _) => format!("{key}{of} is set in {right} and not in {left}"),
        (Class::MissingKey, ..) => format!("{key}{of} is set in {left} and not in {right}"),
        (Class::TypeMismatch, Some(old), Some(new)) => format!(
            "{key}{of} is a {} in {left} and a {} in {right}",
            old.type_name(),
            new.type_name()
        ),
        _ => format!(
            "{key}{of} is {} in {left} and {} in {right}",
            text(&change.old),
            text(&change.new)
        ),
    };
    let (location, related) = match (old, new) {
        (old, Some(new)) => (new, old),
        (Some(old), None) => (old, None),
        (None, None) => return None,
    };
    let here = if change.new.is_some() { right } else { left };
    let mut finding = Finding::new(rule, message, location.with_label(format!("in {here}")));
    if let Some(related) = related {
        finding = finding.with_related(related.with_label(format!("in {left}")));
    }
    Some(finding)
}
