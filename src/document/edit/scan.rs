//! Positions in a text: blanks, comments and lines.

/// How comments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comments {
    /// `# …`, as in YAML.
    Hash,
    /// `// …` and `/* … */`, as in JSON with comments.
    Slash,
}

/// A text, and how comments are written in it.
#[derive(Clone, Copy)]
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
    pub(super) comments: Comments,
}

impl<'t> Scan<'t> {
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Passes over blanks, line ends and comments.
    pub(super) fn skip(&self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
                _ => match self.comment(at) {
                    Some(end) => at = end,
                    None => return at,
                },
            }
        }
    }

    /// Passes over blanks that stand in one line.
    pub(super) fn blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    }

    /// Gives the end of the comment that starts at a place, if one does: a line comment ends
    /// before the line does.
    pub(super) fn comment(&self, at: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[at.min(self.text.len())..];
        let is_line = match self.comments {
            Comments::Hash => rest.starts_with(b"#"),
            Comments::Slash => rest.starts_with(b"//"),
        };
        if is_line {
            return Some(self.line_end(at));
        }
        if self.comments == Comments::Slash && rest.starts_with(b"/*") {
            let end = self.text[at + 2..].find("*/");
            return Some(end.map_or(self.text.len(), |end| at + 2 + end + 2));
        }
        None
    }

    /// Gives the place before the line end that follows, or the end of the text.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let end = memchr(self.text.as_bytes(), at).unwrap_or(self.text.len());
        if end > at && self.byte(end - 1) == Some(b'\r') && end < self.text.len() {
            return end - 1;
        }
        end
    }

    /// Gives the place behind the line end that follows, or the end of the text.
    pub(super) fn next_line(&self, at: usize) -> usize {
        memchr(self.text.as_bytes(), at.min(self.text.len())).map_or(self.text.len(), |end| end + 1)
    }

    /// Gives the start of the line that a place is in.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let before = &self.text.as_bytes()[..at];
        let start = before.iter().rposition(|byte| *byte == b'\n');
        start.map_or_else(|| self.mark(), |at| at + 1)
    }

    /// Counts the bytes of the byte-order mark.
    pub(super) fn mark(&self) -> usize {
        if self.text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        }
    }

    /// Gives how far a place is from the start of its line.
    pub(super) fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// Says whether nothing but blanks stands before a place in its line.
    pub(super) fn is_first(&self, at: usize) -> bool {
        let line = &self.text.as_bytes()[self.line_start(at)..at];
        line.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// Says of the line that starts at a place how far a comment that is alone in it is indented.
    pub(super) fn comment_line(&self, start: usize) -> Option<usize> {
        let at = self.blanks(start);
        self.comment(at).map(|_| at - start)
    }

    /// Gives the line in which the comments begin that stand right above what starts at a place,
    /// in its column and not above a floor; `None` where it is not the first of its line, or
    /// where they begin the text: such comments are about all of it.
    pub(super) fn comments_above(&self, at: usize, floor: usize) -> Option<usize> {
        if !self.is_first(at) {
            return None;
        }
        let own = self.line_start(at);
        let column = at - own;
        let mut start = own;
        while start > self.mark() {
            let above = self.line_start(start - 1);
            if above <= floor && floor > self.mark() || self.comment_line(above) != Some(column) {
                return Some(start);
            }
            start = above;
        }
        Some(own)
    }

    /// Says whether the line that starts at a place is empty but for blanks.
    pub(super) fn is_blank(&self, start: usize) -> bool {
        let at = self.blanks(start);
        matches!(self.byte(at), None | Some(b'\n' | b'\r'))
    }

    /// Gives the comments in a stretch, but for those in some parts of it, which are in order.
    pub(super) fn comments_in(
        &self,
        from: usize,
        to: usize,
        but: &[(usize, usize)],
    ) -> Vec<&'t str> {
        let mut found = Vec::new();
        let (mut at, mut but) = (from, but.iter().peekable());
        while at < to {
            while but.next_if(|part| part.1 <= at).is_some() {}
            if let Some((_, end)) = but.peek().filter(|part| part.0 <= at) {
                at = *end;
                continue;
            }
            match self.comment(at) {
                Some(end) => {
                    found.push(self.text[at..end.min(to)].trim_end());
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }
}

fn memchr(bytes: &[u8], from: usize) -> Option<usize> {
    bytes[from..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map(|at| from + at)
}
