use semver::VersionReq;
use smol_str::SmolStr;

use super::annotations::SCHEMA_ANNOTATION_INVALID;
use super::{PathMap, Schema, SchemaNode};
use crate::document::Value;
use crate::report::{Finding, Location};

/// Which versions of an application an option asks for (`x-requires`).
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The application.
    pub app: SmolStr,
    /// The versions, as semantic versioning has them.
    pub versions: VersionReq,
    /// Where the schema says so.
    pub location: Location,
}

impl Schema {
    /// Finds out which options ask for versions of applications. What a branch says that may or
    /// may not apply (`anyOf`, `if` …) does not count.
    #[must_use]
    pub fn requirements(&self) -> PathMap<Vec<Requirement>> {
        if !self.mentions("x-requires") {
            return PathMap::empty();
        }
        PathMap::build(self, false, |nodes| {
            let mut found: Vec<Requirement> = Vec::new();
            for (app, value, location) in nodes.iter().flat_map(asked) {
                let Some(Ok(versions)) = value.as_str().map(VersionReq::parse) else {
                    continue;
                };
                let place = |at: &Location| (at.source.name().to_owned(), at.span);
                if found
                    .iter()
                    .all(|it| place(&it.location) != place(&location))
                {
                    found.push(Requirement {
                        app,
                        versions,
                        location,
                    });
                }
            }
            (!found.is_empty()).then_some(found)
        })
    }
}

/// Gives the entries of a schema's `x-requires`.
fn asked<'a>(node: &SchemaNode<'a>) -> Vec<(SmolStr, &'a Value, Location)> {
    let Some(map) = node.get("x-requires") else {
        return Vec::new();
    };
    let entries = map.value.as_object().into_iter().flat_map(|map| map.iter());
    entries
        .filter_map(|(app, value)| Some((app.clone(), value, map.get(app)?.value_location())))
        .collect()
}

/// Finds requirements that cannot be read.
pub(super) fn check(schema: &Schema) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !schema.mentions("x-requires") {
        return findings;
    }
    schema.each_node(&mut |node| {
        let Some(map) = node.get("x-requires") else {
            return;
        };
        if map.value.as_object().is_none() {
            findings.push(wrong(
                "`x-requires` is no map of applications to versions".into(),
                map.value_location(),
            ));
        }
        for (app, value, location) in asked(node) {
            let why = match value.as_str().map(VersionReq::parse) {
                Some(Ok(_)) => continue,
                Some(Err(error)) => error.to_string(),
                None => "it must be a text".to_owned(),
            };
            let shown = super::words::show(value);
            let message =
                format!("`x-requires` asks for {shown} of `{app}`, which is no requirement: {why}");
            findings.push(wrong(message, location));
        }
    });
    findings
}

fn wrong(message: String, location: Location) -> Finding {
    Finding::new(&SCHEMA_ANNOTATION_INVALID, message, location).with_help(
        "write `x-requires: { app: \">=2.3\" }`; several bounds have a comma between them, \
         `\">=2.3, <4\"`",
    )
}
