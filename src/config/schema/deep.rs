//! Room for recursion.

use std::cell::Cell;

/// How much stack there is: a schema of 100,000 definitions that each refer to the next fits.
/// Only what is used is ever taken from memory.
const STACK: usize = 1 << 29;

thread_local! {
    /// Whether this thread has such a stack. What is deep within what is deep shares it: threads
    /// cost time, and what each frees is of no use to the others.
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Runs something that may recurse deeply, on a stack of its own. Where the system grants none,
/// it runs on the present one.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if ROOMY.get() {
        return work();
    }
    let mut work = Some(work);
    let mut result = None;
    let mut run = |roomy| {
        if let Some(work) = work.take() {
            ROOMY.set(roomy);
            result = Some(work());
        }
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || run(true));
        if let Ok(thread) = thread
            && let Err(panic) = thread.join()
        {
            std::panic::resume_unwind(panic);
        }
    });
    run(false);
    result.expect("it ran in one of the two places")
}

#[cfg(test)]
mod tests {
    use std::thread::current;

    use super::*;

    #[test]
    fn what_is_deep_within_shares_the_stack() {
        let here = current().id();
        let (outer, inner) = deep(|| (current().id(), deep(|| current().id())));
        assert!(outer != here && outer == inner);
        assert_ne!(deep(|| current().id()), here);
    }
}
