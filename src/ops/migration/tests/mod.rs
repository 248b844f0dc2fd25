mod operations;
mod random;
mod reading;
mod undoing;

use crate::config::ParsedFile;
use crate::document::{Format, Value, parse, write_yaml};
use crate::text::{Pointer, Source};

use super::{Migration, Run, Secrets};

/// Reads a migration to 2.0.0 from its steps.
pub(super) fn migration(steps: &str) -> Migration {
    let text = format!("strata-migration: 1\nsteps:\n{steps}");
    let file = ParsedFile::of_bytes("migrations/2.0.0.yaml", text.as_bytes());
    let (migration, findings) = Migration::read(&file);
    assert!(findings.is_empty(), "{steps}\n{findings:#?}");
    migration.unwrap()
}

pub(super) fn value(text: &str) -> Value {
    let source = std::sync::Arc::new(Source::new("a.yaml", text));
    let parsed = parse(&source, Format::Yaml);
    assert!(parsed.findings.is_empty(), "{text}\n{:?}", parsed.findings);
    (*parsed.documents[0].root).clone()
}

fn no_default(_: &Pointer) -> Option<Value> {
    None
}

/// Applies a migration, and gives the document.
pub(super) fn carried(migration: &Migration, root: Value) -> Value {
    let mut run = Run::new(root, Secrets::default(), &no_default);
    run.apply(migration);
    run.finish().0
}

/// Applies steps to a document, and shows it, what was done, and what was left.
pub(super) fn carry(steps: &str, document: &str) -> String {
    let old_default = |at: &Pointer| (at.dotted() == "log.level").then(|| value("info"));
    let mut run = Run::new(value(document), Secrets::default(), &old_default);
    run.apply(&migration(steps));
    show(run)
}

pub(super) fn show(run: Run<'_>) -> String {
    let (root, journal) = run.finish();
    let mut out = write_yaml(&root);
    for record in &journal.records {
        out.push_str(&format!(
            "- {} {}",
            record.step.operation,
            record.pointer.dotted()
        ));
        if let Some(to) = &record.to {
            out.push_str(&format!(" → {}", to.dotted()));
        }
        let flow = |value: &Option<Value>| match value {
            Some(_) if record.secret => "*".to_owned(),
            Some(value) => crate::document::write_flow(value),
            None => "…".to_owned(),
        };
        if record.old.is_some() || record.new.is_some() {
            out.push_str(&format!(" ({} → {})", flow(&record.old), flow(&record.new)));
        }
        out.push('\n');
    }
    for manual in &journal.manual {
        out.push_str(&format!("! {}", manual.message));
        if let Some(help) = &manual.help {
            out.push_str(&format!("; {help}"));
        }
        out.push('\n');
    }
    for note in &journal.notes {
        out.push_str(&format!("i {}\n", note.message));
    }
    out
}
