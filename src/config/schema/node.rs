use std::collections::{BTreeSet, VecDeque};

use super::bundle::{File, Link};
use super::keyword::{subschemas, subschemas_in_place};
use super::paths::{Step, address};
use super::{Dialect, Schema};
use crate::document::Value;
use crate::report::Location;
use crate::text::Pointer;

/// One place in a schema.
#[derive(Clone, Debug)]
pub struct SchemaNode<'a> {
    schema: &'a Schema,
    home: &'a File,
    /// The path of the file that it stands in.
    pub file: &'a str,
    /// What stands there.
    pub value: &'a Value,
}

/// What tells one place of a loaded schema from all others: the addresses of its file and value.
pub(crate) type Identity = (usize, usize);

/// Says why a reference cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefError {
    /// It leads nowhere.
    #[error("the reference leads nowhere")]
    Broken,
    /// It leads back to itself.
    #[error("the reference leads back to itself")]
    Cycle,
    /// It leads to a schema of the language itself.
    #[error("the reference leads to {0}")]
    Metaschema(String),
}

impl<'a> SchemaNode<'a> {
    pub(super) fn new(schema: &'a Schema, file: &'a str, home: &'a File, value: &'a Value) -> Self {
        Self {
            schema,
            home,
            file,
            value,
        }
    }

    /// Gives the node of another value of the same file.
    pub(super) fn with(&self, value: &'a Value) -> Self {
        Self::new(self.schema, self.file, self.home, value)
    }

    /// Says where it stands in the file.
    #[must_use]
    pub fn pointer(&self) -> Pointer {
        let steps = self.home.paths.to(&self.home.document.root, self.value);
        Pointer::from_tokens(steps.iter().map(Step::token))
    }

    /// Goes down to a keyword's value.
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<Self> {
        Some(self.with(self.value.child(keyword)?))
    }

    /// Goes down to what stands under a keyword and a name or index, as in `properties`, `port`.
    #[must_use]
    pub fn under(&self, keyword: &str, token: &str) -> Option<Self> {
        self.get(keyword)?.get(token)
    }

    /// Gives the dialect of the file.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.home.dialect
    }

    /// Says whether keywords beside a `$ref` count here.
    #[must_use]
    pub fn siblings_apply(&self) -> bool {
        self.dialect().ref_siblings_apply()
    }

    /// Says whether only the `$ref` counts here: there is one, and the dialect ignores the rest.
    #[must_use]
    pub fn is_only_ref(&self) -> bool {
        !self.siblings_apply() && self.value.get("$ref").is_some()
    }

    /// Follows the node's own `$ref` one step; `None` if it has none.
    ///
    /// # Errors
    ///
    /// When the reference leads nowhere in this schema.
    #[must_use]
    pub fn reference(&self) -> Option<Result<Self, RefError>> {
        self.follow("$ref")
    }

    /// Follows the node's own `$dynamicRef` or `$recursiveRef` to where it leads when nothing
    /// overrides it; `None` if it has none.
    ///
    /// # Errors
    ///
    /// When the reference leads nowhere in this schema.
    #[must_use]
    pub fn dynamic_reference(&self) -> Option<Result<Self, RefError>> {
        self.follow("$dynamicRef")
            .or_else(|| self.follow("$recursiveRef"))
    }

    /// Follows `$ref` until there is none; the node itself if it has none.
    ///
    /// From 2019-09 on the keywords beside a `$ref` count too; see
    /// [`siblings_apply`](Self::siblings_apply).
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere in this schema.
    pub fn resolve(&self) -> Result<Self, RefError> {
        let mut node = self.clone();
        while let Some(next) = node.reference() {
            node = next?;
        }
        Ok(node)
    }

    /// Gives the place in the file, for a finding.
    #[must_use]
    pub fn location(&self) -> Location {
        let (document, pointer) = (&self.home.document, self.pointer());
        Location::new(&document.source, document.root.place(&pointer)).with_pointer(pointer)
    }

    /// Goes one step up.
    pub(crate) fn parent(&self) -> Option<Self> {
        let steps = self.home.paths.to(&self.home.document.root, self.value);
        Some(self.with(steps.last()?.from))
    }

    /// Visits this schema and every one that stands in it.
    pub(super) fn each(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        for child in subschemas(self.value) {
            let at = self.get(child.keyword);
            let node = match child.token {
                Some(token) => at.and_then(|at| at.get(&token)),
                None => at,
            };
            if let Some(node) = node {
                node.each(visit);
            }
        }
    }

    /// Gives the place of what stands here, not of its key.
    pub(super) fn value_location(&self) -> Location {
        Location::new(&self.home.document.source, self.value.span).with_pointer(self.pointer())
    }

    /// Gives the schemas that speak about the same value by way of this one: by reference and
    /// `allOf`, and those that may or may not (`anyOf`, `oneOf`, `then` …) where `maybe` is set.
    fn in_place(&self, maybe: bool) -> Vec<Self> {
        let followed = [self.reference(), self.dynamic_reference()];
        let mut found: Vec<Self> = followed.into_iter().flatten().flatten().collect();
        if self.is_only_ref() {
            return found;
        }
        for child in subschemas_in_place(self.value) {
            let wanted = match child.keyword {
                "allOf" => true,
                "not" | "if" => false,
                _ => maybe,
            };
            if wanted {
                let at = self.get(child.keyword);
                found.extend(match child.token {
                    Some(token) => at.and_then(|at| at.get(&token)),
                    None => at,
                });
            }
        }
        found
    }

    /// Gives every schema that speaks about the same value as one of these, each once. Those that
    /// only refer to another are followed and left out.
    pub(super) fn closure(nodes: Vec<Self>, maybe: bool) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut next: VecDeque<Self> = nodes.into();
        while let Some(node) = next.pop_front() {
            if seen.insert(node.identity()) {
                next.extend(node.in_place(maybe));
                if !node.is_only_ref() {
                    found.push(node);
                }
            }
        }
        found
    }

    /// Gives the schemas directly in this one that speak about the entry of a map under a name.
    pub(super) fn of_key(&self, name: &str) -> Vec<Self> {
        let mut found: Vec<Self> = self.under("properties", name).into_iter().collect();
        if let Some(patterns) = self.get("patternProperties")
            && let Some(map) = patterns.value.as_object()
        {
            let matching = map
                .keys()
                .filter(|pattern| NamePattern::new(pattern).matches(name));
            found.extend(matching.filter_map(|pattern| patterns.get(pattern)));
        }
        if found.is_empty() {
            found.extend(self.of_other_keys());
        }
        found
    }

    /// Gives the schemas directly in this one that speak about entries it does not name.
    pub(super) fn of_other_keys(&self) -> Option<Self> {
        self.get("additionalProperties")
            .or_else(|| self.get("unevaluatedProperties"))
    }

    /// Gives the schema directly in this one that speaks about an item of a list.
    pub(super) fn of_item(&self, index: usize) -> Option<Self> {
        let token = index.to_string();
        let items = self.get("items");
        let listed = items
            .as_ref()
            .filter(|items| items.value.as_array().is_some());
        if let Some(prefix) = self.get("prefixItems").as_ref().or(listed)
            && let Some(item) = prefix.get(&token)
        {
            return Some(item);
        }
        match listed {
            Some(_) => self.get("additionalItems"),
            None => items,
        }
        .or_else(|| self.get("unevaluatedItems"))
    }

    /// Counts the items of a list that have a schema of their own.
    pub(super) fn prefix_len(&self) -> usize {
        let len = |keyword| {
            let list = self.value.get(keyword).and_then(Value::as_array);
            list.map_or(0, <[Value]>::len)
        };
        len("prefixItems").max(len("items"))
    }

    /// Gives the keyword or name under which the node stands.
    pub(crate) fn keyword(&self) -> Option<&'a str> {
        let steps = self.home.paths.to(&self.home.document.root, self.value);
        Some(steps.last()?.name()?)
    }

    /// Gives what is the same for the same place of a loaded schema only: a file that two schemas
    /// have in common is kept once, and may refer to other things in each.
    pub(crate) fn identity(&self) -> Identity {
        (std::ptr::from_ref(self.home).addr(), address(self.value))
    }

    pub(super) fn follow(&self, keyword: &str) -> Option<Result<Self, RefError>> {
        let text = self.value.get(keyword)?;
        text.as_str()?;
        let reference = self.home.links.get(&address(text));
        Some(match reference.map(|reference| &reference.link) {
            Some(Link::To(target)) => {
                (self.schema.node(&target.file, &target.pointer)).ok_or(RefError::Broken)
            }
            Some(Link::Metaschema(uri)) => Err(RefError::Metaschema(uri.clone())),
            Some(Link::Cycle) => Err(RefError::Cycle),
            Some(Link::Broken) | None => Err(RefError::Broken),
        })
    }
}

/// A pattern of `patternProperties`; one that is no pattern matches nothing.
#[derive(Debug)]
pub(super) struct NamePattern(Option<jsonschema::Validator>);

impl NamePattern {
    pub(super) fn new(pattern: &str) -> Self {
        let schema = serde_json::json!({ "pattern": pattern });
        Self(jsonschema::options().offline().build(&schema).ok())
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        (self.0.as_ref()).is_some_and(|validator| validator.is_valid(&name.into()))
    }
}
