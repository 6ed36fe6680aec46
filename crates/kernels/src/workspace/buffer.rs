//! Aligned buffers that only grow.

/// Alignment of buffers in bytes: a cache line, and the widest vector.
const ALIGNMENT: usize = 64;

/// Memory aligned to [`ALIGNMENT`] that only grows.
#[derive(Debug, Default)]
pub(crate) struct Buffer<T>(Vec<T>);

impl<T: Copy + Default> Buffer<T> {
    /// `len` aligned elements with unspecified but initialised contents.
    pub fn stale(&mut self, len: usize) -> &mut [T] {
        let slack = ALIGNMENT / size_of::<T>();
        if self.0.len() < len + slack {
            self.0.resize(len + slack, T::default());
        }
        let start = self.0.as_ptr().align_offset(ALIGNMENT).min(slack);
        &mut self.0[start..start + len]
    }

    /// `len` aligned elements of `T::default()`.
    pub fn cleared(&mut self, len: usize) -> &mut [T] {
        let slice = self.stale(len);
        slice.fill(T::default());
        slice
    }
}
