//! The products of transformed patches and weights, summed over input channels.

use crate::gemm::micro_kernel::{TILE_ROWS, accumulate, dispatch_tile, next_tile, tile_rows};
use crate::simd::lanes::store;
use pulp::{Simd, WithSimd};

/// Multiplies patches by weights for each of the `count` products of `tiles` tiles, at most `block`: `patches` are
/// `[count][block][depth]`, `weights` are `[count][depth][channels]` and `products` become `[count][block][channels]`, where the
/// channels are `size` vectors.
#[inline(always)]
pub(in crate::convolution) fn multiply<S: Simd>(
    simd: S,
    [count, block, tiles]: [usize; 3],
    depth: usize,
    size: usize,
    patches: &[f32],
    weights: &[f32],
    products: &mut [f32],
) {
    let width = size * S::F32_LANES;
    assert!(tiles <= block && patches.len() >= count * block * depth);
    assert!(weights.len() >= count * depth * width && products.len() >= count * block * width);
    for product in 0..count {
        let mut tile = 0;
        while tile < tiles {
            let rows = next_tile(TILE_ROWS[size - 1], tiles - tile, tile_rows::<S>(size));
            let block = Block {
                depth,
                patches: patches[(product * block + tile) * depth..].as_ptr(),
                weights: weights[product * depth * width..].as_ptr(),
                products: products[(product * block + tile) * width..].as_mut_ptr(),
            };
            block.dispatch(simd, rows, size);
            tile += rows;
        }
    }
}

/// Pointers to the patches, weights and products of one product for a few tiles.
#[derive(Clone, Copy)]
struct Block {
    depth: usize,
    patches: *const f32,
    weights: *const f32,
    products: *mut f32,
}

/// A [`Block`] of `P` tiles by `V` vectors, to be compiled for one SIMD level.
struct SizedBlock<const P: usize, const V: usize>(Block);

impl Block {
    #[inline(always)]
    fn dispatch<S: Simd>(self, simd: S, rows: usize, vectors: usize) {
        dispatch_tile!(simd, SizedBlock, self, rows, vectors);
    }
}

impl<const P: usize, const V: usize> WithSimd for SizedBlock<P, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if P > tile_rows::<S>(V) {
            return;
        }
        let Block { depth, patches, weights, products } = self.0;
        let mut sums = [[simd.splat_f32s(0.0); V]; P];
        // SAFETY: `multiply` checked that patches and weights hold P rows and V vectors from here.
        unsafe { accumulate::<S, P, V>(simd, &mut sums, patches, depth, weights, depth) };
        for (p, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                // SAFETY: `multiply` checked that the products hold P rows of V vectors from here.
                unsafe { store::<S>(products.add((p * V + v) * S::F32_LANES), sum) };
            }
        }
    }
}
