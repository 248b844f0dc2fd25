//! Finds references that lead back to where they stand without a step into the value: checking
//! one would never end.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Schema;
use super::bundle::{Link, SCHEMA_REF_CYCLE, Target};
use super::index::REFERENCES;
use super::keyword::{subschemas, subschemas_in_place};
use crate::document::Value;
use crate::report::{Finding, Location};
use crate::text::Pointer;

/// One step of the search: a place, the reference that led there if one did, and what is next.
struct Step {
    at: Target,
    by: Option<Target>,
    next: Vec<(Target, Option<Target>)>,
    /// How many steps lead on from here at the most.
    height: usize,
}

/// Cuts one reference of every cycle, and says which. Counts how many schemas in a row speak
/// about one value.
pub(super) fn cut(schema: &mut Schema) -> Vec<Finding> {
    let mut findings = Vec::new();
    loop {
        let (cycles, height) = cycles(schema);
        if cycles.is_empty() {
            let roots = schema.files.values().map(|file| &file.document.root);
            let mut nested = 0;
            for root in roots {
                nest(root, &mut nested);
            }
            schema.chain = height + nested + 1;
            return findings;
        }
        for references in cycles {
            findings.push(finding(schema, &references));
            let last = references.last().expect("a cycle goes through a reference");
            if let Some(file) = Arc::make_mut(&mut schema.files).get_mut(&*last.file) {
                file.links.insert(last.pointer.clone(), Link::Cycle);
            }
        }
    }
}

fn finding(schema: &Schema, references: &[Target]) -> Finding {
    let location = |reference: &Target| {
        let file = &schema.files[&*reference.file].document;
        let span = file.root.at(&reference.pointer).map(|value| value.span);
        Location::new(&file.source, span.unwrap_or_default())
            .with_pointer(reference.pointer.clone())
    };
    let (last, others) = references
        .split_last()
        .expect("a cycle goes through a reference");
    let finding = Finding::new(
        &SCHEMA_REF_CYCLE,
        "this reference leads back to itself, with nothing between",
        location(last),
    );
    others.iter().take(5).fold(finding, |finding, reference| {
        finding.with_related(location(reference).with_label("by way of this one"))
    })
}

/// Counts how deep schemas that speak about one value stand in each other.
fn nest(schema: &Value, most: &mut usize) -> usize {
    let mut height = 0;
    for child in subschemas(schema) {
        let below = nest(child.value, most);
        if child.in_place {
            height = height.max(below + 1);
        }
    }
    *most = height.max(*most);
    height
}

/// Gives some cycles, each as the references it goes through, none if there is none; and the most
/// steps that lead on from a reference.
fn cycles(schema: &Schema) -> (Vec<Vec<Target>>, usize) {
    let mut found = Vec::new();
    let mut highest = 0;
    // How many steps lead on from a place that was left again; none of one on the path.
    let mut done: BTreeMap<Target, Option<usize>> = BTreeMap::new();
    for (path, file) in schema.files.iter() {
        for pointer in file.links.keys() {
            let start = Target {
                file: path.as_str().into(),
                pointer: pointer.parent().unwrap_or_default(),
            };
            let mut path = Vec::new();
            enter(schema, start, None, &mut path, &mut done);
            while let Some(step) = path.last_mut() {
                let Some((target, by)) = step.next.pop() else {
                    let height = step.height;
                    done.insert(step.at.clone(), Some(height));
                    path.pop();
                    if let Some(before) = path.last_mut() {
                        before.height = before.height.max(height + 1);
                    }
                    highest = highest.max(height);
                    continue;
                };
                match done.get(&target) {
                    Some(Some(height)) => step.height = step.height.max(height + 1),
                    Some(None) => {
                        let from = path.iter().position(|step| step.at == target);
                        let steps = path.iter().skip(from.unwrap_or_default() + 1);
                        let on_path = steps.filter_map(|step| step.by.clone());
                        found.push(on_path.chain(by).collect());
                    }
                    None => enter(schema, target, by, &mut path, &mut done),
                }
            }
        }
    }
    (found, highest)
}

fn enter(
    schema: &Schema,
    at: Target,
    by: Option<Target>,
    path: &mut Vec<Step>,
    done: &mut BTreeMap<Target, Option<usize>>,
) {
    if done.contains_key(&at) {
        return;
    }
    done.insert(at.clone(), None);
    let next = in_place(schema, &at);
    path.push(Step {
        at,
        by,
        next,
        height: 0,
    });
}

/// Gives the schemas that speak about the same value as the one at a place.
fn in_place(schema: &Schema, at: &Target) -> Vec<(Target, Option<Target>)> {
    let Some(file) = schema.files.get(&*at.file) else {
        return Vec::new();
    };
    let here = |pointer: Pointer| Target {
        file: at.file.clone(),
        pointer,
    };
    let mut next = Vec::new();
    for keyword in REFERENCES {
        let pointer = at.pointer.join(keyword);
        if let Some(Link::To(target)) = file.links.get(&pointer) {
            next.push((target.clone(), Some(here(pointer))));
        }
    }
    let Some(value) = file.document.root.at(&at.pointer) else {
        return next;
    };
    if !file.dialect.ref_siblings_apply() && value.get("$ref").is_some() {
        return next;
    }
    for child in subschemas_in_place(value) {
        let mut pointer = at.pointer.join(child.keyword);
        if let Some(token) = child.token {
            pointer.push(token);
        }
        next.push((here(pointer), None));
    }
    next
}
