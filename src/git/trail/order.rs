//! In which order the versions of something are read with the least work.

use crate::git::{Oid, Repo};

/// So many neighbours tell how the others are stored.
const SAMPLES: usize = 16;

impl Repo {
    /// Says whether of versions, given as pairs of a later and an earlier one, the earlier ones are
    /// to be read first.
    ///
    /// In a pack most versions are told by what differs from another one, which may be told so
    /// itself. `git gc` tells the earlier ones by the later ones, `git fast-import` the later ones
    /// by the earlier ones. Read in that order each costs one difference, and in the other one as
    /// many as lead to it.
    pub(crate) fn reads_earlier_first(
        &self,
        pairs: impl ExactSizeIterator<Item = [Oid; 2]>,
    ) -> bool {
        let apart = pairs.len().div_ceil(SAMPLES).max(1);
        let differences = |id: Oid| self.git.find_header(id.0).ok()?.num_deltas();
        let later_by_earlier = |pair: [Oid; 2]| {
            let [later, earlier] = pair.map(differences);
            Some(i32::from(later? > earlier?) - i32::from(later? < earlier?))
        };
        let told = pairs.step_by(apart).filter_map(later_by_earlier);
        told.sum::<i32>() > 0
    }
}
