//! The allocator, and lack of memory as a sentence.

use std::alloc::{GlobalAlloc, Layout};
use std::io::Write;

use mimalloc::MiMalloc;

use crate::CANNOT_WORK;

/// Training allocates and frees the same tensors in every step; mimalloc keeps their memory. When there is no more, the
/// program says so and ends; what was written is kept.
struct Sentence;

#[global_allocator]
static ALLOCATOR: Sentence = Sentence;

// SAFETY: every call goes to mimalloc as it is, and what that gives is given.
unsafe impl GlobalAlloc for Sentence {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is passed on.
        given(unsafe { MiMalloc.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is passed on.
        given(unsafe { MiMalloc.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's memory, layout and size are passed on.
        given(unsafe { MiMalloc.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's memory and layout are passed on.
        unsafe { MiMalloc.dealloc(memory, layout) }
    }
}

fn given(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        out_of_memory();
    }
    memory
}

/// Needs no memory itself.
#[cold]
fn out_of_memory() -> ! {
    let _ = std::io::stderr().write_all(b"trainer: out of memory; finished trials, folds and checkpoints are kept\n");
    std::process::exit(CANNOT_WORK.into())
}

/// Makes the allocator keep all memory. Returned memory would be zeroed again by the system, which costs 5 % of a step.
/// `MIMALLOC_PURGE_DELAY` overrides this.
pub fn keep_freed() {
    /// The allocator's number for the milliseconds after which it returns memory; -1 for never.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: the option exists and any number is a valid value.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) };
}
