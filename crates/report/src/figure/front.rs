//! Accuracy against what networks cost: a panel for each cost, on a logarithmic axis, with the front of those networks that
//! no cheaper one reaches.

use super::axis::Axis;
use super::legend::{self, Entry};
use super::names::{self, Area, Place};
use super::svg::{Element, pixels};
use super::{COLOURS, Drawing, Figure, Mark, WIDE, colour, diamond, line, text};
use crate::costs;
use metrics::Summary;

/// What the panels' horizontal axes show.
const TITLES: [&str; 3] = [
    "million multiply-adds a digit",
    "KB of the model file, weights in 8 bits",
    "seconds of training and judging on one core",
];
/// Height of a panel, on a wide page and on a narrow one.
const HEIGHT: [f64; 2] = [250.0, 200.0];

pub(super) fn draw(figure: &Figure, width: f64) -> Drawing {
    let (mut elements, mut end) = legend(figure, width);
    for (number, title) in TITLES.iter().enumerate() {
        let panel = Panel::new(figure, number, width, end + 6.0);
        elements.extend(panel.grid(title));
        elements.push(panel.front(figure, width >= WIDE && number == 0));
        for (position, series) in figure.series.iter().enumerate() {
            elements.extend(series.marks.iter().filter_map(|mark| panel.mark(mark, position)));
        }
        end = panel.bottom + 44.0;
    }
    Drawing { elements, height: end }
}

fn legend(figure: &Figure, width: f64) -> (Vec<Element>, f64) {
    let of_series = |position: usize| move |x: f64, y: f64| vec![sign(position, x, y)];
    let signs: Vec<_> = (0..figure.series.len()).map(of_series).collect();
    let mut entries: Vec<Entry> =
        figure.series.iter().zip(&signs).map(|(series, sign)| Entry { sign, words: &series.name }).collect();
    let interval = |x: f64, y: f64| vec![line("axis", [x, y - 7.0], [x, y + 7.0])];
    let front = |x: f64, y: f64| vec![line("zero", [x - 10.0, y + 3.0], [x + 10.0, y - 3.0])];
    entries.push(Entry { sign: &interval, words: "95 % interval over seeds" });
    entries.push(Entry { sign: &front, words: "none that costs as little is as accurate" });
    legend::draw(&figure.title, &entries, width)
}

/// The sign of a series: another colour, or another form.
fn sign(position: usize, x: f64, y: f64) -> Element {
    let circle = Element::new("circle").with("class", "mean").at("cx", x).at("cy", y).at("r", 3.6);
    let mut group = Element::new("g").with("class", colour(position));
    group.push(match position / COLOURS % 3 {
        0 => diamond("mean", x, y),
        1 => circle,
        _ => diamond("again", x, y),
    });
    group
}

/// One cost.
struct Panel {
    number: usize,
    accuracy: Axis,
    cost: Logarithmic,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Panel {
    fn new(figure: &Figure, number: usize, width: f64, top: f64) -> Self {
        let height = if width >= WIDE { HEIGHT[0] } else { HEIGHT[1] };
        let (left, right, bottom) = (48.0, width - 8.0, top + height);
        let accuracy = Axis::over(figure.extent(), [bottom - 4.0, top + 4.0], (height / 40.0) as usize);
        let costs = marks(figure).filter_map(|mark| Some(mark.costs?[number]));
        Self { number, accuracy, cost: Logarithmic::over(costs, [left + 8.0, right - 8.0]), left, right, top, bottom }
    }

    fn grid(&self, title: &str) -> Vec<Element> {
        let mut elements = vec![line("axis", [self.left, self.bottom], [self.right, self.bottom])];
        for (value, label) in self.accuracy.ticks() {
            let y = self.accuracy.pixel(value);
            elements.push(line("grid", [self.left, y], [self.right, y]).with("data-percent", value.to_string()));
            elements.push(text("end", self.left - 6.0, y + 4.0, &label));
        }
        for (value, label) in self.cost.ticks() {
            let x = self.cost.pixel(value);
            elements.push(line("grid", [x, self.top], [x, self.bottom]));
            elements.push(text("middle", x, self.bottom + 16.0, &label));
        }
        elements.push(text("middle", f64::midpoint(self.left, self.right), self.bottom + 34.0, title));
        elements
    }

    /// Where a mark is; `None` without costs.
    fn place(&self, mark: &Mark) -> Option<[f64; 2]> {
        Some([self.cost.pixel(mark.costs?[self.number]), self.accuracy.pixel(mark.mean())])
    }

    /// The line through the front, with the names of its cells if they are wanted.
    fn front(&self, figure: &Figure, is_named: bool) -> Element {
        let placed: Vec<(&Mark, [f64; 2])> =
            marks(figure).filter_map(|mark| Some((mark, [mark.costs?[self.number], mark.mean()]))).collect();
        let points: Vec<[f64; 2]> = placed.iter().map(|(_, point)| *point).collect();
        let front = costs::front(&points).into_iter().filter_map(|at| Some((placed[at].0, self.place(placed[at].0)?)));
        let front: Vec<(&Mark, [f64; 2])> = front.collect();
        let line: Vec<String> = front.iter().map(|(_, [x, y])| format!("{},{}", pixels(*x), pixels(*y))).collect();
        let line = Element::new("polyline").with("class", "zero").with("fill", "none").with("points", line.join(" "));
        let mut group = Element::new("g").with("data-front", TITLES[self.number]);
        group.push(line);
        if is_named {
            let names: Vec<(&str, [f64; 2])> = front.iter().map(|(mark, place)| (&*mark.cell, *place)).collect();
            let points: Vec<[f64; 2]> = placed.iter().filter_map(|(mark, _)| self.place(mark)).collect();
            for ((name, _), place) in names.iter().zip(names::place(&names, &points, self.area())) {
                if let Some(Place { anchor, at: [x, y], .. }) = place {
                    group.push(text(anchor, x, y, name));
                }
            }
        }
        group
    }

    fn area(&self) -> Area {
        Area { left: self.left, top: self.top, right: self.right, bottom: self.bottom }
    }

    /// A cell's mean, with its interval where there are several seeds.
    fn mark(&self, mark: &Mark, position: usize) -> Option<Element> {
        let [x, y] = self.place(mark)?;
        let mut group = Element::new("g").with("data-cell", &mark.cell);
        if let Some(Summary { n: 2.., interval, .. }) = Summary::of(&mark.values) {
            let [low, high] = interval.map(|percent| self.accuracy.pixel(percent));
            group.push(line("axis", [x, low], [x, high]));
        }
        group.push(sign(position, x, y));
        Some(group)
    }
}

fn marks(figure: &Figure) -> impl Iterator<Item = &Mark> {
    figure.series.iter().flat_map(|series| &series.marks)
}

/// A logarithmic axis.
struct Logarithmic {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Logarithmic {
    /// An axis that includes all of `values`, from pixel `from` to `to`.
    fn over(values: impl Iterator<Item = f64>, [from, to]: [f64; 2]) -> Self {
        let [mut low, mut high] = [f64::INFINITY, 0.0_f64];
        for value in values.filter(|value| value.is_finite() && *value > 0.0) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            [low, high] = [1.0, 10.0];
        }
        Self { low: low / 1.15, high: high * 1.15, from, to }
    }

    fn pixel(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Round values on the axis, with their labels.
    fn ticks(&self) -> Vec<(f64, String)> {
        let powers = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let values = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * 10_f64.powi(power)));
        values.filter(|value| (self.low..=self.high).contains(value)).map(|value| (value, value.to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_axis_has_round_ticks_at_equal_ratios() {
        let axis = Logarithmic::over([0.2, 12.0].into_iter(), [0.0, 400.0]);
        let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.2", "0.5", "1", "2", "5", "10"]);
        let steps = [axis.pixel(1.0) - axis.pixel(0.5), axis.pixel(4.0) - axis.pixel(2.0)];
        assert!((steps[0] - steps[1]).abs() < 1e-9, "{steps:?}");
        assert!(Logarithmic::over(std::iter::empty(), [0.0, 10.0]).pixel(3.0).is_finite());
    }
}
