use bstr::{BStr, BString, ByteSlice};
use globset::{GlobBuilder, GlobMatcher};

use crate::document::Format;
use crate::error::Result;
use crate::git::{FileKind, Files};

/// Finds the services of a tree: what matches the manifest's path, whose parts may hold `*`, `?`
/// and `[…]`. Each match, file or folder, is a service named by its last part without extension.
///
/// Files that are no configuration (`README.md`) and hidden ones are passed over.
///
/// # Errors
///
/// Where the tree cannot be read.
pub(crate) fn services(files: &Files, pattern: &str) -> Result<Vec<String>> {
    let parts: Vec<&str> = pattern.split('/').collect();
    let mut names = Vec::new();
    step(files, BString::default(), &parts, &mut names)?;
    names.sort();
    names.dedup();
    Ok(names)
}

fn step(files: &Files, folder: BString, parts: &[&str], names: &mut Vec<String>) -> Result<()> {
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    if !rest.is_empty() && !part.contains(['*', '?', '[']) {
        return step(files, join(&folder, part.as_bytes().as_bstr()), rest, names);
    }
    let Some(matcher) = matcher(part) else {
        return Ok(());
    };
    for (name, entry) in files.list(folder.as_ref())? {
        let Ok(text) = name.to_str() else { continue };
        if text.starts_with('.') || !matcher.is_match(text) {
            continue;
        }
        let is_folder = entry.kind == FileKind::Directory;
        if rest.is_empty() {
            names.extend(service_name(text, is_folder).map(str::to_owned));
        } else if is_folder {
            step(files, join(&folder, name.as_ref()), rest, names)?;
        }
    }
    Ok(())
}

fn matcher(part: &str) -> Option<GlobMatcher> {
    let glob = GlobBuilder::new(part)
        .literal_separator(true)
        .build()
        .ok()?;
    Some(glob.compile_matcher())
}

fn join(folder: &BString, name: &BStr) -> BString {
    let mut path = folder.to_owned();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

fn service_name(name: &str, is_folder: bool) -> Option<&str> {
    if is_folder {
        return Some(name);
    }
    let name = name.strip_suffix(".j2").unwrap_or(name);
    Format::of_path(name)?;
    let (stem, _) = name.rsplit_once('.')?;
    Some(stem)
}
