//! Lists: their length and what stands in them.

use smol_str::{SmolStr, ToSmolStr};

use super::draft::{Child, Draft, Outcome, Via};
use super::flat::{Arrays, Conj, Contains, Count, Flat, Node};
use super::flatten::flatten;
use super::judge::Judge;
use super::rules;
use super::scalar::{Moves, count};

const MIN_ITEMS: Moves = Moves {
    added: &rules::MIN_ITEMS_RAISED,
    tightened: &rules::MIN_ITEMS_RAISED,
    loosened: &rules::MIN_ITEMS_LOWERED,
    removed: &rules::MIN_ITEMS_LOWERED,
};
const MAX_ITEMS: Moves = Moves {
    added: &rules::MAX_ITEMS_LOWERED,
    tightened: &rules::MAX_ITEMS_LOWERED,
    loosened: &rules::MAX_ITEMS_RAISED,
    removed: &rules::MAX_ITEMS_RAISED,
};

/// Items by position beyond this many are not looked at one by one.
const PREFIX: usize = 4096;

/// Gives the first of some schemas, for a location.
fn first<'a, 's>(conj: &'a Conj<'s>) -> Option<&'a Node<'s>> {
    conj.first()
}

/// Gives the most items there can be.
fn longest<'s>(array: &Arrays<'s>) -> Option<Count<'s>> {
    let rest = array.rest();
    let closed = flatten(&rest).is_never();
    let closing = closed.then(|| {
        // The shortest tuple that is closed decides.
        let parts = array.parts.iter().filter_map(|part| {
            let rest = part.rest.as_ref()?;
            let never = flatten(std::slice::from_ref(rest)).is_never();
            never.then(|| Count {
                value: part.prefix.len() as u64,
                node: rest.clone(),
            })
        });
        parts.min_by_key(|count| count.value)
    });
    let closing = closing.flatten();
    match (&array.max, closing) {
        (Some(max), Some(closing)) if max.value <= closing.value => Some(max.clone()),
        (_, Some(closing)) => Some(closing),
        (max, None) => max.clone(),
    }
}

impl<'s> Judge<'s> {
    /// Compares lists.
    pub(super) fn arrays(&self, old: &Flat<'s>, new: &Flat<'s>, out: &mut Outcome<'s>) {
        let (a, b) = (&old.array, &new.array);
        let sentence = "{at} must have at least {n} items";
        count(
            a.min.as_ref(),
            b.min.as_ref(),
            0,
            true,
            &MIN_ITEMS,
            sentence,
            out,
        );
        let most = longest(a);
        let closed_new = flatten(&b.rest()).is_never();
        let implied = match (&most, &b.max) {
            (Some(most), Some(max)) => most.value <= max.value,
            _ => false,
        };
        // A limit that goes from a list that is closed at no more items allows nothing.
        let dropped = match (&a.max, &b.max, longest(b)) {
            (Some(was), None, Some(is)) => is.value <= was.value,
            _ => false,
        };
        let implied = implied && b.max.as_ref().is_some_and(|_| a.max.is_none());
        if !implied && !dropped {
            let sentence = "{at} must have at most {n} items";
            let old_max = a.max.as_ref();
            count(
                old_max,
                b.max.as_ref(),
                u64::MAX,
                false,
                &MAX_ITEMS,
                sentence,
                out,
            );
        }
        let single = most.as_ref().is_some_and(|most| most.value <= 1);
        match (&a.unique, &b.unique) {
            (None, Some(node)) if !single => out.say(
                Draft::new(
                    &rules::UNIQUE_ITEMS_ADDED,
                    "the items of {at} must differ from one another now",
                )
                .between(None, Some(node)),
            ),
            (Some(node), None) => out.say(
                Draft::new(
                    &rules::UNIQUE_ITEMS_REMOVED,
                    "the items of {at} need no longer differ from one another",
                )
                .between(Some(node), None),
            ),
            _ => {}
        }
        self.items(a, b, most.as_ref(), closed_new, out);
        self.contains(a, b, out);
    }

    fn items(
        &self,
        a: &Arrays<'s>,
        b: &Arrays<'s>,
        most: Option<&Count<'s>>,
        closed_new: bool,
        out: &mut Outcome<'s>,
    ) {
        let reach = most.map_or(u64::MAX, |most| most.value);
        let (len_a, len_b) = (a.prefix_len().min(PREFIX), b.prefix_len().min(PREFIX));
        for index in 0..len_a.max(len_b) {
            let (x, y) = (a.item(index), b.item(index));
            if index as u64 >= reach {
                if index < len_b && index >= len_a && !flatten(&y).is_never() {
                    let message = format!("{{at}} may have an item at position {index}");
                    let draft = Draft::new(&rules::PREFIX_ITEM_ADDED, message);
                    out.say(draft.between(first(&x), first(&y)));
                }
                continue;
            }
            if index >= len_b && closed_new {
                // Said once, of the list as a whole.
                continue;
            }
            self.item(Via::Item(index), &index.to_smolstr(), x, y, out);
            if index < len_a && index >= len_b && b.rest().is_empty() {
                let message = format!("the item at position {index} of {{at}} may be anything");
                let draft = Draft::new(&rules::PREFIX_ITEM_REMOVED, message);
                out.say(draft.between(first(&a.item(index)), None));
            }
        }
        let behind = len_a.max(len_b);
        let (x, y) = (a.rest(), b.rest());
        let (open, shut) = (!flatten(&x).is_never(), flatten(&y).is_never());
        if shut {
            let limit = longest(b).map_or(0, |count| count.value);
            if reach > limit && (open || reach > len_b as u64) {
                let message = format!("{{at}} must have at most {limit} items now");
                out.say(Draft::new(&rules::TUPLE_CLOSED, message).between(first(&x), first(&y)));
            }
        } else if !open {
            let draft = Draft::new(&rules::TUPLE_OPENED, "{at} may have more items");
            out.say(draft.between(first(&x), first(&y)));
        } else if (behind as u64) < reach {
            self.item(Via::Item(behind), "*", x, y, out);
        }
    }

    /// Compares the schemas of one item, or of all behind the prefix.
    fn item(&self, via: Via, token: &str, x: Conj<'s>, y: Conj<'s>, out: &mut Outcome<'s>) {
        let token: SmolStr = token.into();
        match (flatten(&x).is_anything(), flatten(&y).is_anything()) {
            (true, true) => return,
            (true, false) => {
                let message = "what stands in {at} was free, and has a schema now";
                out.say(Draft::new(&rules::ITEMS_NARROWED, message).between(first(&x), first(&y)));
                return;
            }
            (false, true) => {
                let message = "anything may stand in {at} now";
                out.say(Draft::new(&rules::ITEMS_WIDENED, message).between(first(&x), first(&y)));
                return;
            }
            (false, false) => {}
        }
        out.children.push(Child {
            via,
            token: Some(token),
            old: x,
            new: y,
            same_option: true,
        });
    }

    fn contains(&self, a: &Arrays<'s>, b: &Arrays<'s>, out: &mut Outcome<'s>) {
        let mut unused: Vec<&Contains<'s>> = a.contains.iter().collect();
        for wanted in &b.contains {
            if wanted.min == 0 && wanted.max.is_none() {
                continue;
            }
            let twin = (unused.iter())
                .position(|had| self.same(&had.node, &wanted.node))
                .or((!unused.is_empty()).then_some(0));
            let Some(twin) = twin else {
                let message = "{at} must contain an item of a certain kind now";
                out.say(
                    Draft::new(&rules::CONTAINS_ADDED, message).between(None, Some(&wanted.node)),
                );
                continue;
            };
            let had = unused.remove(twin);
            self.contained(had, wanted, out);
        }
        for had in unused {
            let message = "{at} need no longer contain an item of a certain kind";
            out.say(Draft::new(&rules::CONTAINS_REMOVED, message).between(Some(&had.node), None));
        }
    }

    fn contained(&self, had: &Contains<'s>, wanted: &Contains<'s>, out: &mut Outcome<'s>) {
        let one = |node: &Node<'s>| vec![node.clone()];
        let (x, y) = (one(&had.node), one(&wanted.node));
        let same = self.same(&had.node, &wanted.node);
        let fits = same || wanted.min == 0 || self.covered(&x, &y);
        let stays = same || wanted.max.is_none() || self.covered(&y, &x);
        let mut say = |rule, message: String| {
            let draft = Draft::new(rule, message);
            out.say(draft.between(Some(&had.node), Some(&wanted.node)));
        };
        if !fits || !stays {
            say(
                &rules::CONTAINS_NARROWED,
                "the kind of item that {at} must contain changed".to_owned(),
            );
        }
        if wanted.min > had.min {
            let message = format!("{{at}} must contain at least {} such items now", wanted.min);
            say(&rules::MIN_CONTAINS_RAISED, message);
        } else if wanted.min < had.min {
            let message = format!("{{at}} need contain only {} such items", wanted.min);
            say(&rules::MIN_CONTAINS_LOWERED, message);
        }
        match (had.max, wanted.max) {
            (a, Some(b)) if a.is_none_or(|a| b < a) => {
                let message = format!("{{at}} must contain at most {b} such items now");
                say(&rules::MAX_CONTAINS_LOWERED, message);
            }
            (Some(a), b) if b.is_none_or(|b| b > a) => {
                let message = "{at} may contain more such items".to_owned();
                say(&rules::MAX_CONTAINS_RAISED, message);
            }
            _ => {}
        }
    }
}
