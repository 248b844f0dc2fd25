use std::hash::Hash;
use std::ops::Range;

use super::unified::{Hunk, hunks};

/// A stretch of what two sides made of a common base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Neither side changed it: a stretch of the base.
    Kept(Range<usize>),
    /// Only our side changed it: a stretch of ours.
    Ours(Range<usize>),
    /// Only their side changed it: a stretch of theirs.
    Theirs(Range<usize>),
    /// Both sides made the same of it: a stretch of ours.
    Both(Range<usize>),
    /// Each side made something else of it.
    Conflict {
        base: Range<usize>,
        ours: Range<usize>,
        theirs: Range<usize>,
    },
}

/// Which side is taken where the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Favour {
    /// What both come from.
    Base,
    /// The side that is merged into.
    Ours,
    /// The side that is merged.
    Theirs,
}

/// How places that both sides changed are marked, as Git does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markers {
    /// How many signs a mark has.
    pub size: usize,
    /// The name of our side.
    pub ours: String,
    /// The name of their side.
    pub theirs: String,
    /// The name of the base, where that is to be shown too.
    pub base: Option<String>,
}

impl Default for Markers {
    fn default() -> Self {
        Self {
            size: 7,
            ours: "ours".to_owned(),
            theirs: "theirs".to_owned(),
            base: None,
        }
    }
}

impl Markers {
    /// Writes a place that both sides changed; each part ends its last line.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        ours: &[&[u8]],
        base: &[&[u8]],
        theirs: &[&[u8]],
    ) {
        let ends = [ours, theirs].concat();
        let crlf = !ends.is_empty() && ends.iter().all(|line| line.ends_with(b"\r\n"));
        let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
        let mark = |out: &mut Vec<u8>, sign: u8, label: &str| {
            out.extend(std::iter::repeat_n(sign, self.size));
            if !label.is_empty() {
                out.push(b' ');
                out.extend(label.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')));
            }
            out.extend(end);
        };
        let body = |out: &mut Vec<u8>, lines: &[&[u8]]| {
            for line in lines {
                out.extend(*line);
            }
            if lines.last().is_some_and(|line| !line.ends_with(b"\n")) {
                out.extend(end);
            }
        };
        mark(out, b'<', &self.ours);
        body(out, ours);
        if let Some(label) = &self.base {
            mark(out, b'|', label);
            body(out, base);
        }
        mark(out, b'=', "");
        body(out, theirs);
        mark(out, b'>', &self.theirs);
    }
}

/// Merges two texts line by line where they do not parse as anything better, in the way of
/// `git merge-file`; gives the text, and how many places are left marked in it.
///
/// ```
/// use strata::text::{Markers, merge_lines};
///
/// let (text, conflicts) = merge_lines(b"a\nb\nc\n", b"A\nb\nc\n", b"a\nb\nC\n", &Markers::default());
/// assert_eq!((text.as_slice(), conflicts), (b"A\nb\nC\n".as_slice(), 0));
/// ```
#[must_use]
pub fn merge_lines(base: &[u8], ours: &[u8], theirs: &[u8], markers: &Markers) -> (Vec<u8>, usize) {
    let sides = Lines::of(base, ours, theirs);
    let mut conflicts = 0;
    let text = sides.join(|out, b, o, t| {
        conflicts += 1;
        // With the base beside them, both sides are shown whole.
        let (head, tail) = match markers.base {
            None => common(o, t),
            Some(_) => (0, 0),
        };
        o[..head].iter().for_each(|line| out.extend(*line));
        markers.write(out, &o[head..o.len() - tail], b, &t[head..t.len() - tail]);
        o[o.len() - tail..]
            .iter()
            .for_each(|line| out.extend(*line));
    });
    (text, conflicts)
}

/// Merges two texts line by line, and takes one side where both changed the same place. With
/// `together`, where both only added lines, those of both are taken.
#[must_use]
pub fn resolve_lines(
    base: &str,
    ours: &str,
    theirs: &str,
    favour: Favour,
    together: bool,
) -> String {
    let sides = Lines::of(base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let text = sides.join(|out, b, o, t| {
        let (head, tail) = common(o, t);
        let rest = &t[head..t.len() - tail];
        let taken = match favour {
            _ if together && b.is_empty() => {
                [&o[..o.len() - tail], rest, &o[o.len() - tail..]].concat()
            }
            Favour::Base => b.to_vec(),
            Favour::Ours => o.to_vec(),
            Favour::Theirs => t.to_vec(),
        };
        for line in taken {
            if out.last().is_some_and(|byte| *byte != b'\n') {
                out.push(b'\n');
            }
            out.extend(line);
        }
    });
    String::from_utf8(text).unwrap_or_else(|_| ours.to_owned())
}

/// Counts the lines that two texts begin and end with alike.
fn common(ours: &[&[u8]], theirs: &[&[u8]]) -> (usize, usize) {
    let head = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let rest = ours[head..].iter().rev().zip(theirs[head..].iter().rev());
    (head, rest.take_while(|(a, b)| a == b).count())
}

/// Three texts, in lines with their ends.
struct Lines<'t> {
    base: Vec<&'t [u8]>,
    ours: Vec<&'t [u8]>,
    theirs: Vec<&'t [u8]>,
}

impl<'t> Lines<'t> {
    fn of(base: &'t [u8], ours: &'t [u8], theirs: &'t [u8]) -> Self {
        let lines = |text: &'t [u8]| text.split_inclusive(|byte| *byte == b'\n').collect();
        Self {
            base: lines(base),
            ours: lines(ours),
            theirs: lines(theirs),
        }
    }

    fn join(
        &self,
        mut conflict: impl FnMut(&mut Vec<u8>, &[&[u8]], &[&[u8]], &[&[u8]]),
    ) -> Vec<u8> {
        let mut out = Vec::new();
        for part in parts(&self.base, &self.ours, &self.theirs, false) {
            let lines = match part {
                Part::Kept(at) => &self.base[at],
                Part::Ours(at) | Part::Both(at) => &self.ours[at],
                Part::Theirs(at) => &self.theirs[at],
                Part::Conflict { base, ours, theirs } => {
                    conflict(
                        &mut out,
                        &self.base[base],
                        &self.ours[ours],
                        &self.theirs[theirs],
                    );
                    continue;
                }
            };
            lines.iter().for_each(|line| out.extend(*line));
        }
        out
    }
}

/// Divides what two sides made of a base. Changes of both sides that touch are one place, or with
/// `apart` only those that overlap, or add at the same place.
pub(crate) fn parts<T: Ord + Hash>(base: &[T], ours: &[T], theirs: &[T], apart: bool) -> Vec<Part> {
    let (by_us, by_them) = (hunks(base, ours), hunks(base, theirs));
    let mut out = Vec::new();
    // Where we stand in all three, and how many changes of each side are behind us.
    let (mut at, mut o, mut t) = (0, 0, 0);
    let (mut i, mut j) = (0, 0);
    while i < by_us.len() || j < by_them.len() {
        let (first_i, first_j) = (i, j);
        let ours_first = match (by_us.get(i), by_them.get(j)) {
            (Some(a), Some(b)) => a.old <= b.old,
            (a, _) => a.is_some(),
        };
        let mut reach = if ours_first { &by_us[i] } else { &by_them[j] }.old;
        if ours_first {
            i += 1
        } else {
            j += 1
        }
        loop {
            if let Some(next) = by_us.get(i).filter(|next| meets(reach, next.old, apart)) {
                reach.1 = reach.1.max(next.old.1);
                i += 1;
            } else if let Some(next) = by_them.get(j).filter(|next| meets(reach, next.old, apart)) {
                reach.1 = reach.1.max(next.old.1);
                j += 1;
            } else {
                break;
            }
        }
        let kept = reach.0 - at;
        if kept > 0 {
            out.push(Part::Kept(at..reach.0));
        }
        let ours_at = stretch(&by_us[first_i..i], reach, o + kept);
        let theirs_at = stretch(&by_them[first_j..j], reach, t + kept);
        (at, o, t) = (reach.1, ours_at.end, theirs_at.end);
        out.push(if j == first_j {
            Part::Ours(ours_at)
        } else if i == first_i {
            Part::Theirs(theirs_at)
        } else if ours[ours_at.clone()] == theirs[theirs_at.clone()] {
            Part::Both(ours_at)
        } else {
            Part::Conflict {
                base: reach.0..reach.1,
                ours: ours_at,
                theirs: theirs_at,
            }
        });
    }
    if at < base.len() {
        out.push(Part::Kept(at..base.len()));
    }
    out
}

/// Says whether a change, which comes no earlier, is at the same place as others.
fn meets(reach: (usize, usize), next: (usize, usize), apart: bool) -> bool {
    match apart {
        false => next.0 <= reach.1,
        true => next.0 < reach.1 || next == reach,
    }
}

/// Gives what a side has where the base has a stretch that its changes lie in.
fn stretch(changes: &[Hunk], reach: (usize, usize), start: usize) -> Range<usize> {
    let old: usize = changes.iter().map(|hunk| hunk.old.1 - hunk.old.0).sum();
    let new: usize = changes.iter().map(|hunk| hunk.new.1 - hunk.new.0).sum();
    start..start + (reach.1 - reach.0) - old + new
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(base: &str, ours: &str, theirs: &str) -> String {
        let (text, _) = merge_lines(
            base.as_bytes(),
            ours.as_bytes(),
            theirs.as_bytes(),
            &Markers::default(),
        );
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn places_that_both_changed_are_marked_as_git_does() {
        let base = "a\nb\nc\nd\ne\n";
        assert_eq!(
            merged(base, "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE"),
            "A\nb\nc\nd\nE"
        );
        assert_eq!(
            merged(base, "a\nX\nc\nd\ne\n", "a\nX\nc\nd\ne\n"),
            "a\nX\nc\nd\ne\n"
        );
        insta::assert_snapshot!(merged(base, "a\nsame\nX\nc\nd\ne\n", "a\nsame\nY\nc\nd"), @"
        a
        same
        <<<<<<< ours
        X
        =======
        Y
        >>>>>>> theirs
        c
        d
        ");
        let all = Markers {
            size: 9,
            base: Some("v1".to_owned()),
            ..Markers::default()
        };
        let (text, count) = merge_lines(b"b\r\n", b"X\r\n", b"Y", &all);
        assert_eq!(count, 1);
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @"
        <<<<<<<<< ours
        X
        ||||||||| v1
        b
        =========
        Y
        >>>>>>>>> theirs
        ");
    }

    #[test]
    fn one_side_is_taken_where_asked_and_both_where_they_only_add() {
        let resolve = |favour, together| {
            resolve_lines("a\nz\n", "a\nk\nx\nz\n", "a\nk\ny\nz\n", favour, together)
        };
        assert_eq!(resolve(Favour::Ours, false), "a\nk\nx\nz\n");
        assert_eq!(resolve(Favour::Theirs, false), "a\nk\ny\nz\n");
        assert_eq!(resolve(Favour::Base, false), "a\nz\n");
        assert_eq!(resolve(Favour::Ours, true), "a\nk\nx\ny\nz\n");
        assert_eq!(resolve_lines("", "x", "y", Favour::Ours, true), "x\ny");
    }

    #[test]
    fn changes_side_by_side_are_two_places_where_that_is_asked() {
        let conflicts = |base: &str, ours: &str, theirs: &str, apart| {
            let words = |text: &str| text.chars().collect::<Vec<_>>();
            let parts = parts(&words(base), &words(ours), &words(theirs), apart);
            let is_conflict = |part: &&Part| matches!(part, Part::Conflict { .. });
            parts.iter().filter(is_conflict).count()
        };
        assert_eq!(conflicts("abc", "xbc", "ayc", false), 1);
        assert_eq!(conflicts("abc", "xbc", "ayc", true), 0);
        assert_eq!(conflicts("abc", "abcx", "abcy", true), 1);
        assert_eq!(conflicts("abc", "axbc", "ac", true), 0);
    }

    fn text() -> impl Strategy<Value = String> {
        prop::collection::vec("[ab\\r]{0,2}\n", 0..12).prop_map(|lines| lines.concat())
    }

    proptest! {
        #[test]
        fn a_side_that_changed_nothing_takes_all_of_the_other(base in text(), new in text()) {
            prop_assert_eq!(&merged(&base, &base, &new), &new);
            prop_assert_eq!(&merged(&base, &new, &base), &new);
            prop_assert_eq!(&merged(&base, &new, &new), &new);
        }

        #[test]
        fn sides_may_be_swapped(base in text(), ours in text(), theirs in text()) {
            let sides = [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()];
            let one = merge_lines(sides[0], sides[1], sides[2], &Markers::default());
            let other = merge_lines(sides[0], sides[2], sides[1], &Markers::default());
            prop_assert_eq!(one.1, other.1);
            prop_assert!(one.1 > 0 || one.0 == other.0);
            let favoured = resolve_lines(&base, &ours, &theirs, Favour::Ours, false);
            prop_assert_eq!(favoured, resolve_lines(&base, &theirs, &ours, Favour::Theirs, false));
        }
    }
}
