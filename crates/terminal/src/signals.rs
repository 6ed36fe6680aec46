//! Signals that ask a program to stop, where whoever started it has them ignored.

/// Runs `set_handler`, which handles SIGINT, SIGTERM and SIGHUP, then ignores again which of them were ignored before:
/// `nohup` ignores SIGHUP, and a shell's script SIGINT for what it starts in the background. On Windows it only runs
/// `set_handler`.
///
/// ```
/// // In place of `|| ctrlc::set_handler(stop)`.
/// let set = terminal::keeping_ignored(|| Ok::<(), std::io::Error>(()));
/// assert!(set.is_ok());
/// ```
pub fn keeping_ignored<T>(set_handler: impl FnOnce() -> T) -> T {
    let ignored = system::ignored();
    let set = set_handler();
    ignored.into_iter().for_each(system::ignore);
    set
}

/// Ignores from now on what a terminal sends to all processes that run in it: SIGINT for Ctrl-C and SIGHUP when it is
/// closed. For a process that ends when the one that started it does. On Windows it does nothing.
pub fn ignore_interrupts() {
    system::INTERRUPTS.into_iter().for_each(system::ignore);
}

#[cfg(unix)]
mod system {
    use std::mem::MaybeUninit;

    use libc::{SIG_IGN, SIGHUP, SIGINT, SIGTERM, c_int};

    pub const INTERRUPTS: [c_int; 2] = [SIGINT, SIGHUP];

    /// Which signals that ask to stop are ignored.
    pub fn ignored() -> Vec<c_int> {
        [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| is_ignored(signal)).collect()
    }

    pub fn is_ignored(signal: c_int) -> bool {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: without a new action the call changes nothing; it writes the present one to a structure of its own type.
        let answer = unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
        // SAFETY: the structure holds numbers and, on some systems, an optional pointer: zeros are a value of it too.
        let action = unsafe { action.assume_init() };
        answer == 0 && action.sa_sigaction == SIG_IGN
    }

    pub fn ignore(signal: c_int) {
        // SAFETY: no code of ours runs when an ignored signal comes. The number is one of the signals above, so that the
        // call does not fail.
        unsafe { libc::signal(signal, SIG_IGN) };
    }
}

#[cfg(not(unix))]
mod system {
    pub const INTERRUPTS: [(); 0] = [];

    pub fn ignored() -> Vec<()> {
        Vec::new()
    }

    pub fn ignore((): ()) {}
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// The one test of this process that changes signals.
    #[test]
    fn what_was_ignored_stays_ignored_and_nothing_else() {
        let set = |signal, handler| {
            // SAFETY: the default handlers and no handler at all are none of our code.
            unsafe { libc::signal(signal, handler) };
        };
        set(libc::SIGHUP, libc::SIG_IGN);
        set(libc::SIGTERM, libc::SIG_DFL);
        let answer = keeping_ignored(|| {
            set(libc::SIGHUP, libc::SIG_DFL);
            assert!(!system::is_ignored(libc::SIGHUP));
            7
        });
        assert_eq!(answer, 7);
        assert!(system::is_ignored(libc::SIGHUP) && !system::is_ignored(libc::SIGTERM));
        set(libc::SIGHUP, libc::SIG_DFL);
        ignore_interrupts();
        assert!(system::is_ignored(libc::SIGHUP) && system::is_ignored(libc::SIGINT));
        set(libc::SIGHUP, libc::SIG_DFL);
        set(libc::SIGINT, libc::SIG_DFL);
    }
}
