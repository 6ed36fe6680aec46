//! SVG figures in the style of the reports.

mod axis;
mod boxes;
mod curves;
mod forest;
mod front;
mod legend;
mod names;
mod reliability;
mod scatter;
mod svg;

pub(super) use forest::Forest;
pub(super) use reliability::reliability;
pub(super) use scatter::Scatter;
pub(super) use svg::escape;

use crate::costs::Costs;
use study::declaration::{Cell, FigureKind, ProtocolName, Published, Rung};
use study::judge::{Results, StudyResults};
use svg::{Element, pixels};

/// Style sheet of the figures. Colours have a contrast of at least 3 on white and on near-black, text at least 4.
pub(super) const STYLE: &str = include_str!("figure/style.css");

/// Extra styles for standalone files: viewers that know the page's colour scheme get stronger contrast; others get
/// colours readable on both.
const SCHEMES: &str = "@media (prefers-color-scheme: light) { .figure { --ink: #5b626b; } }\n\
                       @media (prefers-color-scheme: dark) { .figure { --ink: #868e98; } }\n";

/// Number of series colours.
const COLOURS: usize = 4;

/// Width of a figure on a wide page.
pub(super) const WIDE: f64 = 720.0;
/// Width of a figure on a phone.
pub(super) const NARROW: f64 = 342.0;

/// A figure of one study under one protocol.
#[derive(Debug, Clone)]
pub struct Figure {
    name: String,
    title: String,
    x_label: String,
    kind: FigureKind,
    /// What the accuracies are of: `test` or `held-out`.
    of: &'static str,
    series: Vec<Series>,
}

/// A series of cells.
#[derive(Debug, Clone)]
struct Series {
    name: String,
    marks: Vec<Mark>,
}

/// A cell's rounds.
#[derive(Debug, Clone)]
struct Mark {
    cell: String,
    label: String,
    x: f64,
    values: Vec<f64>,
    /// Rounds with fresh seeds, if any.
    again: Vec<f64>,
    published: Option<Published>,
    /// What the network costs, see [`Costs::all`], in figures that show it.
    costs: Option<[f64; 3]>,
}

impl Figure {
    /// The figure of a study: its rungs if it has any, else its cells.
    pub(super) fn of_study(results: &Results, study: &StudyResults, protocol: ProtocolName) -> Option<Self> {
        if study.study.rungs.is_empty() { Self::of(study, protocol) } else { Self::of_rungs(results, study, protocol) }
    }

    /// The figure of a study's trials; `None` without trials. The cells of a large grid are ordered by their means.
    pub fn of(results: &StudyResults, protocol: ProtocolName) -> Option<Self> {
        let study = &results.study;
        let mut series: Vec<Series> = Vec::new();
        for cell in &study.cells {
            let values = results.sample(cell, protocol, cell.reading).values();
            if values.is_empty() {
                continue;
            }
            if let Some(chosen) =
                cell.series.strip_suffix(FRESH).and_then(|name| mark_of(&mut series, name, &cell.label))
            {
                chosen.again = values;
                continue;
            }
            let position = series.iter().position(|series| series.name == cell.series).unwrap_or_else(|| {
                series.push(Series { name: cell.series.clone(), marks: Vec::new() });
                series.len() - 1
            });
            let costs = if study.kind == FigureKind::Front { Costs::of(results, cell, protocol) } else { None };
            series[position].marks.push(Mark { costs: costs.map(Costs::all), ..Mark::new(cell, values) });
        }
        if series.is_empty() {
            return None;
        }
        let mut figure = Self {
            name: format!("{}-{protocol}", study.name),
            title: format!("{}, protocol {protocol}", study.title),
            x_label: study.x_label.clone().unwrap_or_default(),
            kind: study.kind,
            of: if study.is_held_out() { "held-out" } else { "test" },
            series,
        };
        figure.order();
        Some(figure)
    }

    /// The figure of a ladder with one box per rung; `None` without trials.
    fn of_rungs(results: &Results, study: &StudyResults, protocol: ProtocolName) -> Option<Self> {
        let mark = |(number, rung): (usize, &Rung)| {
            let values = results.sample(&study.study.name, &rung.cell, protocol).ok()?.values();
            let (cell, label) = (format!("rung {}", number + 1), rung.words.replace('`', ""));
            let mark = Mark { cell, label, x: number as f64, values, again: Vec::new(), published: None, costs: None };
            (!mark.values.is_empty()).then_some(mark)
        };
        let marks: Vec<Mark> = study.study.rungs.iter().enumerate().filter_map(mark).collect();
        if marks.is_empty() {
            return None;
        }
        Some(Self {
            name: format!("{}-{protocol}", study.study.name),
            title: format!("{}, protocol {protocol}", study.study.title),
            x_label: study.study.x_label.clone().unwrap_or_default(),
            kind: FigureKind::Box,
            of: "test",
            series: vec![Series { name: "rungs".to_owned(), marks }],
        })
    }

    /// A series with more boxes is a search and is ordered by mean.
    const ORDERED_BY_MEAN: usize = 12;

    fn order(&mut self) {
        for series in &mut self.series {
            match self.kind {
                FigureKind::Curve => series.marks.sort_by(|a, b| a.x.total_cmp(&b.x)),
                FigureKind::Box if series.marks.len() > Self::ORDERED_BY_MEAN => {
                    series.marks.sort_by(|a, b| b.mean().total_cmp(&a.mean()));
                }
                FigureKind::Box | FigureKind::Front => {}
            }
        }
    }

    /// The alternative text.
    pub fn description(&self) -> String {
        let series = self.series.iter().map(|series| {
            let marks = series.marks.iter().map(|mark| {
                let published = mark.published.map_or(String::new(), |value| format!(" (published {:.2})", value.mean));
                format!("{} {:.2}{published}", mark.label, mark.mean())
            });
            format!("{}: {}", series.name, marks.collect::<Vec<_>>().join(", "))
        });
        format!("Mean {} accuracy in percent. {}.", self.of, series.collect::<Vec<_>>().join("; "))
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The figure as a standalone file.
    pub fn file(&self) -> String {
        format!("{}\n", self.draw(WIDE, "file", Some(own_style())).render())
    }

    /// The figure for a page that includes [`STYLE`]; `variant` makes element ids unique.
    pub(super) fn inline(&self, width: f64, variant: &str) -> String {
        self.draw(width, variant, None).render()
    }

    fn draw(&self, width: f64, variant: &str, style: Option<Element>) -> Element {
        let drawing = match self.kind {
            FigureKind::Box => boxes::draw(self, width),
            FigureKind::Curve => curves::draw(self, width),
            FigureKind::Front => front::draw(self, width),
        };
        framed(drawing, width, &format!("{}-{variant}", self.name), [&self.title, &self.description()], style)
    }

    /// Every value that the axis must include.
    fn extent(&self) -> impl Iterator<Item = f64> + '_ {
        self.series.iter().flat_map(|series| &series.marks).flat_map(|mark| {
            let published = mark.published.into_iter().flat_map(|published| {
                let standard_deviation = published.standard_deviation.unwrap_or_default();
                [published.mean - standard_deviation, published.mean + standard_deviation]
            });
            mark.values.iter().copied().chain(published).chain(mark.mean_again())
        })
    }
}

/// Suffix of a series that trains another series' cells again with fresh seeds. Its means are drawn in the other's
/// rows.
const FRESH: &str = ", fresh seeds";

fn mark_of<'a>(series: &'a mut [Series], name: &str, label: &str) -> Option<&'a mut Mark> {
    series.iter_mut().find(|series| series.name == name)?.marks.iter_mut().find(|mark| mark.label == label)
}

impl Mark {
    fn new(cell: &Cell, values: Vec<f64>) -> Self {
        Self {
            cell: cell.name.clone(),
            label: cell.label.clone(),
            x: cell.x.unwrap_or_default(),
            values,
            again: Vec::new(),
            published: cell.published,
            costs: None,
        }
    }

    /// Mean of the rounds with fresh seeds.
    fn mean_again(&self) -> Option<f64> {
        Some(metrics::Summary::of(&self.again)?.mean)
    }

    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }
}

/// A drawing in its frame, with ids that begin with `name`, and its title and description.
fn framed(
    drawing: Drawing,
    width: f64,
    name: &str,
    [title, description]: [&str; 2],
    style: Option<Element>,
) -> Element {
    let ids = ["title", "desc"].map(|part| format!("{name}-{part}"));
    let mut root = Element::new("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("class", "figure")
        .with("role", "img")
        .with("aria-labelledby", ids.join(" "))
        .with("viewBox", format!("0 0 {} {}", pixels(width), pixels(drawing.height)))
        .at("width", width)
        .at("height", drawing.height);
    let [title_id, description_id] = ids;
    root.push(Element::new("title").with("id", title_id).text(title));
    root.push(Element::new("desc").with("id", description_id).text(description));
    style.into_iter().chain(drawing.elements).for_each(|element| root.push(element));
    root
}

/// The style sheet of a standalone file.
fn own_style() -> Element {
    Element::new("style").text(format!("\n{STYLE}{SCHEMES}"))
}

/// The elements drawn and their height.
struct Drawing {
    elements: Vec<Element>,
    height: f64,
}

/// The class of a series' colour.
fn colour(position: usize) -> String {
    format!("s{}", position % COLOURS)
}

fn text(class: &str, x: f64, y: f64, content: &str) -> Element {
    Element::new("text").with("class", class).at("x", x).at("y", y).text(content)
}

fn line(class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> Element {
    Element::new("line").with("class", class).at("x1", x1).at("y1", y1).at("x2", x2).at("y2", y2)
}

fn path(class: &str, data: String) -> Element {
    Element::new("path").with("class", class).with("d", data)
}

/// A saltire: the sign of the published value.
fn saltire(class: &str, x: f64, y: f64) -> Element {
    let [left, right, top, bottom] = [x - 4.5, x + 4.5, y - 4.5, y + 4.5].map(pixels);
    path(class, format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"))
}

/// A diamond: the sign of our mean; hollow (`again`) for rounds with fresh seeds.
fn diamond(class: &str, x: f64, y: f64) -> Element {
    let [left, right, top, bottom] = [x - 4.5, x + 4.5, y - 4.5, y + 4.5].map(pixels);
    let [x, y] = [x, y].map(pixels);
    path(class, format!("M{left} {y}L{x} {top}L{right} {y}L{x} {bottom}Z"))
}

/// A dot at each position.
fn dots(positions: impl Iterator<Item = [f64; 2]>) -> Element {
    let data: String = positions.map(|[x, y]| format!("M{} {}h.01", pixels(x), pixels(y))).collect();
    path("dots", data)
}
