//! What statements leave behind that are gone or have moved.

use std::collections::BTreeMap;

use super::emit::{AT, Block, Emitter, Header};
use super::scan::{Statement, What};

impl Emitter<'_> {
    /// Leaves the comments of statements that are gone, and those above statements that moved.
    pub(super) fn leave_comments(&mut self) {
        let mut noted = Vec::new();
        for (index, statement) in self.lines.scan.statements.iter().enumerate() {
            if self.kept[index] {
                continue;
            }
            let mut left = self.lines.scan.text[statement.start..statement.own].to_owned();
            if !self.used[index] {
                let before = noted.len();
                let note = self.note(index, statement, &mut noted);
                // What follows a note already written stands right below it.
                if !note.is_empty() && noted.len() == before && left.trim().is_empty() {
                    left.clear();
                }
                left.push_str(&note);
            }
            if left.is_empty() {
                continue;
            }
            let order = (index + 1, AT, 0);
            let section = self.lines.outline.section[index];
            let place = self.plan.place_of.get(&section);
            let block = place.and_then(|place| self.block_of.get(place));
            let is_pair = matches!(statement.what, What::Pair(_));
            match block
                .and_then(|block| self.blocks.get_mut(block))
                .filter(|_| is_pair)
            {
                Some(block) => {
                    block.pairs.insert(order, left);
                }
                None => {
                    let header = Header::Left(left);
                    self.blocks.insert(
                        order,
                        Block {
                            header,
                            pairs: BTreeMap::new(),
                        },
                    );
                }
            }
        }
    }

    /// Writes the comments of a removed statement with the note that is known of it, once.
    fn note(&self, index: usize, statement: &Statement, noted: &mut Vec<usize>) -> String {
        let outline = self.lines.outline;
        if statement.comments.is_empty() {
            return String::new();
        }
        let mut at = Some(outline.made[index]);
        let mut found = None;
        while let Some(thing) = at {
            let known = &outline.things[thing];
            let gone = !self.plan.place_of.contains_key(&thing);
            let note = known.key.and_then(|key| self.removed.get(&key));
            if let Some(note) = note.filter(|_| gone) {
                found = Some((thing, note));
            }
            at = known.parent;
        }
        let Some((thing, note)) = found else {
            return String::new();
        };
        let text = self.lines.scan.text;
        let above = &text[statement.start..statement.body.start];
        let indent = above.rsplit(['\n', '\u{feff}']).next().unwrap_or_default();
        let mut out = String::new();
        if !noted.contains(&thing) {
            noted.push(thing);
            for line in note.lines() {
                out.push_str(&format!("{indent}# {line}{}", self.lines.eol));
            }
        }
        for comment in &statement.comments {
            out.push_str(&format!(
                "{indent}{}{}",
                &text[comment.clone()],
                self.lines.eol
            ));
        }
        out
    }
}
