use super::super::visible;

/// A source line as it is drawn, cut around the stretch that is marked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// What is drawn.
    pub(super) text: String,
    /// The columns before the mark.
    pub(super) before: usize,
    /// The columns of the mark.
    pub(super) marked: usize,
}

const CUT: char = '…';

/// Draws one line within about `room` columns; `from` and `to` are the bytes marked.
///
/// Only the characters near the mark are looked at, so that a long line costs no more than a
/// short one.
pub(super) fn cut(line: &str, from: usize, to: usize, room: usize) -> Cut {
    let (head, rest) = line.split_at(from);
    let (mark, tail) = rest.split_at(to - from);
    let mark = take_front(mark, (room / 4 * 3).max(1));
    let around = room.saturating_sub(mark.width);
    let tail_width = take_front(tail, around / 2).width;
    let head = take_back(head, around - tail_width.min(around));
    if mark.cut {
        return Cut {
            text: format!("{}{}", head.text, mark.text),
            before: head.width,
            marked: mark.width,
        };
    }
    let tail = take_front(tail, around.saturating_sub(head.width));
    Cut {
        text: format!("{}{}{}", head.text, mark.text, tail.text),
        before: head.width,
        marked: mark.width,
    }
}

struct Taken {
    text: String,
    width: usize,
    cut: bool,
}

fn take_front(text: &str, room: usize) -> Taken {
    let mut taken = Taken {
        text: String::new(),
        width: 0,
        cut: false,
    };
    for c in text.chars() {
        let kept = taken.text.len();
        let width = visible::push_cell(&mut taken.text, c);
        if taken.width + width > room {
            taken.text.truncate(kept);
            taken.text.push(CUT);
            taken.width += 1;
            taken.cut = true;
            break;
        }
        taken.width += width;
    }
    taken
}

fn take_back(text: &str, room: usize) -> Taken {
    let mut width = 0;
    let mut cell = String::new();
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        cell.clear();
        let columns = visible::push_cell(&mut cell, c);
        if width + columns > room {
            break;
        }
        width += columns;
        start = at;
    }
    let cut = start > 0;
    let mut out = String::new();
    if cut {
        out.push(CUT);
    }
    for c in text[start..].chars() {
        visible::push_cell(&mut out, c);
    }
    Taken {
        text: out,
        width: width + usize::from(cut),
        cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_line_stays_whole() {
        let line = cut("a: [x]", 3, 6, 40);
        assert_eq!(
            (line.text.as_str(), line.before, line.marked),
            ("a: [x]", 3, 3)
        );
    }

    #[test]
    fn long_line_is_cut_on_both_sides() {
        let text = format!("{}MARK{}", "a".repeat(90), "b".repeat(90));
        let line = cut(&text, 90, 94, 20);
        assert_eq!(line.text, "…aaaaaaaMARKbbbbbbbb…");
        assert_eq!((line.before, line.marked), (8, 4));
    }

    #[test]
    fn room_not_needed_behind_is_used_before() {
        let text = format!("{}MARK", "a".repeat(90));
        let line = cut(&text, 90, 94, 20);
        assert_eq!(line.text, "…aaaaaaaaaaaaaaaaMARK");
    }

    #[test]
    fn long_mark_is_cut_itself() {
        let line = cut(&format!("ab{}", "x".repeat(90)), 2, 92, 20);
        assert_eq!(line.text, "abxxxxxxxxxxxxxxx…");
        assert_eq!((line.before, line.marked), (2, 16));
    }
}
