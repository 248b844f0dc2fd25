use super::body::{Difference, DriftBody};
use crate::ops::diff::short;
use crate::report::{Block, View};

impl View for DriftBody {
    fn view(&self) -> Vec<Block> {
        let names: Vec<_> = self
            .environments
            .iter()
            .map(|side| side.name.as_str())
            .collect();
        if self.differences.is_empty() {
            return vec![Block::Text(format!(
                "no value differs between {}",
                names.join(", ")
            ))];
        }
        let shown: Vec<&Difference> = self
            .differences
            .iter()
            .filter(|row| self.all || !row.rank.is_meant())
            .collect();
        let meant = self.differences.len() - shown.len();
        let hidden = (meant > 0).then(|| {
            Block::Text(format!(
                "{meant} more differences are meant; `--all` shows them"
            ))
        });
        if shown.is_empty() {
            let text = format!(
                "nothing differs between {} that is not meant to",
                names.join(", ")
            );
            return [Block::Text(text)].into_iter().chain(hidden).collect();
        }
        let with_service = shown.iter().any(|row| row.service.is_some());
        let mut columns: Vec<String> = Vec::new();
        if with_service {
            columns.push("service".to_owned());
        }
        columns.push("key".to_owned());
        columns.extend(names.iter().map(|&name| name.to_owned()));
        columns.push("class".to_owned());
        let rows = shown.iter().map(|difference| {
            let mut row = Vec::with_capacity(columns.len());
            if with_service {
                row.push(difference.service.clone().unwrap_or_default());
            }
            row.push(difference.pointer.dotted());
            for name in &names {
                let value = difference.values.get(*name).and_then(Option::as_ref);
                row.push(value.map_or_else(|| "(not set)".to_owned(), short));
            }
            row.push(difference.class.to_owned());
            row
        });
        let rows = rows.collect();
        [Block::Table { columns, rows }]
            .into_iter()
            .chain(hidden)
            .collect()
    }
}
