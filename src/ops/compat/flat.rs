//! A schema place in its normal form: what it says of each JSON type, apart from how it says it.
//!
//! `$ref` is followed, `allOf` dissolved, `const` is an `enum` of one, draft 4's boolean
//! `exclusiveMinimum` is a bound like any other, and what cannot concern any admitted type is
//! gone. What has no normal form here (a `oneOf` that overlaps, `if`, `not`, …) stays as a
//! [`Residue`].

use std::collections::BTreeMap;

use super::known::Known;
use super::types::Types;
use crate::config::schema::SchemaNode;
use crate::document::{Decimal, Number, Value};

/// A place in a schema.
pub(super) type Node<'s> = SchemaNode<'s>;

/// Several schemas that hold of one value together; none at all holds of everything.
pub(super) type Conj<'s> = Vec<Node<'s>>;

/// What schemas that hold together say of a value.
#[derive(Clone)]
pub(super) struct Flat<'s> {
    /// The types of which every value is admitted, as far as the cases below admit it.
    pub(super) free: Types,
    /// The values admitted of other types.
    pub(super) listed: Vec<&'s Value>,
    /// The node that states a keyword; of several, the one that decides.
    pub(super) places: BTreeMap<&'static str, Node<'s>>,
    /// Where it says that nothing is valid, or where it contradicts itself.
    pub(super) number: Numbers<'s>,
    pub(super) string: Strings<'s>,
    pub(super) array: Arrays<'s>,
    pub(super) object: Objects<'s>,
    /// What has no normal form.
    pub(super) residue: Vec<Residue<'s>>,
    /// The annotations, the outermost first, by keyword.
    pub(super) notes: BTreeMap<&'s str, Node<'s>>,
    /// The references that lead nowhere.
    pub(super) broken: Vec<Node<'s>>,
    /// Every schema that a value must hold to on the way here.
    pub(super) held: Vec<Node<'s>>,
    /// The schemas that this is the normal form of.
    pub(super) roots: Vec<Node<'s>>,
}

/// A bound of numbers.
#[derive(Clone)]
pub(super) struct Bound<'s> {
    pub(super) value: Decimal,
    pub(super) exclusive: bool,
    pub(super) node: Node<'s>,
}

/// A count that bounds a length.
#[derive(Clone)]
pub(super) struct Count<'s> {
    pub(super) value: u64,
    pub(super) node: Node<'s>,
}

#[derive(Clone, Default)]
pub(super) struct Numbers<'s> {
    pub(super) lower: Option<Bound<'s>>,
    pub(super) upper: Option<Bound<'s>>,
    pub(super) multiples: Vec<Node<'s>>,
}

#[derive(Clone, Default)]
pub(super) struct Strings<'s> {
    pub(super) min: Option<Count<'s>>,
    pub(super) max: Option<Count<'s>>,
    pub(super) patterns: Vec<Node<'s>>,
    pub(super) formats: Vec<Node<'s>>,
    /// `contentEncoding`, `contentMediaType`: the language leaves open whether they refuse.
    pub(super) contents: Vec<Node<'s>>,
}

#[derive(Clone, Default)]
pub(super) struct Arrays<'s> {
    pub(super) min: Option<Count<'s>>,
    pub(super) max: Option<Count<'s>>,
    pub(super) unique: Option<Node<'s>>,
    pub(super) parts: Vec<ArrayPart<'s>>,
    pub(super) contains: Vec<Contains<'s>>,
}

/// What one schema says of items: the first by position, the others alike.
#[derive(Clone)]
pub(super) struct ArrayPart<'s> {
    pub(super) prefix: Vec<Node<'s>>,
    pub(super) rest: Option<Node<'s>>,
}

#[derive(Clone)]
pub(super) struct Contains<'s> {
    pub(super) node: Node<'s>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
}

#[derive(Clone, Default)]
pub(super) struct Objects<'s> {
    pub(super) min: Option<Count<'s>>,
    pub(super) max: Option<Count<'s>>,
    pub(super) required: BTreeMap<&'s str, Node<'s>>,
    pub(super) parts: Vec<ObjectPart<'s>>,
    pub(super) names: Vec<Node<'s>>,
    /// Names that a name asks for, as (name, name asked for).
    pub(super) dependent: BTreeMap<(&'s str, &'s str), Node<'s>>,
    /// Schemas that a name asks for.
    pub(super) dependent_schemas: Vec<(&'s str, Node<'s>)>,
}

/// What one schema says of members: `additional` holds of those that its own properties and
/// patterns do not name.
#[derive(Clone, Default)]
pub(super) struct ObjectPart<'s> {
    pub(super) properties: BTreeMap<&'s str, Node<'s>>,
    pub(super) patterns: Vec<(&'s str, Node<'s>)>,
    pub(super) additional: Option<Node<'s>>,
}

/// A construct that has no normal form.
#[derive(Clone)]
pub(super) struct Residue<'s> {
    pub(super) kind: ResidueKind,
    /// The keyword's value; for `if`, the schema that holds it.
    pub(super) node: Node<'s>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ResidueKind {
    AnyOf,
    OneOf,
    Not,
    If,
    UnevaluatedProperties,
    UnevaluatedItems,
    /// A reference whose target depends on who asks, or a keyword that is not understood.
    Opaque,
}

impl<'s> Flat<'s> {
    /// Gives what says nothing.
    pub(super) fn top() -> Self {
        Self {
            free: Types::ALL,
            listed: Vec::new(),
            places: BTreeMap::new(),
            number: Numbers::default(),
            string: Strings::default(),
            array: Arrays::default(),
            object: Objects::default(),
            residue: Vec::new(),
            notes: BTreeMap::new(),
            broken: Vec::new(),
            held: Vec::new(),
            roots: Vec::new(),
        }
    }

    /// Says that nothing is valid.
    pub(super) fn forbid(&mut self, node: &Node<'s>) {
        self.free = Types::NONE;
        self.listed.clear();
        self.places.entry("false").or_insert_with(|| node.clone());
    }
    /// Says whether nothing is valid, as far as types and listed values tell.
    pub(super) fn is_never(&self) -> bool {
        self.free.is_empty() && self.listed.is_empty()
    }

    /// Gives the types of which some value is admitted.
    pub(super) fn types(&self) -> Types {
        self.listed
            .iter()
            .fold(self.free, |types, value| types.or(Types::of(value)))
    }

    /// Says whether every value is valid.
    pub(super) fn is_anything(&self) -> bool {
        self.free == Types::ALL && self.is_bare() && self.residue.is_empty()
    }

    /// Says whether types and listed values say everything.
    pub(super) fn is_bare(&self) -> bool {
        self.number.is_bare()
            && self.string.is_bare()
            && self.array.is_bare()
            && self.object.is_bare()
    }

    /// Gives the listed values, to look many up.
    pub(super) fn known(&self) -> Known<'s> {
        Known::of(self.listed.iter().copied())
    }

    /// Drops what cannot concern any admitted type.
    pub(super) fn prune(&mut self) {
        let whole = |node: &Node<'s>| node.value.as_number().and_then(Number::to_i64) == Some(1);
        if self.number.multiples.iter().any(whole) {
            self.free = self.free.minus(Types::FRACTION);
        }
        let types = self.types();
        if !types.meets(Types::NUMBER) {
            self.number = Numbers::default();
        }
        if !types.meets(Types::STRING) {
            self.string = Strings::default();
        }
        if !types.meets(Types::ARRAY) {
            self.array = Arrays::default();
        }
        if !types.meets(Types::OBJECT) {
            self.object = Objects::default();
        }
    }

    /// Holds both.
    pub(super) fn meet(&mut self, other: Self) {
        let free = self.free.and(other.free);
        if !self.listed.is_empty() || !other.listed.is_empty() {
            let (mine, its) = (self.known(), other.known());
            let both = |value: &&Value| {
                let of = Types::of(value);
                !free.has(of)
                    && (self.free.has(of) || mine.holds(value))
                    && (other.free.has(of) || its.holds(value))
            };
            let all = self.listed.iter().chain(&other.listed).copied();
            self.listed = Known::of(all.filter(both)).into_values();
        }
        self.free = free;
        for (keyword, node) in other.places {
            self.places.entry(keyword).or_insert(node);
        }
        self.number.meet(other.number);
        self.string.meet(other.string);
        self.array.meet(other.array);
        self.object.meet(other.object);
        self.residue.extend(other.residue);
        for (keyword, node) in other.notes {
            self.notes.entry(keyword).or_insert(node);
        }
        self.broken.extend(other.broken);
        self.held.extend(other.held);
        // A mixture is no normal form of its parts alone.
        self.roots.clear();
    }
}

impl<'s> Numbers<'s> {
    fn is_bare(&self) -> bool {
        self.lower.is_none() && self.upper.is_none() && self.multiples.is_empty()
    }

    pub(super) fn at_least(&mut self, bound: Bound<'s>) {
        let tighter = self
            .lower
            .as_ref()
            .is_none_or(|old| (&bound.value, bound.exclusive) > (&old.value, old.exclusive));
        if tighter {
            self.lower = Some(bound);
        }
    }

    pub(super) fn at_most(&mut self, bound: Bound<'s>) {
        let tighter = self
            .upper
            .as_ref()
            .is_none_or(|old| (&old.value, bound.exclusive) > (&bound.value, old.exclusive));
        if tighter {
            self.upper = Some(bound);
        }
    }

    fn meet(&mut self, other: Self) {
        if let Some(bound) = other.lower {
            self.at_least(bound);
        }
        if let Some(bound) = other.upper {
            self.at_most(bound);
        }
        self.multiples.extend(other.multiples);
    }
}

/// Keeps the larger count.
pub(super) fn raise<'s>(slot: &mut Option<Count<'s>>, count: Option<Count<'s>>) {
    if let Some(count) = count
        && slot.as_ref().is_none_or(|old| count.value > old.value)
    {
        *slot = Some(count);
    }
}

/// Keeps the smaller count.
pub(super) fn lower<'s>(slot: &mut Option<Count<'s>>, count: Option<Count<'s>>) {
    if let Some(count) = count
        && slot.as_ref().is_none_or(|old| count.value < old.value)
    {
        *slot = Some(count);
    }
}

impl Strings<'_> {
    /// Says whether nothing is asked of strings.
    pub(super) fn is_empty(&self) -> bool {
        self.is_bare()
    }

    fn is_bare(&self) -> bool {
        self.min.is_none()
            && self.max.is_none()
            && self.patterns.is_empty()
            && self.formats.is_empty()
            && self.contents.is_empty()
    }

    fn meet(&mut self, other: Self) {
        raise(&mut self.min, other.min);
        lower(&mut self.max, other.max);
        self.patterns.extend(other.patterns);
        self.formats.extend(other.formats);
        self.contents.extend(other.contents);
    }
}

impl<'s> Arrays<'s> {
    fn is_bare(&self) -> bool {
        self.min.is_none()
            && self.max.is_none()
            && self.unique.is_none()
            && self.parts.is_empty()
            && self.contains.is_empty()
    }

    fn meet(&mut self, other: Self) {
        raise(&mut self.min, other.min);
        lower(&mut self.max, other.max);
        self.unique = self.unique.take().or(other.unique);
        self.parts.extend(other.parts);
        self.contains.extend(other.contains);
    }

    /// Gives the schemas of the item at an index.
    pub(super) fn item(&self, index: usize) -> Conj<'s> {
        self.parts
            .iter()
            .filter_map(|part| part.prefix.get(index).or(part.rest.as_ref()).cloned())
            .collect()
    }

    /// Gives the schemas of the items behind every prefix.
    pub(super) fn rest(&self) -> Conj<'s> {
        self.item(usize::MAX)
    }

    /// Counts the items that have a schema of their own.
    pub(super) fn prefix_len(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.prefix.len())
            .max()
            .unwrap_or_default()
    }
}

impl Objects<'_> {
    fn is_bare(&self) -> bool {
        self.min.is_none()
            && self.max.is_none()
            && self.required.is_empty()
            && self.parts.is_empty()
            && self.names.is_empty()
            && self.dependent.is_empty()
            && self.dependent_schemas.is_empty()
    }

    fn meet(&mut self, other: Self) {
        raise(&mut self.min, other.min);
        lower(&mut self.max, other.max);
        for (name, node) in other.required {
            self.required.entry(name).or_insert(node);
        }
        self.parts.extend(other.parts);
        self.names.extend(other.names);
        self.dependent.extend(other.dependent);
        self.dependent_schemas.extend(other.dependent_schemas);
    }
}
