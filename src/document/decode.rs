use std::sync::Arc;

use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Source, Span};

/// Bytes that are no text.
pub static NOT_UTF8: Rule = Rule {
    id: "not-utf8",
    severity: Severity::Error,
    summary: "the file is not encoded as UTF-8",
    docs: "Configuration is read as UTF-8, or as UTF-16 with a byte-order mark. Other bytes are \
        another encoding (often Latin-1 or Windows-1252), or no text at all.\n\
        \n\
        Save the file as UTF-8 in the editor, or convert it:\n\
        \n\
        ```sh\n\
        iconv -f WINDOWS-1252 -t UTF-8 app.yaml > app.utf8.yaml\n\
        ```",
};

/// Decodes the bytes of a file: UTF-8, or UTF-16 of either byte order with its mark.
///
/// A byte-order mark stays in the text, so that offsets are those of a UTF-8 file.
///
/// # Errors
///
/// The offset of the first byte that is no text.
pub fn decode(bytes: &[u8]) -> Result<String, usize> {
    match bytes {
        [0xff, 0xfe, ..] => decode_utf16(bytes, u16::from_le_bytes),
        [0xfe, 0xff, ..] => decode_utf16(bytes, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|error| error.valid_up_to()),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let (units, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for decoded in char::decode_utf16(units.iter().map(|&pair| unit(pair))) {
        let c = decoded.map_err(|_| at)?;
        at += 2 * c.len_utf16();
        text.push(c);
    }
    if rest.is_empty() { Ok(text) } else { Err(at) }
}

/// Makes a source of a file's bytes, read at a revision (`None` for the work tree).
///
/// # Errors
///
/// A finding of the rule [`NOT_UTF8`] that points at the first byte that is no text.
pub fn read(name: &str, revision: Option<&str>, bytes: &[u8]) -> Result<Arc<Source>, Box<Finding>> {
    let source = |text: String| {
        let source = Source::new(name, text);
        Arc::new(match revision {
            Some(revision) => source.at_revision(revision),
            None => source,
        })
    };
    decode(bytes).map(source).map_err(|bad| {
        // The text up to the fault is kept, so that the finding has a line to show.
        let before = String::from_utf8_lossy(&bytes[..bad]).into_owned();
        let end = u32::try_from(before.len()).unwrap_or(u32::MAX);
        let byte = bytes.get(bad).copied().unwrap_or_default();
        let message = format!("the byte 0x{byte:02x} at offset {bad} is no UTF-8");
        let location = Location::new(&source(before), Span::at(end));
        Box::new(
            Finding::new(&NOT_UTF8, message, location)
                .with_help("save the file as UTF-8; if it holds no text, leave it out"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_utf8_and_utf16() {
        assert_eq!(decode("\u{feff}ä".as_bytes()).unwrap(), "\u{feff}ä");
        let text = "\u{feff}a: ä𝄞\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&le).unwrap(), text);
        assert_eq!(decode(&be).unwrap(), text);
        assert_eq!(decode(&le[..le.len() - 1]), Err(le.len() - 2));
        assert_eq!(decode(&[0xff, 0xfe, 0x00, 0xd8, b'a', 0]), Err(2));
    }

    #[test]
    fn names_the_first_bad_byte_and_its_line() {
        assert_eq!(decode(b"a\xffb"), Err(1));
        let finding = read("a.yaml", Some("v1"), b"a: 1\nb: \xe4\n").unwrap_err();
        assert_eq!(finding.rule.id, "not-utf8");
        assert_eq!(finding.location.start().line, 2);
        assert_eq!(finding.location.start().column, 4);
        assert!(finding.message.contains("0xe4"));
        let source = read("a.yaml", Some("v1"), b"a: 1").unwrap();
        assert_eq!(source.revision(), Some("v1"));
        assert_eq!(read("a.yaml", None, b"").unwrap().revision(), None);
    }
}
