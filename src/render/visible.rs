//! Characters that would act on the reader's screen, made visible instead.
//!
//! A configuration file is not trusted: an escape sequence in a value must not colour, move or
//! clear, and a bidirectional control must not reorder what is read ("Trojan Source",
//! CVE-2021-42574).

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// Gives the text with every control character in a visible form, line ends and tabs too.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    replaced(text, |_, _| false)
}

/// Gives the text with every control character in a visible form, but for line ends and tabs.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, |c, rest| {
        matches!(c, '\n' | '\t') || (c == '\r' && rest.starts_with("\r\n"))
    })
}

/// Counts the columns that a text takes on a terminal; a control character takes none.
pub(super) fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Adds one character of a source line as it is drawn, tabs as four spaces, and says how many
/// columns it takes.
pub(super) fn push_cell(out: &mut String, c: char) -> usize {
    match c {
        ' '..='~' => {
            out.push(c);
            return 1;
        }
        '\t' => {
            out.push_str("    ");
            return 4;
        }
        _ => {}
    }
    match stand_in(c) {
        Some(text) => {
            out.push_str(&text);
            width(&text)
        }
        None => {
            out.push(c);
            c.width().unwrap_or(0)
        }
    }
}

/// Says whether a text is nothing but letters, signs and blanks of ASCII, as most are.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn replaced(text: &str, keep: impl Fn(char, &str) -> bool) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut copied = 0;
    for (at, c) in text.char_indices() {
        let Some(shown) = stand_in(c) else { continue };
        if keep(c, &text[at..]) {
            continue;
        }
        out.push_str(&text[copied..at]);
        out.push_str(&shown);
        copied = at + c.len_utf8();
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Gives what is drawn instead of a character; none for one that draws itself.
fn stand_in(c: char) -> Option<Cow<'static, str>> {
    let code = u32::from(c);
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + code).map(|picture| picture.to_string().into()),
        '\u{7f}' => Some("\u{2421}".into()),
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(format!("<U+{code:04X}>").into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(line("plain ä 漢"), "plain ä 漢");
        assert_eq!(line("a\u{1b}[31mb\u{7f}\n\t"), "a␛[31mb␡␊␉");
        assert_eq!(line("\u{202e}x\u{9b}\u{feff}"), "<U+202E>x<U+009B><U+FEFF>");
        assert_eq!(lines("a\r\nb\rc\td\0"), "a\r\nb␍c\td␀");
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        assert_eq!(width("ab"), 2);
        assert_eq!(width("漢字"), 4);
        assert_eq!(width("e\u{301}"), 1);
        let mut out = String::new();
        assert_eq!(push_cell(&mut out, '\t'), 4);
        assert_eq!(push_cell(&mut out, '\u{1b}'), 1);
        assert_eq!(push_cell(&mut out, '\u{202e}'), 8);
        assert_eq!(push_cell(&mut out, '漢'), 2);
        assert_eq!(out, "    ␛<U+202E>漢");
    }
}
