//! URI references as [RFC 3986] resolves them, and the URIs that stand for files of a snapshot.
//!
//! [RFC 3986]: https://www.rfc-editor.org/rfc/rfc3986#section-5

/// What the URI of a file of the snapshot begins with; it is never shown.
const FILES: &str = "strata:///";

/// The parts of a URI reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

/// Cuts a reference into what stands before `#` and what behind.
pub(super) fn split_fragment(reference: &str) -> (&str, Option<&str>) {
    match reference.split_once('#') {
        Some((uri, fragment)) => (uri, Some(fragment)),
        None => (reference, None),
    }
}

fn parts(uri: &str) -> Parts<'_> {
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    };
    let (scheme, rest) = match uri.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, uri),
    };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    Parts {
        scheme,
        authority,
        path,
        query,
    }
}

/// Resolves a reference without fragment against a base.
pub(super) fn resolve(base: &str, reference: &str) -> String {
    let (base, _) = split_fragment(base);
    if reference.is_empty() {
        return base.to_owned();
    }
    let wanted = parts(reference);
    if wanted.scheme.is_some() {
        return reference.to_owned();
    }
    let from = parts(base);
    let (authority, path) = match wanted.authority {
        Some(authority) => (Some(authority), wanted.path.to_owned()),
        None => (from.authority, merge(from, wanted.path)),
    };
    let mut out = String::new();
    if let Some(scheme) = from.scheme {
        out.push_str(scheme);
        out.push(':');
    }
    if let Some(authority) = authority {
        out.push_str("//");
        out.push_str(authority);
    }
    out.push_str(&path);
    if let Some(query) = wanted.query {
        out.push('?');
        out.push_str(query);
    }
    out
}

fn merge(from: Parts<'_>, path: &str) -> String {
    if path.is_empty() {
        return from.path.to_owned();
    }
    if path.starts_with('/') {
        return without_dots(path);
    }
    let directory = from.path.rfind('/').map_or("", |at| &from.path[..=at]);
    let slash = if from.authority.is_some() && directory.is_empty() {
        "/"
    } else {
        ""
    };
    without_dots(&format!("{slash}{directory}{path}"))
}

/// Takes `.` and `..` out of a path; a `..` that leads out of the root stays, so that it can be
/// noticed.
fn without_dots(path: &str) -> String {
    let (root, path) = match path.strip_prefix('/') {
        Some(rest) => ("/", rest),
        None => ("", path),
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." if last => kept.push(""),
            "." => {}
            ".." => {
                match kept.last() {
                    None | Some(&"..") => kept.push(".."),
                    Some(_) => {
                        kept.pop();
                    }
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    format!("{root}{}", kept.join("/"))
}

/// Gives the URI of a file of the snapshot.
pub(super) fn of_file(path: &str) -> String {
    format!("{FILES}{}", encode(path))
}

/// Escapes what cannot stand in a path or a fragment.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Gives the path of the file that a URI stands for, if it is of the snapshot.
pub(super) fn to_file(uri: &str) -> Option<String> {
    decode(uri.strip_prefix(FILES)?)
}

/// Says whether the URI can only be had from elsewhere.
pub(super) fn is_remote(uri: &str) -> bool {
    matches!(parts(uri).scheme, Some("http" | "https"))
}

/// Gives the path from one URI's directory to another URI, if both have the same root.
pub(super) fn relative(from: &str, to: &str) -> Option<String> {
    let (from, to) = (parts(from), parts(to));
    if (from.scheme, from.authority) != (to.scheme, to.authority) || to.query.is_some() {
        return None;
    }
    let mut from: Vec<&str> = from.path.split('/').collect();
    from.pop();
    let to: Vec<&str> = to.path.split('/').collect();
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let ups = std::iter::repeat_n("..", from.len() - same);
    decode(
        &ups.chain(to[same.min(to.len())..].iter().copied())
            .collect::<Vec<_>>()
            .join("/"),
    )
}

/// Joins a relative path to the directory of a file; `None` if that leads out of the root.
pub(super) fn beside(file: &str, path: &str) -> Option<String> {
    let directory = file.rfind('/').map_or("", |at| &file[..=at]);
    inside(&without_dots(&format!("{directory}{path}")))
}

/// Takes a path's dots out; `None` if it leads out of the root.
pub(super) fn inside(path: &str) -> Option<String> {
    let path = without_dots(path.trim_start_matches('/'));
    (path != ".." && !path.starts_with("../")).then_some(path)
}

/// Takes percent escapes out; `None` if what they stand for is no UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let hex = |byte: u8| {
        (byte as char)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| Some(hex(*bytes.get(at + 1)?)? << 4 | hex(*bytes.get(at + 2)?)?))
            .flatten();
        out.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_as_the_rfc_does() {
        // https://www.rfc-editor.org/rfc/rfc3986#section-5.4
        let base = "http://a/b/c/d;p?q";
        for (reference, resolved) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("g?y", "http://a/b/c/g?y"),
            ("?y", "http://a/b/c/d;p?y"),
            (";x", "http://a/b/c/;x"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../../g", "http://a/g"),
            ("g;x=1/../y", "http://a/b/c/y"),
        ] {
            assert_eq!(resolve(base, reference), resolved, "{reference}");
        }
        assert_eq!(resolve(base, ""), base);
        assert_eq!(resolve("http://a", "g"), "http://a/g");
        assert_eq!(resolve("a/b", "../../../g"), "../../g");
    }

    #[test]
    fn files_have_uris() {
        assert_eq!(of_file("a b/ä.yaml"), "strata:///a%20b/%C3%A4.yaml");
        assert_eq!(
            to_file("strata:///a%20b/%C3%A4.yaml").unwrap(),
            "a b/ä.yaml"
        );
        assert_eq!(to_file("http://a/b"), None);
        assert_eq!(decode("%ff"), None);
        assert_eq!(decode("50%").unwrap(), "50%");
        assert!(is_remote("https://a/b") && !is_remote("urn:x"));
    }

    #[test]
    fn relates_paths() {
        let from = "https://a/x/y/app.json";
        assert_eq!(relative(from, "https://a/x/y/b.json").unwrap(), "b.json");
        assert_eq!(
            relative(from, "https://a/x/z/b.json").unwrap(),
            "../z/b.json"
        );
        assert_eq!(relative(from, "https://b/x/y/b.json"), None);
        assert_eq!(beside("x/a.yaml", "../b.yaml").unwrap(), "b.yaml");
        assert_eq!(beside("a.yaml", "../b.yaml"), None);
        assert_eq!(inside("/a/./b").unwrap(), "a/b");
    }
}
