use std::sync::Arc;

use bstr::{BStr, ByteSlice};

use super::{only_document, put, written};
use crate::config::{Keyring, Locked, OpenSops, ParsedFile, SOPS, context, is_sops, walk_sealed};
use crate::document::{Comments, Document, Kind, Value, parse};
use crate::error::{Error, Result};
use crate::seal::sops::is_sealed_value;
use crate::seal::{Identities, Secret, Token};
use crate::text::{Pointer, Source};

/// What to do with comments that SOPS sealed: our sealed values have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SealedComments {
    /// Leave them out.
    #[default]
    Drop,
    /// Write them in plain; those that do not open are left out.
    Open,
}

/// A SOPS file, its values sealed anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The text of the file.
    pub text: String,
    /// The places of the values that are sealed, in order.
    pub sealed: Vec<Pointer>,
    /// How many comments were sealed.
    pub comments: usize,
    /// Whether some of the text had to be written anew, so that plain comments and style may be
    /// lost.
    pub is_anew: bool,
}

/// Makes of a SOPS file one that says the same, every sealed value sealed by a keyring for its
/// place in the file of this path. What was plain stays so, and comments and order are kept.
///
/// # Errors
///
/// Where the file is no SOPS file, is not sealed for any of the identities, or was changed after
/// it was sealed.
pub fn import(
    file: &ParsedFile,
    path: &BStr,
    identities: &Identities,
    (name, keyring): (&str, &Keyring),
    comments: SealedComments,
) -> Result<Imported> {
    let document = only_document(file)?;
    let own = file.path.to_str_lossy().into_owned();
    if !is_sops(&document.root) {
        return Err(Error::usage(format!("`{own}` is no SOPS file"))
            .with_help("give a file that `sops` wrote: it has a part `sops`, with a `mac`"));
    }
    let locked = |why: Locked| Error::invalid(why.to_string()).with_help(why.help());
    if identities.is_empty() {
        return Err(locked(Locked::NoIdentityForFile(own)));
    }
    let open =
        OpenSops::open(document, identities).map_err(|why| locked(Locked::File(own, why)))?;
    let mut intended = (*document.root).clone();
    if let Kind::Object(map) = &mut intended.kind {
        map.remove(SOPS);
    }
    let mut sealed = Vec::new();
    walk_sealed(&intended, &mut Pointer::root(), &mut |at, value| {
        if let Some(secret) = value.as_str().and_then(|text| open.secret(at, text)) {
            sealed.push((at.clone(), secret));
        }
    });
    let mut places = Vec::new();
    for (at, secret) in sealed {
        let place = context(name, path, &at);
        let token = Token::seal(secret, &place, keyring.generation, &keyring.recipient)?;
        put(&mut intended, &at, token.to_string());
        places.push(at);
    }
    let (text, is_anew) = written(document, &intended)?;
    let (text, comments) = without_sealed_comments(&text, document, &intended, |sealed| {
        (comments == SealedComments::Open).then(|| open.comment(sealed, &document.root))?
    });
    Ok(Imported {
        text,
        sealed: places,
        comments,
        is_anew,
    })
}

/// Leaves out the comments that SOPS sealed, or writes them opened; says how many there are.
fn without_sealed_comments(
    text: &str,
    document: &Document,
    intended: &Value,
    open: impl Fn(&str) -> Option<Secret>,
) -> (String, usize) {
    let read = |text: &str| {
        let source = Source::new(document.source.name(), text);
        parse(&Arc::new(source), document.format).documents
    };
    let before = read(text);
    let Some(first) = before.first() else {
        return (text.to_owned(), 0);
    };
    let mut edits = Vec::new();
    for span in Comments::of(first, &before).spans() {
        let comment = &text[span.range()];
        let said = comment.trim_start_matches(['#', '/', ' ']).trim_end();
        if !is_sealed_value(said) {
            continue;
        }
        let (start, end) = (span.start as usize, span.end as usize);
        let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let indent = &text[line..start];
        let mark = &comment[..comment.len() - comment.trim_start_matches(['#', '/']).len()];
        edits.push(match open(said) {
            Some(opened) => {
                let is_end =
                    |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
                let lines: Vec<&str> = opened.expose().split(is_end).collect();
                let indent = if indent.trim().is_empty() { indent } else { "" };
                let next = format!("\n{indent}{mark}");
                (start..end, format!("{mark}{}", lines.join(&next)))
            }
            None if indent.trim().is_empty() => {
                let end = text[end..].find('\n').map_or(text.len(), |it| end + it + 1);
                (line..end, String::new())
            }
            None => (line + indent.trim_end().len()..end, String::new()),
        });
    }
    let count = edits.len();
    let mut out = text.to_owned();
    for (range, with) in edits.into_iter().rev() {
        out.replace_range(range, &with);
    }
    let says = read(&out).first().is_some_and(|it| *it.root == *intended);
    match says {
        true => (out, count),
        false => (text.to_owned(), count),
    }
}
