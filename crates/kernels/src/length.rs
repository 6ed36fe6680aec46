//! Lengths of slices as products of sizes, that never wrap.

/// Most floats of a buffer that a kernel may need, so that sums of a few lengths, in bytes, still fit an address.
const MOST: usize = isize::MAX as usize / 64;
/// What channels are padded to at most: the widest vector has 16 floats, a mask 64 bits.
const PADDED: usize = 64;

/// The product of sizes, `usize::MAX` where it is more than that. No slice is as long, so that comparing a slice with it
/// fails where a wrapped product might succeed.
pub(crate) const fn product<const N: usize>(sizes: [usize; N]) -> usize {
    let mut product = 1_usize;
    let mut index = 0;
    while index < N {
        if sizes[index] == 0 {
            return 0;
        }
        product = product.saturating_mul(sizes[index]);
        index += 1;
    }
    product
}

/// At least as many floats as `channels` padded to whole vectors.
pub(crate) const fn padded(channels: usize) -> usize {
    channels.div_ceil(PADDED).saturating_mul(PADDED)
}

/// Whether buffers of these lengths can be addressed.
pub(crate) fn fit<const N: usize>(lengths: [usize; N]) -> bool {
    lengths.iter().all(|length| *length <= MOST)
}
