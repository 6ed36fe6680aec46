//! Published against our means of many networks.

use metrics::pearson;

use super::legend::{self, Entry};
use super::svg::Element;
use super::{Drawing, WIDE, colour, framed, line, own_style, text};
use study::judge::Value;

/// A series with fewer values is not drawn.
const FEW: usize = 12;

/// The plot.
#[derive(Debug, Clone)]
pub(crate) struct Scatter {
    name: String,
    title: String,
    series: Vec<Series>,
}

/// The networks of one series.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// Its name.
    pub(crate) name: String,
    /// Published and our means in percent, in the order of the published ones, best first.
    pub(crate) points: Vec<[f64; 2]>,
    /// The label of the network with the best published mean.
    pub(crate) best: String,
}

/// A network's label, with its published and our mean.
type Labelled = (String, [f64; 2]);

impl Scatter {
    /// The values first published in `study`, by their series; `None` if they are few.
    pub(crate) fn of(values: &[Value], study: &str) -> Option<Self> {
        let mut series: Vec<(String, Vec<Labelled>)> = Vec::new();
        let here = || values.iter().filter(|value| value.places[0].study.name == study);
        for value in here() {
            let Some(against) = value.against else { continue };
            let (name, label) = value.title.rsplit_once(", ")?;
            let point = (label.to_owned(), [value.published.mean, against.value]);
            match series.iter_mut().find(|(known, _)| known == name) {
                Some((_, points)) => points.push(point),
                None => series.push((name.to_owned(), vec![point])),
            }
        }
        series.retain(|(_, points)| points.len() >= FEW);
        let first = here().next()?.places[0];
        let title = format!("{}, {}: published and our means, %", first.study.report.title(), first.figure);
        let title = title[..1].to_uppercase() + &title[1..];
        let series = series.into_iter().map(|(name, mut points)| {
            points.sort_by(|a, b| b.1[0].total_cmp(&a.1[0]));
            let best = points[0].0.clone();
            Series { name, points: points.into_iter().map(|(_, point)| point).collect(), best }
        });
        let series: Vec<Series> = series.collect();
        (!series.is_empty()).then(|| Self { name: format!("{study}-scatter"), title, series })
    }

    /// The series.
    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// The title.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The plot as a standalone file.
    pub(crate) fn file(&self) -> String {
        format!("{}\n", self.draw(WIDE, "file", Some(own_style())).render())
    }

    /// The plot for a page.
    pub(crate) fn inline(&self, width: f64, variant: &str) -> String {
        self.draw(width, variant, None).render()
    }

    fn draw(&self, width: f64, variant: &str, style: Option<Element>) -> Element {
        let (mut elements, top) = self.legend(width);
        let gap = 46.0;
        let columns = if width >= WIDE { self.series.len() } else { 1 };
        let side = ((width - gap * columns as f64 - 8.0) / columns as f64).min(320.0);
        let mut height = top;
        for (number, series) in self.series.iter().enumerate() {
            let (column, row) = (number % columns, number / columns);
            let left = gap + column as f64 * (side + gap);
            let panel = Panel { series, left, top: top + 24.0 + row as f64 * (side + 74.0), side };
            elements.extend(panel.draw(&colour(number)));
            height = panel.top + side + 44.0;
        }
        let drawing = Drawing { elements, height };
        framed(drawing, width, &format!("{}-{variant}", self.name), [&self.title, &self.description()], style)
    }

    fn legend(&self, width: f64) -> (Vec<Element>, f64) {
        let best = |x: f64, y: f64| vec![ring([x, y])];
        let equal = |x: f64, y: f64| vec![line("zero", [x - 10.0, y + 6.0], [x + 10.0, y - 6.0])];
        let entries =
            [Entry { sign: &best, words: "the report's best" }, Entry { sign: &equal, words: "ours equals published" }];
        legend::draw(&self.title, &entries, width)
    }

    fn description(&self) -> String {
        let series = self.series.iter().map(|series| {
            format!("{}: {} networks, r = {:.2}", series.name, series.points.len(), series.correlation())
        });
        format!("{}.", series.collect::<Vec<_>>().join("; "))
    }
}

impl Series {
    /// Pearson's correlation of published and our means.
    pub(crate) fn correlation(&self) -> f64 {
        pearson(&self.points).unwrap_or(f64::NAN)
    }

    /// The rank among our means, from 1, of the network with the best published mean.
    pub(crate) fn rank_of_best(&self) -> usize {
        1 + self.points.iter().filter(|point| point[1] > self.points[0][1]).count()
    }
}

/// The square of one series.
struct Panel<'a> {
    series: &'a Series,
    left: f64,
    top: f64,
    side: f64,
}

impl Panel<'_> {
    fn draw(&self, colour: &str) -> Vec<Element> {
        let [low, high] = self.range();
        let at = |percent: f64| (percent - low) / (high - low) * self.side;
        let (bottom, right) = (self.top + self.side, self.left + self.side);
        let title = format!("{}, r = {:.2}", self.series.name, self.series.correlation());
        let mut elements = vec![text("group", self.left, self.top - 8.0, &title)];
        for percent in (low as i64..=high as i64).step_by(if high - low > 5.0 { 2 } else { 1 }) {
            let (value, label) = (at(percent as f64), percent.to_string());
            elements.push(line("grid", [self.left + value, self.top], [self.left + value, bottom]));
            elements.push(line("grid", [self.left, bottom - value], [right, bottom - value]));
            elements.push(text("middle", self.left + value, bottom + 15.0, &label));
            elements.push(text("end", self.left - 5.0, bottom - value + 4.0, &label));
        }
        elements.push(line("zero", [self.left, bottom], [right, self.top]));
        elements.push(text("middle", self.left + self.side / 2.0, bottom + 31.0, "published, %"));
        elements.push(text("end", self.left - 8.0, self.top - 8.0, "ours"));
        let mut points = Element::new("g").with("class", colour);
        let place = |[published, ours]: [f64; 2]| [self.left + at(published), bottom - at(ours)];
        for point in &self.series.points {
            let [x, y] = place(*point);
            points.push(Element::new("circle").with("class", "mean").at("cx", x).at("cy", y).at("r", 3.2));
        }
        points.push(ring(place(self.series.points[0])));
        elements.push(points);
        elements
    }

    /// Whole percentages around all points.
    fn range(&self) -> [f64; 2] {
        let all = || self.series.points.iter().flatten().copied();
        [all().fold(f64::INFINITY, f64::min).floor(), all().fold(0.0, f64::max).ceil()]
    }
}

fn ring([x, y]: [f64; 2]) -> Element {
    Element::new("circle").with("class", "published").at("cx", x).at("cy", y).at("r", 6.0)
}
