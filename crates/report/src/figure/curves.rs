//! Curves: one line per series, with the 95 % confidence interval of its means as a band.

use super::axis::Axis;
use super::legend::{self, Entry};
use super::svg::{Element, pixels};
use super::{Drawing, Figure, Mark, Series, WIDE, colour, diamond, dots, line, saltire, text};
use metrics::Summary;

/// Width of a character of a label.
const CHARACTER: f64 = 6.7;
/// Pixels between the marks of neighbouring series at one position.
const STAGGER: f64 = 7.0;

/// Positions of the figure's parts. X values are evenly spaced, because the loss weights run from 0 to 1000.
struct Layout {
    axis: Axis,
    positions: Vec<(f64, String)>,
    left: f64,
    right: f64,
    bottom: f64,
    series: usize,
}

pub(super) fn draw(figure: &Figure, width: f64) -> Drawing {
    let (mut elements, top) = legend(figure, width);
    let layout = Layout::new(figure, width, top);
    elements.extend(layout.grid(&figure.x_label));
    for (position, series) in figure.series.iter().enumerate() {
        elements.push(layout.series(series, position));
    }
    Drawing { elements, height: layout.bottom + 44.0 }
}

fn legend(figure: &Figure, width: f64) -> (Vec<Element>, f64) {
    let sign = |position: usize| {
        move |x: f64, y: f64| {
            let mut group = Element::new("g").with("class", colour(position));
            group.push(band(
                [[x - 12.0, y - 5.0], [x + 12.0, y - 5.0], [x + 12.0, y + 5.0], [x - 12.0, y + 5.0]].into_iter(),
            ));
            group.push(line("line", [x - 12.0, y], [x + 12.0, y]));
            group.push(diamond("mean", x, y));
            vec![group]
        }
    };
    let signs: Vec<_> = (0..figure.series.len()).map(sign).collect();
    let mut entries: Vec<Entry> =
        figure.series.iter().zip(&signs).map(|(series, sign)| Entry { sign, words: &series.name }).collect();
    let rounds = |x: f64, y: f64| {
        let mut group = Element::new("g").with("class", colour(0));
        group.push(dots([[x - 4.0, y - 3.0], [x + 3.0, y], [x - 2.0, y + 4.0]].into_iter()));
        vec![group]
    };
    entries.push(Entry { sign: &rounds, words: "rounds; band: 95 % interval of the mean" });
    let published = |x: f64, y: f64| {
        let mut group = Element::new("g").with("class", colour(0));
        group.push(line("their-line", [x - 12.0, y], [x + 12.0, y]));
        group.push(saltire("theirs", x, y));
        vec![group]
    };
    let again = |x: f64, y: f64| {
        let mut group = Element::new("g").with("class", colour(0));
        group.push(diamond("again", x, y));
        vec![group]
    };
    let any = |has: fn(&Mark) -> bool| figure.series.iter().flat_map(|series| &series.marks).any(has);
    if any(|mark| !mark.again.is_empty()) {
        entries.push(Entry { sign: &again, words: "mean with fresh seeds" });
    }
    if any(|mark| mark.published.is_some()) {
        entries.push(Entry { sign: &published, words: "published mean" });
    }
    legend::draw(&figure.title, &entries, width)
}

fn band(corners: impl Iterator<Item = [f64; 2]>) -> Element {
    let points: Vec<String> = corners.map(|[x, y]| format!("{},{}", pixels(x), pixels(y))).collect();
    Element::new("polygon").with("class", "band").with("points", points.join(" "))
}

impl Layout {
    fn new(figure: &Figure, width: f64, top: f64) -> Self {
        let height = if width >= WIDE { 340.0 } else { 260.0 };
        let (top, bottom) = (top + 6.0, top + 6.0 + height);
        let mut positions: Vec<(f64, String)> = Vec::new();
        for mark in figure.series.iter().flat_map(|series| &series.marks) {
            if positions.iter().all(|(x, _)| *x != mark.x) {
                positions.push((mark.x, mark.label.clone()));
            }
        }
        positions.sort_by(|a, b| a.0.total_cmp(&b.0));
        let axis = Axis::over(figure.extent(), [bottom - 4.0, top + 4.0], (height / 50.0) as usize);
        Self { axis, positions, left: 48.0, right: width - 8.0, bottom, series: figure.series.len() }
    }

    fn grid(&self, x_label: &str) -> Vec<Element> {
        let mut elements = vec![line("axis", [self.left, self.bottom], [self.right, self.bottom])];
        for (value, label) in self.axis.ticks() {
            let y = self.axis.pixel(value);
            elements.push(line("grid", [self.left, y], [self.right, y]).with("data-percent", value.to_string()));
            elements.push(text("end", self.left - 6.0, y + 4.0, &label));
        }
        let labelled_each = self.labelled_each();
        for (index, (x, label)) in self.positions.iter().enumerate() {
            let x = self.x(*x);
            elements.push(line("axis", [x, self.bottom], [x, self.bottom + 4.0]));
            if index % labelled_each == 0 {
                elements.push(text("middle", x, self.bottom + 18.0, label));
            }
        }
        elements.push(text("middle", (self.left + self.right) / 2.0, self.bottom + 36.0, x_label));
        elements
    }

    /// Every how many positions a label fits.
    fn labelled_each(&self) -> usize {
        let longest = self.positions.iter().map(|(_, label)| label.chars().count()).max().unwrap_or_default();
        let wanted = (longest as f64 + 1.0) * CHARACTER * self.positions.len() as f64;
        (wanted / (self.right - self.left)).ceil().max(1.0) as usize
    }

    fn x(&self, x: f64) -> f64 {
        let index = self.positions.iter().position(|(position, _)| *position == x).unwrap_or_default() as f64;
        let step = (self.right - self.left) / self.positions.len() as f64;
        self.left + (index + 0.5) * step
    }

    fn series(&self, series: &Series, position: usize) -> Element {
        let offset = (position as f64 - (self.series - 1) as f64 / 2.0) * STAGGER;
        let at = |mark: &Mark, percent: f64| [self.x(mark.x), self.axis.pixel(percent)];
        let mut group = Element::new("g").with("class", colour(position)).with("data-series", &series.name);
        let intervals: Vec<[f64; 2]> = series.marks.iter().map(interval).collect();
        let upper = series.marks.iter().zip(&intervals).map(|(mark, interval)| at(mark, interval[1]));
        let lower = series.marks.iter().zip(&intervals).rev().map(|(mark, interval)| at(mark, interval[0]));
        group.push(band(upper.chain(lower)));
        group.push(Self::line("line", series.marks.iter().map(|mark| at(mark, mark.mean()))));
        let theirs = |mark: &Mark| Some(at(mark, mark.published?.mean));
        for neighbours in series.marks.windows(2) {
            if let (Some(from), Some(to)) = (theirs(&neighbours[0]), theirs(&neighbours[1])) {
                group.push(line("their-line", from, to));
            }
        }
        for mark in &series.marks {
            let [x, mean] = at(mark, mark.mean());
            let mut marks = Element::new("g").with("data-cell", &mark.cell);
            marks.push(dots(mark.values.iter().map(|&value| [x + offset, self.axis.pixel(value)])));
            marks.push(diamond("mean", x, mean));
            if let Some(again) = mark.mean_again() {
                marks.push(diamond("again", x, self.axis.pixel(again)));
            }
            if let Some(published) = mark.published {
                marks.push(saltire("theirs", x, self.axis.pixel(published.mean)));
            }
            group.push(marks);
        }
        group
    }

    fn line(class: &'static str, points: impl Iterator<Item = [f64; 2]>) -> Element {
        let points: Vec<String> = points.map(|[x, y]| format!("{},{}", pixels(x), pixels(y))).collect();
        Element::new("polyline").with("class", class).with("points", points.join(" "))
    }
}

/// The 95 % confidence interval of a mark's mean.
fn interval(mark: &Mark) -> [f64; 2] {
    Summary::of(&mark.values).map_or([mark.mean(); 2], |summary| summary.interval)
}
