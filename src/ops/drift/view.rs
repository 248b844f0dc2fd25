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
        let meant = self.differences.len() - shown.len() + self.hidden;
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
        let table = match shown.iter().any(|row| row.usual.is_some()) {
            true => peers(&names, shown),
            false => neighbours(&names, &shown),
        };
        let more = (self.more > 0).then(|| Block::Text(more(self.more)));
        [table].into_iter().chain(more).chain(hidden).collect()
    }
}

/// Says how many there are beside those that are shown, and what shows them.
fn more(count: usize) -> String {
    let are = match count {
        1 => "1 more difference is".to_owned(),
        count => format!("{count} more differences are"),
    };
    format!(
        "{are} not shown; `-v` shows all, `--format json` has all, `--service` and `--path` ask for \
         a part"
    )
}

/// Shows what each environment holds.
fn neighbours(names: &[&str], shown: &[&Difference]) -> Block {
    let with_reason = shown.iter().any(|row| row.reason.is_some());
    let mut columns = head(shown);
    columns.extend(names.iter().map(|&name| name.to_owned()));
    columns.push("class".to_owned());
    if with_reason {
        columns.push("reason".to_owned());
    }
    let rows = shown.iter().map(|difference| {
        let mut row = start(shown, difference);
        row.extend(names.iter().map(|name| value(difference, name)));
        row.push(difference.class.to_owned());
        if with_reason {
            row.push(difference.reason.clone().unwrap_or_default());
        }
        row
    });
    Block::Table {
        rows: rows.collect(),
        columns,
    }
}

/// Shows what is usual, and beside it only what is not; the oddest first.
fn peers(names: &[&str], mut shown: Vec<&Difference>) -> Block {
    shown.sort_by(|a, b| b.oddness().total_cmp(&a.oddness()));
    let mut columns = head(&shown);
    columns.push("usual".to_owned());
    columns.extend(names.iter().map(|&name| name.to_owned()));
    columns.push("class".to_owned());
    let rows = shown.iter().map(|difference| {
        let mut row = start(&shown, difference);
        let (usual, odd) = match &difference.usual {
            Some(it) if it.share > 0.0 => (
                it.value.as_ref().map_or_else(|| NOT_SET.to_owned(), short),
                it.odd.as_slice(),
            ),
            _ => ("(none)".to_owned(), difference.differs_in.as_slice()),
        };
        row.push(usual);
        row.extend(names.iter().map(|name| {
            let is_odd = odd.iter().any(|odd| odd == name);
            if is_odd {
                value(difference, name)
            } else {
                "·".to_owned()
            }
        }));
        row.push(difference.class.to_owned());
        row
    });
    Block::Table {
        rows: rows.collect(),
        columns,
    }
}

const NOT_SET: &str = "(not set)";

fn head(shown: &[&Difference]) -> Vec<String> {
    let mut columns = Vec::new();
    if has_services(shown) {
        columns.push("service".to_owned());
    }
    columns.push("key".to_owned());
    columns
}

fn start(shown: &[&Difference], row: &Difference) -> Vec<String> {
    let mut cells = Vec::new();
    if has_services(shown) {
        cells.push(row.service.clone().unwrap_or_default());
    }
    cells.push(row.pointer.dotted());
    cells
}

fn has_services(shown: &[&Difference]) -> bool {
    shown.iter().any(|row| row.service.is_some())
}

fn value(row: &Difference, environment: &str) -> String {
    let value = row.values.get(environment).and_then(Option::as_ref);
    value.map_or_else(|| NOT_SET.to_owned(), short)
}
