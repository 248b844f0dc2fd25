//! Finds references that lead back to where they stand without a step into the value: checking
//! one would never end.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Identity;
use super::bundle::{Link, SCHEMA_REF_CYCLE};
use super::index::REFERENCES;
use super::keyword::{subschemas, subschemas_in_place};
use super::paths::address;
use super::{Schema, SchemaNode};
use crate::document::Value;
use crate::report::{Finding, Location};

/// A reference: its file, and the address of what is written there.
type Site<T> = (T, usize);

/// One step of the search: a place, the reference that led there if one did, and what is next.
struct Step<'s> {
    at: SchemaNode<'s>,
    by: Option<Site<&'s str>>,
    next: Vec<Next<'s>>,
    /// How many steps lead on from here at the most.
    height: usize,
}

/// A schema to go on to, and the reference that leads there if one does.
type Next<'s> = (SchemaNode<'s>, Option<Site<&'s str>>);

/// How many steps lead on from a place that was left again; none of one on the path.
type Done = HashMap<Identity, Option<usize>, RandomState>;

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
            let (file, last) = references.last().expect("a cycle goes through a reference");
            let file = Arc::make_mut(&mut schema.files).get_mut(file);
            if let Some(last) = file.and_then(|file| file.links.get_mut(last)) {
                last.link = Link::Cycle;
            }
        }
    }
}

fn finding(schema: &Schema, references: &[Site<String>]) -> Finding {
    let location = |(file, reference): &Site<String>| {
        let file = &schema.files[file];
        let pointer = &file.links[reference].pointer;
        let document = &file.document;
        let span = document.root.at(pointer).map(|value| value.span);
        Location::new(&document.source, span.unwrap_or_default()).with_pointer(pointer.clone())
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
fn cycles(schema: &Schema) -> (Vec<Vec<Site<String>>>, usize) {
    let mut found = Vec::new();
    let mut highest = 0;
    let mut done = Done::default();
    for (name, file) in schema.files.iter() {
        for reference in file.links.values() {
            let holder = reference.pointer.parent().unwrap_or_default();
            let Some(start) = schema.node(name, &holder) else {
                continue;
            };
            let mut path = Vec::new();
            enter(start, None, &mut path, &mut done);
            while let Some(step) = path.last_mut() {
                let Some((target, by)) = step.next.pop() else {
                    let height = step.height;
                    done.insert(step.at.identity(), Some(height));
                    path.pop();
                    if let Some(before) = path.last_mut() {
                        before.height = before.height.max(height + 1);
                    }
                    highest = highest.max(height);
                    continue;
                };
                match done.get(&target.identity()) {
                    Some(Some(height)) => step.height = step.height.max(height + 1),
                    Some(None) => {
                        let is_target = |step: &Step| step.at.identity() == target.identity();
                        let from = path.iter().position(is_target);
                        let steps = path.iter().skip(from.unwrap_or_default() + 1);
                        let on_path = steps.filter_map(|step| step.by).chain(by);
                        found.push(on_path.map(|(file, at)| (file.to_owned(), at)).collect());
                    }
                    None => enter(target, by, &mut path, &mut done),
                }
            }
        }
    }
    (found, highest)
}

fn enter<'s>(
    at: SchemaNode<'s>,
    by: Option<Site<&'s str>>,
    path: &mut Vec<Step<'s>>,
    done: &mut Done,
) {
    if done.contains_key(&at.identity()) {
        return;
    }
    done.insert(at.identity(), None);
    let next = in_place(&at);
    path.push(Step {
        at,
        by,
        next,
        height: 0,
    });
}

/// Gives the schemas that speak about the same value as this one.
fn in_place<'s>(at: &SchemaNode<'s>) -> Vec<Next<'s>> {
    let mut next = Vec::new();
    for keyword in REFERENCES {
        if let Some(Ok(target)) = at.follow(keyword)
            && let Some(written) = at.value.get(keyword)
        {
            next.push((target, Some((at.file, address(written)))));
        }
    }
    if !at.is_only_ref() {
        let children = subschemas_in_place(at.value).into_iter();
        next.extend(children.map(|child| (at.with(child.value), None)));
    }
    next
}
