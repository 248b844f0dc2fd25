use bstr::{BStr, ByteSlice};

use crate::git::FileKind;
use crate::text::compared;

/// Writes the change of one file as `git apply` reads it.
pub(super) fn patch(path: &BStr, kind: FileKind, old: Option<&str>, new: &str) -> String {
    let diff = compared("", old.unwrap_or_default(), new);
    let Some((_, hunks)) = diff.split_once("\n+++ \n") else {
        return String::new();
    };
    let (a, b) = (quoted(b"a/", path), quoted(b"b/", path));
    let mut out = format!("diff --git {a} {b}\n");
    let from = match old {
        Some(_) => a,
        None => {
            let mode = match kind {
                FileKind::Executable => "100755",
                _ => "100644",
            };
            out.push_str(&format!("new file mode {mode}\n"));
            "/dev/null".to_owned()
        }
    };
    out.push_str(&format!("--- {from}\n+++ {b}\n{hunks}"));
    out
}

/// Writes a path as Git does in patches: in quotation marks where it holds what would be misread.
fn quoted(prefix: &[u8], path: &BStr) -> String {
    let odd = |byte: &u8| *byte < 0x20 || *byte >= 0x7f || matches!(byte, b'"' | b'\\');
    let bytes: Vec<u8> = prefix.iter().chain(path.as_bytes()).copied().collect();
    if !bytes.iter().any(odd) {
        return bytes.as_bstr().to_string();
    }
    let mut out = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            byte if odd(&byte) => out.push_str(&format!("\\{byte:03o}")),
            byte => out.push(char::from(byte)),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_name_files_as_git_does() {
        let changed = patch("x y.yaml".into(), FileKind::File, Some("a: 1\n"), "a: 2\n");
        insta::assert_snapshot!(changed, @"
        diff --git a/x y.yaml b/x y.yaml
        --- a/x y.yaml
        +++ b/x y.yaml
        @@ -1 +1 @@
        -a: 1
        +a: 2
        ");
        let new = patch("ä.yaml".into(), FileKind::Executable, None, "a: 2");
        insta::assert_snapshot!(new, @r#"
        diff --git "a/\303\244.yaml" "b/\303\244.yaml"
        new file mode 100755
        --- /dev/null
        +++ "b/\303\244.yaml"
        @@ -0,0 +1 @@
        +a: 2
        \ No newline at end of file
        "#);
        assert_eq!(patch("x".into(), FileKind::File, Some("a"), "a"), "");
        let windows = patch("x".into(), FileKind::File, Some("a\r\nb\r\n"), "a\r\nc\r\n");
        assert!(
            windows.ends_with("@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"),
            "{windows:?}"
        );
    }
}
