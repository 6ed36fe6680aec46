//! The allocator, and lack of memory as a sentence.

use mimalloc::MiMalloc;
use terminal::EndsWithSentence;

use crate::CANNOT_WORK;

/// Training allocates and frees the same tensors in every step; mimalloc keeps their memory. What was written before it lacks is
/// kept.
#[global_allocator]
static ALLOCATOR: EndsWithSentence<MiMalloc> = EndsWithSentence {
    allocator: MiMalloc,
    sentence: "trainer: out of memory; finished trials, folds and checkpoints are kept\n",
    exit_code: CANNOT_WORK as i32,
};

/// Makes the allocator keep all memory. Returned memory would be zeroed again by the system, which costs 5 % of a step.
/// `MIMALLOC_PURGE_DELAY` overrides this.
pub fn keep_freed() {
    /// The allocator's number for the milliseconds after which it returns memory; -1 for never.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the option exists and any number is a valid value.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) };
}
