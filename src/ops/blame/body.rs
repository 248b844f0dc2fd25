//! The answer of `blame`.

use serde::Serialize;

use crate::document::Value;
use crate::ops::read::{SetBy, one_line};
use crate::report::{Block, View};
use crate::text::Pointer;

/// The values of a file, and who set each.
#[derive(Debug, Serialize)]
pub struct BlameBody {
    /// The file.
    pub path: String,
    /// The values that are no maps and no lists, in the order written.
    pub values: Vec<Blamed>,
}

/// One value, and who set it.
#[derive(Debug, Serialize)]
pub struct Blamed {
    /// The key.
    pub pointer: Pointer,
    /// The number of the document, from 0, in a file of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<usize>,
    /// The line, from 1.
    pub line: u32,
    /// The value; null where it is a secret.
    pub value: Option<Value>,
    /// Whether the schema says that it is a secret: then it is not shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Who set it.
    #[serde(flatten)]
    pub set_by: SetBy,
}

impl Blamed {
    fn row(&self) -> Vec<String> {
        const LONGEST: usize = 100;
        let key = match self.pointer.dotted() {
            key if key.is_empty() => "(the whole file)".to_owned(),
            key => key,
        };
        let document = self.document.map(|index| format!("[{}] ", index + 1));
        let mut value = match &self.value {
            Some(value) => one_line(value),
            None => "<secret>".to_owned(),
        };
        if value.chars().count() > LONGEST {
            value = value.chars().take(LONGEST - 1).collect();
            value.push('…');
        }
        let mut row = self.set_by.cells();
        row.push(format!("{}{key}", document.unwrap_or_default()));
        row.push(value);
        row
    }
}

impl View for BlameBody {
    fn view(&self) -> Vec<Block> {
        if self.values.is_empty() {
            return vec![Block::Text(format!("`{}` sets no value", self.path))];
        }
        let columns = ["commit", "date", "author", "key", "value"];
        let mut blocks = vec![Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.values.iter().map(Blamed::row).collect(),
        }];
        blocks.extend(SetBy::legend(self.values.iter().map(|value| &value.set_by)));
        blocks
    }
}
