//! How one value came about: what each layer had to say, in order.

use bstr::ByteSlice;
use serde::Serialize;

use super::read::one_line;
use crate::config::{Configuration, Effect, Name, Target};
use crate::document::Value;
use crate::error::{Error, Result};
use crate::report::{Block, Report, View};
use crate::text::Pointer;

/// The published JSON Schema of the body of `show --explain`.
pub const SCHEMA: &str = include_str!("trace.schema.json");

/// How one value came about.
#[derive(Debug, Serialize)]
pub struct TraceBody {
    /// The environment.
    pub environment: Option<String>,
    /// The provider.
    pub provider: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The place.
    pub pointer: Pointer,
    /// How values meet there, where the schema or the manifest says so, as `x-merge` writes it.
    pub strategy: Option<String>,
    /// The layers, lowest precedence first.
    pub layers: Vec<TraceLayer>,
    /// The value; null where nothing is set.
    pub value: Option<Value>,
    /// Whether the schema says that it is a secret: then no value is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// The schema's default, which holds where nothing is set.
    pub default: Option<Value>,
}

/// What one layer had to say.
#[derive(Debug, Serialize)]
pub struct TraceLayer {
    /// The layer, as the manifest has it.
    pub layer: String,
    /// Its file; none where it needs a name that the target lacks.
    pub file: Option<String>,
    /// Where it speaks of the value, from 1.
    pub line: Option<u32>,
    /// What became of the value by it.
    pub effect: &'static str,
    /// What stood there once this layer was laid over those before; null where nothing did.
    pub value: Option<Value>,
}

/// Tells how a value came about.
///
/// # Errors
///
/// Where the key is no key, or a tree cannot be read.
pub fn trace(
    configuration: &Configuration,
    target: &Target,
    key: &str,
) -> Result<Report<TraceBody>> {
    let pointer: Pointer = key.parse().map_err(|error| {
        Error::usage(format!("`{key}` is no key: {error}"))
            .with_help("write it with dots, `database.pool`, and quote a key that holds a dot")
    })?;
    let tree = configuration.tree(target.name(Name::Environment))?;
    let explained = configuration.explain(&tree, target, &pointer)?;
    let schemas = configuration.schemas(&tree, target)?;
    let secret = schemas.hides(&pointer);
    let shown = |value: Option<Value>| value.filter(|_| !secret);
    let value = explained.steps.last().and_then(|step| step.value.clone());
    let speaks = |effect: Effect| {
        !matches!(
            effect,
            Effect::NoName | Effect::NoFile | Effect::Unreadable | Effect::Silent
        )
    };
    if !explained.steps.iter().any(|step| speaks(step.effect)) {
        // The nearest key may have been meant.
        configuration.resolve(target)?.find(key)?;
    }
    let layers = explained.steps.into_iter().map(|step| TraceLayer {
        layer: step.pattern,
        file: step.path.map(|path| path.to_str_lossy().into_owned()),
        line: step.location.map(|location| location.start().line),
        effect: step.effect.as_str(),
        value: shown(step.value),
    });
    let name = |name| target.name(name).map(str::to_owned);
    let body = TraceBody {
        environment: name(Name::Environment),
        provider: name(Name::Provider),
        service: name(Name::Service),
        strategy: explained.strategy.map(|strategy| strategy.to_string()),
        layers: layers.collect(),
        value: shown(value),
        secret,
        default: schemas.default_at(&pointer),
        pointer,
    };
    Ok(Report::new(
        tree.label().map(str::to_owned),
        Vec::new(),
        body,
    ))
}

impl View for TraceBody {
    fn view(&self) -> Vec<Block> {
        let rows = self.layers.iter().map(|layer| {
            let file = layer.file.as_ref().unwrap_or(&layer.layer);
            let place = match layer.line {
                Some(line) => format!("{file}:{line}"),
                None => file.clone(),
            };
            let changes = matches!(layer.effect, "sets" | "overrides" | "adds to" | "repeats");
            let value = match &layer.value {
                _ if !changes => String::new(),
                Some(value) => one_line(value),
                None if self.secret => "<secret>".to_owned(),
                None => String::new(),
            };
            vec![place, layer.effect.to_owned(), value]
        });
        let table = Block::Table {
            columns: ["layer", "effect", "value"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        };
        let key = self.pointer.dotted();
        let mut said = match (&self.value, &self.default) {
            (Some(value), _) => format!("{key} is {}", one_line(value)),
            (None, _) if self.secret => format!("{key} is a secret"),
            (None, Some(value)) => {
                format!("{key} is not set; by default it is {}", one_line(value))
            }
            (None, None) => format!("{key} is not set"),
        };
        if let Some(strategy) = &self.strategy {
            said.push_str(&format!("; layers meet there by `{strategy}`"));
        }
        vec![table, Block::Text(said)]
    }
}
