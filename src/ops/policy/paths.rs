//! Names that are not what they look like, and things that are no files.

use bstr::{BStr, ByteSlice};
use foldhash::HashMap;

use super::state::{State, below};
use crate::git::{FileChange, FileKind};

/// Says what is wrong with a change beyond its content, in a tree that is governed: what needs the
/// widest right.
pub(super) fn oddity(
    change: &FileChange,
    before: &State,
    after: &State,
    folders_after: &mut Folders,
) -> Option<&'static str> {
    let path = change.path.as_bstr();
    let governs = |path: &BStr| !before.what(path).is_empty() || !after.what(path).is_empty();
    let states = [before, after];
    let folders: Vec<&str> = states.iter().flat_map(|it| it.folders()).collect();
    let name = path.to_str_lossy();
    let within = |name: &str| folders.iter().any(|it| below(name, it));
    let kinds = [change.old, change.new].map(|it| it.map(|it| it.kind));
    let is_file = |kind: &Option<FileKind>| matches!(kind, None | Some(FileKind::File));
    if !kinds.iter().all(is_file) {
        let holds = |folder: &&str| *folder == name || below(folder, &name);
        if governs(path) || within(&name) || folders.iter().any(holds) {
            return Some("it is, or was, no plain file");
        }
    }
    if path.to_str().is_err() && (within(&name) || !name.contains('/')) {
        return Some("its name is no text");
    }
    let is_way = |part: &str| matches!(part, "" | "." | "..") || part.eq_ignore_ascii_case(".git");
    if name.split('/').any(is_way) {
        return Some("its name leads elsewhere");
    }
    let plain = folded(&name);
    let is_governed = governs(path);
    let is_taken = || {
        (plain != name && governs(plain.as_bytes().as_bstr()))
            || states.iter().any(|it| it.folded().contains(&plain))
    };
    if !is_governed && is_taken() {
        return Some("some file systems take its name for that of a governed file");
    }
    if change.old.is_none() && is_governed {
        let (parent, own) = name.rsplit_once('/').unwrap_or(("", &name));
        if folders_after.count(after, parent, own) > 1 {
            return Some("some file systems take its name for that of another file");
        }
    }
    None
}

/// The names in folders of a tree, as file systems that look past case take them: how many there
/// are of each. A folder is listed once, however many files come to it.
#[derive(Default)]
pub(super) struct Folders(HashMap<String, HashMap<String, usize>>);

impl Folders {
    fn count(&mut self, state: &State, folder: &str, name: &str) -> usize {
        if !self.0.contains_key(folder) {
            let list = state.tree.files().list(folder.as_bytes().as_bstr());
            let mut names = HashMap::default();
            for (name, _) in list.unwrap_or_default() {
                *names.entry(folded(&name.to_str_lossy())).or_default() += 1;
            }
            self.0.insert(folder.to_owned(), names);
        }
        let names = self.0.get(folder);
        names
            .and_then(|names| names.get(&folded(name)))
            .copied()
            .unwrap_or_default()
    }
}

/// What file systems that look past case, marks and what stands at the end make of a name.
pub(super) fn folded(name: &str) -> String {
    let is_mark = |letter: &char| matches!(*letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let part = |part: &str| {
        let plain: String = part.chars().filter(|it| !is_mark(it)).collect();
        let plain = plain.split(':').next().unwrap_or_default().to_lowercase();
        plain.trim_end_matches(['.', ' ']).to_owned()
    };
    let parts: Vec<String> = name.replace('\\', "/").split('/').map(part).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn names_are_folded_as_file_systems_do() {
        for (name, wanted) in [
            ("Policy.YAML", "policy.yaml"),
            ("policy.yaml.", "policy.yaml"),
            ("policy.yaml. .", "policy.yaml"),
            ("policy.yaml::$DATA", "policy.yaml"),
            ("pol\u{200c}icy.yaml", "policy.yaml"),
            ("config\\prod.yaml", "config/prod.yaml"),
            ("Config /base.yaml", "config/base.yaml"),
            ("config/base.yaml", "config/base.yaml"),
        ] {
            assert_eq!(folded(name), wanted, "{name}");
        }
    }
}
