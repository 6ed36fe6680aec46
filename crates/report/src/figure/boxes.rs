//! Box plots: one row per cell, with its rounds as dots.

use super::axis::Axis;
use super::legend::{self, Entry};
use super::svg::{Element, wrap};
use super::{Drawing, Figure, Mark, WIDE, colour, diamond, dots, line, saltire, text};
use metrics::Quartiles;

/// Height of a row, and of a row in a long figure.
const ROW: [f64; 2] = [32.0, 20.0];
/// Height of a box, and of a box in a long figure. The published value is drawn below the box.
const BOX: [f64; 2] = [15.0, 10.0];
/// Height of a series' heading.
const HEADING: f64 = 26.0;
/// A figure with more rows is long.
const MANY: usize = 30;
/// Height of a line of a label.
const LINE: f64 = 13.0;
/// Width of a character of a label.
const CHARACTER: f64 = 6.7;
/// Fractional part of the golden ratio: its multiples spread dots evenly over a row.
const SPREAD: f64 = 0.618_033_988_749_895;

/// Positions of the figure's parts.
struct Layout {
    axis: Axis,
    row: f64,
    height: f64,
    left: f64,
    right: f64,
    width: f64,
    digits: bool,
}

pub(super) fn draw(figure: &Figure, width: f64) -> Drawing {
    let (mut elements, top) = legend(figure, width);
    let layout = Layout::new(figure, width);
    let rows: usize = figure.series.iter().map(|series| series.marks.len()).sum();
    let mut y = top + 22.0;
    let plot_top = y;
    let heading = if layout.digits { "mean (standard deviation)" } else { "mean" };
    elements.push(text("end value", width - 2.0, top + 14.0, heading));
    let mut drawn = Vec::new();
    for (position, series) in figure.series.iter().enumerate() {
        if figure.series.len() > 1 {
            drawn.push(text("group", 4.0, y + 18.0, &series.name));
            y += HEADING;
        }
        for mark in &series.marks {
            drawn.extend(layout.label(mark, y));
            drawn.push(layout.row(mark, y, &colour(position)));
            drawn.push(layout.number(mark, y));
            y += layout.row;
        }
    }
    elements.extend(layout.grid([plot_top, y + 4.0], rows > MANY));
    elements.extend(drawn);
    Drawing { elements, height: y + 28.0 }
}

fn legend(figure: &Figure, width: f64) -> (Vec<Element>, f64) {
    let coloured = |element: Element| {
        let mut group = Element::new("g").with("class", colour(0));
        group.push(element);
        vec![group]
    };
    let rounds = |x: f64, y: f64| {
        let dots = dots([[x - 7.0, y], [x, y + 3.0], [x + 6.0, y - 2.0]].into_iter());
        [box_of([x - 10.0, x + 9.0], y, 10.0), dots].into_iter().flat_map(coloured).collect::<Vec<_>>()
    };
    let mean = |x: f64, y: f64| coloured(diamond("mean", x, y));
    let published = |x: f64, y: f64| vec![line("spread", [x - 11.0, y], [x + 11.0, y]), saltire("published", x, y)];
    let mean_only = |x: f64, y: f64| vec![saltire("published", x, y)];
    let mut entries =
        vec![Entry { sign: &rounds, words: "rounds, quartiles" }, Entry { sign: &mean, words: "our mean" }];
    let again = |x: f64, y: f64| coloured(diamond("again", x, y));
    let any = |has: fn(&Mark) -> bool| figure.series.iter().flat_map(|series| &series.marks).any(has);
    if any(|mark| !mark.again.is_empty()) {
        entries.push(Entry { sign: &again, words: "mean with fresh seeds" });
    }
    let spread = |mark: &Mark| mark.published.is_some_and(|published| published.standard_deviation.is_some());
    if any(spread) {
        entries.push(Entry { sign: &published, words: "published mean ± standard deviation" });
    } else if any(|mark| mark.published.is_some()) {
        entries.push(Entry { sign: &mean_only, words: "published mean" });
    }
    legend::draw(&figure.title, &entries, width)
}

fn box_of([from, to]: [f64; 2], middle: f64, height: f64) -> Element {
    let rectangle = Element::new("rect").with("class", "box").at("x", from).at("y", middle - height / 2.0);
    rectangle.at("width", to - from).at("height", height).with("rx", "1.5")
}

impl Layout {
    fn new(figure: &Figure, width: f64) -> Self {
        let marks = || figure.series.iter().flat_map(|series| &series.marks);
        let longest = marks().map(|mark| mark.label.chars().count()).max().unwrap_or_default() as f64;
        let digits = width >= WIDE;
        let left = (longest * CHARACTER + 14.0).min(0.4 * width);
        let right = width - if digits { 104.0 } else { 48.0 };
        let ticks = ((right - left) / 55.0) as usize;
        let many = usize::from(marks().count() > MANY);
        let (row, height) = (ROW[many], BOX[many]);
        Self {
            axis: Axis::over(figure.extent(), [left + 4.0, right - 4.0], ticks),
            row,
            height,
            left,
            right,
            width,
            digits,
        }
    }

    /// A cell's label, on two lines if long.
    fn label(&self, mark: &Mark, y: f64) -> Vec<Element> {
        let lines = wrap(&mark.label, ((self.left - 12.0) / CHARACTER) as usize);
        let first = y + self.row / 2.0 + 4.0 - LINE / 2.0 * lines.len().saturating_sub(1) as f64;
        let at = |(number, line): (usize, &String)| text("end", self.left - 6.0, first + LINE * number as f64, line);
        lines.iter().enumerate().map(at).collect()
    }

    fn number(&self, mark: &Mark, y: f64) -> Element {
        let summary = metrics::Summary::of(&mark.values);
        let standard_deviation = summary.map_or(0.0, |summary| summary.standard_deviation);
        let number = if self.digits {
            format!("{:.2} ({standard_deviation:.2})", mark.mean())
        } else {
            format!("{:.1}", mark.mean())
        };
        text("end value", self.width - 2.0, y + self.row / 2.0 + 4.0, &number)
    }

    /// A cell's box, whiskers, median, rounds, mean and published value.
    fn row(&self, mark: &Mark, y: f64, colour: &str) -> Element {
        let height = self.height;
        let middle = y + 4.0 + height / 2.0;
        let mut group = Element::new("g").with("class", colour).with("data-cell", &mark.cell);
        if let Some(five) = Quartiles::of(&mark.values) {
            let [low, first, median, third, high] =
                [five.low, five.first, five.median, five.third, five.high].map(|value| self.axis.pixel(value));
            group.push(line("whisker", [low, middle], [first, middle]));
            group.push(line("whisker", [third, middle], [high, middle]));
            group.push(box_of([first, third], middle, height));
            group.push(line("median", [median, middle - height / 2.0], [median, middle + height / 2.0]));
        }
        let position = |(index, &value): (usize, &f64)| {
            let offset = ((index + 1) as f64 * SPREAD).fract() - 0.5;
            [self.axis.pixel(value), middle + offset * (height - 2.0)]
        };
        group.push(dots(mark.values.iter().enumerate().map(position)));
        group.push(diamond("mean", self.axis.pixel(mark.mean()), middle));
        if let Some(again) = mark.mean_again() {
            group.push(diamond("again", self.axis.pixel(again), middle));
        }
        if let Some(published) = mark.published {
            let standard_deviation = published.standard_deviation.unwrap_or_default();
            let ends = [published.mean - standard_deviation, published.mean + standard_deviation]
                .map(|value| self.axis.pixel(value));
            let below = y + self.row - 6.0;
            group.push(line("spread", [ends[0], below], [ends[1], below]));
            group.push(saltire("published", self.axis.pixel(published.mean), below));
        }
        group
    }

    /// Vertical lines at round percentages, labelled below, and also above if the figure is long.
    fn grid(&self, [top, bottom]: [f64; 2], long: bool) -> Vec<Element> {
        let mut elements = vec![line("axis", [self.left, bottom], [self.right, bottom])];
        for (value, label) in self.axis.ticks() {
            let x = self.axis.pixel(value);
            elements.push(line("grid", [x, top], [x, bottom]).with("data-percent", value.to_string()));
            elements.push(text("middle", x, bottom + 16.0, &label));
            if long {
                elements.push(text("middle", x, top - 6.0, &label));
            }
        }
        elements
    }
}
