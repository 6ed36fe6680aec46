//! A digit as the path of a pen: MNIST's strokes thinned to lines, so that any pen can follow them at any size.

/// Points of the grid on which the path is found, for each MNIST pixel.
const FINE: usize = 4;
/// MNIST pixels around the image that the distances reach into.
const AROUND: usize = 8;
const SIDE: usize = (28 + 2 * AROUND) * FINE;

/// The path of a digit, as distances to it.
#[derive(Debug, Clone)]
pub struct Hand {
    /// Distance to the path in MNIST pixels, at each point of the grid.
    distance: Vec<f32>,
    /// First and last row and column of the path, in MNIST pixels.
    extent: [f32; 4],
}

impl Hand {
    /// Finds the path in a 28x28 image, ink 0..=255.
    pub fn of(digit: &[u8; 784]) -> Self {
        let mut path = thinned(&enlarged(digit));
        if !path.contains(&true) {
            path[SIDE * SIDE / 2 + SIDE / 2] = true;
        }
        let points: Vec<(f32, f32)> =
            (0..path.len()).filter(|&at| path[at]).map(|at| ((at % SIDE) as f32, (at / SIDE) as f32)).collect();
        let extreme = |of: fn(&(f32, f32)) -> f32| {
            let values = points.iter().map(of);
            let to_pixels = |value: f32| value / FINE as f32 - AROUND as f32;
            (to_pixels(values.clone().fold(f32::MAX, f32::min)), to_pixels(values.fold(0.0, f32::max)))
        };
        let ((left, right), (top, bottom)) = (extreme(|point| point.0), extreme(|point| point.1));
        Self { distance: distances(&path), extent: [left, top, right, bottom] }
    }

    /// Left, top, right and bottom end of the path, in MNIST pixels.
    pub fn extent(&self) -> [f32; 4] {
        self.extent
    }

    /// Distance of a point from the path, both in MNIST pixels; large outside of what was looked at.
    pub fn distance(&self, x: f32, y: f32) -> f32 {
        let at = |value: f32| (value + AROUND as f32) * FINE as f32;
        let (x, y) = (at(x), at(y));
        let last = (SIDE - 2) as f32;
        if !(0.0..last).contains(&x) || !(0.0..last).contains(&y) {
            return f32::MAX;
        }
        let (column, row) = (x as usize, y as usize);
        let (right, down) = (x - column as f32, y - row as f32);
        let value = |column: usize, row: usize| self.distance[row * SIDE + column];
        let line = |row: usize| value(column, row) * (1.0 - right) + value(column + 1, row) * right;
        line(row) * (1.0 - down) + line(row + 1) * down
    }
}

/// Where the enlarged digit has at least half of its strongest ink.
fn enlarged(digit: &[u8; 784]) -> Vec<bool> {
    let most = f32::from(digit.iter().copied().max().unwrap_or(0)).max(1.0);
    let place = |at: usize| at as f32 / FINE as f32 - AROUND as f32;
    (0..SIDE * SIDE)
        .map(|at| super::interpolated(digit, place(at % SIDE), place(at / SIDE)) * 255.0 > 0.5 * most)
        .collect()
}

/// Takes pixels off from all sides until lines are left (Zhang and Suen, 1984).
fn thinned(mask: &[bool]) -> Vec<bool> {
    let mut mask = mask.to_vec();
    let mut inked: Vec<usize> = (0..mask.len()).filter(|&at| mask[at]).collect();
    loop {
        let before = inked.len();
        for second in [false, true] {
            let going: Vec<usize> = inked.iter().copied().filter(|&at| is_outer(&mask, at, second)).collect();
            going.iter().for_each(|&at| mask[at] = false);
            inked.retain(|&at| mask[at]);
        }
        if inked.len() == before {
            return mask;
        }
    }
}

fn is_outer(mask: &[bool], at: usize, second: bool) -> bool {
    let around = [at - SIDE, at - SIDE + 1, at + 1, at + SIDE + 1, at + SIDE, at + SIDE - 1, at - 1, at - SIDE - 1];
    let around = around.map(|at| mask[at]);
    let count = around.iter().filter(|inked| **inked).count();
    let turns = (0..8).filter(|&at| !around[at] && around[(at + 1) % 8]).count();
    let [north, _, east, _, south, _, west, _] = around;
    let open = if second { !(north && west && (east || south)) } else { !(east && south && (north || west)) };
    (2..=6).contains(&count) && turns == 1 && open
}

/// Distance of every point to the nearest one of the path, in MNIST pixels (chamfer, exact to 4 %).
fn distances(path: &[bool]) -> Vec<f32> {
    let mut distance: Vec<f32> = path.iter().map(|&on| if on { 0.0 } else { 1e6 }).collect();
    let diagonal = std::f32::consts::SQRT_2;
    let mut relax = |at: usize, around: [(usize, f32); 4]| {
        let nearest = around.iter().map(|&(next, step)| distance[next] + step).fold(distance[at], f32::min);
        distance[at] = nearest;
    };
    for at in SIDE + 1..path.len() {
        relax(at, [(at - 1, 1.0), (at - SIDE, 1.0), (at - SIDE - 1, diagonal), (at - SIDE + 1, diagonal)]);
    }
    for at in (0..path.len() - SIDE - 1).rev() {
        relax(at, [(at + 1, 1.0), (at + SIDE, 1.0), (at + SIDE + 1, diagonal), (at + SIDE - 1, diagonal)]);
    }
    distance.into_iter().map(|steps| steps / FINE as f32).collect()
}
