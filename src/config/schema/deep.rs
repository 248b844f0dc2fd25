//! Room for recursion.

/// How much stack there is: a schema of 100,000 definitions that each refer to the next fits.
/// Only what is used is ever taken from memory.
const STACK: usize = 1 << 29;

/// Runs something that may recurse deeply, on a stack of its own. Where the system grants none,
/// it runs on the present one.
pub(crate) fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let mut result = None;
    let mut run = || {
        if let Some(work) = work.take() {
            result = Some(work());
        }
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, &mut run);
        if let Ok(thread) = thread
            && let Err(panic) = thread.join()
        {
            std::panic::resume_unwind(panic);
        }
    });
    run();
    result.expect("it ran in one of the two places")
}
