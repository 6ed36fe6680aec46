//! Unevenness that is the same wherever and whenever it is looked at.

/// A number from 0 to 1 for a whole place.
fn hashed(x: i32, y: i32, seed: u64) -> f32 {
    let mut bits = seed ^ ((x as u32 as u64) << 32 | y as u32 as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((bits ^ (bits >> 31)) >> 40) as f32 / (1u64 << 24) as f32
}

/// Smooth noise from 0 to 1 whose bumps are one unit wide.
pub fn smooth(x: f32, y: f32, seed: u64) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let ease = |share: f32| share * share * (3.0 - 2.0 * share);
    let (right, down) = (ease(x - left), ease(y - top));
    let (left, top) = (left as i32, top as i32);
    let line = |y: i32| hashed(left, y, seed) * (1.0 - right) + hashed(left.wrapping_add(1), y, seed) * right;
    line(top) * (1.0 - down) + line(top.wrapping_add(1)) * down
}

/// Mean 0, deviation about 1, from 64 random bits.
pub fn normal(bits: u64) -> f32 {
    let part = |shift: u32| ((bits >> shift) & 0xFFFF) as f32 / 65536.0;
    (part(0) + part(16) + part(32) + part(48) - 2.0) * 1.732
}
