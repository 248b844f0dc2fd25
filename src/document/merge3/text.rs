//! Three texts made one.

use std::sync::Arc;

use super::super::{
    Comments, Document, Format, Identity, Kind, RewriteOptions, Value, diff, parse, rewrite,
};
use super::stamp::stamp;
use super::{Conflict, MergedValue, Three, merge};
use crate::text::{Favour, Markers, Pointer, Source, hunks, merge_lines, resolve_lines};

/// What two texts give together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergedText {
    /// The text; places that both sides changed are marked in it.
    pub text: String,
    /// What both changed, each in its own way, by document.
    pub conflicts: Vec<(usize, Conflict)>,
    /// How many places are marked.
    pub marked: usize,
    /// Whether the texts could only be merged line by line.
    pub by_line: bool,
}

/// Merges two texts that come from a common one, by value; what is empty holds nothing.
///
/// Comments, order and style are those of our side, with what their side changed in lines that
/// ours did not. Where both changed a value, the lines that say it are marked, and taking either
/// side of the marks gives a text that can be read. Line ends and a byte-order mark are not
/// compared: where one side changed them, all of the result has its own.
///
/// A side that cannot be read, other numbers of documents, and a change in what aliases repeat
/// are merged line by line.
#[must_use]
pub fn merge_texts(
    sides: Three<&str>,
    format: Format,
    identity: &Identity<'_>,
    markers: &Markers,
) -> MergedText {
    let plain = sides.map(|text| Plain::of(text));
    let outer = plain.map(|text| (text.mark, text.crlf));
    let outer = match outer.ours == outer.base {
        _ if sides.base.is_empty() => outer.ours,
        true => outer.theirs,
        false => outer.ours,
    };
    let texts = plain.map(|it| it.text.as_str());
    let found = Texts::read(texts, format, identity).and_then(|texts| texts.merge(markers));
    let mut merged = found.unwrap_or_else(|| {
        let [base, ours, theirs] = [texts.base, texts.ours, texts.theirs].map(str::as_bytes);
        let (text, marked) = merge_lines(base, ours, theirs, markers);
        MergedText {
            text: String::from_utf8(text).unwrap_or_default(),
            marked,
            by_line: true,
            ..MergedText::default()
        }
    });
    if outer.1 == Some(true) {
        merged.text = merged.text.replace('\n', "\r\n");
    }
    if outer.0 && !merged.text.is_empty() {
        merged.text.insert(0, BOM);
    }
    merged
}

const BOM: char = '\u{feff}';

/// A text without what is not compared.
struct Plain {
    text: String,
    /// Whether it began with a byte-order mark.
    mark: bool,
    /// Whether its line ends are those of Windows; none where it has both.
    crlf: Option<bool>,
}

impl Plain {
    fn of(text: &str) -> Self {
        let rest = text.strip_prefix(BOM).unwrap_or(text);
        let ends = rest.matches('\n').count();
        let crlf = match rest.matches("\r\n").count() {
            0 => Some(false),
            both if both == ends => Some(true),
            _ => None,
        };
        Self {
            text: match crlf {
                Some(true) => rest.replace("\r\n", "\n"),
                _ => rest.to_owned(),
            },
            mark: rest.len() < text.len(),
            crlf,
        }
    }
}

/// Three texts that can be read, with as many documents each.
struct Texts<'a> {
    texts: Three<&'a str>,
    documents: Three<Vec<Document>>,
    format: Format,
    identity: &'a Identity<'a>,
}

/// What all documents of a text are to say.
struct Intended {
    values: Vec<Value>,
    merged: Vec<MergedValue>,
}

impl<'a> Texts<'a> {
    fn read(texts: Three<&'a str>, format: Format, identity: &'a Identity<'a>) -> Option<Self> {
        let documents = Three {
            base: match texts.base.trim().is_empty() {
                true => Vec::new(),
                false => read(texts.base, format)?,
            },
            ours: read(texts.ours, format)?,
            theirs: read(texts.theirs, format)?,
        };
        let count = documents.ours.len();
        let fits = documents.theirs.len() == count
            && (documents.base.is_empty() || documents.base.len() == count);
        fits.then_some(Self {
            texts,
            documents,
            format,
            identity,
        })
    }

    fn intended(&self, favour: Favour) -> Intended {
        let documents = &self.documents;
        let merged: Vec<MergedValue> = (0..documents.ours.len())
            .map(|at| {
                let root = |list: &'_ Vec<Document>| list.get(at).map(|it| Arc::clone(&it.root));
                let roots = documents.map(root);
                merge(roots.map(|root| root.as_deref()), self.identity, favour)
            })
            .collect();
        let none = || Value::detached(Kind::Null);
        let values = merged.iter();
        Intended {
            values: values
                .map(|it| it.value.clone().unwrap_or_else(none))
                .collect(),
            merged,
        }
    }

    fn merge(&self, markers: &Markers) -> Option<MergedText> {
        let intended = self.intended(Favour::Ours);
        let ours = self.written(&intended, Favour::Ours)?;
        let conflicts: Vec<(usize, Conflict)> = (intended.merged.into_iter().enumerate())
            .flat_map(|(at, merged)| merged.conflicts.into_iter().map(move |it| (at, it)))
            .collect();
        if conflicts.is_empty() {
            return Some(MergedText {
                text: ours,
                ..MergedText::default()
            });
        }
        let theirs = self.other(&ours, Favour::Theirs)?;
        let base = match &markers.base {
            Some(_) => self.other(&ours, Favour::Base)?,
            None => String::new(),
        };
        let (text, marked) = marked(&ours, &theirs, &base, markers);
        Some(MergedText {
            text,
            conflicts,
            marked,
            by_line: false,
        })
    }

    /// Writes what another side has in place of the conflicts: with its own comments, where no
    /// other line comes to differ by that.
    fn other(&self, ours: &str, side: Favour) -> Option<String> {
        let intended = self.intended(side);
        let plain = self.changed(ours, &intended.values)?.0;
        let places = |other: &str| -> Vec<(usize, usize)> {
            let (ours, other) = (lines(ours), lines(other));
            hunks(&ours, &other).iter().map(|hunk| hunk.old).collect()
        };
        let own = self.written(&intended, side);
        let own = own.filter(|own| places(own) == places(&plain));
        Some(own.unwrap_or(plain))
    }

    /// Writes a text that says what is intended, of the lines of both sides as far as it can be.
    fn written(&self, intended: &Intended, favour: Favour) -> Option<String> {
        let Three { base, ours, theirs } = self.texts;
        let both = |together| resolve_lines(base, ours, theirs, favour, together);
        let own = self.texts.of(favour);
        let mut texts = vec![both(true), both(false), (*own).to_owned()];
        texts.dedup();
        let mut candidates: Vec<(usize, String)> = texts
            .into_iter()
            .filter_map(|text| {
                let documents = self.readable(&text)?;
                let pairs = documents.iter().zip(&intended.values);
                let far = pairs.map(|(it, value)| diff(&it.root, value, self.identity).len());
                Some((far.sum(), text))
            })
            .collect();
        candidates.sort_by_key(|(far, _)| *far);
        let mut second = None;
        for (_, text) in candidates {
            let Some((changed, anew)) = self.changed(&text, &intended.values) else {
                continue;
            };
            if !anew {
                return Some(self.with_comments(changed, intended));
            }
            second = second.or(Some(changed));
        }
        second
    }

    fn readable(&self, text: &str) -> Option<Vec<Document>> {
        read(text, self.format).filter(|it| it.len() == self.documents.ours.len())
    }

    /// Changes a text so that it says what is intended; and says whether a part had to be written
    /// anew.
    fn changed(&self, text: &str, intended: &[Value]) -> Option<(String, bool)> {
        let documents = self.readable(text)?;
        let pairs = intended.iter().zip(&documents);
        let stamped: Vec<Value> = pairs
            .map(|(value, document)| stamp(value, &document.root, self.identity))
            .collect();
        let options = RewriteOptions {
            refuse_shared: true,
            ..RewriteOptions::default()
        };
        let done = rewrite(&documents, &stamped, &options).ok()?;
        // What is written says what is intended, or it is not used.
        let again = self.readable(&done.text)?;
        let says = again
            .iter()
            .zip(intended)
            .all(|(it, value)| *it.root == *value);
        says.then_some((done.text, !done.anew.is_empty()))
    }

    /// Puts in the comments of what came from their side, as far as they are not there.
    fn with_comments(&self, text: String, intended: &Intended) -> String {
        let ([document], [merged]) = (&self.documents.theirs[..], &intended.merged[..]) else {
            return text;
        };
        if merged.came.is_empty() || text == self.texts.theirs {
            return text;
        }
        let place = |at: &Pointer| -> Option<Pointer> {
            let (from, to) = merged.came.iter().find(|(from, _)| from.contains(at))?;
            let mut place = to.clone();
            at.tokens()[from.tokens().len()..]
                .iter()
                .for_each(|token| place.push(token.clone()));
            Some(place)
        };
        let comments = Comments::of(document, &self.documents.theirs);
        match self.readable(&text).as_deref() {
            Some([there]) => comments.carry(place, there, self.documents.base.first()),
            _ => text,
        }
    }
}

/// Reads the documents of a text in which nothing is wrong.
fn read(text: &str, format: Format) -> Option<Vec<Document>> {
    let parsed = parse(&Arc::new(Source::new("", text)), format);
    (!parsed.is_broken() && !parsed.documents.is_empty()).then_some(parsed.documents)
}

fn lines(text: &str) -> Vec<&[u8]> {
    text.as_bytes()
        .split_inclusive(|byte| *byte == b'\n')
        .collect()
}

/// Puts marks around the lines in which two texts differ, with those of a third one.
fn marked(ours: &str, theirs: &str, base: &str, markers: &Markers) -> (String, usize) {
    let (ours, theirs, base) = (lines(ours), lines(theirs), lines(base));
    let found = hunks(&ours, &theirs);
    let before = hunks(&ours, &base);
    // Where a line of ours would stand in the base; in what differs, where that begins or ends.
    let place = |at: usize, end: bool| -> usize {
        let mut place = at;
        for hunk in &before {
            let (from, to) = hunk.old;
            let inside = from < at && at < to;
            let behind = if end {
                to <= at
            } else {
                to <= at && (from, to) != (at, at)
            };
            if inside {
                return if end { hunk.new.1 } else { hunk.new.0 };
            }
            if behind {
                place = at - to + hunk.new.1;
            }
        }
        place
    };
    let mut out = Vec::new();
    let mut at = 0;
    for hunk in &found {
        let (from, to) = hunk.old;
        ours[at..from].iter().for_each(|line| out.extend(*line));
        let was = match markers.base {
            Some(_) => {
                let (from, to) = (place(from, false), place(to, true));
                base.get(from..to).unwrap_or_default()
            }
            None => &[],
        };
        if out.last().is_some_and(|byte| *byte != b'\n') {
            out.push(b'\n');
        }
        markers.write(
            &mut out,
            &ours[from..to],
            was,
            &theirs[hunk.new.0..hunk.new.1],
        );
        at = to;
    }
    ours[at..].iter().for_each(|line| out.extend(*line));
    (String::from_utf8(out).unwrap_or_default(), found.len())
}
