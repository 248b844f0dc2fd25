//! Alternatives, conditions and opposites: what has no normal form.

use super::draft::{Child, Draft, Focus, Outcome, Via};
use super::flat::{Conj, Flat, Node, Residue, ResidueKind};
use super::flatten::{children, flatten};
use super::judge::Judge;
use super::rules;
use super::types::Types;
use crate::inclusion::{Answer, Claim};

fn one<'s>(node: &Node<'s>) -> Conj<'s> {
    vec![node.clone()]
}

impl<'s> Judge<'s> {
    /// Compares what has no normal form.
    pub(super) fn composition(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let mut had: Vec<&Residue<'s>> = old.residue.iter().collect();
        let mut has: Vec<&Residue<'s>> = Vec::new();
        for residue in &new.residue {
            match had.iter().position(|twin| self.same_residue(twin, residue)) {
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
                    self.choice(old, twin, residue, out);
                }
                ResidueKind::Not => self.opposite(old, &new.roots, twin, residue, out),
                ResidueKind::If => self.condition(twin, residue, out),
                ResidueKind::UnevaluatedProperties => {
                    let refuses = residue.node.value.as_bool() == Some(false);
                    let (rule, message) = match refuses {
                        true => (
                            &rules::OBJECT_CLOSED,
                            "{at} refuses names that none of its schemas know",
                        ),
                        false => (
                            &rules::ADDITIONAL_VALUES_NARROWED,
                            "values of names in {at} that none of its schemas know must hold to another schema",
                        ),
                    };
                    let twin = twin.map(|twin| &twin.node);
                    out.say(Draft::new(rule, message).between(twin, Some(&residue.node)));
                }
                _ => {
                    let keyword = residue.node.pointer().last().unwrap_or("schema").to_owned();
                    out.say(
                        Draft::new(
                            &rules::UNMODELLED_KEYWORD_CHANGED,
                            format!("what `{keyword}` says of {{at}} is another thing now"),
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

    fn same_residue(&self, old: &Residue<'s>, new: &Residue<'s>) -> bool {
        if old.kind != new.kind {
            return false;
        }
        match old.kind {
            ResidueKind::AnyOf | ResidueKind::OneOf => {
                self.same_all(&children(&old.node), &children(&new.node))
            }
            ResidueKind::Not => self.same(&old.node, &new.node),
            ResidueKind::If => ["if", "then", "else"].iter().all(|key| {
                match (old.node.get(key), new.node.get(key)) {
                    (Some(a), Some(b)) => self.same(&a, &b),
                    (None, None) => true,
                    _ => false,
                }
            }),
            ResidueKind::UnevaluatedProperties
            | ResidueKind::UnevaluatedItems
            | ResidueKind::Opaque => self.same_keyword(&old.node, &new.node),
        }
    }

    /// Goes down into alternatives that say the same, for what is said about them.
    fn notes_below(&self, old: &Residue<'s>, new: &Residue<'s>, out: &mut Outcome<'s>) {
        if !matches!(new.kind, ResidueKind::AnyOf | ResidueKind::OneOf) {
            return;
        }
        let (a, b) = (children(&old.node), children(&new.node));
        for (x, y) in a.iter().zip(&b) {
            if x.value != y.value && self.same(x, y) {
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
        out: &mut Outcome<'s>,
    ) {
        let branches = children(&new.node);
        let exclusive = new.kind == ResidueKind::OneOf;
        let disjoint = !exclusive || self.all_apart(&branches);
        let Some(twin) = twin else {
            if !self.fits(old, &new.node) {
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
        self.alternatives(twin, new, &branches, disjoint, out);
    }

    /// Says whether everything that old admits holds to a keyword of new.
    fn fits(&self, old: &Flat<'s>, keyword: &Node<'s>) -> bool {
        let place = keyword.parent().zip(keyword.keyword());
        place.is_some_and(|(holder, name)| {
            let holds = old.roots.iter().cloned().map(Claim::Holds);
            let claims: Vec<Claim<'s>> = holds.chain([Claim::Breaks(holder, name)]).collect();
            self.find(&claims) == Answer::Impossible
        })
    }

    fn alternatives(
        &self,
        twin: &Residue<'s>,
        new: &Residue<'s>,
        branches: &[Node<'s>],
        disjoint: bool,
        out: &mut Outcome<'s>,
    ) {
        let before = children(&twin.node);
        let was_exclusive = twin.kind == ResidueKind::OneOf;
        let exclusive = new.kind == ResidueKind::OneOf;
        let mut left: Vec<&Node<'s>> = branches.iter().collect();
        let mut open: Vec<&Node<'s>> = Vec::new();
        for branch in &before {
            match left.iter().position(|new| self.same(branch, new)) {
                Some(at) => {
                    left.remove(at);
                }
                None => open.push(branch),
            }
        }
        let unchanged = open.is_empty();
        for branch in open {
            let x = one(branch);
            let flat = flatten(&x);
            if flat.is_never() {
                continue;
            }
            let alike = |new: &&Node<'s>| self.resembles(&flat, &flatten(&one(new)));
            let alike: Vec<&Node<'s>> = left.iter().copied().filter(alike).collect();
            // Of several it is the one that holds all of it, else the first.
            let home = match alike[..] {
                [] | [_] => None,
                _ => alike.iter().find(|new| self.covered(&x, &one(new))),
            };
            if let Some(new) = home.or(alike.first()) {
                left.retain(|other| !std::ptr::eq(other.value, new.value));
                out.children.push(Child {
                    via: Via::Same,
                    token: None,
                    old: x,
                    new: one(new),
                    same_option: true,
                });
                continue;
            }
            if branches.iter().any(|new| self.covered(&x, &one(new))) {
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
        roots: &Conj<'s>,
        twin: Option<&Residue<'s>>,
        new: &Residue<'s>,
        out: &mut Outcome<'s>,
    ) {
        let was = twin.map(|twin| &twin.node);
        let held = self.apart(&old.roots, &one(&new.node));
        let draft = match was {
            // What was refused is refused still, here or by what stands beside it.
            _ if held && was.is_none_or(|was| self.apart(roots, &one(was))) => return,
            _ if held => Draft::new(&rules::NOT_NARROWED, "the `not` of {at} refuses less"),
            Some(_) => Draft::new(&rules::NOT_WIDENED, "the `not` of {at} may refuse more now")
                .focus(Focus::Of(new.node.clone())),
            None => Draft::new(&rules::NOT_WIDENED, "{at} must not hold to a schema now")
                .focus(Focus::Of(new.node.clone())),
        };
        out.say(draft.between(was, Some(&new.node)));
    }

    fn condition(&self, twin: Option<&Residue<'s>>, new: &Residue<'s>, out: &mut Outcome<'s>) {
        let part = |node: &Node<'s>, key| node.get(key).map_or_else(Vec::new, |n| one(&n));
        let same_if = twin.filter(|twin| {
            let both = twin.node.get("if").zip(new.node.get("if"));
            both.is_some_and(|(a, b)| self.same(&a, &b))
        });
        if let Some(twin) = same_if {
            let branches =
                ["then", "else"].map(|key| (part(&twin.node, key), part(&new.node, key)));
            let added = branches.iter().any(|(x, y)| x.is_empty() && !y.is_empty());
            if !added {
                // What the branches say is compared where they say it.
                for (old, new_branch) in branches {
                    if new_branch.is_empty() && !old.is_empty() {
                        let message = "the condition on {at} asks for less";
                        let draft = Draft::new(&rules::CONDITION_REMOVED, message);
                        out.say(draft.between(Some(&twin.node), Some(&new.node)));
                    } else if !self.same_all(&old, &new_branch) {
                        out.children.push(Child {
                            via: Via::Same,
                            token: None,
                            old,
                            new: new_branch,
                            same_option: true,
                        });
                    }
                }
                return;
            }
        }
        let held = same_if.is_some_and(|twin| {
            let covered = |key| self.covered(&part(&twin.node, key), &part(&new.node, key));
            covered("then") && covered("else")
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
        self.disjoint(branches)
    }

    /// Says whether one alternative could be another's new form.
    fn resembles(&self, a: &Flat<'s>, b: &Flat<'s>) -> bool {
        let maps = a.types() == Types::OBJECT && b.types() == Types::OBJECT;
        a.types().meets(b.types()) && !(maps && self.apart(&a.roots, &b.roots))
    }
}

fn pairs(a: ResidueKind, b: ResidueKind) -> bool {
    let choice = |kind| matches!(kind, ResidueKind::AnyOf | ResidueKind::OneOf);
    a == b || (choice(a) && choice(b))
}
