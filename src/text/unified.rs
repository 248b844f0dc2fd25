use std::hash::Hash;

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// How far apart two texts may run before the rest of them is taken as replaced.
const REACH: usize = 2_000;

/// How many pairs of lines are compared to make a change as short as can be.
const SMALL: usize = 4_000_000;

/// How many equal lines show that two texts are together again.
const TOGETHER: usize = 2;

/// Compares two texts line by line, in the form of `diff -u`; empty where they are the same.
///
/// The work is in proportion to the length of the texts and to how far they run apart, not to
/// the product of both; so a change may be shown longer than it need be.
///
/// ```
/// use strata::text::unified;
///
/// let diff = unified("a.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3\n");
/// assert_eq!(diff, "--- a.yaml\n+++ a.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n");
/// ```
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    // A person is shown no carriage returns.
    compared(name, old, new).replace("\r\n", "\n")
}

/// Compares two texts like [`unified`], to the byte, as a patch needs it.
pub(crate) fn compared(name: &str, old: &str, new: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) = (lines(old), lines(new));
    let hunks = hunks(&before, &after);
    if hunks.is_empty() {
        return String::new();
    }
    let mut out = format!("--- {name}\n+++ {name}\n");
    let mut rest = &hunks[..];
    while let Some(first) = rest.first() {
        // Changes whose surroundings touch are shown together.
        let near = |pair: &[Hunk]| pair[1].old.0 - pair[0].old.1 <= 2 * CONTEXT;
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let (group, after_group) = rest.split_at(count);
        rest = after_group;
        let last = group.last().unwrap_or(first);
        let lead = first.old.0.min(CONTEXT);
        let tail = (before.len() - last.old.1).min(CONTEXT);
        let old = (first.old.0 - lead, last.old.1 + tail);
        let new = (first.new.0 - lead, last.new.1 + tail);
        out.push_str(&format!("@@ -{} +{} @@\n", range(old), range(new)));
        let mut at = old.0;
        for hunk in group {
            push(&mut out, ' ', &before[at..hunk.old.0]);
            push(&mut out, '-', &before[hunk.old.0..hunk.old.1]);
            push(&mut out, '+', &after[hunk.new.0..hunk.new.1]);
            at = hunk.old.1;
        }
        push(&mut out, ' ', &before[at..old.1]);
    }
    out
}

/// Lines of the old text that stand where other lines of the new one do.
pub(crate) struct Hunk {
    pub(crate) old: (usize, usize),
    pub(crate) new: (usize, usize),
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn range((from, to): (usize, usize)) -> String {
    let length = to - from;
    let first = if length == 0 { from } else { from + 1 };
    match length {
        1 => first.to_string(),
        _ => format!("{first},{length}"),
    }
}

fn push(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        match line.strip_suffix('\n') {
            Some(line) => {
                out.push_str(line);
                out.push('\n');
            }
            None => {
                out.push_str(line);
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
}

/// Finds where two sequences differ; between these places they are the same, in the same order.
pub(crate) fn hunks<T: Ord + Hash>(old: &[T], new: &[T]) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let (a, b) = together(&old[i..], &new[j..]);
        refine(&old[i..i + a], &new[j..j + b], (i, j), &mut hunks);
        (i, j) = (i + a, j + b);
    }
    hunks
}

/// Divides a change into smaller ones around the lines that both sides keep.
fn refine<T: Ord + Hash>(old: &[T], new: &[T], (i, j): (usize, usize), hunks: &mut Vec<Hunk>) {
    let mut push = |old: std::ops::Range<usize>, new: std::ops::Range<usize>| {
        hunks.push(Hunk {
            old: (i + old.start, i + old.end),
            new: (j + new.start, j + new.end),
        });
    };
    if old.len().saturating_mul(new.len()) > SMALL {
        return push(0..old.len(), 0..new.len());
    }
    let parts = capture_diff_slices(Algorithm::Myers, old, new);
    let kept = parts.iter().filter(|part| part.tag() == DiffTag::Equal);
    let kept = kept.map(|part| (part.old_range(), part.new_range()));
    let end = (old.len()..old.len(), new.len()..new.len());
    let (mut a, mut b) = (0, 0);
    for (old, new) in kept.chain([end]) {
        if a < old.start || b < new.start {
            push(a..old.start, b..new.start);
        }
        (a, b) = (old.end, new.end);
    }
}

/// Finds how many lines of each come before both go on alike.
fn together<T: Eq>(old: &[T], new: &[T]) -> (usize, usize) {
    let alike = |a: usize, b: usize| {
        (0..TOGETHER).all(|next| match (old.get(a + next), new.get(b + next)) {
            (Some(old), Some(new)) => old == new,
            (None, None) => true,
            _ => false,
        })
    };
    for distance in 1..=REACH.min(old.len() + new.len()) {
        for a in (0..=distance).rev() {
            let b = distance - a;
            if a <= old.len() && b <= new.len() && alike(a, b) {
                return (a, b);
            }
        }
    }
    // The end is often the same still.
    let same = old.iter().rev().zip(new.iter().rev());
    let same = same.take_while(|(old, new)| old == new).count();
    (old.len() - same, new.len() - same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shows_changes_with_their_surroundings() {
        let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("2\n3\n", "2\nx\n3\n").replace("20\n", "20");
        let shown = unified("a", &old, &new);
        insta::assert_snapshot!(shown, @r"
        --- a
        +++ a
        @@ -1,5 +1,6 @@
         1
         2
        +x
         3
         4
         5
        @@ -17,4 +18,4 @@
         17
         18
         19
        -20
        +20
        \ No newline at end of file
        ");
        assert_eq!(unified("a", "x\r\n", "x\r\n"), "");
        insta::assert_snapshot!(unified("a", "", "x\n"), @"
        --- a
        +++ a
        @@ -0,0 +1 @@
        +x
        ");
    }

    /// Applies a diff, to see that it says what it should.
    fn patched(old: &str, diff: &str) -> String {
        let before = lines(old);
        let mut out = String::new();
        let mut at = 0;
        for line in diff.lines().skip(2) {
            if let Some(head) = line.strip_prefix("@@ -") {
                let (start, length) = head
                    .split_once(' ')
                    .unwrap()
                    .0
                    .split_once(',')
                    .unwrap_or((head.split(' ').next().unwrap(), "1"));
                let start: usize = start.parse().unwrap();
                let from = if length == "0" { start } else { start - 1 };
                before[at..from].iter().for_each(|line| out.push_str(line));
                at = from;
                continue;
            }
            match line.split_at(1) {
                (" ", rest) => {
                    assert_eq!(before[at].trim_end(), rest);
                    out.push_str(before[at]);
                    at += 1;
                }
                ("-", _) => at += 1,
                ("+", rest) => out.push_str(&format!("{rest}\n")),
                _ => {}
            }
        }
        before[at..].iter().for_each(|line| out.push_str(line));
        out
    }

    proptest! {
        #[test]
        fn a_diff_leads_from_one_to_the_other(old in prop::collection::vec("[abc]", 0..30), new in prop::collection::vec("[abc]", 0..30)) {
            let text = |lines: Vec<String>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
            let (old, new) = (text(old), text(new));
            let diff = unified("a", &old, &new);
            prop_assert_eq!(diff.is_empty(), old == new);
            prop_assert_eq!(patched(&old, &diff), new);
        }
    }
}
