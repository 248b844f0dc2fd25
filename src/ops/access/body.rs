use serde::Serialize;

use super::{Entry, Event};
use crate::report::{Block, View};

/// The published JSON Schema of the body of `audit log`.
pub const SCHEMA: &str = include_str!("access.schema.json");

/// The access log of a clone.
#[derive(Debug, Serialize)]
pub struct AccessBody {
    /// The file.
    pub file: String,
    /// Its entries, the oldest first.
    pub entries: Vec<Entry>,
    /// The SHA-256 of the last line, in hexadecimal digits; none where there is no entry.
    pub last: Option<String>,
    /// Whether people are only shown how many there are.
    #[serde(skip)]
    pub is_short: bool,
}

impl Event {
    fn said(&self) -> [String; 2] {
        match self {
            Self::Revealed {
                secrets,
                environment,
                service,
                revision,
            } => {
                let of = [environment, service, revision];
                let of: Vec<&str> = of.into_iter().flatten().map(String::as_str).collect();
                let of = match of.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", of.join(", ")),
                };
                ["showed".to_owned(), format!("{}{of}", secrets.join(", "))]
            }
            Self::Decided {
                reference,
                base,
                tip,
                allowed,
                rules,
            } => {
                let word = if *allowed { "allowed" } else { "refused" };
                let short = |id: &Option<String>| {
                    let id = id.as_deref().unwrap_or("nothing");
                    id.chars().take(10).collect::<String>()
                };
                let name = reference.as_deref().unwrap_or("no branch");
                let why = match rules.is_empty() {
                    true => String::new(),
                    false => format!(" ({})", rules.join(", ")),
                };
                [
                    word.to_owned(),
                    format!("{name} {}..{}{why}", short(base), short(tip)),
                ]
            }
        }
    }
}

impl View for AccessBody {
    fn view(&self) -> Vec<Block> {
        if self.entries.is_empty() {
            return vec![Block::Text("nothing is in the access log".to_owned())];
        }
        let last = self.last.as_deref().unwrap_or_default();
        let note = format!("the hash of the last entry: {last}");
        if self.is_short {
            let count = self.entries.len();
            let noun = if count == 1 { "entry" } else { "entries" };
            return vec![Block::Text(format!("{count} {noun}\n{note}"))];
        }
        let row = |it: &Entry| {
            let [what, of] = it.event.said();
            let who = it.doing.who.clone().or_else(|| it.doing.user.clone());
            vec![
                it.doing.time.clone(),
                who.unwrap_or_else(|| "nobody known".to_owned()),
                it.doing.command.clone(),
                what,
                of,
            ]
        };
        let columns = ["when", "who", "by", "", "what"];
        let table = Block::Table {
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.entries.iter().map(row).collect(),
        };
        vec![table, Block::Text(note)]
    }
}
