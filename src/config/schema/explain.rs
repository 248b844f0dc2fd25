//! Turns what the validator found into findings for people.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use smol_str::ToSmolStr;

use super::annotations::is_secret_at;
use super::bundle::Target;
use super::json::Places;
use super::rule::{
    DUPLICATE_ITEMS, FORBIDDEN_VALUE, FORMAT_MISMATCH, ITEM_COUNT, OPTION_COUNT, OUT_OF_RANGE,
    PATTERN_MISMATCH, SCHEMA_INVALID, VALUE_NOT_ALLOWED, WRONG_LENGTH, WRONG_TYPE,
};
use super::words::{self, clip, count};
use super::{PathMap, Schema, SchemaNode, alternatives, options, uri};
use crate::document::{self, Value};
use crate::report::{Finding, Location, Rule};
use crate::text::{Pointer, nearest};

/// What is needed to tell a person about a fault.
pub(super) struct Explainer<'a> {
    /// The schema; none where a schema itself is held against its language.
    pub schema: Option<&'a Schema>,
    pub places: &'a Places,
    pub secrets: &'a PathMap<()>,
    /// The whole value.
    pub value: &'a Value,
    /// Says where a place of the value stands.
    pub locate: &'a dyn Fn(&Pointer) -> Location,
}

/// A fault, looked at.
pub(super) struct Fault<'a> {
    /// The place of the value at fault.
    pub pointer: Pointer,
    /// The keyword of the schema that it breaks.
    pub keyword: Option<SchemaNode<'a>>,
    /// What the schema that holds the keyword asks for.
    pub expected: Option<String>,
}

impl<'a> Explainer<'a> {
    /// Tells one fault; several findings where several options are at fault.
    pub(super) fn explain(&self, error: &ValidationError<'_>) -> Vec<Finding> {
        let fault = self.fault(error);
        let at = &fault.pointer;
        let must = |rule: &'static Rule, what: &str| {
            vec![self.finding(rule, format!("must be {what}; {}", self.is(at)), &fault)]
        };
        let must_fit =
            |rule, otherwise: &str| must(rule, fault.expected.as_deref().unwrap_or(otherwise));
        let say = |rule: &'static Rule, message: String| vec![self.finding(rule, message, &fault)];
        match error.kind() {
            Kind::AdditionalProperties { unexpected }
            | Kind::UnevaluatedProperties { unexpected } => unexpected
                .iter()
                .map(|name| self.unknown(name, &fault))
                .collect(),
            Kind::Required { property } => {
                vec![self.missing(property.as_str().unwrap_or_default(), &fault)]
            }
            Kind::Type { kind } => {
                let mut findings = must_fit(&WRONG_TYPE, &of_types(kind));
                if let Some(help) = self.quotation_help(at, kind) {
                    findings = findings.into_iter().map(|f| f.with_help(&help)).collect();
                }
                findings
            }
            Kind::Enum { options } => vec![self.not_allowed(&values(options), &fault)],
            Kind::Constant { expected_value } => {
                vec![self.not_allowed(&[Value::from_json(expected_value)], &fault)]
            }
            Kind::Minimum { limit } => must_fit(&OUT_OF_RANGE, &format!("at least {limit}")),
            Kind::Maximum { limit } => must_fit(&OUT_OF_RANGE, &format!("at most {limit}")),
            Kind::ExclusiveMinimum { limit } => must_fit(&OUT_OF_RANGE, &format!("above {limit}")),
            Kind::ExclusiveMaximum { limit } => must_fit(&OUT_OF_RANGE, &format!("below {limit}")),
            Kind::MultipleOf { multiple_of } => {
                must_fit(&OUT_OF_RANGE, &format!("a multiple of {multiple_of}"))
            }
            Kind::MinLength { limit } => must_fit(
                &WRONG_LENGTH,
                &format!("a text of at least {limit} characters"),
            ),
            Kind::MaxLength { limit } => must_fit(
                &WRONG_LENGTH,
                &format!("a text of at most {limit} characters"),
            ),
            Kind::Pattern { pattern } => must(
                &PATTERN_MISMATCH,
                &format!("a text that matches `{}`", clip(pattern)),
            ),
            Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => say(
                &PATTERN_MISMATCH,
                "cannot be held against the pattern: that would take too long".into(),
            ),
            Kind::Format { format } => must(&FORMAT_MISMATCH, &words::format_words(format)),
            Kind::ContentEncoding { content_encoding } => must(
                &FORMAT_MISMATCH,
                &format!("a text encoded as {content_encoding}"),
            ),
            Kind::ContentMediaType { content_media_type } => must(
                &FORMAT_MISMATCH,
                &format!("a text that holds {content_media_type}"),
            ),
            Kind::FromUtf8 { .. } => must(&FORMAT_MISMATCH, "an encoded text"),
            Kind::MinItems { limit } => must_fit(&ITEM_COUNT, &at_least(*limit, "item")),
            Kind::MaxItems { limit } => must_fit(&ITEM_COUNT, &at_most(*limit, "item")),
            Kind::AdditionalItems { limit } => must(&ITEM_COUNT, &at_most(*limit as u64, "item")),
            Kind::UnevaluatedItems { unexpected } => say(
                &ITEM_COUNT,
                format!("has {} too many", count(unexpected.len(), "item")),
            ),
            Kind::Contains => say(&ITEM_COUNT, self.contains(&fault)),
            Kind::UniqueItems => vec![self.duplicates(&fault)],
            Kind::MinProperties { .. } | Kind::MaxProperties { .. } => {
                must(&OPTION_COUNT, &options::option_count(error.kind(), &fault))
            }
            Kind::PropertyNames { error } => vec![self.option_name(error, &fault)],
            Kind::FalseSchema => self.nothing(&fault),
            Kind::Not { schema } => say(&FORBIDDEN_VALUE, self.forbidden(schema, at)),
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                alternatives::none_matches(self, context, &fault)
            }
            Kind::OneOfMultipleValid { context } => {
                vec![alternatives::several_match(self, context, &fault)]
            }
            Kind::Custom { message, .. } => say(&FORBIDDEN_VALUE, message.clone()),
            Kind::Referencing(fault) => say(&SCHEMA_INVALID, fault.to_string()),
        }
    }

    /// Looks at a fault.
    pub(super) fn fault(&self, error: &ValidationError<'_>) -> Fault<'a> {
        let keyword = self.keyword(error);
        let holder = keyword.as_ref().and_then(SchemaNode::parent);
        Fault {
            pointer: error.instance_path().as_str().parse().unwrap_or_default(),
            expected: holder.and_then(|node| words::expectation(node.value, node.dialect())),
            keyword,
        }
    }

    /// Finds the keyword in the schema's own files.
    fn keyword(&self, error: &ValidationError<'_>) -> Option<SchemaNode<'a>> {
        let schema = self.schema?;
        let (resource, below) = match error.absolute_keyword_location() {
            Some(absolute) => {
                let (resource, fragment) = uri::split_fragment(absolute.as_str());
                (resource, uri::decode(fragment.unwrap_or_default())?)
            }
            None => ("", error.schema_path().as_str().to_owned()),
        };
        let root = || Target {
            file: schema.path().into(),
            pointer: Pointer::root(),
        };
        let base = self.places.get(resource).cloned().unwrap_or_else(root);
        let below: Pointer = below.parse().ok()?;
        let tokens = base.pointer.tokens().iter().chain(below.tokens()).cloned();
        // Some keywords are told with a step more than there is.
        let mut pointer = Pointer::from_tokens(tokens);
        loop {
            if let Some(node) = schema.node(&base.file, &pointer) {
                return Some(node);
            }
            pointer.pop()?;
        }
    }

    /// Makes a finding about the place of a fault.
    pub(super) fn finding(
        &self,
        rule: &'static Rule,
        message: String,
        fault: &Fault<'_>,
    ) -> Finding {
        self.finding_at(rule, message, &fault.pointer, fault)
    }

    pub(super) fn finding_at(
        &self,
        rule: &'static Rule,
        message: String,
        pointer: &Pointer,
        fault: &Fault<'_>,
    ) -> Finding {
        // An option is named, since the place alone gives only its line; a fault of the schema
        // itself is named by its keyword elsewhere.
        let message = match message.strip_prefix("must ") {
            Some(rest) if !pointer.is_root() && self.schema.is_some() => {
                format!("`{}` must {rest}", pointer.dotted())
            }
            _ => message,
        };
        let mut finding = Finding::new(rule, message, (self.locate)(pointer));
        finding.related.extend(declared(fault));
        finding
    }

    /// Says what a value is: "it is …"; of a secret only what kind of value.
    pub(super) fn is(&self, pointer: &Pointer) -> String {
        let Some(value) = self.value.at(pointer) else {
            return "it is not there".into();
        };
        if self.is_secret(pointer) {
            let kind = match value.type_name() {
                "string" => "text",
                "boolean" => "truth value",
                other => other,
            };
            return format!("it is a {kind}, which is secret");
        }
        format!("it is {}", words::show(value))
    }

    pub(super) fn is_secret(&self, pointer: &Pointer) -> bool {
        is_secret_at(self.secrets, pointer)
    }

    fn not_allowed(&self, allowed: &[Value], fault: &Fault<'_>) -> Finding {
        let one_of = if allowed.len() > 1 { "one of " } else { "" };
        let wanted = format!("{one_of}{}", words::list(allowed));
        self.none_of(&wanted, allowed, fault)
    }

    /// Tells that a value is none of those allowed, and offers a near one.
    pub(super) fn none_of(&self, wanted: &str, allowed: &[Value], fault: &Fault<'_>) -> Finding {
        let at = &fault.pointer;
        let message = format!("must be {wanted}; {}", self.is(at));
        let finding = self.finding(&VALUE_NOT_ALLOWED, message, fault);
        let given = self.value.at(at).filter(|_| !self.is_secret(at));
        let texts = allowed
            .iter()
            .filter_map(Value::as_str)
            .filter(|text| !text.is_empty());
        let near = given
            .and_then(Value::as_str)
            .map(|given| nearest(given, texts));
        match near.unwrap_or_default().first() {
            Some(near) if allowed.len() > 1 => {
                finding.with_help(format!("did you mean `{}`?", clip(near)))
            }
            _ => finding,
        }
    }

    /// Says what quotation marks have to do with a wrong type.
    fn quotation_help(&self, at: &Pointer, kind: &TypeKind) -> Option<String> {
        let value = self.value.at(at)?;
        if self.is_secret(at) {
            return None;
        }
        let wanted = type_names(kind);
        match &value.kind {
            document::Kind::String(text) => {
                let number = document::Number::new(text)
                    .is_some_and(|n| n.is_integer() || wanted.contains(&"number"));
                let plain = match text.as_str() {
                    "true" | "false" => wanted.contains(&"boolean"),
                    _ => number && wanted.iter().any(|t| matches!(*t, "number" | "integer")),
                };
                plain.then(|| format!("write it without quotation marks: {text}"))
            }
            document::Kind::Number(number) if wanted == ["string"] => {
                Some(format!("put it in quotation marks: \"{number}\""))
            }
            document::Kind::Bool(truth) if wanted == ["string"] => {
                Some(format!("put it in quotation marks: \"{truth}\""))
            }
            _ => None,
        }
    }

    fn duplicates(&self, fault: &Fault<'_>) -> Finding {
        let items = self.value.at(&fault.pointer).and_then(Value::as_array);
        let items = items.unwrap_or_default();
        let repeated = items.iter().enumerate().find_map(|(at, item)| {
            let first = items[..at].iter().position(|other| other == item)?;
            Some((first, at))
        });
        let Some((first, again)) = repeated else {
            let message = "has the same item twice".to_owned();
            return self.finding(&DUPLICATE_ITEMS, message, fault);
        };
        let at = |index: usize| fault.pointer.join(index.to_smolstr());
        let message = format!("item {} is the same as item {}", again + 1, first + 1);
        let finding = self.finding_at(&DUPLICATE_ITEMS, message, &at(again), fault);
        finding.with_related((self.locate)(&at(first)).with_label("the first one"))
    }

    fn contains(&self, fault: &Fault<'_>) -> String {
        let wanted = fault.keyword.as_ref();
        let wanted = wanted.and_then(|node| words::expectation(node.value, node.dialect()));
        match wanted {
            Some(wanted) => format!("must have an item that is {wanted}"),
            None => "has too few or too many items of the kind it must have".into(),
        }
    }
}

/// Gives the place of the keyword in the schema.
pub(super) fn declared(fault: &Fault<'_>) -> Option<Location> {
    let node = fault.keyword.as_ref()?;
    Some(node.location().with_label("the schema says so here"))
}

fn at_least(limit: u64, thing: &str) -> String {
    format!(
        "a list{}",
        words::size(Some(limit.to_string()), None, thing)
    )
}

fn at_most(limit: u64, thing: &str) -> String {
    format!(
        "a list{}",
        words::size(None, Some(limit.to_string()), thing)
    )
}

/// Names the types that a fault of type asks for.
pub(super) fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    let mut names: Vec<&str> = match kind {
        TypeKind::Single(name) => vec![name.as_str()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.as_str()).collect(),
    };
    if names.contains(&"number") {
        names.retain(|name| *name != "integer");
    }
    names
}

fn of_types(kind: &TypeKind) -> String {
    let names = type_names(kind);
    let words: Vec<_> = names
        .iter()
        .map(|name| words::type_word(name).to_owned())
        .collect();
    words::join(&words, "or")
}

/// Gives the values of an `enum`.
pub(super) fn values(options: &serde_json::Value) -> Vec<Value> {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().map(Value::from_json).collect()
}
