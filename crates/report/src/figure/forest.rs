//! Forest plot: ours minus published, with its interval, of every published value.

use super::legend::{self, Entry};
use super::svg::{Element, pixels, wrap};
use super::{Drawing, WIDE, diamond, framed, line, own_style, path, saltire, text};
use study::judge::{MARGIN, Value, ValueVerdict};

/// Largest difference on the axis, in percentage points.
const REACH: f64 = 5.0;
/// A group with more values is drawn in thin rows without labels.
const MANY: usize = 25;
/// Height of a row, and of a thin one.
const ROW: [f64; 2] = [16.0, 4.5];
/// Height of a line of a group's heading.
const HEADING: f64 = 19.0;
/// Height of a line of a label.
const LINE: f64 = 13.0;
/// Width of a character of a label.
const CHARACTER: f64 = 6.6;

/// The plot.
#[derive(Debug, Clone)]
pub(crate) struct Forest {
    title: String,
    groups: Vec<Group>,
}

/// The values of one figure or table.
#[derive(Debug, Clone)]
struct Group {
    title: String,
    rows: Vec<ValueRow>,
}

/// A published value.
#[derive(Debug, Clone)]
struct ValueRow {
    label: String,
    published: f64,
    ours: f64,
    difference: f64,
    interval: [f64; 2],
    /// PyTorch minus published.
    pytorch: Option<f64>,
    verdict: ValueVerdict,
}

impl Forest {
    /// The plot of every value that is judged; `None` without any.
    pub(crate) fn of(values: &[Value]) -> Option<Self> {
        let mut groups: Vec<Group> = Vec::new();
        for value in values {
            let Some(against) = value.against else { continue };
            let place = value.places[0];
            let title = format!("{}, {}: {}", place.study.report.title(), place.figure, place.study.title);
            let title = title[..1].to_uppercase() + &title[1..];
            let row = ValueRow {
                label: value.title.clone(),
                published: value.published.mean,
                ours: against.value,
                difference: against.difference.estimate,
                interval: against.difference.interval,
                pytorch: value.pytorch.map(|pytorch| pytorch.against.difference.estimate),
                verdict: value.verdict,
            };
            match groups.iter_mut().find(|group| group.title == title) {
                Some(group) => group.rows.push(row),
                None => groups.push(Group { title, rows: vec![row] }),
            }
        }
        for group in groups.iter_mut().filter(|group| group.is_thin()) {
            group.rows.sort_by(|a, b| b.published.total_cmp(&a.published));
        }
        let title = "Every published value: ours minus published, in percentage points".to_owned();
        (!groups.is_empty()).then_some(Self { title, groups })
    }

    /// The title.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The alternative text.
    fn description(&self) -> String {
        let groups = self.groups.iter().map(|group| {
            let rows = group.rows.iter().map(|row| {
                let ValueRow { label, published, ours, verdict, .. } = row;
                format!("{label}: published {published:.2}, ours {ours:.2}, {}", verdict.word())
            });
            format!("{}. {}.", group.title, rows.collect::<Vec<_>>().join("; "))
        });
        groups.collect::<Vec<_>>().join(" ")
    }

    fn has_pytorch(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.rows).any(|row| row.pytorch.is_some())
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
        let layout = Layout::new(width);
        let (mut elements, top) = legend(&self.title, width, self.has_pytorch());
        let mut y = top + 18.0;
        let plot_top = y;
        let mut rows = Vec::new();
        for group in &self.groups {
            for title in wrap(&group.title, (width / 7.2) as usize) {
                y += HEADING;
                rows.push(text("group", 4.0, y - 4.0, &title));
            }
            if group.is_thin() {
                let note = format!("{} networks, by their published means", group.rows.len());
                rows.extend(layout.label(&note, y + ROW[0]));
            }
            for row in &group.rows {
                let height = if group.is_thin() { ROW[1] } else { layout.height(&row.label) };
                rows.push(layout.row(row, y + height / 2.0, group.is_thin()));
                y += height;
            }
            y += 4.0;
        }
        elements.extend(layout.grid([plot_top, y]));
        elements.extend(rows);
        let drawing = Drawing { elements, height: y + 24.0 };
        framed(drawing, width, &format!("values-{variant}"), [&self.title, &self.description()], style)
    }
}

impl Group {
    fn is_thin(&self) -> bool {
        self.rows.len() > MANY
    }
}

fn legend(title: &str, width: f64, with_pytorch: bool) -> (Vec<Element>, f64) {
    let sign = |verdict| move |x: f64, y: f64| vec![of_verdict(verdict, vec![mark(verdict, [x, y], false)])];
    let [equivalent, different, inconclusive] =
        [ValueVerdict::Equivalent, ValueVerdict::Different, ValueVerdict::Inconclusive].map(sign);
    let band = |x: f64, y: f64| vec![band([x - 11.0, x + 11.0], [y - 7.0, y + 7.0])];
    let margin = format!("within {MARGIN} point");
    let cross = |x: f64, y: f64| vec![saltire("pytorch", x, y)];
    let mut entries = vec![
        Entry { sign: &equivalent, words: "equivalent" },
        Entry { sign: &different, words: "different" },
        Entry { sign: &inconclusive, words: "inconclusive" },
        Entry { sign: &band, words: &margin },
    ];
    if with_pytorch {
        entries.push(Entry { sign: &cross, words: "in PyTorch" });
    }
    legend::draw(title, &entries, width)
}

/// A verdict's mark: its shape tells it without its colour.
fn mark(verdict: ValueVerdict, [x, y]: [f64; 2], thin: bool) -> Element {
    let radius = if thin { 1.9 } else { 4.0 };
    match verdict {
        ValueVerdict::Different if !thin => diamond("mean", x, y),
        ValueVerdict::Equivalent | ValueVerdict::Different => circle("mean", [x, y], radius),
        ValueVerdict::Inconclusive | ValueVerdict::NotJudged => circle("hollow", [x, y], radius - 0.6),
    }
}

fn circle(class: &str, [x, y]: [f64; 2], radius: f64) -> Element {
    Element::new("circle").with("class", class).at("cx", x).at("cy", y).at("r", radius)
}

fn of_verdict(verdict: ValueVerdict, elements: Vec<Element>) -> Element {
    let class = match verdict {
        ValueVerdict::NotJudged => ValueVerdict::Inconclusive.word(),
        verdict => verdict.word(),
    };
    let mut group = Element::new("g").with("class", class);
    elements.into_iter().for_each(|element| group.push(element));
    group
}

fn band([left, right]: [f64; 2], [top, bottom]: [f64; 2]) -> Element {
    let band = Element::new("rect").with("class", "margin").at("x", left).at("y", top);
    band.at("width", right - left).at("height", bottom - top)
}

/// Positions of the plot's parts.
struct Layout {
    left: f64,
    right: f64,
    width: f64,
    numbers: bool,
}

impl Layout {
    fn new(width: f64) -> Self {
        let numbers = width >= WIDE;
        let (left, right) = if numbers { (0.37 * width, width - 112.0) } else { (0.42 * width, width - 8.0) };
        Self { left, right, width, numbers }
    }

    /// The pixel of a difference, which ends at the plot's sides.
    fn x(&self, points: f64) -> f64 {
        self.left + (points.clamp(-REACH, REACH) + REACH) / (2.0 * REACH) * (self.right - self.left)
    }

    /// The lines of a label.
    fn lines(&self, label: &str) -> Vec<String> {
        wrap(label, ((self.left - 12.0) / CHARACTER) as usize)
    }

    /// Height of the row with this label.
    fn height(&self, label: &str) -> f64 {
        ROW[0] + LINE * self.lines(label).len().saturating_sub(1) as f64
    }

    /// A label left of the plot, its middle at `y`.
    fn label(&self, label: &str, y: f64) -> Vec<Element> {
        let lines = self.lines(label);
        let first = y + 4.0 - LINE / 2.0 * lines.len().saturating_sub(1) as f64;
        let at = |(number, line): (usize, &String)| text("end", self.left - 8.0, first + LINE * number as f64, line);
        lines.iter().enumerate().map(at).collect()
    }

    fn row(&self, row: &ValueRow, y: f64, thin: bool) -> Element {
        let ends = row.interval.map(|end| self.x(end));
        let class = if thin { "reach thin" } else { "reach" };
        let mut elements = vec![line(class, [ends[0], y], [ends[1], y])];
        if row.difference.abs() > REACH {
            elements.push(arrow(self.x(row.difference), y, row.difference.signum()));
        } else {
            elements.push(mark(row.verdict, [self.x(row.difference), y], thin));
        }
        elements.extend(row.pytorch.map(|points| saltire("pytorch", self.x(points), y)));
        if !thin {
            elements.extend(self.label(&row.label, y));
        }
        if self.numbers && !thin {
            let numbers = format!("{:.2} → {:.2}", row.published, row.ours);
            elements.push(text("end value", self.width - 2.0, y + 4.0, &numbers));
        }
        of_verdict(row.verdict, elements)
    }

    /// The margin, and vertical lines at whole points, labelled above and below.
    fn grid(&self, [top, bottom]: [f64; 2]) -> Vec<Element> {
        let mut elements = vec![band([self.x(-MARGIN), self.x(MARGIN)], [top, bottom])];
        let step = if self.numbers { 1 } else { 2 };
        let reach = REACH as i32;
        for points in (1 - reach..reach).filter(|points| points % step == 0) {
            let x = self.x(f64::from(points));
            let class = if points == 0 { "zero" } else { "grid" };
            elements.push(line(class, [x, top], [x, bottom]));
            let label = if points == 0 { "0".to_owned() } else { format!("{points:+}") };
            elements.push(text("middle", x, top - 5.0, &label));
            elements.push(text("middle", x, bottom + 15.0, &label));
        }
        if self.numbers {
            elements.push(text("end value", self.width - 2.0, top - 5.0, "published → ours"));
        }
        elements
    }
}

/// An arrow to a difference beyond the plot.
fn arrow(x: f64, y: f64, sign: f64) -> Element {
    let [back, top, bottom] = [x - 7.0 * sign, y - 4.0, y + 4.0].map(pixels);
    path("mean", format!("M{} {}L{back} {top}L{back} {bottom}Z", pixels(x), pixels(y)))
}
