use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Span;

/// Holds one file's text at one revision, with an index of its lines.
///
/// The name is what a person calls the file: its path in the repository, or the path given on
/// the command line. Two sources are the same file only if name and revision agree.
pub struct Source {
    name: String,
    revision: Option<String>,
    text: Arc<str>,
    lines: OnceLock<Vec<u32>>,
}

/// Says where a byte stands: line and column, both from 1, columns in Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, counted in characters; a byte-order mark counts for nothing.
    pub column: u32,
}

const BOM: char = '\u{feff}';

impl Source {
    /// Makes a source of the work tree, the index's aside, or of a file on disk.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            revision: None,
            text: text.into(),
            lines: OnceLock::new(),
        }
    }

    /// Names the revision that the text was read at.
    #[must_use]
    pub fn at_revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Gives the same text as a file of another name, or at another revision.
    #[must_use]
    pub(crate) fn beside(&self, name: impl Into<String>, revision: Option<&str>) -> Self {
        Self {
            name: name.into(),
            revision: revision.map(str::to_owned),
            text: Arc::clone(&self.text),
            lines: OnceLock::new(),
        }
    }

    /// Gives the name: a path with `/` between its parts.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives the revision, where the text was not read from the work tree or the disk.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// Gives the whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Gives the text of a span; a span outside the text, or across a character, gives `""`.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Finds line and column of a byte offset; an offset past the end is taken as the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let lines = self.line_starts();
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = lines.partition_point(|&start| start as usize <= offset) - 1;
        let before = &self.text[lines[line] as usize..offset];
        let column = before.trim_start_matches(BOM).chars().count() + 1;
        Position {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// Counts the lines; an empty text has one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.line_starts().len()).unwrap_or(u32::MAX)
    }

    /// Gives one line, from 1, without its end; a line that is not there is empty.
    #[must_use]
    pub fn line(&self, line: u32) -> &str {
        let span = self.line_span(line);
        self.slice(span).trim_start_matches(BOM)
    }

    /// Gives the span of one line, from 1, without its end.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Span {
        let lines = self.line_starts();
        let index = (line as usize).wrapping_sub(1);
        let Some(&start) = lines.get(index) else {
            return Span::at(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        };
        let end = lines
            .get(index + 1)
            .map_or(self.text.len(), |&next| next as usize);
        let line = &self.text[start as usize..end];
        let kept = line.trim_end_matches(['\n', '\r']).len();
        Span::new(start, start + u32::try_from(kept).unwrap_or(u32::MAX))
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for (at, byte) in bytes.iter().enumerate() {
                let lone_cr = *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
                if *byte == b'\n' || lone_cr {
                    starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .field("revision", &self.revision)
            .field("bytes", &self.text.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn counts_characters_and_every_kind_of_line_end() {
        let source = Source::new("a", "ä: 1\r\nb: 2\rc: 3\n");
        assert_eq!(source.position(0), at(1, 1));
        assert_eq!(source.position(2), at(1, 2));
        assert_eq!(source.position(7), at(2, 1));
        assert_eq!(source.position(12), at(3, 1));
        assert_eq!(source.position(999), at(4, 1));
        assert_eq!(source.line(1), "ä: 1");
        assert_eq!(source.line(2), "b: 2");
        assert_eq!(source.line(9), "");
        assert_eq!(source.line_count(), 4);
    }

    #[test]
    fn byte_order_mark_takes_no_column() {
        let source = Source::new("a", "\u{feff}a: 1");
        assert_eq!(source.position(3), at(1, 1));
        assert_eq!(source.line(1), "a: 1");
        assert_eq!(source.slice(Span::new(3, 4)), "a");
    }

    #[test]
    fn odd_offsets_do_not_panic() {
        let source = Source::new("a", "ä").at_revision("v1");
        assert_eq!(source.position(1), at(1, 1));
        assert_eq!(source.slice(Span::new(0, 1)), "");
        assert_eq!(source.revision(), Some("v1"));
        assert!(format!("{source:?}").contains("bytes: 2"));
    }
}
