use serde::Serialize;

/// What a report's body looks like to a person: a list of blocks, drawn alike by the human and
/// the Markdown format. The machine's form is the body's own `Serialize`.
pub trait View: Serialize {
    /// Gives the blocks, in order.
    fn view(&self) -> Vec<Block>;
}

/// One block of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Rows under column names; every row has as many cells as there are columns.
    Table {
        /// The names of the columns.
        columns: Vec<String>,
        /// The cells.
        rows: Vec<Vec<String>>,
    },
    /// A tree.
    Tree(Vec<TreeNode>),
    /// Text to be shown letter by letter, in the language named (`yaml`, `json`, `sh`, or `""`).
    Code {
        /// The language.
        language: &'static str,
        /// The text, without a final line end.
        text: String,
    },
    /// Markdown of our own, such as a rule's documentation.
    Markdown(String),
    /// A unified diff.
    Diff(String),
    /// The answer itself and nothing else, as of `get`: one value that a script reads.
    Raw(String),
}

/// One node of a tree, with what stands below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeNode {
    /// The node's own line.
    pub text: String,
    /// What stands below.
    pub children: Vec<Self>,
}
