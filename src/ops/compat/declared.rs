//! Under which conditions a schema declares an option, where that depends on the value.

use super::flat::{Conj, Flat, Node, ResidueKind};
use super::flatten::{children, flatten};
use super::judge::Judge;
use crate::inclusion::Claim as Asked;

/// How many conditions are told apart.
const MOST: usize = 256;

/// How deep branches are followed into branches.
const DEPTH: usize = 6;

/// Gives every condition under which some branch of a schema declares an option: as a property or
/// by a pattern of names. What holds of a value that meets none of them ignores the option.
pub(super) fn conditions<'s>(
    judge: &Judge<'s>,
    conj: &Conj<'s>,
    name: &str,
) -> Vec<Vec<Asked<'s>>> {
    let mut search = Search {
        judge,
        name,
        found: Vec::new(),
    };
    search.residue(&flatten(conj), &[], 0);
    search.found
}

struct Search<'a, 's> {
    judge: &'a Judge<'s>,
    name: &'a str,
    found: Vec<Vec<Asked<'s>>>,
}

impl<'s> Search<'_, 's> {
    /// Looks into the branches of a schema that applies under some conditions.
    fn residue(&mut self, flat: &Flat<'s>, under: &[Asked<'s>], depth: usize) {
        if depth > DEPTH || self.found.len() >= MOST {
            return;
        }
        for residue in &flat.residue {
            match residue.kind {
                ResidueKind::AnyOf | ResidueKind::OneOf => {
                    for branch in children(&residue.node) {
                        self.branch(&branch, under, depth);
                    }
                }
                ResidueKind::If => {
                    let Some(condition) = residue.node.get("if") else {
                        continue;
                    };
                    self.branch(&condition, under, depth);
                    let holds = Asked::Holds(condition);
                    for (keyword, when) in
                        [("then", holds.clone()), ("else", Asked::Not(vec![holds]))]
                    {
                        if let Some(branch) = residue.node.get(keyword) {
                            let under = [under, &[when]].concat();
                            self.branch(&branch, &under, depth);
                        }
                    }
                }
                _ => {}
            }
        }
        for (asked, node) in &flat.object.dependent_schemas {
            let has = Asked::Member((*asked).into(), Vec::new());
            let under = [under, &[has]].concat();
            self.branch(node, &under, depth);
        }
    }

    fn branch(&mut self, branch: &Node<'s>, under: &[Asked<'s>], depth: usize) {
        let flat = flatten(std::slice::from_ref(branch));
        let under = [under, &[Asked::Holds(branch.clone())]].concat();
        let member = self.judge.member(&flat.object, self.name);
        if member.declared || member.patterned {
            self.found.push(under);
        } else {
            self.residue(&flat, &under, depth + 1);
        }
    }
}
