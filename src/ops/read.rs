//! Resolved values, one or all, with where they come from.

use std::sync::Arc;

use bstr::ByteSlice;
use serde::Serialize;

use super::own;
use crate::config::{Configuration, Name, Provenance, Resolved, Schemas, Target, Vault};
use crate::document::{Value, write_yaml};
use crate::error::Result;
use crate::ops::trust::Signature;
use crate::report::{Block, Location, Report, View};
use crate::text::Pointer;

/// The published JSON Schema of the body of `get`.
pub const GET_SCHEMA: &str = include_str!("get.schema.json");

/// The published JSON Schema of the body of `show`.
pub const SHOW_SCHEMA: &str = include_str!("show.schema.json");

/// One resolved value.
#[derive(Debug, Serialize)]
pub struct GetBody {
    /// The key as a pointer.
    pub pointer: Pointer,
    /// The value.
    pub value: Value,
    /// Where it comes from.
    pub provenance: Origin,
}

/// The resolved configuration of a target, or a part of it.
#[derive(Debug, Serialize)]
pub struct ShowBody {
    /// The environment.
    pub environment: Option<String>,
    /// The provider.
    pub provider: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The layers that were found, lowest precedence first.
    pub layers: Vec<String>,
    /// The values.
    pub values: Value,
    /// Where each value comes from that is no map, by pointer.
    pub provenance: indexmap::IndexMap<String, Origin>,
    /// Whether it was looked up who set the values.
    #[serde(skip)]
    pub(super) is_blamed: bool,
    #[serde(skip)]
    lines: Vec<(String, String)>,
}

/// Where a value comes from, as the formats show it.
#[derive(Debug, Serialize)]
pub struct Origin {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The revision; none for the work tree.
    pub revision: Option<String>,
    /// What stood there before, the last one first.
    pub overrides: Vec<Overridden>,
    /// Who put it there, where that was asked for and can be told.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<SetBy>,
}

/// The commit that last changed a value; all of it is null where that is not committed yet.
#[derive(Debug, Default, Serialize)]
pub struct SetBy {
    /// The commit.
    pub commit: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// When, as RFC 3339 has it.
    pub date: Option<String>,
    /// The first line of its message.
    pub title: Option<String>,
    /// Whose signature it has, where the repository says who may sign.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Whether the history that is here ends there, so that it may have been an older commit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub boundary: bool,
}

impl SetBy {
    /// Gives the cells of a table: commit, date, author.
    pub(super) fn cells(&self) -> Vec<String> {
        let Some(commit) = &self.commit else {
            let author = "not committed yet".to_owned();
            return vec![String::new(), String::new(), author];
        };
        let cut = |text: &str| text.chars().take(10).collect::<String>();
        let mark = if self.boundary { "^" } else { "" };
        vec![
            format!("{mark}{}", cut(commit)),
            cut(self.date.as_deref().unwrap_or_default()),
            Signature::beside(
                self.signature.as_ref(),
                self.author.as_deref().unwrap_or_default(),
            ),
        ]
    }

    /// Explains the mark that stands in the cells, if it does.
    pub(super) fn legend<'a>(mut all: impl Iterator<Item = &'a Self>) -> Option<Block> {
        let text = "^ the history that is here begins with this commit; the value may be older: \
                    `git fetch --unshallow`";
        all.any(|it| it.boundary)
            .then(|| Block::Text(text.to_owned()))
    }
}

/// A value that another one took the place of.
#[derive(Debug, Serialize)]
pub struct Overridden {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The value.
    pub value: Value,
}

impl Origin {
    /// Makes the form that is shown of a provenance.
    #[must_use]
    pub fn of(provenance: &Provenance) -> Self {
        let place =
            |location: &Location| (location.source.name().to_owned(), location.start().line);
        let (file, line) = place(&provenance.location);
        let overrides = provenance.overrides.iter().map(|(location, value)| {
            let (file, line) = place(location);
            Overridden {
                file,
                line,
                value: value.clone(),
            }
        });
        Self {
            file,
            line,
            revision: provenance.location.source.revision().map(str::to_owned),
            overrides: overrides.collect(),
            set_by: None,
        }
    }

    /// Writes the origin as a comment: `config/prod.yaml:7 (overrides config/base.yaml:3)`.
    #[must_use]
    pub fn comment(&self) -> String {
        let mut text = format!("{}:{}", self.file, self.line);
        let overrides: Vec<_> = self
            .overrides
            .iter()
            .map(|old| format!("{}:{}", old.file, old.line))
            .collect();
        if !overrides.is_empty() {
            text.push_str(&format!(" (overrides {})", overrides.join(", ")));
        }
        text
    }
}

/// Reads one resolved value. Its secrets are shown where they are asked for, and open.
///
/// # Errors
///
/// Where the target cannot be resolved, nothing is set at the key (near keys are offered), or a
/// secret that is asked for does not open.
pub fn get(
    configuration: &Configuration,
    target: &Target,
    key: &str,
    reveal: Option<&Vault>,
) -> Result<Report<GetBody>> {
    let resolved = configuration.resolve(target)?;
    let value = resolved.find(key)?;
    let pointer: Pointer = key.parse().unwrap_or_default();
    let schemas = schemas(configuration, target)?;
    let value = match reveal {
        Some(vault) => resolved.opened(&pointer, vault)?,
        None => own::shown(value, &pointer, &schemas),
    };
    let body = GetBody {
        provenance: origin(&resolved, &pointer, &schemas),
        pointer,
        value,
    };
    Ok(Report::new(
        revision(configuration, target)?,
        Vec::new(),
        body,
    ))
}

/// Reads the resolved configuration of a target, or what stands below a key (`""` is all). Its
/// secrets are shown where they are asked for, and open.
///
/// # Errors
///
/// Where the target cannot be resolved, nothing is set at the key (near keys are offered), or a
/// secret that is asked for does not open.
pub fn show(
    configuration: &Configuration,
    target: &Target,
    key: &str,
    reveal: Option<&Vault>,
) -> Result<Report<ShowBody>> {
    let resolved = configuration.resolve(target)?;
    let values = resolved.find(key)?;
    let below: Pointer = key.parse().unwrap_or_default();
    let schemas = schemas(configuration, target)?;
    let values = match reveal {
        Some(vault) => resolved.opened(&below, vault)?,
        None => own::shown(values, &below, &schemas),
    };
    let depth = below.tokens().len();
    let mut provenance = indexmap::IndexMap::new();
    let mut lines = Vec::new();
    resolved.walk(|pointer, _| {
        if !below.contains(pointer) || pointer.is_root() {
            return;
        }
        let own = Pointer::from_tokens(pointer.tokens()[depth..].iter().cloned());
        let Some(value) = values.at(&own) else { return };
        let origin = origin(&resolved, pointer, &schemas);
        lines.push((
            format!("{} = {}", pointer.dotted(), one_line(value)),
            origin.comment(),
        ));
        provenance.insert(pointer.to_string(), origin);
    });
    let name = |name| target.name(name).map(str::to_owned);
    let layers = resolved.layers().iter();
    let body = ShowBody {
        environment: name(Name::Environment),
        provider: name(Name::Provider),
        service: name(Name::Service),
        layers: layers
            .map(|layer| layer.path.to_str_lossy().into_owned())
            .collect(),
        values,
        provenance,
        is_blamed: false,
        lines,
    };
    Ok(Report::new(
        revision(configuration, target)?,
        Vec::new(),
        body,
    ))
}

fn schemas(configuration: &Configuration, target: &Target) -> Result<Arc<Schemas>> {
    let tree = configuration.tree(target.name(Name::Environment))?;
    configuration.schemas(&tree, target)
}

fn origin(resolved: &Resolved, pointer: &Pointer, schemas: &Schemas) -> Origin {
    let mut provenance = resolved.provenance(pointer).unwrap_or_else(|| Provenance {
        location: resolved.location(pointer),
        overrides: Vec::new(),
    });
    for (_, value) in &mut provenance.overrides {
        *value = own::shown(value, pointer, schemas);
    }
    Origin::of(&provenance)
}

fn revision(configuration: &Configuration, target: &Target) -> Result<Option<String>> {
    let tree = configuration.tree(target.name(Name::Environment))?;
    Ok(tree.label().map(str::to_owned))
}

/// Writes a value on one line, as JSON does, but a plain text without quotation marks.
#[must_use]
pub(crate) fn one_line(value: &Value) -> String {
    match value.as_str() {
        Some(text) if reads_as_text(text) => text.to_owned(),
        _ => value.to_json().to_string(),
    }
}

/// Says whether a text, written bare, reads as that text and as nothing else.
fn reads_as_text(text: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\' | '\u{feff}');
    !text.is_empty()
        && text.trim() == text
        && !text.contains(odd)
        && !text.starts_with(['[', '{', '\''])
        && !matches!(text, "null" | "~" | "true" | "false")
        && crate::document::Number::new(text).is_none()
}

impl View for GetBody {
    fn view(&self) -> Vec<Block> {
        let text = match self.value.as_str() {
            Some(text) => text.to_owned(),
            None if self.value.as_array().is_some() || self.value.as_object().is_some() => {
                write_yaml(&self.value).trim_end().to_owned()
            }
            None => one_line(&self.value),
        };
        vec![Block::Raw(text)]
    }
}

impl ShowBody {
    fn blamed(&self) -> Vec<Block> {
        let origins = || self.provenance.values().map(|origin| &origin.set_by);
        let rows = self.lines.iter().zip(origins());
        let rows = rows.map(|((text, comment), set_by)| {
            let mut row = set_by.as_ref().map_or(vec![String::new(); 3], SetBy::cells);
            row.extend([text.clone(), comment.clone()]);
            row
        });
        let columns = ["commit", "date", "author", "value", "from"];
        let table = Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: rows.collect(),
        };
        let template =
            "values of templates are not looked up; `git strata log KEY` tells who changed one";
        let left_out = origins().any(Option::is_none);
        let left_out = left_out.then(|| Block::Text(template.to_owned()));
        let legend = SetBy::legend(origins().flatten());
        [Some(table), legend, left_out]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl View for ShowBody {
    fn view(&self) -> Vec<Block> {
        if self.is_blamed {
            return self.blamed();
        }
        let width = self.lines.iter().map(|(text, _)| text.chars().count());
        let width = width.filter(|&width| width <= 60).max().unwrap_or(0);
        let lines: Vec<_> = self
            .lines
            .iter()
            .map(|(text, comment)| format!("{text:width$}  # {comment}"))
            .collect();
        vec![Block::Code {
            language: "",
            text: lines.join("\n"),
        }]
    }
}
