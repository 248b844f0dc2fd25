use super::expected::{EXPIRED_EXCEPTION, MUST_DIFFER, STALE_EXCEPTION};
use super::sealed::are_sealed;
use crate::config::Schemas;
use crate::document::{Change, ChangeKind};
use crate::ops::diff::short;
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::Pointer;

/// The rules about differences of environments.
pub const RULES: &[&Rule] = &[
    &DIVERGED,
    &EXPIRED_EXCEPTION,
    &MISSING_BACKPORT,
    &MISSING_KEY,
    &MUST_DIFFER,
    &NEVER_SHARED,
    &PENDING_PROMOTION,
    &SECRET_DIFFERS,
    &STALE_EXCEPTION,
    &TYPE_MISMATCH,
    &VALUE_DIFFERS,
];

/// The newer value is upstream, and waits to be promoted.
static PENDING_PROMOTION: Rule = Rule {
    id: "pending-promotion",
    severity: Severity::Info,
    summary: "a value that was changed upstream and not yet downstream",
    docs: "Downstream still holds a value that upstream held before: the change was made upstream \
and has not been carried on. That is how changes travel; it is told so that none is forgotten.

**What to do.** Carry it on when its time has come.

```yaml
# staging                # prod
cache:                   cache:
  ttl_s: 900               ttl_s: 600     # as it was in staging
```",
};

/// Two secrets, opened, are not the same.
static SECRET_DIFFERS: Rule = Rule {
    id: "secret-differs",
    severity: Severity::Info,
    summary: "a secret that is another one in each environment",
    docs: "Sealed values are never the same letters. With an identity at hand (`--identity FILE`) \
that opens both, they are compared, and these are not the same. Without one, a secret that is \
there on both sides counts as the same.

**What to do.** Most often nothing: each environment has its own secrets. Say in `drift.yaml` which \
must be the same (`expect: equal`) or other ones (`expect: differ`).

```yaml
# dev                              # prod
database:                          database:
  password: ENC[age1,dev.1,…]        password: ENC[age1,prod.1,…]
```",
};

/// The newer value is downstream: a hot fix that is not upstream.
static MISSING_BACKPORT: Rule = Rule {
    id: "missing-backport",
    severity: Severity::Warning,
    summary: "a value that was changed downstream and not upstream",
    docs: "Upstream still holds a value that downstream held before: somebody changed it \
downstream alone, most often in a hurry. The next promotion would take it back.

**What to do.** Make the same change upstream, or take it back downstream.

```yaml
# staging                       # prod
http:                           http:
  request_timeout_ms: 2000        request_timeout_ms: 8000    # was 2000
```",
};

/// Both sides have moved since they agreed.
static DIVERGED: Rule = Rule {
    id: "diverged",
    severity: Severity::Error,
    summary: "a value that was changed on both sides, each in its own way",
    docs: "The two environments once held the same value, and each was changed since: neither is \
the older one, so a promotion would lose a change.

**What to do.** Decide which value is right, and set it in both; or say in the schema that the \
option is one's own in each environment.

```yaml
# staging, was 600       # prod, was 600
ttl_s: 900               ttl_s: 120
```",
};

/// The two sides never held the same value.
static NEVER_SHARED: Rule = Rule {
    id: "never-shared",
    severity: Severity::Error,
    summary: "a value that was never the same on both sides",
    docs: "In the whole history the two environments never held the same value here, and nothing \
says that they are meant to differ.

**What to do.** Set the same value in both, or say in the schema that the option is one's own in \
each environment.

```yaml
properties:
  host:
    x-env-specific: true    # differs by nature; no longer told
```",
};

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
    /// The newer value is upstream.
    PendingPromotion,
    /// Another secret.
    SecretDiffers,
    /// Another value.
    ValueDiffers,
    /// The newer value is downstream.
    MissingBackport,
    /// Absent in one.
    MissingKey,
    /// Both have moved since they agreed.
    Diverged,
    /// They never agreed.
    NeverShared,
    /// Another type.
    TypeMismatch,
}

impl Class {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Intentional => "intentional",
            Self::SameByDefault => "same-by-default",
            Self::PendingPromotion => PENDING_PROMOTION.id,
            Self::SecretDiffers => SECRET_DIFFERS.id,
            Self::ValueDiffers => VALUE_DIFFERS.id,
            Self::MissingBackport => MISSING_BACKPORT.id,
            Self::Diverged => DIVERGED.id,
            Self::NeverShared => NEVER_SHARED.id,
            Self::MissingKey => MISSING_KEY.id,
            Self::TypeMismatch => TYPE_MISMATCH.id,
        }
    }

    /// Says whether environments are meant to differ so.
    pub(super) fn is_meant(self) -> bool {
        self.rule().is_none()
    }

    pub(super) fn rule(self) -> Option<&'static Rule> {
        match self {
            Self::Intentional | Self::SameByDefault => None,
            Self::PendingPromotion => Some(&PENDING_PROMOTION),
            Self::SecretDiffers => Some(&SECRET_DIFFERS),
            Self::ValueDiffers => Some(&VALUE_DIFFERS),
            Self::MissingBackport => Some(&MISSING_BACKPORT),
            Self::Diverged => Some(&DIVERGED),
            Self::NeverShared => Some(&NEVER_SHARED),
            Self::MissingKey => Some(&MISSING_KEY),
            Self::TypeMismatch => Some(&TYPE_MISMATCH),
        }
    }
}

pub(super) fn classify(change: &Change, left: &Schemas, right: &Schemas, from: &Pointer) -> Class {
    if right.is_env_specific(&change.pointer) || left.is_env_specific(from) {
        return Class::Intentional;
    }
    if are_sealed(change.old.as_ref(), change.new.as_ref()) {
        return Class::SecretDiffers;
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
    secret: bool,
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
        (_, Some(_), Some(_)) if secret => {
            format!("{key}{of}, a secret, is another one in {right} than in {left}")
        }
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
