//! What the layers of a target were, at every commit of a history.

use bstr::BString;
use indexmap::IndexMap;

use crate::error::Result;
use crate::git::{FileKind, Oid, Repo, Trail};

/// The objects that layers were at a time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct State(pub(super) Vec<Option<Oid>>);

/// Values of one side that have the same layers.
#[derive(Default)]
pub(super) struct Group {
    pub(super) rows: Vec<usize>,
    /// By layer: which of the values wanted of its file is that of the first row; the others
    /// follow.
    pub(super) starts: Vec<usize>,
    /// What the layers were, the latest first, each with a step at which they were so.
    pub(super) states: IndexMap<State, usize, foldhash::fast::RandomState>,
    /// The steps whose layers are none of their parents': the state, and those of the parents.
    pub(super) acts: Vec<(usize, usize, Vec<usize>)>,
}

impl Group {
    /// Follows the layers from the tip of the side downwards; each is given by its number among
    /// the paths of the trail, and by its path.
    pub(super) fn follow(
        &mut self,
        repo: &Repo,
        trail: &Trail,
        side: usize,
        layers: &[(usize, &BString)],
    ) -> Result<()> {
        const NONE: usize = usize::MAX;
        let paths = layers.iter().map(|(number, _)| number + 1);
        let mut slots: Vec<usize> = vec![NONE; paths.max().unwrap_or(0)];
        for (slot, (number, _)) in layers.iter().enumerate() {
            slots[*number] = slot;
        }
        let slot_of = |path: usize| slots.get(path).copied().filter(|slot| *slot != NONE);
        let tip = trail.tips[side];
        let files = repo.files(&crate::git::Revision {
            name: String::new(),
            id: trail.steps[tip].id,
            tree: trail.steps[tip].tree,
        });
        let mut start = Vec::with_capacity(layers.len());
        for (_, path) in layers {
            let entry = files.entry(path.as_ref())?;
            let entry =
                entry.filter(|entry| matches!(entry.kind, FileKind::File | FileKind::Executable));
            start.push(entry.and_then(|entry| entry.id));
        }
        let mut at = vec![NONE; trail.steps.len()];
        at[tip] = self.state(State(start), tip);
        for number in tip..trail.steps.len() {
            let (here, step) = (at[number], &trail.steps[number]);
            if here == NONE {
                continue;
            }
            let turns = step.turns.iter();
            let turns = turns.filter_map(|turn| Some((slot_of(turn.path)?, turn)));
            if turns.clone().next().is_none() {
                for &parent in &step.parents {
                    at[parent] = here;
                }
                if step.parents.is_empty() {
                    self.acts.push((number, here, Vec::new()));
                }
                continue;
            }
            for &parent in &step.parents {
                let Some((state, _)) = self.states.get_index(here) else {
                    continue;
                };
                let mut state = state.clone();
                for (slot, turn) in turns.clone().filter(|(_, turn)| turn.parent == parent) {
                    state.0[slot] = turn.before;
                }
                at[parent] = self.state(state, parent);
            }
            let before: Vec<usize> = step.parents.iter().map(|&parent| at[parent]).collect();
            if !before.contains(&here) {
                self.acts.push((number, here, before));
            }
        }
        Ok(())
    }

    fn state(&mut self, state: State, step: usize) -> usize {
        let entry = self.states.entry(state);
        let index = entry.index();
        entry.or_insert(step);
        index
    }
}
