use std::fmt;

use smol_str::SmolStr;

use super::{PathMap, Schema, SchemaNode};
use crate::document::Value;
use crate::report::{Finding, Rule, Severity};
use crate::text::Pointer;

/// Says how a value of a higher layer meets one of a lower layer (`x-merge`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeStrategy {
    /// The higher one takes the lower one's place (`replace`).
    Replace,
    /// Maps are merged entry by entry (`deep`).
    Deep,
    /// The higher list's items follow the lower one's (`append`).
    Append,
    /// As append, without repetitions (`unique`).
    Unique,
    /// Items of lists that have the same value under this key are merged (`by-key(name)`).
    ByKey(SmolStr),
}

/// The merge strategies of a schema, by place.
pub type MergeRules = PathMap<MergeStrategy>;

impl fmt::Display for MergeStrategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replace => f.write_str("replace"),
            Self::Deep => f.write_str("deep"),
            Self::Append => f.write_str("append"),
            Self::Unique => f.write_str("unique"),
            Self::ByKey(key) => write!(f, "by-key({key})"),
        }
    }
}

impl MergeStrategy {
    /// Reads the value of an `x-merge`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "replace" => Self::Replace,
            "deep" => Self::Deep,
            "append" => Self::Append,
            "unique" => Self::Unique,
            _ => {
                let key = text.strip_prefix("by-key(")?.strip_suffix(')')?.trim();
                (!key.is_empty()).then(|| Self::ByKey(key.into()))?
            }
        })
    }
}

impl Schema {
    /// Gives every schema that may speak about the value at a place: by way of `properties`,
    /// `patternProperties`, `additionalProperties` and `items` in it, of `$ref` and `allOf`, and of
    /// branches that may or may not apply (`anyOf`, `oneOf`, `then`, `else`, dependent ones).
    #[must_use]
    pub fn annotations_at(&self, pointer: &Pointer) -> Vec<SchemaNode<'_>> {
        let mut nodes = SchemaNode::closure(vec![self.root()], true);
        for token in pointer.tokens() {
            let next = nodes.iter().flat_map(|node| {
                let mut next = node.of_key(token);
                next.extend(token.parse().ok().and_then(|index| node.of_item(index)));
                next
            });
            nodes = SchemaNode::closure(next.collect(), true);
        }
        nodes
    }

    /// Finds out the merge strategy of every place, for a walk over whole values.
    #[must_use]
    pub fn merge_rules(&self) -> MergeRules {
        self.map("x-merge", |node| {
            MergeStrategy::parse(node.value.get("x-merge")?.as_str()?)
        })
    }

    /// Finds out which places hold secrets: by `x-secret`, `writeOnly` or the format `password`.
    #[must_use]
    pub fn secrets(&self) -> PathMap<()> {
        let mentioned = ["x-secret", "writeOnly", "password"]
            .iter()
            .any(|word| self.mentions(word));
        if !mentioned {
            return PathMap::empty();
        }
        PathMap::build(self, true, |nodes| {
            nodes.iter().any(is_secret).then_some(())
        })
    }

    /// Says after how many days another value is wanted at a place (`x-rotate-after`).
    #[must_use]
    pub fn rotate_after(&self, pointer: &Pointer) -> Option<u32> {
        if !self.mentions("x-rotate-after") {
            return None;
        }
        let nodes = self.annotations_at(pointer);
        let days = |node: &SchemaNode<'_>| days(node.value.get("x-rotate-after")?);
        nodes.iter().filter_map(days).min()
    }

    /// Finds out which places hold options that are deprecated.
    #[must_use]
    pub fn deprecated(&self) -> PathMap<()> {
        self.map("deprecated", |node| {
            (node.value.get("deprecated")?.as_bool()?).then_some(())
        })
    }

    /// Finds out which places are meant to differ between environments (`x-env-specific`).
    #[must_use]
    pub fn env_specific(&self) -> PathMap<()> {
        self.map("x-env-specific", |node| {
            (node.value.get("x-env-specific")?.as_bool()?).then_some(())
        })
    }

    /// Gives the merge strategy of one place; see [`merge_rules`](Self::merge_rules) for many.
    #[must_use]
    pub fn merge_strategy(&self, pointer: &Pointer) -> Option<MergeStrategy> {
        self.merge_rules().at(pointer).get().cloned()
    }

    /// Says whether the value at a place is a secret, or part of one.
    #[must_use]
    pub fn is_secret(&self, pointer: &Pointer) -> bool {
        is_secret_at(&self.secrets(), pointer)
    }

    /// Says whether the value at a place is meant to differ between environments.
    #[must_use]
    pub fn is_env_specific(&self, pointer: &Pointer) -> bool {
        self.env_specific().at(pointer).get().is_some()
    }

    /// Gives the default of the value at a place.
    #[must_use]
    pub fn default_at(&self, pointer: &Pointer) -> Option<&Value> {
        let nodes = self.annotations_at(pointer);
        nodes.into_iter().find_map(|node| node.value.get("default"))
    }

    /// Gives the description of the value at a place, or else its title.
    #[must_use]
    pub fn description_at(&self, pointer: &Pointer) -> Option<&str> {
        let nodes = self.annotations_at(pointer);
        ["description", "title"].iter().find_map(|keyword| {
            let mut texts = nodes.iter().map(|node| node.value.get(keyword)?.as_str());
            texts.find_map(|text| text)
        })
    }

    fn map<T>(&self, word: &str, read: impl Fn(&SchemaNode<'_>) -> Option<T>) -> PathMap<T> {
        if !self.mentions(word) {
            return PathMap::empty();
        }
        PathMap::build(self, true, |nodes| nodes.iter().find_map(&read))
    }
}

/// Reads a time such as `90 days`, `12 weeks`, `6 months` (of 30 days) or `1 year` as days.
fn days(value: &Value) -> Option<u32> {
    let (count, unit) = value.as_str()?.split_once(' ')?;
    let count: u32 = count.parse().ok()?;
    let length = match unit {
        "day" | "days" => 1,
        "week" | "weeks" => 7,
        "month" | "months" => 30,
        "year" | "years" => 365,
        _ => return None,
    };
    count.checked_mul(length)
}

fn is_secret(node: &SchemaNode<'_>) -> bool {
    let is_true = |keyword| node.value.get(keyword).and_then(Value::as_bool) == Some(true);
    is_true("x-secret")
        || is_true("writeOnly")
        || node.value.get("format").and_then(Value::as_str) == Some("password")
}

/// Says whether a place, or one above it, is marked.
pub(crate) fn is_secret_at(secrets: &PathMap<()>, pointer: &Pointer) -> bool {
    let mut place = secrets.root();
    if place.is_empty() {
        return false;
    }
    let below = |token: &SmolStr| {
        place = place.descend(token);
        place.get().is_some()
    };
    secrets.root().get().is_some() || pointer.tokens().iter().any(below)
}

/// Finds annotations that say what they cannot say.
pub(super) fn check(schema: &Schema) -> Vec<Finding> {
    let mut findings = Vec::new();
    if schema.mentions("x-rotate-after") {
        schema.each_node(&mut |node| {
            let Some(value) = node.value.get("x-rotate-after") else {
                return;
            };
            if days(value).is_some() {
                return;
            }
            let Some(at) = node.get("x-rotate-after") else {
                return;
            };
            let shown = super::words::show(value);
            let message = format!("`x-rotate-after` is a time, not {shown}");
            findings.push(
                Finding::new(&SCHEMA_ANNOTATION_INVALID, message, at.value_location())
                    .with_help("write it as in `90 days`, `12 weeks`, `6 months` or `1 year`"),
            );
        });
    }
    if !schema.mentions("x-merge") {
        return findings;
    }
    schema.each_node(&mut |node| {
        let Some(value) = node.value.get("x-merge") else {
            return;
        };
        if value.as_str().and_then(MergeStrategy::parse).is_some() {
            return;
        }
        let shown = super::words::show(value);
        let Some(at) = node.get("x-merge") else {
            return;
        };
        findings.push(
            Finding::new(
                &SCHEMA_ANNOTATION_INVALID,
                format!("`x-merge` does not know {shown}"),
                at.value_location(),
            )
            .with_help("write `replace`, `deep`, `append`, `unique`, or `by-key(name)`"),
        );
    });
    findings
}

/// An annotation says what it cannot say.
pub(super) static SCHEMA_ANNOTATION_INVALID: Rule = Rule {
    id: "schema-annotation-invalid",
    severity: Severity::Error,
    summary: "an annotation of a schema has a value that it does not know",
    docs: "\
Annotations tell Strata what to do with an option. `x-merge` says how layers meet: `replace`,
`deep`, `append`, `unique`, or `by-key(name)` with the name of the key that tells items apart.
`x-requires` says which versions of applications know the option, as semantic versioning has them.
`x-rotate-after` says after how long a secret is to be replaced: `90 days`, `12 weeks`, `6 months`.

```yaml
plugins:
  type: array
  x-merge: merge        # not known; write `by-key(name)`
replicas:
  x-requires: { api: \"2.3+\" }     # no requirement; write `\">=2.3\"`
```
",
};
