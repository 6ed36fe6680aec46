//! The same work on several threads.

use std::panic::resume_unwind;
use std::thread::Builder;

use anyhow::Result;

/// Runs `work` on `jobs` threads at once, this one included, and waits for all of them. Where the system starts fewer
/// threads, those do the work.
///
/// # Errors
/// The first error of any of them.
///
/// # Panics
/// When one of them does.
pub fn side_by_side(jobs: usize, work: impl Fn() -> Result<()> + Sync) -> Result<()> {
    let work = &work;
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..jobs).map_while(|_| Builder::new().spawn_scoped(scope, work).ok()).collect();
        let own = work();
        let ended = others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let ended: Vec<Result<()>> = std::iter::once(own).chain(ended).collect();
        ended.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use anyhow::bail;

    use super::*;

    #[test]
    fn all_threads_work_and_an_error_of_one_is_that_of_all() {
        let count = AtomicUsize::new(0);
        let fifth_fails = || match count.fetch_add(1, Ordering::SeqCst) {
            4 => bail!("the fifth"),
            _ => Ok(()),
        };
        assert_eq!(side_by_side(8, fifth_fails).unwrap_err().to_string(), "the fifth");
        assert_eq!(count.load(Ordering::SeqCst), 8);
        side_by_side(0, fifth_fails).unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 9);
    }
}
