use serde::{Serialize, Serializer};

use crate::document::Format;
use crate::report::{Block, View};

/// The published JSON Schema of the body of `convert`.
pub const SCHEMA: &str = include_str!("body.schema.json");

/// A document in another format.
#[derive(Debug, Serialize)]
pub struct ConvertBody {
    /// The file, as it was named.
    pub file: String,
    /// The format that it is in.
    #[serde(serialize_with = "name")]
    pub from: Format,
    /// The format of the text.
    #[serde(serialize_with = "name")]
    pub to: Format,
    /// Which document of the file it is, from 1, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<usize>,
    /// The text; none where a finding says what would be lost.
    pub text: Option<String>,
    /// How many comments there are.
    pub comments: CommentCount,
}

/// How many comments there are, and in the new text.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CommentCount {
    /// Those of the document.
    pub found: usize,
    /// Those that the new text has, too.
    pub carried: usize,
}

fn name<S: Serializer>(format: &Format, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format.as_str().to_ascii_lowercase())
}

impl View for ConvertBody {
    fn view(&self) -> Vec<Block> {
        let code = |text: &String| Block::Code {
            language: match self.to {
                Format::Yaml => "yaml",
                Format::Json => "json",
                Format::Toml => "toml",
            },
            text: text.trim_end_matches('\n').to_owned(),
        };
        self.text.iter().map(code).collect()
    }
}
