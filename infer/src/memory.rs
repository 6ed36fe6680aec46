//! Lack of memory as a sentence.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;

use crate::exit::OUT_OF_MEMORY;

/// The system's allocator. When it has no more, the program says so and ends; what was written is kept.
struct Sentence;

#[global_allocator]
static ALLOCATOR: Sentence = Sentence;

// SAFETY: every call goes to the system's allocator as it is, and what that gives is given.
unsafe impl GlobalAlloc for Sentence {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is passed on.
        given(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is passed on.
        given(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's memory, layout and size are passed on.
        given(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's memory and layout are passed on.
        unsafe { System.dealloc(memory, layout) }
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
    let _ = std::io::stderr().write_all(b"infer: out of memory; finished rows of `batch -o` are kept, see --resume\n");
    std::process::exit(OUT_OF_MEMORY)
}
