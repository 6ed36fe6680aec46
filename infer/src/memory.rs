//! Lack of memory as a sentence.

use std::alloc::System;

use ::terminal::EndsWithSentence;

use crate::exit::OUT_OF_MEMORY;

/// What was written before is kept.
#[global_allocator]
static ALLOCATOR: EndsWithSentence<System> = EndsWithSentence {
    allocator: System,
    sentence: "infer: out of memory; finished rows of `batch -o` are kept, see --resume\n",
    exit_code: OUT_OF_MEMORY,
};
