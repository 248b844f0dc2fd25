//! A change as the walk names it, before a document shows it.

use smol_str::SmolStr;

use super::flat::{Conj, Node};
use super::rules::CompatRule;
use super::types::Types;
use super::verdict::Verdict;
use crate::text::Pointer;

/// What has to be shown for a change to be what it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// A document that old accepts and new refuses; without one nothing is known.
    Refuses,
    /// A document that both accept, in which an option is set that new does not know.
    Ignores,
    /// Nothing: the verdict follows from the structure.
    Plain(Verdict),
}

/// Where to look for the document that shows a change.
#[derive(Clone, Debug)]
pub(super) enum Focus<'s> {
    /// A map with a member that old admits.
    Member(SmolStr),
    /// A map with a member, whatever stands there.
    With(SmolStr),
    /// A map with a member whose value old admits and new may not.
    Clash(SmolStr),
    /// A map without a member.
    Without(SmolStr),
    /// A map with one member and without another.
    WithWithout(SmolStr, SmolStr),
    /// A value of one of the types.
    OfTypes(Types),
    /// A value that a schema lists.
    Listed(&'s crate::document::Value),
    /// `true` or `false`.
    Truth(bool),
    /// A value that a branch admits.
    Of(Node<'s>),
    /// Any value near the bounds of both sides.
    Near,
}

/// One change at a place.
#[derive(Clone)]
pub(super) struct Draft<'s> {
    pub(super) rule: &'static CompatRule,
    pub(super) claim: Claim,
    /// One step further down than the place itself.
    pub(super) token: Option<SmolStr>,
    /// Another place than the pair's own.
    pub(super) at: Option<Pointer>,
    /// The message, with `{at}` where the place is named.
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) old: Option<Node<'s>>,
    pub(super) new: Option<Node<'s>>,
    pub(super) focus: Focus<'s>,
    /// Whether a milder verdict, given by policy, still means that something may be refused.
    pub(super) narrows: bool,
}

/// How a value is reached from the value above it.
#[derive(Clone, Debug)]
pub(super) enum Via {
    /// It is the member of that name.
    Member(SmolStr),
    /// It is the item at that index.
    Item(usize),
    /// It is the same value, under a branch of its schema.
    Same,
}

/// A pair of places further down.
pub(super) struct Child<'s> {
    pub(super) via: Via,
    /// What the pointer shows: the name, the index, or `*` for all.
    pub(super) token: Option<SmolStr>,
    pub(super) old: Conj<'s>,
    pub(super) new: Conj<'s>,
    /// Whether both sides speak of the same option, so that a changed annotation is news.
    pub(super) same_option: bool,
}

/// What comparing two places gave.
#[derive(Default)]
pub(super) struct Outcome<'s> {
    pub(super) drafts: Vec<Draft<'s>>,
    pub(super) children: Vec<Child<'s>>,
    /// The options that are new, with their schemas.
    pub(super) fresh: Vec<(SmolStr, Conj<'s>)>,
}

impl<'s> Draft<'s> {
    /// Makes a change whose verdict is the rule's own; a breaking one has to be shown.
    pub(super) fn new(rule: &'static CompatRule, message: impl Into<String>) -> Self {
        let claim = match rule.verdict {
            Verdict::Breaking | Verdict::Unknown => Claim::Refuses,
            plain => Claim::Plain(plain),
        };
        Self {
            rule,
            claim,
            token: None,
            at: None,
            message: message.into(),
            help: None,
            old: None,
            new: None,
            focus: Focus::Near,
            narrows: rule.narrows_by_policy,
        }
    }

    pub(super) fn between(mut self, old: Option<&Node<'s>>, new: Option<&Node<'s>>) -> Self {
        (self.old, self.new) = (old.cloned(), new.cloned());
        self
    }

    pub(super) fn at(mut self, token: &str) -> Self {
        self.token = Some(token.into());
        self
    }

    pub(super) fn claim(mut self, claim: Claim) -> Self {
        self.claim = claim;
        self
    }

    pub(super) fn focus(mut self, focus: Focus<'s>) -> Self {
        self.focus = focus;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says that what was valid is refused, although policy may make that milder.
    pub(super) fn narrowing(mut self) -> Self {
        self.narrows = true;
        self
    }

    /// Says whether something may be lost.
    pub(super) fn may_lose(&self) -> bool {
        match self.claim {
            Claim::Refuses => true,
            Claim::Ignores => false,
            Claim::Plain(_) => self.narrows,
        }
    }
}

impl<'s> Outcome<'s> {
    pub(super) fn say(&mut self, draft: Draft<'s>) {
        self.drafts.push(draft);
    }

    /// Says that an option must be set which the program may fill in itself.
    pub(super) fn say_filled(&mut self, filled: bool, mut draft: Draft<'s>) {
        draft.narrows = filled;
        self.drafts.push(draft);
    }

    pub(super) fn may_lose(&self) -> bool {
        self.drafts.iter().any(Draft::may_lose)
    }
}
