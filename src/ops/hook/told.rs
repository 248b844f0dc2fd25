//! What is told of a push.

use serde::Serialize;

use crate::report::{Block, View};

/// The published JSON Schema of the body of `hook run pre-receive` and its likes.
pub const RECEIVE_SCHEMA: &str = include_str!("receive.schema.json");

/// What a push was found to be.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ReceiveBody {
    /// Each reference, in the order that Git gave them in.
    pub refs: Vec<RefJudged>,
    /// How many files were read.
    pub files: usize,
    /// How many targets (a service in an environment) were resolved and validated.
    pub targets: usize,
}

/// A reference that was judged.
#[derive(Clone, Debug, Serialize)]
pub struct RefJudged {
    /// Its full name.
    pub name: String,
    /// What it led to; none where it is new.
    pub old: Option<String>,
    /// What it is to lead to; none where it is to go.
    pub new: Option<String>,
    /// What is to happen to it.
    pub change: Change,
    /// The commit that it was compared with; none where its whole tree was judged, or nothing.
    pub base: Option<String>,
    /// How many findings refuse it.
    pub refusals: usize,
    /// How many findings there are about it.
    pub findings: usize,
}

/// What is to happen to a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It comes to be.
    Created,
    /// It goes on.
    Moved,
    /// It goes elsewhere, and leaves commits behind.
    Rewound,
    /// It goes.
    Deleted,
}

impl Change {
    fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Moved => "moved",
            Self::Rewound => "rewound",
            Self::Deleted => "deleted",
        }
    }
}

impl ReceiveBody {
    /// Says whether a reference is refused, and with it all of them.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refs.iter().any(|it| it.refusals > 0)
    }
}

impl View for ReceiveBody {
    fn view(&self) -> Vec<Block> {
        if !self.is_refused() {
            return Vec::new();
        }
        let rows = self.refs.iter().map(|it| {
            let verdict = match it.refusals {
                0 => "good".to_owned(),
                1 => "refused: 1 finding".to_owned(),
                count => format!("refused: {count} findings"),
            };
            vec![it.name.clone(), it.change.as_str().to_owned(), verdict]
        });
        vec![
            Block::Table {
                columns: ["reference", "change", "verdict"]
                    .map(str::to_owned)
                    .to_vec(),
                rows: rows.collect(),
            },
            Block::Text(match self.refs.len() {
                1 => "the push is refused, and nothing has changed".to_owned(),
                _ => "the push is refused as a whole, and nothing has changed".to_owned(),
            }),
        ]
    }
}
