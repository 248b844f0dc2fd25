//! Work that all cores share.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// Says how many threads can work at once.
pub(crate) fn count() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Does so many pieces of work, and gives what came of each, in order.
pub(crate) fn each<T: Send>(pieces: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    each_with(pieces, count(), || (), |(), piece| work(piece)).0
}

/// Does so many pieces of work by so many threads at the most, of which this is one; each takes the
/// next piece that nobody has begun. Gives what came of each piece, in order, and what the threads
/// had for themselves.
///
/// `start` makes what a thread has for itself; it is called in this thread.
pub(crate) fn each_with<S: Send, T: Send>(
    pieces: usize,
    threads: usize,
    mut start: impl FnMut() -> S,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> (Vec<T>, Vec<S>) {
    let next = AtomicUsize::new(0);
    let go_on = |mut own: S| {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Relaxed);
            if piece >= pieces {
                return (done, own);
            }
            done.push((piece, work(&mut own, piece)));
        }
    };
    let ends: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads.min(pieces))
            .map(|_| {
                let (own, go_on) = (start(), &go_on);
                scope.spawn(move || go_on(own))
            })
            .collect();
        let first = go_on(start());
        let ends = others.into_iter().map(thread::ScopedJoinHandle::join);
        let ends = ends.map(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(first).chain(ends).collect()
    });
    let (done, owns): (Vec<_>, Vec<S>) = ends.into_iter().unzip();
    let mut done: Vec<(usize, T)> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(piece, _)| *piece);
    (done.into_iter().map(|(_, it)| it).collect(), owns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_done_once_and_what_came_of_it_is_in_order() {
        for (pieces, threads) in [(0, 4), (1, 4), (3, 1), (1000, 4), (7, 0)] {
            let mut started = 0;
            let start = || {
                started += 1;
                0
            };
            let (done, owns) = each_with(pieces, threads, start, |own: &mut usize, piece| {
                *own += 1;
                piece * 2
            });
            assert_eq!(done, (0..pieces).map(|piece| piece * 2).collect::<Vec<_>>());
            assert_eq!(owns.iter().sum::<usize>(), pieces);
            assert_eq!(owns.len(), threads.min(pieces).max(1));
            assert_eq!(started, owns.len());
        }
        assert_eq!(each(3, |piece| piece), [0, 1, 2]);
    }

    #[test]
    fn a_panic_is_the_callers() {
        let broken = |piece: usize| assert!(piece != 50, "broken");
        let panic = std::panic::catch_unwind(|| each(100, broken));
        assert!(panic.is_err());
    }
}
