//! Names that CEL cannot write as they are.

/// Gives the name that an escaped one stands for, [as in Kubernetes]: `a__dash__b` is `a-b`.
///
/// [as in Kubernetes]: https://kubernetes.io/docs/reference/using-api/cel/#escaping
pub(super) fn unescape(field: &str) -> String {
    if !field.contains("__") {
        return field.to_owned();
    }
    let words = [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
    ];
    let words = words.iter().chain(&[
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]);
    for word in words {
        if field == format!("__{word}__") {
            return (*word).to_owned();
        }
    }
    let mut out = String::new();
    let mut rest = field;
    let escapes = [
        ("__underscores__", "__"),
        ("__dot__", "."),
        ("__dash__", "-"),
        ("__slash__", "/"),
    ];
    'next: while let Some(c) = rest.chars().next() {
        for (escape, plain) in escapes {
            if let Some(after) = rest.strip_prefix(escape) {
                out.push_str(plain);
                rest = after;
                continue 'next;
            }
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}
