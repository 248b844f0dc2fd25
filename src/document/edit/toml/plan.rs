//! What is to stand in a TOML text, and which of it stood there before.

use foldhash::HashMap;
use smol_str::SmolStr;

use super::super::super::write::toml::Form as NewForm;
use super::super::super::write::toml::form as form_of_new;
use super::super::super::{Kind, Value};
use super::outline::{Form, Outline};
use crate::text::Span;

/// The tables and entries that are intended, the root first, each before what is in it.
pub(super) struct Plan<'v> {
    pub(super) places: Vec<Place<'v>>,
    /// The place that each thing of the old text has.
    pub(super) place_of: HashMap<usize, usize>,
}

/// An intended table, entry or item.
pub(super) struct Place<'v> {
    pub(super) parent: Option<usize>,
    /// Its name in the parent; empty for an item of a list.
    pub(super) name: SmolStr,
    pub(super) value: &'v Value,
    pub(super) children: Vec<usize>,
    /// What it was in the old text.
    pub(super) thing: Option<usize>,
    pub(super) mode: Mode,
}

/// How a place is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Root,
    /// As `[x]`, or by the headers below it.
    Table,
    /// As `[[x]]`.
    Item,
    /// As a list of `[[x]]`.
    Tables,
    /// By keys with dots.
    Dotted,
    /// As `x = …`.
    Pair,
    /// Inside the value of a pair.
    Line,
}

impl Mode {
    /// Says whether pairs stand below it.
    pub(super) fn is_section(self) -> bool {
        matches!(self, Self::Root | Self::Table | Self::Item)
    }
}

impl<'v> Plan<'v> {
    pub(super) fn new(outline: &Outline<'_>, root: &'v Value) -> Self {
        let mut plan = Self {
            places: Vec::new(),
            place_of: HashMap::default(),
        };
        plan.grow(outline, root, None, SmolStr::default(), Span::default());
        plan.claim(outline);
        for place in 0..plan.places.len() {
            plan.places[place].mode = plan.mode(outline, place);
        }
        for (place, found) in plan.places.iter_mut().enumerate() {
            if let Some(thing) = found.thing {
                plan.place_of.insert(thing, place);
            }
        }
        plan
    }

    fn grow(
        &mut self,
        outline: &Outline<'_>,
        value: &'v Value,
        parent: Option<usize>,
        name: SmolStr,
        key: Span,
    ) -> usize {
        let place = self.places.len();
        let is_map = matches!(value.kind, Kind::Object(_));
        let header = || outline.by_header.get(&value.span).copied();
        let by_header = is_map.then(header).flatten();
        let by_key = || (!key.is_empty()).then(|| outline.by_key.get(&key.start).copied());
        // What comes from elsewhere takes the place of what had its name.
        let by_name = || {
            let parent = outline.things.get(self.places[parent?].thing?)?;
            key.is_empty()
                .then(|| parent.children.get(&name).copied())?
        };
        let thing = match parent {
            None => Some(0),
            Some(_) => by_header.or_else(|| by_key().flatten()).or_else(by_name),
        };
        self.places.push(Place {
            parent,
            name,
            value,
            children: Vec::new(),
            thing,
            mode: Mode::Line,
        });
        match &value.kind {
            Kind::Object(map) => {
                for (name, entry) in map.entries() {
                    let child =
                        self.grow(outline, &entry.value, Some(place), name.clone(), entry.key);
                    self.places[place].children.push(child);
                }
            }
            Kind::Array(items) => {
                for item in items {
                    let name = SmolStr::default();
                    let child = self.grow(outline, item, Some(place), name, Span::default());
                    self.places[place].children.push(child);
                }
            }
            _ => {}
        }
        place
    }

    /// Settles which place is a thing's own, where several look like it, as after a copy: the one
    /// that is most like it in parent and name, or else the first.
    fn claim(&mut self, outline: &Outline<'_>) {
        let mut best: HashMap<usize, (u8, usize)> = HashMap::default();
        for (index, place) in self.places.iter().enumerate() {
            let Some(thing) = place.thing else { continue };
            let known = &outline.things[thing];
            let parent = place.parent.and_then(|parent| self.places[parent].thing);
            let score = 2 * u8::from(parent == known.parent) + u8::from(place.name == known.name);
            let held = best.entry(thing).or_insert((score, index));
            if score > held.0 {
                *held = (score, index);
            }
        }
        for (index, place) in self.places.iter_mut().enumerate() {
            place.thing = place.thing.filter(|thing| best[thing].1 == index);
        }
    }

    fn mode(&self, outline: &Outline<'_>, place: usize) -> Mode {
        let place = &self.places[place];
        let Some(parent) = place.parent else {
            return Mode::Root;
        };
        let above = match self.places[parent].mode {
            Mode::Pair | Mode::Line => return Mode::Line,
            Mode::Tables => return Mode::Item,
            above => above,
        };
        let stood = place.thing.map(|thing| outline.things[thing].form);
        let in_line = |value: &Value| outline.lines.contains_key(&value.span);
        match (&place.value.kind, stood) {
            _ if in_line(place.value) => Mode::Pair,
            (Kind::Object(_), Some(Form::Pair(_))) => Mode::Pair,
            (Kind::Object(_), Some(Form::Header(_))) => Mode::Table,
            (Kind::Object(map), _) if map.is_empty() => Mode::Pair,
            (Kind::Object(_), Some(Form::Implied)) => Mode::Table,
            (Kind::Object(_), Some(Form::Dotted)) => Mode::Dotted,
            (Kind::Object(_), _) if above == Mode::Dotted => Mode::Dotted,
            (Kind::Object(_), _) => Mode::Table,
            (Kind::Array(_), Some(Form::Pair(_))) => Mode::Pair,
            (Kind::Array(items), Some(Form::Tables))
                if !items.is_empty()
                    && items
                        .iter()
                        .all(|item| item.as_object().is_some() && !in_line(item)) =>
            {
                Mode::Tables
            }
            (Kind::Array(items), _)
                if above != Mode::Dotted
                    && form_of_new(place.value) == NewForm::Tables
                    && !items.iter().any(in_line) =>
            {
                Mode::Tables
            }
            _ => Mode::Pair,
        }
    }

    /// Finds the section that a place stands in.
    pub(super) fn section(&self, place: usize) -> usize {
        let mut at = place;
        while let Some(parent) = self.places[at].parent {
            at = parent;
            if self.places[at].mode.is_section() {
                break;
            }
        }
        at
    }

    /// Gives the names that lead from a place above to this one, items of lists left out.
    pub(super) fn names(&self, above: usize, place: usize) -> Vec<&str> {
        let mut names = Vec::new();
        let mut at = place;
        while at != above {
            let here = &self.places[at];
            let Some(parent) = here.parent else { break };
            if here.mode != Mode::Item {
                names.push(here.name.as_str());
            }
            at = parent;
        }
        names.reverse();
        names
    }

    /// Says whether a place is where it was: below the same of what was there and is there still.
    pub(super) fn stays(&self, outline: &Outline<'_>, place: usize) -> bool {
        let Some(thing) = self.places[place].thing else {
            return false;
        };
        let is_table = |place: usize| !matches!(self.places[place].mode, Mode::Pair | Mode::Line);
        let mut old = outline.things[thing].parent;
        let was = loop {
            let Some(thing) = old else { break None };
            match self
                .place_of
                .get(&thing)
                .copied()
                .filter(|&place| is_table(place))
            {
                Some(place) => break Some(place),
                None => old = outline.things[thing].parent,
            }
        };
        let mut now = self.places[place].parent;
        while let Some(at) = now {
            if self.places[at].thing.is_some() {
                break;
            }
            now = self.places[at].parent;
        }
        was == now
    }
}
