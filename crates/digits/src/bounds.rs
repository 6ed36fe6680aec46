//! Rectangles of pixels.

/// A rectangle of pixels; `right` and `bottom` are the first column and row outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub left: usize,
    pub top: usize,
    pub right: usize,
    pub bottom: usize,
}

impl Bounds {
    pub fn longer_side(&self) -> usize {
        (self.right - self.left).max(self.bottom - self.top)
    }

    pub fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// Pixels inside.
    pub fn area(&self) -> f32 {
        ((self.right - self.left) * (self.bottom - self.top)) as f32
    }

    /// Larger on each side by a fraction of the longer side.
    pub fn grown(&self, share: f32) -> Self {
        let margin = (share * self.longer_side() as f32) as usize;
        Self {
            left: self.left.saturating_sub(margin),
            top: self.top.saturating_sub(margin),
            right: self.right + margin,
            bottom: self.bottom + margin,
        }
    }

    /// Larger by whole pixels on each side, cut at the picture's border.
    pub fn widened(&self, margin: usize, width: usize, height: usize) -> Self {
        Self {
            left: self.left.saturating_sub(margin),
            top: self.top.saturating_sub(margin),
            right: (self.right + margin).min(width),
            bottom: (self.bottom + margin).min(height),
        }
    }

    /// Whether it lies inside another and touches none of its sides.
    pub fn is_within(&self, other: &Self) -> bool {
        self.left > other.left && self.right < other.right && self.top > other.top && self.bottom < other.bottom
    }

    /// Whether two rectangles have a pixel in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Empty columns or rows between two rectangles, whichever are more.
    pub fn gap(&self, other: &Self) -> usize {
        let apart = |a: (usize, usize), b: (usize, usize)| b.0.saturating_sub(a.1).max(a.0.saturating_sub(b.1));
        apart((self.left, self.right), (other.left, other.right))
            .max(apart((self.top, self.bottom), (other.top, other.bottom)))
    }
}
