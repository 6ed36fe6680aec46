//! Lack of memory as a sentence.

use std::alloc::{GlobalAlloc, Layout};
use std::io::Write;

/// An allocator that ends the program with a sentence on stderr where another one has no more memory.
///
/// ```
/// use std::alloc::System;
///
/// #[global_allocator]
/// static ALLOCATOR: terminal::EndsWithSentence<System> =
///     terminal::EndsWithSentence { allocator: System, sentence: "example: out of memory\n", exit_code: 3 };
/// ```
#[derive(Debug)]
pub struct EndsWithSentence<A> {
    /// Gives the memory.
    pub allocator: A,
    /// What is said, with its line break.
    pub sentence: &'static str,
    /// The exit code.
    pub exit_code: i32,
}

impl<A> EndsWithSentence<A> {
    fn given(&self, memory: *mut u8) -> *mut u8 {
        if memory.is_null() {
            self.end();
        }
        memory
    }

    /// Needs no memory itself.
    #[cold]
    fn end(&self) -> ! {
        let _ = std::io::stderr().write_all(self.sentence.as_bytes());
        std::process::exit(self.exit_code)
    }
}

// SAFETY: every call goes to the other allocator as it is, and what that gives is given.
unsafe impl<A: GlobalAlloc> GlobalAlloc for EndsWithSentence<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is passed on.
        self.given(unsafe { self.allocator.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's layout is passed on.
        self.given(unsafe { self.allocator.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's memory, layout and size are passed on.
        self.given(unsafe { self.allocator.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's memory and layout are passed on.
        unsafe { self.allocator.dealloc(memory, layout) }
    }
}
