//! Differences of which there are so many that people are not shown them: each service is counted
//! by itself, by all cores, and nothing of it is kept.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use bstr::BString;
use foldhash::HashSet;

use super::lineage::Asked;
use super::rows::Rows;
use super::walks::Walks;
use super::{Differing, Filter, Side, compare_target};
use crate::config::{Closure, Configuration};
use crate::cores;
use crate::error::Result;

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
    let is_over = AtomicBool::new(false);
    let start = || (configuration.for_thread(), rows.apart());
    let count = |(configuration, rows): &mut (Configuration, Rows<'e>), number: usize| {
        if is_over.load(Relaxed) {
            return Ok(());
        }
        let (service, closures) = &differing[number];
        let compared = compare_target(configuration, sides, *service, closures, filter, rows);
        let done = compared.and_then(|()| rows.settle(configuration, sides, asked, walks));
        // Those before this one are at work; those after it are not wanted any more.
        is_over.fetch_or(done.is_err(), Relaxed);
        rows.rest.sum_up();
        for (side, layers) in sides.iter().zip(&closures.layers) {
            let files = layers.layers().filter(|path| own.contains(path));
            files.for_each(|path| side.tree.forget(path.as_ref()));
        }
        done
    };
    let (done, counted) = cores::each_with(differing.len(), cores::count(), start, count);
    done.into_iter().collect::<Result<()>>()?;
    for (_, counted) in counted {
        rows.join(counted);
    }
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
