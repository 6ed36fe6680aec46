//! 3x3 cross-correlation by Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray 2016): 16 multiplications for the four
//! outputs of a 2x2 tile where the direct way takes 36.
//!
//! A tile is also a pooling window of 2, so pooling needs no pass of its own.
#![expect(clippy::needless_range_loop, reason = "the indices are rows and columns of small matrices")]

use super::correlation::{Correlation, Operands};
use super::lanes::{
    load, load_first, load_row, store, store_first, store_places, store_row, vector_tiles, vectors, wins,
};
use super::micro_kernel::{TILE_ROWS, accumulate, dispatch_tile, next_tile, tile_rows};
use super::workspace::Buffer;
use pulp::{Simd, WithSimd};

/// Side of a tile of outputs.
const TILE: usize = 2;
/// Side of the patch of inputs that a tile depends on.
const PATCH: usize = 4;
/// Products for each tile and pair of channels.
const PRODUCTS: usize = PATCH * PATCH;
/// Tiles at a time: patches and products of one pair of vectors fit into the second-level cache.
const BLOCK: usize = 40;
/// With fewer channels on either side, the transforms cost more than they save.
const LEAST_CHANNELS: usize = 16;

/// Scratch memory of [`Winograd`].
#[derive(Debug, Default)]
pub(super) struct WinogradBuffers {
    /// Transformed weights, where they are not kept from before.
    pub weights: Buffer<f32>,
    /// Transformed inputs, `[product][tile][in channel]`.
    patches: Buffer<f32>,
    /// What a pixel of the padding holds.
    zeros: Buffer<f32>,
    /// Products summed over input channels, `[product][tile][channels of one tile of vectors]`.
    products: Buffer<f32>,
}

/// Whether Winograd's way computes `correlation`, and faster than the direct one.
pub(super) fn pays(correlation: &Correlation) -> bool {
    let c = correlation;
    c.kernel == 3 && c.pool <= TILE && c.in_channels >= LEAST_CHANNELS && c.out_channels >= LEAST_CHANNELS
}

/// Floats of the transformed weights: for each tile of vectors of output channels, `[product][in channel][tile's channels]`.
pub(super) fn transformed_len<S: Simd>(c: &Correlation) -> usize {
    PRODUCTS * c.in_channels * vectors::<S>(c.out_channels) * S::F32_LANES
}

/// Transforms packed weights, as in [`Operands::weights`], to those that [`Winograd`] reads.
pub(super) struct TransformWeights<'a> {
    pub correlation: &'a Correlation,
    pub packed: &'a [f32],
    pub transformed: &'a mut [f32],
}

impl WithSimd for TransformWeights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        transform_weights(simd, self.correlation, self.packed, self.transformed);
    }
}

/// A whole correlation for which it [`pays`].
pub(super) struct Winograd<'a, 'b> {
    pub correlation: &'a Correlation,
    /// As [`TransformWeights`] gives them; those of `operands` are not read.
    pub weights: &'a [f32],
    pub operands: &'a mut Operands<'b>,
    pub buffers: &'a mut WinogradBuffers,
}

impl WithSimd for Winograd<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { correlation: c, weights, operands, buffers } = self;
        assert!(weights.len() >= transformed_len::<S>(c));
        let grid = Grid::new(c);
        let tiles = c.batch * grid.rows * grid.columns;
        let zeros = &*buffers.zeros.cleared(c.in_channels);
        for first in (0..tiles).step_by(BLOCK) {
            let count = BLOCK.min(tiles - first);
            let mut places = [Place::default(); BLOCK];
            let patches = buffers.patches.stale(PRODUCTS * BLOCK * c.in_channels);
            for (tile, place) in places[..count].iter_mut().enumerate() {
                *place = grid.place(first + tile);
                let patch = Patch::of(c, *place, operands.x, zeros);
                patch.transform(simd, c.in_channels, &mut patches[tile * c.in_channels..]);
            }
            let mut packed = 0;
            for (vector, size) in vector_tiles(vectors::<S>(c.out_channels)) {
                let width = size * S::F32_LANES;
                let products = buffers.products.stale(PRODUCTS * BLOCK * width);
                let weights = &weights[packed..][..PRODUCTS * c.in_channels * width];
                packed += weights.len();
                multiply(simd, count, c.in_channels, size, patches, weights, products);
                let channel = vector * S::F32_LANES;
                let bias = &operands.bias[channel..][..width];
                let output = Output { c, channel, width, bias };
                for (tile, place) in places[..count].iter().enumerate() {
                    output.write(simd, *place, &products[tile * width..], operands.y, operands.argmax);
                }
            }
        }
    }
}

/// How an image's outputs are cut into tiles.
struct Grid {
    rows: usize,
    columns: usize,
}

/// One tile.
#[derive(Clone, Copy, Default)]
struct Place {
    image: usize,
    row: usize,
    column: usize,
}

impl Grid {
    fn new(c: &Correlation) -> Self {
        let tiles = |pooled: usize| (pooled * c.pool).div_ceil(TILE);
        Self { rows: tiles(c.out_height), columns: tiles(c.out_width) }
    }

    #[inline(always)]
    fn place(&self, tile: usize) -> Place {
        let (image, within) = (tile / (self.rows * self.columns), tile % (self.rows * self.columns));
        Place { image, row: within / self.columns, column: within % self.columns }
    }
}

/// `G g` for one column of taps.
#[inline(always)]
fn spread_taps<S: Simd>(simd: S, [a, b, c]: [S::f32s; 3]) -> [S::f32s; PATCH] {
    let half = simd.splat_f32s(0.5);
    let ends = simd.mul_f32s(half, simd.add_f32s(a, c));
    let middle = simd.mul_f32s(half, b);
    [a, simd.add_f32s(ends, middle), simd.sub_f32s(ends, middle), c]
}

/// `Bᵀ d` for one column of a patch.
#[inline(always)]
fn difference_patch<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; PATCH] {
    [simd.sub_f32s(a, c), simd.add_f32s(b, c), simd.sub_f32s(c, b), simd.sub_f32s(b, d)]
}

/// `Aᵀ m` for one column of products.
#[inline(always)]
fn collect_products<S: Simd>(simd: S, [a, b, c, d]: [S::f32s; PATCH]) -> [S::f32s; TILE] {
    [simd.add_f32s(simd.add_f32s(a, b), c), simd.sub_f32s(simd.sub_f32s(b, c), d)]
}

/// `G g Gᵀ` for all channels; `packed` as in [`Operands::weights`].
#[inline(always)]
fn transform_weights<S: Simd>(simd: S, c: &Correlation, packed: &[f32], transformed: &mut [f32]) {
    let (mut source, mut target) = (0, 0);
    for (_, size) in vector_tiles(vectors::<S>(c.out_channels)) {
        let plane = c.in_channels * size * S::F32_LANES;
        for at in (0..plane).step_by(S::F32_LANES) {
            let mut rows = [[simd.splat_f32s(0.0); PATCH]; 3];
            for (row, values) in rows.iter_mut().enumerate() {
                let first = source + 3 * row * plane + at;
                let taps = [
                    load_row(simd, packed, first),
                    load_row(simd, packed, first + plane),
                    load_row(simd, packed, first + 2 * plane),
                ];
                *values = spread_taps(simd, taps);
            }
            for column in 0..PATCH {
                let values = spread_taps(simd, [rows[0][column], rows[1][column], rows[2][column]]);
                for (row, value) in values.into_iter().enumerate() {
                    store_row::<S>(transformed, target + (row * PATCH + column) * plane + at, value);
                }
            }
        }
        source += 9 * plane;
        target += PRODUCTS * plane;
    }
}

/// The pixels that a tile of outputs depends on, each a slice of all input channels.
struct Patch<'a>([[&'a [f32]; PATCH]; PATCH]);

impl<'a> Patch<'a> {
    /// The patch of the tile at `place`; `zeros` stands for pixels of the padding.
    #[inline(always)]
    fn of(c: &Correlation, place: Place, x: &'a [f32], zeros: &'a [f32]) -> Self {
        let top = (place.row * TILE) as isize - c.padding;
        let left = (place.column * TILE) as isize - c.padding;
        let image = &x[place.image * c.height * c.width * c.in_channels..];
        let mut pixels = [[zeros; PATCH]; PATCH];
        for (row, pixels) in pixels.iter_mut().enumerate() {
            let row = (top + row as isize) as usize;
            for (column, pixel) in pixels.iter_mut().enumerate() {
                let column = (left + column as isize) as usize;
                // What lies before the image wraps around to a huge number.
                if row < c.height && column < c.width {
                    *pixel = &image[(row * c.width + column) * c.in_channels..][..c.in_channels];
                }
            }
        }
        Self(pixels)
    }

    /// `Bᵀ d B` for all channels, into `patches`, `[product][BLOCK][in channel]`.
    #[inline(always)]
    fn transform<S: Simd>(&self, simd: S, in_channels: usize, patches: &mut [f32]) {
        let plane = BLOCK * in_channels;
        assert!(patches.len() >= (PRODUCTS - 1) * plane + in_channels);
        for channel in (0..in_channels).step_by(S::F32_LANES) {
            let count = in_channels - channel;
            let mut rows = [[simd.splat_f32s(0.0); PATCH]; PATCH];
            for row in 0..PATCH {
                let mut values = [simd.splat_f32s(0.0); PATCH];
                for column in 0..PATCH {
                    // SAFETY: every pixel has `in_channels` floats, `count` of them from `channel`.
                    values[column] = unsafe { load_first(simd, self.0[row][column].as_ptr().add(channel), count) };
                }
                rows[row] = difference_patch(simd, values);
            }
            for column in 0..PATCH {
                let values =
                    difference_patch(simd, [rows[0][column], rows[1][column], rows[2][column], rows[3][column]]);
                for row in 0..PATCH {
                    let at = (row * PATCH + column) * plane + channel;
                    // SAFETY: the assertion above, for `count` floats from `channel`.
                    unsafe { store_first::<S>(patches.as_mut_ptr().add(at), values[row], count) };
                }
            }
        }
    }
}

/// For each product, patches times weights.
#[inline(always)]
fn multiply<S: Simd>(
    simd: S,
    tiles: usize,
    depth: usize,
    size: usize,
    patches: &[f32],
    weights: &[f32],
    products: &mut [f32],
) {
    let width = size * S::F32_LANES;
    assert!(tiles <= BLOCK && patches.len() >= PRODUCTS * BLOCK * depth);
    assert!(weights.len() >= PRODUCTS * depth * width && products.len() >= PRODUCTS * BLOCK * width);
    for product in 0..PRODUCTS {
        let mut tile = 0;
        while tile < tiles {
            let rows = next_tile(TILE_ROWS[size - 1], tiles - tile, tile_rows::<S>(size));
            let block = Block {
                depth,
                patches: patches[(product * BLOCK + tile) * depth..].as_ptr(),
                weights: weights[product * depth * width..].as_ptr(),
                products: products[(product * BLOCK + tile) * width..].as_mut_ptr(),
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

/// The outputs of one tile of vectors of channels.
struct Output<'a> {
    c: &'a Correlation,
    /// First channel.
    channel: usize,
    /// Channels of the tile of vectors, padding included.
    width: usize,
    /// `width` biases.
    bias: &'a [f32],
}

impl Output<'_> {
    /// `Aᵀ m A` plus bias for the tile at `place`, pooled where the correlation pools.
    #[inline(always)]
    fn write<S: Simd>(&self, simd: S, place: Place, products: &[f32], y: &mut [f32], argmax: &mut [u8]) {
        let plane = BLOCK * self.width;
        assert!(products.len() >= (PRODUCTS - 1) * plane + self.width);
        for first in (0..self.width).step_by(S::F32_LANES) {
            let mut rows = [[simd.splat_f32s(0.0); TILE]; PATCH];
            for row in 0..PATCH {
                let mut values = [simd.splat_f32s(0.0); PATCH];
                for column in 0..PATCH {
                    let at = (row * PATCH + column) * plane + first;
                    // SAFETY: the assertion above; `width` is made of whole vectors.
                    values[column] = unsafe { load::<S>(products.as_ptr().add(at)) };
                }
                rows[row] = collect_products(simd, values);
            }
            let bias = load_row(simd, self.bias, first);
            let mut tile = [[simd.splat_f32s(0.0); TILE]; TILE];
            for column in 0..TILE {
                let products = [rows[0][column], rows[1][column], rows[2][column], rows[3][column]];
                let [top, bottom] = collect_products(simd, products);
                tile[0][column] = simd.add_f32s(top, bias);
                tile[1][column] = simd.add_f32s(bottom, bias);
            }
            if self.c.pool == TILE {
                self.write_maximum(simd, place, first, tile, y, argmax);
            } else {
                self.write_all::<S>(place, first, tile, y);
            }
        }
    }

    /// The first of the largest values in row-major order, a NaN before all else.
    #[inline(always)]
    fn write_maximum<S: Simd>(
        &self,
        simd: S,
        place: Place,
        first: usize,
        tile: [[S::f32s; TILE]; TILE],
        y: &mut [f32],
        argmax: &mut [u8],
    ) {
        let mut best = tile[0][0];
        let mut places = simd.splat_u32s(0);
        for place in 1..TILE * TILE {
            let value = tile[place / TILE][place % TILE];
            let wins = wins(simd, value, best);
            best = simd.select_f32s(wins, value, best);
            places = simd.select_u32s(wins, simd.splat_u32s(place as u32), places);
        }
        let row = self.row(place.image, place.row, place.column);
        store_row::<S>(&mut y[row..][..self.c.out_channels], self.channel + first, best);
        if !argmax.is_empty() {
            store_places(simd, &mut argmax[row..][..self.c.out_channels], self.channel + first, places);
        }
    }

    /// All values of the tile that lie inside the output.
    #[inline(always)]
    fn write_all<S: Simd>(&self, place: Place, first: usize, tile: [[S::f32s; TILE]; TILE], y: &mut [f32]) {
        for row in 0..TILE {
            for column in 0..TILE {
                let (y_row, y_column) = (place.row * TILE + row, place.column * TILE + column);
                if y_row < self.c.out_height && y_column < self.c.out_width {
                    let start = self.row(place.image, y_row, y_column);
                    let target = &mut y[start..][..self.c.out_channels];
                    store_row::<S>(target, self.channel + first, tile[row][column]);
                }
            }
        }
    }

    /// Where the output at a position of an image starts.
    #[inline(always)]
    fn row(&self, image: usize, row: usize, column: usize) -> usize {
        ((image * self.c.out_height + row) * self.c.out_width + column) * self.c.out_channels
    }
}
