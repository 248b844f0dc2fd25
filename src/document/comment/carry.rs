//! Comments of one text that go along with what it gives to another.

use super::super::{Document, Format, Value};
use super::{Comment, Comments, Place};
use crate::text::{Pointer, Span};

impl Comments {
    /// Puts those about entries and items that stand somewhere in another text, of which `there`
    /// is read and `before` an older version, into that text, where they say something new. What
    /// stands beside an entry gives way to what comes, if it is as it was before.
    pub(in crate::document) fn carry(
        self,
        place: impl Fn(&Pointer) -> Option<Pointer>,
        there: &Document,
        before: Option<&Document>,
    ) -> String {
        let text = there.source.text();
        let known = Self::of(there, std::slice::from_ref(there));
        let older = before.map(|it| Self::of(it, std::slice::from_ref(it)));
        let older = older.unwrap_or_default();
        let mut replaced: Vec<(Span, String)> = Vec::new();
        let mut comments = Vec::new();
        for comment in self.comments {
            let Place::At(at) = &comment.place else {
                continue;
            };
            let Some(at) = place(at) else { continue };
            let new = Comment {
                place: Place::At(at),
                ..comment
            };
            // What was there before, and went on our side, does not come back.
            if known.has(&new) || older.has(&new) {
                continue;
            }
            match known.beside(&new) {
                None => comments.push(new),
                Some(mine) if older.has(mine) => {
                    let mark = match there.format {
                        Format::Json => "//",
                        Format::Yaml | Format::Toml => "#",
                    };
                    replaced.push((mine.span, format!("{mark}{}", new.lines[0])));
                }
                Some(_) => {}
            }
        }
        let mut out = text.to_owned();
        for (span, comment) in replaced.iter().rev() {
            if out.get(span.range()).is_some() {
                out.replace_range(span.range(), comment);
            }
        }
        if !says(&out, there.format, &there.root) {
            out = text.to_owned();
        }
        Self { comments }.put_in(&out, there.format).0
    }

    fn has(&self, comment: &Comment) -> bool {
        let same = |it: &Comment| it.place == comment.place && it.lines == comment.lines;
        self.comments.iter().any(same)
    }

    /// Gives the comment that stands where another is to stand, in the same line.
    fn beside(&self, comment: &Comment) -> Option<&Comment> {
        let one_line = |it: &Comment| it.beside && it.lines.len() == 1;
        let same = |it: &&Comment| one_line(it) && it.place == comment.place;
        self.comments
            .iter()
            .find(same)
            .filter(|_| one_line(comment))
    }
}

fn says(text: &str, format: Format, root: &Value) -> bool {
    super::sound(text, format).is_some_and(|it| *it.root == *root)
}
