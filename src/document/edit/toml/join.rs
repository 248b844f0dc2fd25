//! The blocks of a text, one behind the other.

use super::emit::{Emitter, Header};

impl Emitter<'_> {
    /// Puts the blocks together.
    pub(super) fn join(self) -> String {
        let (text, eol) = (self.lines.scan.text, self.lines.eol);
        let mut out = Joined {
            out: String::new(),
            blank: String::new(),
            eol,
        };
        if text.starts_with('\u{feff}') {
            out.out.push('\u{feff}');
        }
        for block in self.blocks.into_values() {
            match block.header {
                Header::None => {}
                Header::Kept(text) => out.push(&text),
                Header::New(text) => {
                    out.blank.clear();
                    if !out.is_blank() {
                        out.push(eol);
                    }
                    out.push(&text);
                }
                Header::Left(text) => out.leave(&text),
            }
            for pair in block.pairs.into_values() {
                match pair.trim().is_empty() {
                    true => out.leave(&pair),
                    false => out.push(&pair),
                }
            }
        }
        out.blank.clear();
        let rest = &text[self.lines.scan.rest..];
        if !rest.is_empty() {
            out.push(rest);
        }
        let mut out = out.out;
        let ends_line = text.ends_with('\n') || text.trim_start_matches('\u{feff}').is_empty();
        if !ends_line && rest.is_empty() && out.ends_with(eol) {
            out.truncate(out.len() - eol.len());
        }
        out
    }
}

struct Joined {
    out: String,
    /// Blank lines that lost their statement, written only where they still divide something.
    blank: String,
    eol: &'static str,
}

impl Joined {
    fn is_blank(&self) -> bool {
        let mut lines = self.out.trim_start_matches('\u{feff}').rsplit('\n');
        lines.next().is_none_or(|last| last.trim().is_empty())
            && lines.next().is_none_or(|last| last.trim().is_empty())
    }

    fn push(&mut self, text: &str) {
        let blank = std::mem::take(&mut self.blank);
        if !blank.is_empty() && !self.is_blank() && !text.starts_with(['\n', '\r']) {
            self.out.push_str(&blank);
        }
        if !self.out.is_empty() && !self.out.ends_with(['\n', '\u{feff}']) {
            self.out.push_str(self.eol);
        }
        self.out.push_str(text);
    }

    fn leave(&mut self, text: &str) {
        match text.trim().is_empty() {
            true if self.blank.is_empty() => text.clone_into(&mut self.blank),
            true => {}
            false => self.push(text),
        }
    }
}
