//! The way from a value of a file back to its root.

use std::collections::HashMap;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use smol_str::{SmolStr, ToSmolStr};

use crate::document::{Kind, Value};

/// Which value each value of a file stands in, and at which position there, by their addresses.
///
/// Nodes of a schema are made by the million and few are asked where they stand, so they do not
/// carry their pointers; this is made when the first is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths(OnceLock<HashMap<usize, (usize, usize), RandomState>>);

/// A step down: the value that is left, and the name or index of the one that is entered.
pub(super) struct Step<'v> {
    pub from: &'v Value,
    position: usize,
}

impl Paths {
    /// Gives the steps from the root of a file to a value in it.
    pub(super) fn to<'v>(&self, root: &'v Value, value: &Value) -> Vec<Step<'v>> {
        let above = self.0.get_or_init(|| {
            let mut above = HashMap::default();
            collect(root, &mut above);
            above
        });
        let mut positions = Vec::new();
        let mut at = address(value);
        while let Some(&(next, position)) = above.get(&at) {
            positions.push(position);
            at = next;
        }
        let mut from = root;
        let mut steps = Vec::with_capacity(positions.len());
        for position in positions.into_iter().rev() {
            let Some(next) = child(from, position) else {
                break;
            };
            steps.push(Step { from, position });
            from = next;
        }
        steps
    }
}

impl<'v> Step<'v> {
    /// Gives the name that is entered; none where it is an index.
    pub(super) fn name(&self) -> Option<&'v SmolStr> {
        Some(self.from.as_object()?.at_index(self.position)?.0)
    }

    /// Gives the name or index that is entered.
    pub(super) fn token(&self) -> SmolStr {
        (self.name().cloned()).unwrap_or_else(|| self.position.to_smolstr())
    }
}

/// Gives a number that no other value has for as long as both are there.
pub(super) fn address(value: &Value) -> usize {
    std::ptr::from_ref(value).addr()
}

fn child(value: &Value, position: usize) -> Option<&Value> {
    match &value.kind {
        Kind::Array(items) => items.get(position),
        Kind::Object(map) => Some(map.at_index(position)?.1),
        _ => None,
    }
}

fn collect(value: &Value, above: &mut HashMap<usize, (usize, usize), RandomState>) {
    let mut add = |(position, child): (usize, &Value)| {
        above.insert(address(child), (address(value), position));
        collect(child, above);
    };
    match &value.kind {
        Kind::Array(items) => items.iter().enumerate().for_each(&mut add),
        Kind::Object(map) => map.values().enumerate().for_each(&mut add),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::document;
    use super::*;

    #[test]
    fn every_value_knows_its_way() {
        let document = document("{ a: [x, { b: y }], c: x }");
        let root = &*document.root;
        let paths = Paths::default();
        let way = |pointer: &str| {
            let value = root.at(&pointer.parse().unwrap()).unwrap();
            let steps = paths.to(root, value);
            steps.iter().map(Step::token).collect::<Vec<_>>()
        };
        assert_eq!(way("/a/1/b"), ["a", "1", "b"]);
        assert_eq!(way("/c"), ["c"]);
        assert!(way("").is_empty());
        let steps = paths.to(root, root.at(&"/a/0".parse().unwrap()).unwrap());
        assert!(steps[1].name().is_none() && std::ptr::eq(steps[0].from, root));
        assert!(paths.to(root, &root.clone()).is_empty());
    }
}
