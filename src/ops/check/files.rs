use std::sync::Arc;

use bstr::ByteSlice;

use super::{Apps, CheckBody};
use crate::config::ParsedFile;
use crate::config::schema::{Schema, Validator};
use crate::error::Result;
use crate::ops::cover::Cover;
use crate::report::{Finding, Location, Report};

/// Checks files by themselves: their syntax and, where a schema is given, every document in them
/// against it and the versions of applications that are to run.
///
/// # Errors
///
/// Where a version is given of an application whose name is nearly that of one it asks about.
pub fn check_files(
    files: &[Arc<ParsedFile>],
    schema: Option<(&Schema, Vec<Finding>)>,
    apps: &Apps,
) -> Result<Report<CheckBody>> {
    let mut findings = Vec::new();
    let mut body = CheckBody::default();
    let mut validator = None;
    let mut requirements = Vec::new();
    let mut cover = Cover::default();
    if let Some((schema, wrong)) = schema {
        findings.extend(wrong);
        let asked = schema.requirements();
        let known = asked.values().flatten().map(|it| it.app.to_string());
        let known = known.collect();
        apps.refuse_slips(&known)?;
        findings.extend(apps.unknown(&known, &schema.root().location()));
        requirements.push(asked);
        cover.add(schema);
        body.schemas
            .extend(schema.files().map(|(path, _)| path.to_owned()));
        match Validator::compile(schema) {
            Ok(compiled) => {
                findings.extend(compiled.schema_findings().iter().cloned());
                validator = Some(compiled);
            }
            Err(wrong) => findings.extend(wrong),
        }
    }
    for file in files {
        body.files.insert(file.path.to_str_lossy().into_owned());
        findings.extend(file.findings().cloned());
        let Some(validator) = &validator else {
            continue;
        };
        for document in file.documents() {
            body.targets += 1;
            let locate = |pointer: &crate::text::Pointer| {
                Location::new(&file.source, document.root.place(pointer))
                    .with_pointer(pointer.clone())
            };
            findings.extend(validator.validate(&document.root, None, &locate));
            findings.extend(apps.judge(&document.root, &requirements, &locate));
        }
    }
    cover.over(&mut findings);
    Ok(Report::new(None, findings, body))
}
