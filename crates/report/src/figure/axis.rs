//! Mapping from percent to pixels.

/// A linear axis of percentages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    step: f64,
}

impl Axis {
    /// An axis that includes all of `values`, from pixel `from` to `to`, with about `ticks` ticks.
    pub(super) fn over(values: impl IntoIterator<Item = f64>, [from, to]: [f64; 2], ticks: usize) -> Self {
        let [mut low, mut high] = [f64::INFINITY, f64::NEG_INFINITY];
        for value in values.into_iter().filter(|value| value.is_finite()) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            [low, high] = [0.0, 100.0];
        }
        let margin = (0.03 * (high - low)).max(0.25);
        let (low, high) = ((low - margin).max(0.0), (high + margin).min(100.0).max(low + margin));
        Self { low, high, from, to, step: step((high - low) / ticks as f64) }
    }

    /// The pixel of a percentage.
    pub(super) fn pixel(&self, percent: f64) -> f64 {
        let share = (percent - self.low) / (self.high - self.low);
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Round percentages on the axis, with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let decimals = if self.step < 1.0 { 1 } else { 0 };
        let first = (self.low / self.step).ceil() as i64;
        let last = (self.high / self.step).floor() as i64;
        let tick = |number: i64| number as f64 * self.step;
        (first..=last).map(|number| (tick(number), format!("{:.decimals$} %", tick(number)))).collect()
    }
}

/// The smallest of 0.1, 0.2, 0.5, 1, 2, 5, 10, 20 that is about `wanted` or larger.
fn step(wanted: f64) -> f64 {
    [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0].into_iter().find(|&step| step >= 0.6 * wanted).unwrap_or(20.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_lie_where_their_values_do() {
        let axis = Axis::over([80.3, 91.2], [100.0, 500.0], 6);
        let ticks = axis.ticks();
        assert_eq!(ticks.first().unwrap().1, "80 %");
        assert!(ticks.iter().all(|(value, _)| (value % 2.0).abs() < 1e-9), "{ticks:?}");
        let middle = (axis.pixel(80.0) + axis.pixel(90.0)) / 2.0;
        assert!((axis.pixel(85.0) - middle).abs() < 1e-9);
    }

    #[test]
    fn an_axis_of_one_value_or_none_is_still_an_axis() {
        assert!(Axis::over([99.9], [0.0, 10.0], 4).pixel(99.9).is_finite());
        assert!(!Axis::over([], [0.0, 10.0], 4).ticks().is_empty());
    }
}
