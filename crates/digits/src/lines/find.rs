//! Where ruled lines are: a Hough transform of the crests of thin strokes, near one direction of the picture.

use crate::median::median;
use crate::plane::Plane;

/// A line from left to right.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// First and last column where it was seen.
    pub span: (usize, usize),
    /// Its row at every column of the picture.
    pub rows: Vec<f32>,
    /// Contrast along its middle.
    pub level: f32,
    /// Rows that it covers.
    pub thickness: f32,
}

/// Steepest slope looked for: paper in a photo is seldom turned further.
const STEEPEST: f32 = 0.45;
/// Slopes looked at in one unit.
const SLOPES_A_UNIT: f32 = 200.0;
/// How much lines of one sheet differ in slope, by perspective.
const FAN: f32 = 0.1;
/// Rows a bin of the transform.
const BIN: f32 = 2.0;
/// Shortest line, as a fraction of the picture's shorter side.
const SHORTEST: f32 = 0.35;
/// A line has ink in this fraction of its columns.
const FILLED: f32 = 0.55;
/// Longest sheet of squares, in lines.
const MOST_LINES: usize = 150;
/// Weaker than this fraction of full ink, a single line is a ruled one.
const WEAK: f32 = 0.6;
/// Longer than this fraction of the width, a single line is a ruled one whatever its ink.
const THROUGHOUT: f32 = 0.8;
/// So many lines alike are ruled ones whatever their ink.
const MANY: usize = 3;

/// A pixel on the crest of a thin stroke.
#[derive(Clone, Copy)]
struct Crest {
    column: u32,
    row: u32,
}

/// Finds lines from left to right.
pub(crate) fn lines(ink: &Plane, floor: f32, full: f32) -> Vec<Line> {
    let mut crests = crests(ink, floor);
    let shortest = SHORTEST * ink.width.min(ink.height) as f32;
    // Each crest votes once for a line.
    if (crests.len() as f32) < shortest * FILLED {
        return Vec::new();
    }
    let mut votes = Votes::new(ink);
    crests.iter().for_each(|&crest| votes.add(crest, 1));
    let mut found: Vec<Line> = Vec::new();
    let mut near = None;
    for _ in 0..2 * MOST_LINES {
        let Some((slope, row, count)) = votes.most(near) else { break };
        if (count as f32) < shortest * FILLED || found.len() == MOST_LINES {
            break;
        }
        let level_row = |column: u32| row + slope * (column as f32 - ink.width as f32 / 2.0);
        let on_line = |crest: &Crest| (crest.row as f32 - level_row(crest.column)).abs() <= 3.5;
        let (on, off): (Vec<Crest>, Vec<Crest>) = crests.iter().partition(|crest| on_line(crest));
        if on.is_empty() {
            break;
        }
        on.iter().for_each(|&crest| votes.add(crest, -1));
        crests = off;
        if let Some(line) = measured(ink, on, level_row, shortest) {
            near.get_or_insert(slope);
            found.push(line);
        }
    }
    ruled(found, ink.width, full)
}

/// The lines that are ruled and not strokes: weak, or throughout the picture, or many alike.
fn ruled(found: Vec<Line>, width: usize, full: f32) -> Vec<Line> {
    let alike = |line: &Line| {
        let like = |other: &&Line| {
            (other.level / line.level - 1.0).abs() < 0.35 && (other.thickness - line.thickness).abs() <= 2.0
        };
        found.iter().filter(like).count()
    };
    let is_ruled: Vec<bool> = found
        .iter()
        .map(|line| {
            let span = (line.span.1 - line.span.0) as f32;
            line.level < WEAK * full || span >= THROUGHOUT * width as f32 || alike(line) >= MANY
        })
        .collect();
    found.into_iter().zip(is_ruled).filter_map(|(line, ruled)| ruled.then_some(line)).collect()
}

/// Thickest ruled line that is looked for, in rows.
fn thickest(ink: &Plane) -> usize {
    (ink.width.max(ink.height) / 150).max(2)
}

/// Pixels that are darker than what is above and below them.
fn crests(ink: &Plane, floor: f32) -> Vec<Crest> {
    let reach = thickest(ink) + 1;
    let mut crests = Vec::new();
    if ink.height <= 2 * reach {
        return crests;
    }
    let least = floor * 0.8;
    for row in reach..ink.height - reach {
        let line = |row: usize| &ink.values[row * ink.width..][..ink.width];
        let (here, far_above, far_below) = (line(row), line(row - reach), line(row + reach));
        let (above, below) = (line(row - 1), line(row + 1));
        for column in 0..ink.width {
            let value = here[column];
            // What is around it has no less ink than 0, so this pixel cannot stand out enough.
            if value <= least {
                continue;
            }
            let stands_out = value - far_above[column].max(far_below[column]);
            if stands_out > least && stands_out > 0.4 * value && value >= above[column] && value > below[column] {
                crests.push(Crest { column: column as u32, row: row as u32 });
            }
        }
    }
    crests
}

/// The Hough transform: votes for each slope and row at the middle column.
struct Votes {
    slopes: Vec<f32>,
    bins: usize,
    counts: Vec<i32>,
    middle: f32,
    offset: f32,
}

impl Votes {
    fn new(ink: &Plane) -> Self {
        let steps = (STEEPEST * SLOPES_A_UNIT) as i32;
        let slopes: Vec<f32> = (-steps..=steps).map(|step| step as f32 / SLOPES_A_UNIT).collect();
        let offset = STEEPEST * ink.width as f32 / 2.0;
        let bins = ((ink.height as f32 + 2.0 * offset) / BIN) as usize + 3;
        let counts = vec![0; bins * slopes.len()];
        Self { slopes, bins, counts, middle: ink.width as f32 / 2.0, offset }
    }

    fn add(&mut self, crest: Crest, count: i32) {
        let (right, row) = (crest.column as f32 - self.middle, crest.row as f32 + self.offset);
        for (slope, counts) in self.slopes.iter().zip(self.counts.chunks_exact_mut(self.bins)) {
            counts[((row - slope * right) / BIN) as usize] += count;
        }
    }

    /// Slope, row at the middle column and votes of the strongest line, near a slope if one is given.
    fn most(&self, near: Option<f32>) -> Option<(f32, f32, i32)> {
        let wanted = |slope: f32| near.is_none_or(|near: f32| (slope - near).abs() <= FAN);
        let mut best: Option<(f32, f32, i32)> = None;
        for (&slope, counts) in self.slopes.iter().zip(self.counts.chunks_exact(self.bins)) {
            if !wanted(slope) {
                continue;
            }
            for (bin, pair) in counts.windows(2).enumerate() {
                let count = pair[0] + pair[1];
                if best.is_none_or(|best| count > best.2) {
                    best = Some((slope, (bin + 1) as f32 * BIN - self.offset, count));
                }
            }
        }
        best
    }
}

/// Follows a line along its crests; `None` when they are too few or too scattered to be one.
fn measured(ink: &Plane, mut on: Vec<Crest>, level_row: impl Fn(u32) -> f32, shortest: f32) -> Option<Line> {
    on.sort_unstable_by_key(|crest| crest.column);
    let columns: Vec<u32> = on.iter().map(|crest| crest.column).collect();
    let (first, last) = densest(&columns, shortest as usize)?;
    on.retain(|crest| (first..=last).contains(&(crest.column as usize)));
    let mut levels: Vec<f32> =
        on.iter().map(|crest| ink.values[crest.row as usize * ink.width + crest.column as usize]).collect();
    let level = median(&mut levels, f32::total_cmp)?;
    let mut runs: Vec<f32> = on.iter().step_by(3).map(|crest| run(ink, crest, level / 2.0)).collect();
    let thickness = median(&mut runs, f32::total_cmp)?;
    if thickness > thickest(ink) as f32 + 1.0 {
        return None;
    }
    Some(Line { span: (first, last), rows: followed(ink.width, &on, level_row), level, thickness })
}

/// From the first to the last of the stretches of columns without a large gap, if they are long and filled enough. A digit's
/// bar beside a line hides a part of it.
fn densest(columns: &[u32], shortest: usize) -> Option<(usize, usize)> {
    let mut distinct = columns.to_vec();
    distinct.dedup();
    let gap = (shortest / 8).max(4) as u32;
    let filled = |stretch: &&[u32]| {
        let span = (stretch[stretch.len() - 1] - stretch[0] + 1) as usize;
        span * 6 >= shortest && stretch.len() as f32 >= FILLED * span as f32
    };
    let stretches: Vec<&[u32]> = distinct.chunk_by(|a, b| b - a <= gap).filter(filled).collect();
    let inked: usize = stretches.iter().map(|stretch| stretch.len()).sum();
    let (first, last) = (*stretches.first()?.first()? as usize, *stretches.last()?.last()? as usize);
    (last - first + 1 >= shortest && inked as f32 >= FILLED * shortest as f32).then_some((first, last))
}

/// Rows of ink above `edge` around a crest.
fn run(ink: &Plane, crest: &Crest, edge: f32) -> f32 {
    let inked = |row: &usize| ink.values[row * ink.width + crest.column as usize] > edge;
    let row = crest.row as usize;
    let (up, down) = ((0..row).rev().take_while(inked).count(), (row + 1..ink.height).take_while(inked).count());
    (1 + up + down) as f32
}

/// The line's row at each column: how far crests are from the straight line, averaged nearby, since paper bends.
fn followed(width: usize, on: &[Crest], level_row: impl Fn(u32) -> f32) -> Vec<f32> {
    let (mut sums, mut counts) = (vec![0.0f32; width], vec![0.0f32; width]);
    for crest in on {
        sums[crest.column as usize] += crest.row as f32 - level_row(crest.column);
        counts[crest.column as usize] += 1.0;
    }
    let reach = (width / 40).max(3);
    let running = |values: &[f32]| -> Vec<f32> {
        std::iter::once(0.0)
            .chain(values.iter().scan(0.0, |sum, value| {
                *sum += value;
                Some(*sum)
            }))
            .collect()
    };
    let (sums, counts) = (running(&sums), running(&counts));
    let mut off = 0.0;
    (0..width)
        .map(|column| {
            let (from, to) = (column.saturating_sub(reach), (column + reach + 1).min(width));
            let count = counts[to] - counts[from];
            if count >= 3.0 {
                off = (sums[to] - sums[from]) / count;
            }
            level_row(column as u32) + off
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seeded;

    #[test]
    fn no_line_has_more_votes_than_there_are_crests() {
        let mut voted = 0;
        for ink in seeded::planes() {
            let crests = crests(&ink, 0.05);
            let mut votes = Votes::new(&ink);
            crests.iter().for_each(|&crest| votes.add(crest, 1));
            let most = votes.most(None).map_or(0, |(_, _, count)| count);
            assert!(most as usize <= crests.len(), "{most} of {}", crests.len());
            voted += most;
        }
        assert!(voted > 0);
    }

    #[test]
    fn crests_are_those_of_all_pixels() {
        for ink in seeded::planes() {
            let (reach, mut plain) = (thickest(&ink) + 1, Vec::new());
            for row in reach..ink.height.saturating_sub(reach) {
                for column in 0..ink.width {
                    let at = |row: usize| ink.values[row * ink.width + column];
                    let stands_out = at(row) - at(row - reach).max(at(row + reach));
                    let is_top = at(row) >= at(row - 1) && at(row) > at(row + 1);
                    if stands_out > 0.05 * 0.8 && stands_out > 0.4 * at(row) && is_top {
                        plain.push((column as u32, row as u32));
                    }
                }
            }
            let quick: Vec<(u32, u32)> = crests(&ink, 0.05).iter().map(|crest| (crest.column, crest.row)).collect();
            assert_eq!(quick, plain);
        }
    }
}
