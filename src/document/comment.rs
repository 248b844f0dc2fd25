//! Comments by what they are about, so that they can stand in another format.

mod carry;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::fault::bom_length;
use super::{Document, Format, Kind, Value, parse};
use crate::text::{Pointer, Source, Span};

/// The comments of a document, each with what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// The comments in order.
    comments: Vec<Comment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comment {
    /// Where it stands.
    span: Span,
    /// What it says, without its marks; one text a line.
    lines: Vec<String>,
    /// What it is about.
    place: Place,
    /// Whether it stands behind something in its line.
    beside: bool,
    /// Whether a blank line follows.
    apart: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// The whole document: it stands above everything, and a blank line follows.
    Head,
    /// The entry or item that it stands above or beside.
    At(Pointer),
    /// What is at its end.
    Tail,
}

impl Comments {
    /// Reads the comments of a document; `beside` are all documents of its file.
    #[must_use]
    pub fn of(document: &Document, beside: &[Document]) -> Self {
        let text = document.source.text();
        let stretch = stretch(document, beside);
        let mut spans = Vec::new();
        let mut places = Places::default();
        places.walk(&document.root, &mut Pointer::root(), &mut spans);
        spans.sort_unstable();
        places.found.sort_by_key(|(start, _)| *start);
        let mut comments = Vec::new();
        for (at, lines) in found(text, stretch, document.format, &spans) {
            let line = text[..at.start].rfind('\n').map_or(0, |end| end + 1);
            let line = line.max(bom_length(text).min(at.start));
            let beside = !text[line..at.start].trim().is_empty();
            let next = places.found.partition_point(|(start, _)| *start < at.start);
            let index = if beside {
                next.checked_sub(1)
            } else {
                Some(next)
            };
            let place = index.and_then(|index| places.found.get(index));
            let place = place.map_or(Place::Tail, |(_, place)| Place::At(place.clone()));
            let mut behind = text[at.end..].split('\n').skip(1);
            comments.push(Comment {
                span: super::fault::span(at.start, at.end),
                lines,
                beside: beside && place != Place::Tail,
                place,
                apart: behind.next().is_some_and(|line| line.trim().is_empty())
                    && behind.next().is_some(),
            });
        }
        let first = places.found.first().map(|(start, _)| *start);
        let above =
            |comment: &Comment| first.is_some_and(|first| (comment.span.end as usize) < first);
        let heads = comments
            .iter()
            .take_while(|comment| above(comment) && !comment.beside);
        let heads = heads.enumerate().filter(|(_, comment)| comment.apart);
        let heads = heads.last().map_or(0, |(last, _)| last + 1);
        for comment in &mut comments[..heads] {
            comment.place = Place::Head;
        }
        Self { comments }
    }

    /// Counts the comments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.comments.len()
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty()
    }

    /// Gives where the comments stand, with their marks.
    pub fn spans(&self) -> impl Iterator<Item = Span> {
        self.comments.iter().map(|comment| comment.span)
    }

    /// Gives where the first comment stands.
    #[must_use]
    pub fn first(&self) -> Option<Span> {
        self.comments.first().map(|comment| comment.span)
    }

    /// Puts the comments into a text that says the same in YAML or TOML; gives the text, and how
    /// many have found a place.
    #[must_use]
    pub fn put(&self, text: &str, format: Format) -> (String, usize) {
        match format {
            Format::Json => (text.to_owned(), 0),
            Format::Yaml | Format::Toml => self.put_in(text, format),
        }
    }

    /// Puts the comments into a text, of JSON too.
    fn put_in(&self, text: &str, format: Format) -> (String, usize) {
        let none = || (text.to_owned(), 0);
        if self.is_empty() {
            return none();
        }
        let mark = match format {
            Format::Json => "//",
            Format::Yaml | Format::Toml => "#",
        };
        let read = |text: &str| sound(text, format);
        let Some(plain) = read(text) else {
            return none();
        };
        let mut edits = Vec::new();
        let mut taken = HashSet::new();
        let mut tail = String::new();
        let mut carried = 0;
        for comment in &self.comments {
            let place = match &comment.place {
                Place::At(place) => place,
                Place::Head => {
                    edits.push((0, comment.write("", mark)));
                    carried += 1;
                    continue;
                }
                Place::Tail => {
                    // Below the last table, as if it were none of it.
                    if tail.is_empty() && format == Format::Toml && text.contains('\n') {
                        tail.push('\n');
                    }
                    tail.push_str(&comment.write("", mark));
                    carried += 1;
                    continue;
                }
            };
            let Some((start, end)) = extent(text, &plain.root, place, format) else {
                continue;
            };
            carried += 1;
            let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
            let line_end = text[start..]
                .find('\n')
                .map_or(text.len(), |end| start + end);
            let one_line = comment.lines.len() == 1 && end <= line_end;
            if comment.beside && one_line && taken.insert(line) {
                edits.push((line_end, format!(" {mark}{}", comment.lines[0])));
            } else {
                let is_blank = |c: &char| matches!(c, ' ' | '\t');
                let indent: String = text[line..].chars().take_while(is_blank).collect();
                edits.push((line, comment.write(&indent, mark)));
            }
        }
        edits.sort_by_key(|(at, _)| *at);
        let mut out = String::with_capacity(text.len() * 2);
        let mut from = 0;
        for (at, insert) in edits {
            out.push_str(&text[from..at]);
            out.push_str(&insert);
            from = at;
        }
        out.push_str(&text[from..]);
        out.push_str(&tail);
        match read(&out) {
            Some(again) if again.root == plain.root => (out, carried),
            _ => none(),
        }
    }
}

/// Reads the only document of a text in which nothing is wrong.
fn sound(text: &str, format: Format) -> Option<Document> {
    let parsed = parse(&Arc::new(Source::new("", text)), format);
    let sound = parsed.findings.is_empty() && parsed.documents.len() == 1;
    sound.then(|| parsed.documents.into_iter().next()).flatten()
}

impl Comment {
    fn write(&self, indent: &str, mark: &str) -> String {
        let mut out = String::new();
        for line in &self.lines {
            out.push_str(&format!("{indent}{mark}{line}\n"));
        }
        if self.apart && !self.beside {
            out.push('\n');
        }
        out
    }
}

/// Gives where an entry's key or an item starts in a text, and where it ends as far as it must
/// stand in one line to have a comment beside it: lists and maps need not.
fn extent(text: &str, root: &Value, place: &Pointer, format: Format) -> Option<(usize, usize)> {
    let value = root.at(place)?;
    let mut start = root.place(place).start as usize;
    let end = match value.kind {
        Kind::Array(_) | Kind::Object(_) => start,
        _ => value.span.end as usize,
    };
    // The place of a block of text is its first line, below the dash of the item.
    let is_item = root.at(&place.parent()?)?.as_array().is_some();
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    if is_item && format == Format::Yaml && text[line..start].trim().is_empty() {
        start = text[..line].trim_end().len().saturating_sub(1);
    }
    Some((start, end))
}

/// Finds the stretch of a text that a document stands in.
fn stretch(document: &Document, beside: &[Document]) -> Range<usize> {
    let text = document.source.text();
    let own = |document: &Document| document.root.span;
    let index = beside
        .iter()
        .position(|other| other.index == document.index);
    let index = index.unwrap_or_default();
    // Between two documents, the mark divides.
    let divide = |before: &Document, after: &Document| {
        let (from, to) = (own(before).end as usize, own(after).start as usize);
        let gap = text.get(from..to.max(from)).unwrap_or_default();
        from + gap.rfind("\n---").unwrap_or(gap.len())
    };
    let before = index.checked_sub(1).and_then(|index| beside.get(index));
    let start = before.map_or(0, |before| divide(before, document));
    let end = beside
        .get(index + 1)
        .map_or(text.len(), |after| divide(document, after));
    start..end.max(start)
}

#[derive(Default)]
struct Places {
    /// Where each entry and item starts.
    found: Vec<(usize, Pointer)>,
    seen: HashSet<u32>,
}

impl Places {
    /// Collects what entries and items a value has, and where its scalars and keys stand; what
    /// aliases bring in stands elsewhere, and is met once.
    fn walk(&mut self, value: &Value, at: &mut Pointer, spans: &mut Vec<Span>) {
        match &value.kind {
            Kind::Object(map) => {
                for (name, entry) in map.entries() {
                    if !self.seen.insert(entry.key.start) {
                        continue;
                    }
                    spans.push(entry.key);
                    at.push(name.clone());
                    self.found.push((entry.key.start as usize, at.clone()));
                    self.walk(&entry.value, at, spans);
                    at.pop();
                }
            }
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    at.push(index.to_string());
                    self.found.push((item.span.start as usize, at.clone()));
                    self.walk(item, at, spans);
                    at.pop();
                }
            }
            _ => spans.push(value.span),
        }
    }
}

const BOM: &[u8] = "\u{feff}".as_bytes();

/// Finds the comments in a stretch of a text, but for what stands in scalars and keys.
fn found(
    text: &str,
    stretch: Range<usize>,
    format: Format,
    but: &[Span],
) -> Vec<(Range<usize>, Vec<String>)> {
    let bytes = text.as_bytes();
    let mut but = but.iter().peekable();
    let mut found = Vec::new();
    let mut at = stretch.start;
    while at < stretch.end {
        while but.next_if(|span| span.end as usize <= at).is_some() {}
        if let Some(span) = but.peek().filter(|span| span.start as usize <= at) {
            at = span.end as usize;
            continue;
        }
        let line_end = || text[at..].find('\n').map_or(text.len(), |end| at + end);
        let is_start = at == 0 || bytes[at - 1].is_ascii_whitespace() || bytes[..at].ends_with(BOM);
        let (end, lines) = match (format, &bytes[at..]) {
            (Format::Toml, [b'#', ..]) => (line_end(), vec![clean(&text[at + 1..line_end()])]),
            (Format::Yaml, [b'#', ..]) if is_start => {
                (line_end(), vec![clean(&text[at + 1..line_end()])])
            }
            (Format::Json, [b'/', b'/', ..]) => {
                (line_end(), vec![clean(&text[at + 2..line_end()])])
            }
            (Format::Json, [b'/', b'*', ..]) => {
                let end = text[at + 2..]
                    .find("*/")
                    .map_or(text.len(), |end| at + 2 + end);
                let lines = text[at + 2..end].lines().map(|line| {
                    let line = line.trim_end();
                    let rest = line.trim_start().trim_start_matches('*');
                    clean(if rest.len() < line.len() && !rest.is_empty() {
                        rest
                    } else {
                        line
                    })
                });
                let lines: Vec<_> = lines.filter(|line| !line.trim().is_empty()).collect();
                ((end + 2).min(text.len()), lines)
            }
            _ => {
                at += 1;
                continue;
            }
        };
        found.push((at..end, lines));
        at = end;
    }
    found
}

/// Makes the words of a comment fit for any format.
fn clean(text: &str) -> String {
    let is_odd = |c: char| {
        (c.is_control() && c != '\t') || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    let text: String = text
        .trim_end()
        .chars()
        .map(|c| if is_odd(c) { ' ' } else { c })
        .collect();
    match text.starts_with([' ', '#', '!', '\t']) || text.is_empty() {
        true => text,
        false => format!(" {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> (Document, Comments) {
        let parsed = parse(&Arc::new(Source::new("a", text)), format);
        assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
        let comments = Comments::of(&parsed.documents[0], &parsed.documents);
        (parsed.documents.into_iter().next().unwrap(), comments)
    }

    const YAML: &str = "\
# The shop.
#   sells things

# how it listens
server: # a map
  host: 'a # b'   # not c
  # above the port
  port: 8080
  url: http://x/#part
script: | # a script
  # no comment
  echo
list:
  # one
  - a # first
  - b: 1 # second
empty: {} # nothing
# the end
";

    #[test]
    fn comments_go_from_yaml_to_toml_and_back() {
        let (document, comments) = read(YAML, Format::Yaml);
        assert_eq!(comments.len(), 12);
        let toml = super::super::write_toml(&document.root).unwrap();
        let (text, carried) = comments.put(&toml, Format::Toml);
        assert_eq!(carried, 12);
        insta::assert_snapshot!(text, @r#"
        # The shop.
        #   sells things

        # a script
        script = """
        # no comment
        echo
        """
        # one
        # second
        list = ["a", { b = 1 }] # first
        empty = {} # nothing

        # how it listens
        [server] # a map
        host = "a # b" # not c
        # above the port
        port = 8080
        url = "http://x/#part"

        # the end
        "#);
        let (document, comments) = read(&text, Format::Toml);
        let yaml = super::super::write_yaml(&document.root);
        let (text, carried) = comments.put(&yaml, Format::Yaml);
        assert_eq!(carried, 12);
        insta::assert_snapshot!(text, @r#"
        # The shop.
        #   sells things

        # a script
        script: |
          # no comment
          echo
        # one
        # second
        list:
          - a
          - b: 1 # first
        empty: {} # nothing
        # how it listens
        server: # a map
          host: "a # b" # not c
          # above the port
          port: 8080
          url: http://x/#part
        # the end
        "#);
    }

    #[test]
    fn comments_of_json_are_read_too() {
        let text = "// top\n{\n  /* one\n   * two */\n  \"a\": \"//x\", // behind\n  \"b\": [1 /* in */, 2]\n}\n";
        let (document, comments) = read(text, Format::Json);
        let yaml = super::super::write_yaml(&document.root);
        let (text, carried) = comments.put(&yaml, Format::Yaml);
        assert_eq!(carried, comments.len());
        insta::assert_snapshot!(text, @"
        # top
        # one
        # two
        a: //x # behind
        b:
          - 1 # in
          - 2
        ");
        assert_eq!(comments.put("{}", Format::Json), ("{}".to_owned(), 0));
        assert_eq!(comments.put("no: [", Format::Yaml).1, 0);
    }

    #[test]
    fn marks_and_letters_of_many_bytes_are_passed_over() {
        let (_, comments) = read(
            "\u{feff}# é\n\u{1f600}: {\u{e9}: 1} # \u{1f600}\n",
            Format::Yaml,
        );
        assert_eq!(comments.len(), 2);
        let put = comments.put("\"\u{1f600}\" = { \"\u{e9}\" = 1 }\n", Format::Toml);
        assert_eq!(
            put.0,
            "# \u{e9}\n\"\u{1f600}\" = { \"\u{e9}\" = 1 } # \u{1f600}\n"
        );
    }

    #[test]
    fn each_document_has_its_own_comments() {
        let text = "# one\na: 1\n# end of one\n---\n# two\nb: 2 # beside\n";
        let parsed = parse(&Arc::new(Source::new("a", text)), Format::Yaml);
        let of = |index: usize| Comments::of(&parsed.documents[index], &parsed.documents);
        assert_eq!((of(0).len(), of(1).len()), (2, 2));
        assert_eq!(
            of(1).put("b: 2\n", Format::Yaml).0,
            "# two\nb: 2 # beside\n"
        );
    }
}
