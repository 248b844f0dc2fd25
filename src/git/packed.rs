//! Reading many versions of something out of packs, which tell most of them by what differs from
//! another one.

use std::sync::Arc;

use super::store::Store;
use super::{Oid, Repo};

/// How many bytes are remembered of what others may be told by.
const MEMORY: usize = 16 << 20;

/// So many neighbours tell how the others are stored.
const SAMPLES: usize = 16;

impl Repo {
    /// Makes a clone for one thread that is to read many versions: what it reads in whatever way, it
    /// remembers for the others.
    pub(crate) fn with_memory(&self) -> Self {
        let mut repo = self.clone();
        let memory = || Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(MEMORY)) as _;
        repo.git.objects.set_pack_cache(memory);
        repo.memory = Some(Store::new(repo.git.clone(), Arc::clone(&repo.trees)));
        repo
    }

    /// Says how many bytes a file has, by its object alone; none where it is not there.
    pub(crate) fn length(&self, id: Oid) -> Option<usize> {
        let header = self.git.find_header(id.0).ok()?;
        usize::try_from(header.size()).ok()
    }

    /// Says whether of versions, given as pairs of a later and an earlier one, the earlier ones are
    /// to be read first.
    ///
    /// What a version is told by may be told by another one itself: `git gc` tells the earlier ones
    /// by the later ones, `git fast-import` the later ones by the earlier ones. Read in that order
    /// each costs one difference, and in the other one as many as lead to it.
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
