//! Alternatives, conditions and opposites: what has no normal form.

use super::draft::{Child, Draft, Focus, Outcome, Via};
use super::flat::{Conj, Flat, Node, Residue, ResidueKind};
use super::flatten::{children, flatten};
use super::judge::Judge;
use super::rules;
use super::types::Types;

/// How deep two alternatives are searched for something that keeps them apart.
const APART: usize = 3;

fn one<'s>(node: &Node<'s>) -> Conj<'s> {
    vec![node.clone()]
}

impl<'s> Judge<'s> {
    /// Compares what has no normal form.
    pub(super) fn composition(
        &self,
        old: &Flat<'s>,
        new: &Flat<'s>,
        depth: usize,
        out: &mut Outcome<'s>,
    ) {
        let mut had: Vec<&Residue<'s>> = old.residue.iter().collect();
        let mut has: Vec<&Residue<'s>> = Vec::new();
        for residue in &new.residue {
            match had
                .iter()
                .position(|twin| self.same_residue(twin, residue, old, new))
            {
                Some(at) => {
                    let twin = had.remove(at);
                    self.notes_below(twin, residue, out);
                }
                None => has.push(residue),
            }
        }
        for residue in has {
            let twin = had.iter().position(|twin| pairs(twin.kind, residue.kind));
            let twin = twin.map(|twin| had.remove(twin));
            match residue.kind {
                ResidueKind::AnyOf | ResidueKind::OneOf => {
                    self.choice(old, twin, residue, depth, out);
                }
                ResidueKind::Not => self.opposite(old, twin, residue, depth, out),
                ResidueKind::If => self.condition(twin, residue, depth, out),
                _ => {
                    let keyword = residue.node.pointer.last().unwrap_or("schema").to_owned();
                    out.say(
                        Draft::new(
                            &rules::UNMODELLED_KEYWORD_CHANGED,
                            format!("what `{keyword}` says of {{at}} may have changed, and is not analysed"),
                        )
                        .between(twin.map(|t| &t.node), Some(&residue.node))
                        .help("compare the two by hand, or write the schema without it"),
                    );
                }
            }
        }
        for residue in had {
            let (rule, what) = match residue.kind {
                ResidueKind::Not => (&rules::NOT_NARROWED, "a `not`"),
                ResidueKind::If => (&rules::CONDITION_REMOVED, "a condition"),
                _ => (&rules::ALL_OF_BRANCH_REMOVED, "a further schema"),
            };
            let message = format!("{{at}} need no longer hold to {what}");
            out.say(Draft::new(rule, message).between(Some(&residue.node), None));
        }
    }

    fn same_residue(
        &self,
        old: &Residue<'s>,
        new: &Residue<'s>,
        old_flat: &Flat<'s>,
        new_flat: &Flat<'s>,
    ) -> bool {
        if old.kind != new.kind {
            return false;
        }
        match old.kind {
            ResidueKind::AnyOf | ResidueKind::OneOf => self
                .sameness
                .same_all(&children(&old.node), &children(&new.node)),
            ResidueKind::Not => self.sameness.same(&old.node, &new.node),
            ResidueKind::If => ["if", "then", "else"].iter().all(|key| {
                match (old.node.get(key), new.node.get(key)) {
                    (Some(a), Some(b)) => self.sameness.same(&a, &b),
                    (None, None) => true,
                    _ => false,
                }
            }),
            ResidueKind::UnevaluatedProperties | ResidueKind::UnevaluatedItems => {
                // The same only where everything that it depends on is the same too.
                self.sameness.same(&old.node, &new.node)
                    && old_flat.roots_same(new_flat, &self.sameness)
            }
            ResidueKind::Opaque => old.node.value == new.node.value && self.sameness.files_same(),
        }
    }

    /// Goes down into alternatives that say the same, for what is said about them.
    fn notes_below(&self, old: &Residue<'s>, new: &Residue<'s>, out: &mut Outcome<'s>) {
        if !matches!(new.kind, ResidueKind::AnyOf | ResidueKind::OneOf) {
            return;
        }
        let (a, b) = (children(&old.node), children(&new.node));
        for (x, y) in a.iter().zip(&b) {
            if x.value != y.value && self.sameness.same(x, y) {
                out.children.push(Child {
                    via: Via::Same,
                    token: None,
                    old: one(x),
                    new: one(y),
                    same_option: true,
                });
            }
        }
    }

    fn choice(
        &self,
        old: &Flat<'s>,
        twin: Option<&Residue<'s>>,
        new: &Residue<'s>,
        depth: usize,
        out: &mut Outcome<'s>,
    ) {
        let branches = children(&new.node);
        let exclusive = new.kind == ResidueKind::OneOf;
        let disjoint = !exclusive || self.all_apart(&branches);
        let Some(twin) = twin else {
            if !self.fits(old, &branches, disjoint, depth) {
                let word = if exclusive { "exactly one" } else { "one" };
                out.say(
                    Draft::new(
                        &rules::ALL_OF_BRANCH_ADDED,
                        format!(
                            "{{at}} must hold to {word} of {} schemas now",
                            branches.len()
                        ),
                    )
                    .between(None, Some(&new.node)),
                );
            }
            return;
        };
        self.alternatives(twin, new, &branches, disjoint, depth, out);
    }

    /// Says whether everything that old admits holds to one of some alternatives (and, where
    /// they are not apart from one another, to one only).
    fn fits(&self, old: &Flat<'s>, branches: &[Node<'s>], disjoint: bool, depth: usize) -> bool {
        if depth >= 5 {
            return false;
        }
        let flats: Vec<Flat<'s>> = branches
            .iter()
            .map(|branch| flatten(&one(branch)))
            .collect();
        let one_of = |old: &Flat<'s>| {
            (0..flats.len()).any(|index| {
                let mut others = flats.iter().enumerate().filter(|(at, _)| *at != index);
                (disjoint || others.all(|(_, other)| apart(old, other, 0)))
                    && self.covered_flat(old, &flats[index], depth + 1)
            })
        };
        if one_of(old) {
            return true;
        }
        let cases = Types::GROUPS
            .iter()
            .filter(|(group, _)| old.types().meets(*group));
        let each = |group: Types| {
            let mut case = old.clone();
            case.free = case.free.and(group);
            case.listed.retain(|value| group.has(Types::of(value)));
            case.prune();
            one_of(&case)
        };
        if cases.clone().count() > 1 && cases.clone().all(|(group, _)| each(*group)) {
            return true;
        }
        // `X or not Y` holds where all that holds Y holds X.
        disjoint
            && branches.len() <= 8
            && flats.iter().enumerate().any(|(index, flat)| {
                let refused = match flat.residue.as_slice() {
                    [only] if only.kind == ResidueKind::Not && flat.says_only_residue() => only,
                    _ => return false,
                };
                let twin = branches
                    .iter()
                    .enumerate()
                    .any(|(at, branch)| at != index && self.sameness.same(branch, &refused.node));
                if twin {
                    return true;
                }
                let held = old.with(flatten(&one(&refused.node)));
                let mut others = flats.iter().enumerate().filter(|(at, _)| *at != index);
                others.any(|(_, other)| self.covered_flat(&held, other, depth + 1))
            })
    }

    #[allow(clippy::too_many_arguments)]
    fn alternatives(
        &self,
        twin: &Residue<'s>,
        new: &Residue<'s>,
        branches: &[Node<'s>],
        disjoint: bool,
        depth: usize,
        out: &mut Outcome<'s>,
    ) {
        let before = children(&twin.node);
        let was_exclusive = twin.kind == ResidueKind::OneOf;
        let exclusive = new.kind == ResidueKind::OneOf;
        let mut left: Vec<&Node<'s>> = branches.iter().collect();
        let mut open: Vec<&Node<'s>> = Vec::new();
        for branch in &before {
            match left.iter().position(|new| self.sameness.same(branch, new)) {
                Some(at) => {
                    left.remove(at);
                }
                None => open.push(branch),
            }
        }
        let unchanged = open.is_empty();
        let mut uncovered: Vec<&Node<'s>> = Vec::new();
        for branch in open {
            let x = one(branch);
            if flatten(&x).is_never() {
                continue;
            }
            let home = branches
                .iter()
                .find(|new| self.covered(&x, &one(new), depth + 1));
            match home {
                Some(home) => left.retain(|new| !std::ptr::eq(new.value, home.value)),
                None => uncovered.push(branch),
            }
        }
        for branch in uncovered {
            let flat = flatten(&one(branch));
            let like = left
                .iter()
                .position(|new| resembles(&flat, &flatten(&one(new))));
            if let Some(like) = like {
                let new = left.remove(like);
                out.children.push(Child {
                    via: Via::Same,
                    token: None,
                    old: one(branch),
                    new: one(new),
                    same_option: true,
                });
                continue;
            }
            let rule = if was_exclusive {
                &rules::ONE_OF_BRANCH_REMOVED
            } else {
                &rules::ANY_OF_BRANCH_REMOVED
            };
            out.say(
                Draft::new(rule, "one of the alternatives of {at} is gone")
                    .between(Some(branch), Some(&new.node))
                    .focus(Focus::Of(branch.clone()))
                    .help("keep the alternative for one release"),
            );
        }
        let changed = !unchanged || !left.is_empty();
        if exclusive && !disjoint && (changed || !was_exclusive) {
            let (rule, message) = if !was_exclusive {
                (
                    &rules::ANY_OF_TO_ONE_OF,
                    "{at} must hold to exactly one of its alternatives now, and they overlap",
                )
            } else if let Some(added) = left.first() {
                out.say(
                    Draft::new(
                        &rules::ONE_OF_BRANCH_ADDED,
                        "the new alternative of {at} may overlap with one that was there",
                    )
                    .claim(super::draft::Claim::Refuses)
                    .between(None, Some(added))
                    .focus(Focus::Of((*added).clone())),
                );
                return;
            } else {
                (
                    &rules::ONE_OF_BRANCH_CHANGED,
                    "the alternatives of {at} changed, and may overlap now",
                )
            };
            out.say(Draft::new(rule, message).between(Some(&twin.node), Some(&new.node)));
            return;
        }
        if was_exclusive && !exclusive {
            let message = "{at} may hold to several of its alternatives at once";
            out.say(
                Draft::new(&rules::ONE_OF_TO_ANY_OF, message)
                    .between(Some(&twin.node), Some(&new.node)),
            );
        }
        let rule = if exclusive {
            &rules::ONE_OF_BRANCH_ADDED
        } else {
            &rules::ANY_OF_BRANCH_ADDED
        };
        for added in left {
            out.say(
                Draft::new(rule, "{at} has a new alternative")
                    .claim(super::draft::Claim::Plain(super::Verdict::Compatible))
                    .between(None, Some(added)),
            );
        }
    }

    fn opposite(
        &self,
        old: &Flat<'s>,
        twin: Option<&Residue<'s>>,
        new: &Residue<'s>,
        depth: usize,
        out: &mut Outcome<'s>,
    ) {
        let refused = flatten(&one(&new.node));
        if apart(old, &refused, 0) {
            return;
        }
        let Some(twin) = twin else {
            out.say(
                Draft::new(&rules::NOT_WIDENED, "{at} must not hold to a schema now")
                    .between(None, Some(&new.node))
                    .focus(Focus::Of(new.node.clone())),
            );
            return;
        };
        let draft = if self.covered(&one(&new.node), &one(&twin.node), depth + 1) {
            Draft::new(&rules::NOT_NARROWED, "the `not` of {at} refuses less")
        } else {
            Draft::new(&rules::NOT_WIDENED, "the `not` of {at} may refuse more now")
                .focus(Focus::Of(new.node.clone()))
        };
        out.say(draft.between(Some(&twin.node), Some(&new.node)));
    }

    fn condition(
        &self,
        twin: Option<&Residue<'s>>,
        new: &Residue<'s>,
        depth: usize,
        out: &mut Outcome<'s>,
    ) {
        let held = twin.is_some_and(|twin| {
            let same_if = match (twin.node.get("if"), new.node.get("if")) {
                (Some(a), Some(b)) => self.sameness.same(&a, &b),
                _ => false,
            };
            same_if
                && ["then", "else"].iter().all(|key| {
                    let conj = |node: &Node<'s>| node.get(key).map_or_else(Vec::new, |n| one(&n));
                    let (x, y) = (conj(&twin.node), conj(&new.node));
                    self.covered(&x, &y, depth + 1)
                })
        });
        let old = twin.map(|twin| &twin.node);
        if held {
            let message = "the condition on {at} asks for less";
            out.say(Draft::new(&rules::CONDITION_REMOVED, message).between(old, Some(&new.node)));
        } else {
            let message = if twin.is_some() {
                "the condition on {at} changed"
            } else {
                "{at} must hold to a condition now"
            };
            out.say(Draft::new(&rules::CONDITION_CHANGED, message).between(old, Some(&new.node)));
        }
    }

    fn all_apart(&self, branches: &[Node<'s>]) -> bool {
        if branches.len() > 64 {
            return false;
        }
        let flats: Vec<Flat<'s>> = branches.iter().map(|b| flatten(&one(b))).collect();
        flats.iter().enumerate().all(|(index, a)| {
            let mut later = flats.iter().skip(index + 1);
            later.all(|b| apart(a, b, 0))
        })
    }
}

fn pairs(a: ResidueKind, b: ResidueKind) -> bool {
    let choice = |kind| matches!(kind, ResidueKind::AnyOf | ResidueKind::OneOf);
    a == b || (choice(a) && choice(b))
}

/// Says whether it is plain to see that no value holds both.
pub(super) fn apart(a: &Flat<'_>, b: &Flat<'_>, depth: usize) -> bool {
    let whole = |flat: &Flat<'_>| flat.types();
    let both = whole(a).and(whole(b));
    if both.is_empty() {
        return true;
    }
    if depth >= APART {
        return false;
    }
    let listed_apart = |types: Types| {
        let of = |flat: &Flat<'_>| -> Vec<crate::document::Value> {
            let values = flat
                .listed
                .iter()
                .filter(|value| types.has(Types::of(value)));
            values.map(|value| (*value).clone()).collect()
        };
        match (a.free.meets(types), b.free.meets(types)) {
            (false, false) => {
                let other = of(b);
                of(a).iter().all(|value| !other.contains(value))
            }
            _ => false,
        }
    };
    let map_apart = || {
        let names = a.object.required.keys().chain(b.object.required.keys());
        names.into_iter().any(|name| {
            let asked = |flat: &Flat<'_>| flat.object.required.contains_key(name);
            match (declared(a, name), declared(b, name)) {
                (Some(x), Some(y)) => {
                    (asked(a) && asked(b) && apart(&x, &y, depth + 1))
                        || (asked(a) && y.is_never())
                        || (asked(b) && x.is_never())
                }
                (Some(_), None) => asked(a) && closed_to(b, name),
                (None, Some(_)) => asked(b) && closed_to(a, name),
                (None, None) => false,
            }
        })
    };
    Types::GROUPS
        .iter()
        .filter(|(group, _)| both.meets(*group))
        .all(|(group, _)| {
            if *group == Types::OBJECT && a.free.has(Types::OBJECT) && b.free.has(Types::OBJECT) {
                return map_apart();
            }
            if *group == Types::BOOLEAN || *group == Types::NULL {
                return !both.meets(*group);
            }
            listed_apart(*group)
        })
}

/// Gives what is declared of a name.
fn declared<'s>(flat: &Flat<'s>, name: &str) -> Option<Flat<'s>> {
    let parts = flat.object.parts.iter();
    let nodes: Conj<'s> = parts
        .filter_map(|part| part.properties.get(name).cloned())
        .collect();
    (!nodes.is_empty()).then(|| flatten(&nodes))
}

/// Says whether a map refuses a name that it does not declare.
fn closed_to(flat: &Flat<'_>, name: &str) -> bool {
    flat.object.parts.iter().any(|part| {
        !part.properties.contains_key(name)
            && part.patterns.is_empty()
            && (part.additional.as_ref()).is_some_and(|node| node.value.as_bool() == Some(false))
    })
}

/// Says whether one alternative could be another's new form.
fn resembles(a: &Flat<'_>, b: &Flat<'_>) -> bool {
    if !a.types().meets(b.types()) {
        return false;
    }
    !(a.types() == Types::OBJECT && b.types() == Types::OBJECT && apart(a, b, 0))
}
