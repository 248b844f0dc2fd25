//! Two versions of a file made one, as Git asks a merge driver to.

mod broken;
#[cfg(test)]
mod tests;

pub use broken::broken;

use std::sync::Arc;

use crate::document::{Conflict, Format, Identity, Three, decode, merge_texts, parse};
use crate::text::{Markers, Source, merge_lines};

/// A file that two sides changed, made one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What to write.
    pub bytes: Vec<u8>,
    /// Whether a person has to look at it.
    pub conflicts: bool,
    /// What there is to say about it, a phrase each.
    pub told: Vec<String>,
}

/// Merges three versions of a file: by value where they are YAML, JSON or TOML, else line by line.
/// Bytes that are no text are left as they are on our side.
#[must_use]
pub fn merge(sides: Three<&[u8]>, path: &str, markers: &Markers) -> Merged {
    let plain = |bytes: &[u8]| match bytes {
        // What is written back is UTF-8.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => None,
        bytes if bytes.contains(&0) => None,
        bytes => decode(bytes).ok(),
    };
    let texts = sides.map(|bytes| plain(bytes));
    let (
        Three {
            base: Some(base),
            ours: Some(ours),
            theirs: Some(theirs),
        },
        Some(format),
    ) = (&texts, Format::of_path(path))
    else {
        return by_line(sides, path, markers);
    };
    let merged = merge_texts(
        Three { base, ours, theirs },
        format,
        &Identity::default(),
        markers,
    );
    let several = merged.conflicts.iter().any(|(at, _)| *at > 0);
    let mut told: Vec<String> = (merged.conflicts.iter())
        .map(|(at, conflict)| clash(conflict, several.then_some(*at)))
        .collect();
    let readable = |text: &str| !parse(&Arc::new(Source::new(path, text)), format).is_broken();
    let mut conflicts = merged.marked > 0 || !merged.conflicts.is_empty();
    if merged.by_line {
        let why = match (readable(ours), readable(theirs)) {
            (false, _) => format!("our side is no {format} that can be read"),
            (_, false) => format!("their side is no {format} that can be read"),
            _ => "its documents or its aliases do not go together by value".to_owned(),
        };
        if conflicts {
            told.push(format!("both sides changed the same lines, and {why}"));
        } else if readable(ours) && readable(theirs) && !readable(&merged.text) {
            conflicts = true;
            told.push(format!(
                "what both sides give together is no {format} that can be read"
            ));
        }
    }
    Merged {
        bytes: merged.text.into_bytes(),
        conflicts,
        told,
    }
}

fn by_line(sides: Three<&[u8]>, path: &str, markers: &Markers) -> Merged {
    let is_text = |bytes: &[u8]| !bytes.contains(&0);
    if ![sides.base, sides.ours, sides.theirs]
        .into_iter()
        .all(is_text)
    {
        return Merged {
            bytes: sides.ours.to_vec(),
            conflicts: true,
            told: vec![format!(
                "`{path}` is no text, and is left as it is on our side"
            )],
        };
    }
    let (bytes, marked) = merge_lines(sides.base, sides.ours, sides.theirs, markers);
    Merged {
        bytes,
        conflicts: marked > 0,
        told: match marked {
            0 => Vec::new(),
            _ => vec!["both sides changed the same lines".to_owned()],
        },
    }
}

/// Says what both sides did; no value is shown, since it may be a secret.
fn clash(conflict: &Conflict, document: Option<usize>) -> String {
    let place = match conflict.pointer.dotted() {
        key if key.is_empty() => "the whole document".to_owned(),
        key => format!("`{key}`"),
    };
    let place = match document {
        Some(at) => format!("{place} of document {}", at + 1),
        None => place,
    };
    let sides = &conflict.sides;
    match (&sides.base, &sides.ours, &sides.theirs) {
        (None, ..) => format!("{place} was added on both sides, with other values"),
        (_, None, _) => format!("{place} was removed on our side and changed on theirs"),
        (_, _, None) => format!("{place} was changed on our side and removed on theirs"),
        _ => format!("{place} was changed on both sides"),
    }
}
