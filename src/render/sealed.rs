//! Sealed values, shortened where people read them.

use std::borrow::Cow;

use crate::report::{Block, TreeNode};

/// How many letters of a sealed value are shown: its last ones, by which two can be told apart.
const SHOWN: usize = 6;

/// Shortens the sealed values in what is to be drawn.
pub(super) fn short(blocks: Vec<Block>) -> Vec<Block> {
    blocks
        .into_iter()
        .map(|block| match block {
            Block::Text(text) => Block::Text(in_text(text)),
            Block::Table { columns, rows } => {
                let cells = |row: Vec<String>| row.into_iter().map(in_text).collect();
                let rows = rows.into_iter().map(cells).collect();
                Block::Table { columns, rows }
            }
            Block::Tree(nodes) => Block::Tree(nodes.into_iter().map(in_tree).collect()),
            other => other,
        })
        .collect()
}

fn in_tree(node: TreeNode) -> TreeNode {
    TreeNode {
        text: in_text(node.text),
        children: node.children.into_iter().map(in_tree).collect(),
    }
}

fn in_text(text: String) -> String {
    match shortened(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(short) => short,
    }
}

/// Shortens `ENC[age1,prod.1,YWdl…]` to its keyring and its last letters.
fn shortened(text: &str) -> Cow<'_, str> {
    const HEAD: &str = "ENC[age1,";
    if !text.contains(HEAD) {
        return text.into();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(HEAD) {
        let (before, token) = rest.split_at(at);
        out.push_str(before);
        let end = token.find(']').unwrap_or(token.len());
        let (token, behind) = token.split_at(end);
        let keyring = token[HEAD.len()..].split(',').next().unwrap_or_default();
        let letters: Vec<char> = token.chars().collect();
        let last: String = letters[letters.len().saturating_sub(SHOWN)..]
            .iter()
            .collect();
        out.push_str(&format!("ENC[{keyring} …{last}"));
        rest = behind;
    }
    out.push_str(rest);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_values_are_shortened_wherever_people_read_them() {
        let token = format!("ENC[age1,prod.12,{}Zz09+/]", "YWdl".repeat(80));
        assert_eq!(shortened(&token), "ENC[prod.12 …Zz09+/]");
        assert_eq!(
            shortened(&format!("a {token}: {token}.")),
            "a ENC[prod.12 …Zz09+/]: ENC[prod.12 …Zz09+/]."
        );
        assert_eq!(shortened("plain ENC[x]"), "plain ENC[x]");
        assert_eq!(shortened("ENC[age1,"), "ENC[ …[age1,");
        let blocks = vec![
            Block::Text(token.clone()),
            Block::Table {
                columns: vec!["a".into()],
                rows: vec![vec![token.clone()]],
            },
            Block::Tree(vec![TreeNode {
                text: token.clone(),
                children: Vec::new(),
            }]),
            Block::Raw(token.clone()),
        ];
        let short = format!("{:?}", short(blocks));
        assert_eq!(
            short.matches("YWdl").count(),
            80,
            "only what is raw stays whole: {short}"
        );
    }
}
