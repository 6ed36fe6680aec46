//! From runs to flat rows.

use metrics::{Median, Quartiles, standard_deviation};

use super::{MeasuredPicture, PICTURES, PrepareBenchmark};
use crate::bench::measurement::{Kind, MeasuredRun};
use crate::bench::plan::OURS;
use crate::bench::summary::BenchRow;

/// All rows; what could not be measured has none.
pub fn rows(benchmark: &PrepareBenchmark) -> Vec<BenchRow> {
    let rows = Rows { benchmark };
    let mut all: Vec<BenchRow> = PICTURES.iter().filter_map(|picture| rows.speedup(picture)).collect();
    for picture in &PICTURES {
        for variant in std::iter::once(OURS).chain(picture.peers.iter().copied()) {
            all.extend(rows.times(picture, variant));
        }
        all.extend(picture.peers.iter().filter_map(|peer| rows.difference(picture, peer)));
    }
    all
}

struct Rows<'a> {
    benchmark: &'a PrepareBenchmark,
}

impl Rows<'_> {
    fn of<'b>(&'b self, picture: &'b MeasuredPicture, variant: &'b str) -> impl Iterator<Item = &'b MeasuredRun> {
        self.benchmark.measurements.of(Kind::Prepare, picture.name, variant)
    }

    /// Milliseconds by repetition.
    fn samples(&self, picture: &MeasuredPicture, variant: &str) -> Vec<Vec<f64>> {
        self.of(picture, variant).map(|run| run.samples("samples_ms")).collect()
    }

    fn row(&self, what: String, unit: &'static str, peer: &str, median: Median) -> BenchRow {
        BenchRow::new(what, unit, peer, median, self.benchmark.plan.command, self.benchmark.is_disturbed())
    }

    /// The median of one variant, and its quartiles, whose interval is from the first to the third.
    fn times(&self, picture: &MeasuredPicture, variant: &str) -> Vec<BenchRow> {
        let samples = self.samples(picture, variant).concat();
        let (Some(median), Some(quartiles)) = (Median::of(&samples), Quartiles::of(&samples)) else {
            return Vec::new();
        };
        let quartile = |value: f64| Median { value, interval: [quartiles.first, quartiles.third], ..median };
        [
            ("prepare_ms", median),
            ("prepare_ms_first_quartile", quartile(quartiles.first)),
            ("prepare_ms_third_quartile", quartile(quartiles.third)),
        ]
        .map(|(what, value)| self.row(format!("{what}/{}/{variant}", picture.name), "ms", variant, value))
        .into()
    }

    /// The fastest of theirs over ours.
    fn speedup(&self, picture: &MeasuredPicture) -> Option<BenchRow> {
        let median = |variant: &str| Median::of(&self.samples(picture, variant).concat());
        let peers = picture.peers.iter().filter_map(|peer| Some((*peer, median(peer)?)));
        let (peer, theirs) = peers.min_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
        let (their_runs, our_runs) = (self.samples(picture, peer), self.samples(picture, OURS));
        let of_run = |samples: &Vec<f64>| Median::of(samples).map(|median| median.value);
        let ratios: Vec<f64> = their_runs
            .iter()
            .zip(&our_runs)
            .filter_map(|(theirs, ours)| Some(of_run(theirs)? / of_run(ours)?))
            .collect();
        let ratio = theirs.over(&median(OURS)?, standard_deviation(&ratios));
        Some(self.row(format!("prepare_speedup/{}", picture.name), "times faster", peer, ratio))
    }

    /// Mean absolute difference of the two sides' images.
    fn difference(&self, picture: &MeasuredPicture, peer: &str) -> Option<BenchRow> {
        let image = |variant: &str| self.of(picture, variant).next().map(|run| run.samples("image"));
        let (ours, theirs) = (image(OURS)?, image(peer)?);
        if ours.is_empty() || ours.len() != theirs.len() {
            return None;
        }
        let sum: f64 = ours.iter().zip(&theirs).map(|(ours, theirs)| (ours - theirs).abs()).sum();
        let mean = Median::of(&[sum / ours.len() as f64])?;
        let what = format!("mean_difference/{}/{peer}", picture.name);
        Some(BenchRow { n: ours.len(), ..self.row(what, "of 255", peer, mean) })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::bench::load::Load;
    use crate::bench::machine::Machine;
    use crate::bench::measurement::Measurements;
    use crate::bench::prepare::{OPENCV, PreparePlan, REDUCED};

    /// Ours takes 1 to 3 ms; OpenCV 10 to 30, and 8 ms where it decodes less.
    pub fn example(other_cores: f64) -> PrepareBenchmark {
        let load = Load { loadavg_before: "0.00".into(), other_cores, stolen_cores: 0.0, seconds: 1.0 };
        let run = |picture: &MeasuredPicture, variant: &str, samples: [f64; 3], image: [f64; 4]| MeasuredRun {
            kind: Kind::Prepare,
            network: picture.name.into(),
            variant: variant.into(),
            repetition: 0,
            command: "x".into(),
            seconds: 1.0,
            load: load.clone(),
            output: json!({ "samples_ms": samples, "image": image, "versions": { "opencv": "5" } }),
        };
        let [clean, photo] = &PICTURES;
        let runs = vec![
            run(clean, OURS, [1.0, 2.0, 3.0], [0.0, 255.0, 8.0, 0.0]),
            run(clean, OPENCV, [10.0, 20.0, 30.0], [0.0, 255.0, 8.0, 0.0]),
            run(photo, OURS, [2.0, 2.0, 2.0], [0.0, 255.0, 8.0, 0.0]),
            run(photo, OPENCV, [10.0, 10.0, 10.0], [0.0, 255.0, 0.0, 0.0]),
            run(photo, REDUCED, [8.0, 8.0, 8.0], [4.0, 251.0, 8.0, 0.0]),
        ];
        let machine = Machine {
            processor: "P".into(),
            cores: vec![0, 1],
            memory_gb: 8.0,
            kernel: "6".into(),
            rustc: "rustc 1".into(),
            revision: "r".into(),
        };
        let measurements = Measurements { runs, failures: Vec::new() };
        PrepareBenchmark { plan: &PreparePlan::FULL, machine, before: load, measurements }
    }

    fn row(what: &str) -> BenchRow {
        rows(&example(0.0)).into_iter().find(|row| row.what == what).unwrap()
    }

    #[test]
    fn a_ratio_is_against_the_fastest_of_theirs() {
        let clean = row("prepare_speedup/clean");
        assert_eq!((clean.value, clean.peer.as_str(), clean.n), (10.0, OPENCV, 3));
        let photo = row("prepare_speedup/photo");
        assert_eq!((photo.value, photo.peer.as_str(), photo.load), (4.0, REDUCED, "idle"));
        assert!(rows(&example(1.0)).iter().all(|row| row.load == "beside other load"));
    }

    #[test]
    fn medians_have_their_quartiles() {
        assert_eq!(row("prepare_ms/clean/opencv").value, 20.0);
        assert_eq!(row("prepare_ms_first_quartile/clean/leq").value, 1.5);
        assert_eq!(row("prepare_ms_third_quartile/clean/leq").value, 2.5);
    }

    #[test]
    fn both_sides_images_are_compared() {
        assert_eq!(row("mean_difference/clean/opencv").value, 0.0);
        assert_eq!(row("mean_difference/photo/opencv").value, 2.0);
        assert_eq!(
            (row("mean_difference/photo/opencv-reduced").value, row("mean_difference/photo/opencv").n),
            (2.0, 4)
        );
    }

    #[test]
    fn what_was_not_measured_has_no_row() {
        let mut benchmark = example(0.0);
        benchmark.measurements.runs.retain(|run| run.variant != OURS);
        let rows = rows(&benchmark);
        assert!(rows.iter().all(|row| row.what.starts_with("prepare_ms") && row.peer != OURS), "{rows:?}");
    }
}
