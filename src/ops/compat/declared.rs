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
/// by a pattern of names. What holds of a value that meets none of them ignores the option. `None`
/// where the branches are too many, or too deep, to know them all.
pub(super) fn conditions<'s>(
    judge: &Judge<'s>,
    conj: &Conj<'s>,
    name: &str,
) -> Option<Vec<Vec<Asked<'s>>>> {
    let mut search = Search {
        judge,
        name,
        found: Vec::new(),
        cut: false,
    };
    search.residue(&flatten(conj), &[], 0);
    (!search.cut).then_some(search.found)
}

struct Search<'a, 's> {
    judge: &'a Judge<'s>,
    name: &'a str,
    found: Vec<Vec<Asked<'s>>>,
    /// Whether some branches were not looked at.
    cut: bool,
}

impl<'s> Search<'_, 's> {
    /// Looks into the branches of a schema that applies under some conditions.
    fn residue(&mut self, flat: &Flat<'s>, under: &[Asked<'s>], depth: usize) {
        if depth > DEPTH || self.found.len() >= MOST {
            self.cut |= !flat.residue.is_empty() || !flat.object.dependent_schemas.is_empty();
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
                    let part = |keyword| residue.node.get(keyword);
                    let condition: Vec<Asked<'s>> =
                        part("if").map(Asked::Holds).into_iter().collect();
                    let not = vec![Asked::Not(condition.clone())];
                    for (keyword, when) in [("if", Vec::new()), ("then", condition), ("else", not)]
                    {
                        if let Some(branch) = part(keyword) {
                            let under = [under, &when].concat();
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
