//! SOPS files into files with sealed values of our own, and back.

mod export;
mod import;

use bstr::ByteSlice;

use crate::config::ParsedFile;
use crate::document::{Document, Kind, RewriteOptions, Value, rewrite};
use crate::error::{Error, Result};
use crate::report::Severity;
use crate::text::Pointer;

pub use export::{Exported, export};
pub use import::{Imported, SealedComments, import};

/// Gives the one document of a file in which nothing is wrong.
fn only_document(file: &ParsedFile) -> Result<&Document> {
    let name = file.path.to_str_lossy();
    let fault = file.findings().find(|it| it.severity == Severity::Error);
    if let Some(fault) = fault {
        let line = fault.location.start().line;
        return Err(Error::invalid(format!("{name}:{line}: {}", fault.message))
            .with_help("mend it, or take the file from an older commit"));
    }
    match file.documents() {
        [one] => Ok(one),
        several => Err(Error::usage(format!(
            "`{name}` holds {} documents, where one is meant",
            several.len()
        ))
        .with_help("a line `---` starts another document: split the file")),
    }
}

/// Puts a text in the place of a value.
fn put(root: &mut Value, at: &Pointer, text: String) {
    if let Some(value) = root.at_mut(at) {
        value.kind = Kind::String(text.into());
    }
}

/// Writes what is intended into the text; says whether some of it was written anew.
fn written(document: &Document, intended: &Value) -> Result<(String, bool)> {
    let all = std::slice::from_ref(document);
    let options = RewriteOptions::default();
    let done = rewrite(all, std::slice::from_ref(intended), &options).map_err(|cause| {
        let name = document.source.name();
        Error::usage(format!("`{name}` cannot be written: {cause}"))
            .with_help("write the value in another way, or use another format")
    })?;
    Ok((done.text, !done.anew.is_empty()))
}

#[cfg(test)]
mod tests;
