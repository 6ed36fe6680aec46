//! Reliability diagrams: predicted `p_leq` against observed frequency.

use super::svg::{Element, pixels};
use super::{NARROW, SCHEMES, STYLE, line, text};
use metrics::ReliabilityBin;

const LEFT: f64 = 46.0;
const TOP: f64 = 24.0;
const SIDE: f64 = 270.0;
/// Radius of a bin's dot for one pair, and its growth per tenfold number of pairs.
const RADIUS: [f64; 2] = [2.0, 1.6];

/// The reliability diagram of `name` as a file.
pub fn reliability(name: &str, bins: &[ReliabilityBin]) -> String {
    let height = TOP + SIDE + 52.0;
    let mut root = Element::new("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("class", "figure")
        .with("role", "img")
        .with("aria-labelledby", format!("{name}-reliability-title {name}-reliability-desc"))
        .with("viewBox", format!("0 0 {} {}", pixels(NARROW), pixels(height)))
        .at("width", NARROW)
        .at("height", height);
    root.push(
        Element::new("title").with("id", format!("{name}-reliability-title")).text(format!("Reliability of {name}")),
    );
    root.push(Element::new("desc").with("id", format!("{name}-reliability-desc")).text(description(bins)));
    root.push(Element::new("style").text(format!("\n{STYLE}{SCHEMES}")));
    axes().into_iter().for_each(|element| root.push(element));
    let mut dots = Element::new("g").with("class", super::colour(0));
    bins.iter().map(dot).for_each(|dot| dots.push(dot));
    root.push(dots);
    format!("{}\n", root.render())
}

fn description(bins: &[ReliabilityBin]) -> String {
    let said = bins.iter().map(|bin| {
        format!("predicted {:.3}, observed {:.3} ({} pairs)", bin.mean_probability, bin.share_leq, bin.pairs)
    });
    format!("Mean p_leq of each bin and the fraction of its pairs with <=: {}.", said.collect::<Vec<_>>().join("; "))
}

/// The position of a probability and an observed frequency.
fn point(probability: f64, share: f64) -> [f64; 2] {
    [LEFT + probability * SIDE, TOP + (1.0 - share) * SIDE]
}

fn axes() -> Vec<Element> {
    let mut elements = Vec::new();
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        elements.push(line("grid", point(tick, 0.0), point(tick, 1.0)));
        elements.push(line("grid", point(0.0, tick), point(1.0, tick)));
        let label = format!("{tick}");
        let ([x, below], [_, y]) = (point(tick, 0.0), point(0.0, tick));
        elements.push(text("middle", x, below + 16.0, &label));
        elements.push(text("end", LEFT - 6.0, y + 4.0, &label));
    }
    elements.push(line("spread", point(0.0, 0.0), point(1.0, 1.0)));
    elements.push(text("start", 4.0, 14.0, "fraction of pairs with <="));
    elements.push(text("end", LEFT + SIDE, TOP + SIDE + 38.0, "mean p_leq; larger dots, more pairs"));
    elements
}

fn dot(bin: &ReliabilityBin) -> Element {
    let [x, y] = point(bin.mean_probability, bin.share_leq);
    let [single, tenfold] = RADIUS;
    let radius = single + tenfold * (bin.pairs as f64).log10();
    Element::new("circle").with("class", "mean").at("cx", x).at("cy", y).at("r", radius)
}
