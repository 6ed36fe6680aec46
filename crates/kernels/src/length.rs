//! Lengths of slices as products of sizes, without overflow.

/// Most floats in a buffer. Sums of a few such lengths, in bytes, still fit in an address.
const MOST: usize = isize::MAX as usize / 64;
/// Largest multiple that channels are padded to: the widest vector has 16 floats, a mask 64 bits.
const PADDED: usize = 64;

/// The product of sizes, saturating at `usize::MAX`. No slice is that long, so a comparison with a slice's length fails
/// instead of matching a wrapped product.
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

/// Upper bound of `channels` padded to whole vectors.
pub(crate) const fn padded(channels: usize) -> usize {
    channels.div_ceil(PADDED).saturating_mul(PADDED)
}

/// Whether buffers of these lengths can be addressed.
pub(crate) fn fit<const N: usize>(lengths: [usize; N]) -> bool {
    lengths.iter().all(|length| *length <= MOST)
}
