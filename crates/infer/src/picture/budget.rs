//! One budget of memory for all pictures that are decoded at the same time, and one for files that are read before their turn.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of decoded pixels and their copies, over all threads.
const DECODING: u64 = 600_000_000;

/// Bytes of files that are read before their turn, over all threads. They are apart from the others, so that decoding never
/// waits for files that wait for it.
const AHEAD: u64 = 64 << 20;

/// What takes less to decode is not counted: every core may have some of these.
pub(super) const SMALL: u64 = 8 << 20;

static TAKEN: Mutex<u64> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();
static TAKEN_AHEAD: Mutex<u64> = Mutex::new(0);

/// A part of the budget for decoding, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Permit(u64);

/// Waits until `bytes` are free. More than the whole budget is given when nothing else is taken.
pub(super) fn take(bytes: u64) -> Permit {
    if bytes < SMALL {
        return Permit(0);
    }
    let bytes = bytes.min(DECODING);
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    while *taken + bytes > DECODING {
        taken = GIVEN_BACK.wait(taken).unwrap_or_else(PoisonError::into_inner);
    }
    *taken += bytes;
    Permit(bytes)
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.0 > 0 {
            *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
            GIVEN_BACK.notify_all();
        }
    }
}

/// A part of the budget for files that are read before their turn, given back when it is dropped.
#[derive(Debug, Default)]
pub(super) struct AheadPermit(u64);

impl AheadPermit {
    /// Takes `bytes` more if they are free. Never waits: a file that finds no room is read in its turn.
    pub fn extend(&mut self, bytes: u64) -> bool {
        let mut taken = TAKEN_AHEAD.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = taken.checked_add(bytes).is_some_and(|sum| sum <= AHEAD);
        if has_room {
            *taken += bytes;
            self.0 += bytes;
        }
        has_room
    }
}

impl Drop for AheadPermit {
    fn drop(&mut self) {
        *TAKEN_AHEAD.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn whoever_needs_more_than_is_left_waits_until_it_is_given_back() {
        let most = take(DECODING);
        let (sender, received) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            drop(take(2 * DECODING));
            sender.send(()).unwrap();
        });
        drop(take(SMALL - 1));
        assert!(received.recv_timeout(Duration::from_millis(50)).is_err());
        drop(most);
        received.recv_timeout(Duration::from_secs(60)).unwrap();
        waiting.join().unwrap();
    }

    /// Other tests read small files ahead at the same time: a MiB is left to them.
    #[test]
    fn files_beyond_the_budget_are_not_read_ahead_until_there_is_room() {
        let (mut first, mut second) = (AheadPermit::default(), AheadPermit::default());
        assert!(first.extend(AHEAD - (1 << 20)));
        assert!(!second.extend(2 << 20) && !second.extend(u64::MAX));
        drop(first);
        assert!(second.extend(2 << 20));
    }
}
