//! One budget of memory for all pictures that are decoded at the same time.

use std::sync::{Condvar, Mutex, PoisonError};

/// Bytes of decoded pixels and their copies, over all threads.
const BUDGET: u64 = 600_000_000;

/// What takes less is not counted: every core may have some of these.
const SMALL: u64 = 8 << 20;

static TAKEN: Mutex<u64> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

/// A part of the budget, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Permit(u64);

/// Waits until `bytes` are free. More than the whole budget is given when nothing else is taken.
pub(super) fn take(bytes: u64) -> Permit {
    if bytes < SMALL {
        return Permit(0);
    }
    let bytes = bytes.min(BUDGET);
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    while *taken + bytes > BUDGET {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn whoever_needs_more_than_is_left_waits_until_it_is_given_back() {
        let most = take(BUDGET);
        let (sender, received) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            drop(take(2 * BUDGET));
            sender.send(()).unwrap();
        });
        drop(take(SMALL - 1));
        assert!(received.recv_timeout(Duration::from_millis(50)).is_err());
        drop(most);
        received.recv_timeout(Duration::from_secs(60)).unwrap();
        waiting.join().unwrap();
    }
}
