//! Differences of which there are so many that people are not shown them: each service is counted
//! by itself, by all cores, and nothing of it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use bstr::BString;
use foldhash::HashSet;

use super::lineage::Asked;
use super::rows::Rows;
use super::walks::Walks;
use super::{Differing, Filter, Side, compare_target};
use crate::config::{Closure, Configuration, lock};
use crate::error::{Error, Result};

/// How many services are parsed at once, where it may turn out that the others need only be counted.
const AT_ONCE: usize = 32;

/// Says up to which of all services is to be parsed, where so many are compared: each time as many
/// as before in all, since to parse many at once is faster.
pub(super) fn up_to(filter: &Filter, done: usize, all: usize) -> usize {
    filter
        .most
        .map_or(all, |_| (done + AT_ONCE.max(done)).min(all))
}

/// Says whether what comes need only be counted, each service without a look at the others.
///
/// Sealed values want what opens them, and templates read files that are not known beforehand.
pub(super) fn may_count(
    configuration: &Configuration,
    filter: &Filter,
    rows: &mut Rows<'_>,
) -> bool {
    rows.rest.look(&rows.differences);
    rows.rest.is_full() && filter.identities.is_none() && !configuration.has_templates()
}

/// Counts the differences of services, none of which will be given; their histories were walked
/// before.
pub(super) fn count<'e>(
    configuration: &Configuration,
    sides: &[Side],
    differing: &[Differing<'_>],
    filter: &Filter,
    walks: &Walks,
    rows: &mut Rows<'e>,
) -> Result<()> {
    let asked = Asked::Class {
        services: differing.len(),
    };
    let own = own_files(differing);
    let next = AtomicUsize::new(0);
    let failed: Mutex<BTreeMap<usize, Error>> = Mutex::default();
    let work = |configuration: Configuration, mut rows: Rows<'e>| {
        loop {
            let number = next.fetch_add(1, Relaxed);
            let Some((service, closures)) = differing.get(number) else {
                return rows;
            };
            let compared =
                compare_target(&configuration, sides, *service, closures, filter, &mut rows);
            let done = compared.and_then(|()| rows.settle(&configuration, sides, asked, walks));
            if let Err(error) = done {
                lock(&failed).insert(number, error);
            }
            // Those before this one are at work; those after it are not wanted any more.
            if !lock(&failed).is_empty() {
                return rows;
            }
            rows.rest.sum_up();
            for (side, layers) in sides.iter().zip(&closures.layers) {
                let files = layers.layers().filter(|path| own.contains(path));
                files.for_each(|path| side.tree.forget(path.as_ref()));
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let counted: Vec<Rows<'e>> = std::thread::scope(|scope| {
        let workers: Vec<_> = (1..cores.min(differing.len()))
            .map(|_| {
                let (configuration, rows) = (configuration.for_thread(), rows.apart());
                let work = &work;
                scope.spawn(move || work(configuration, rows))
            })
            .collect();
        let first = work(configuration.for_thread(), rows.apart());
        let ends = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        let ends = ends.map(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(first).chain(ends).collect()
    });
    if let Some((_, error)) = lock(&failed).pop_first() {
        return Err(error);
    }
    counted.into_iter().for_each(|counted| rows.join(counted));
    Ok(())
}

impl Rows<'_> {
    /// Begins rows of other services, of which none will be given.
    fn apart(&self) -> Self {
        Self::beside(self.expected, self.rest.apart())
    }

    /// Adds what was counted of other services.
    fn join(&mut self, other: Self) {
        let flags = [(&mut self.used, other.used), (&mut self.over, other.over)];
        for (own, others) in flags {
            own.iter_mut().zip(others).for_each(|(own, it)| *own |= it);
        }
        self.rest.join(other.rest);
        self.findings.extend(other.findings);
        self.cover.join(other.cover);
    }
}

/// Names the files that one service alone has among its layers.
pub(super) fn own_files<'a>(differing: &'a [Differing<'_>]) -> HashSet<&'a BString> {
    let mut own = HashSet::default();
    let mut shared: HashSet<&BString> = HashSet::default();
    for (_, closures) in differing {
        let files: BTreeSet<&BString> = closures.layers.iter().flat_map(Closure::layers).collect();
        for file in files {
            if shared.contains(file) || !own.insert(file) {
                own.remove(file);
                shared.insert(file);
            }
        }
    }
    own
}

#[cfg(test)]
mod tests;
