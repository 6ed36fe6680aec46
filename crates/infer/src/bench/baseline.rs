//! Whether something became slower, and by more than noise.

use super::report::{Case, Timings};

/// A case in two benchmarks.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The case's name.
    pub case: String,
    /// New median over old median.
    pub ratio: f64,
    /// The same at its most favourable and its least: bounds of both medians' 95 % intervals.
    pub interval: [f64; 2],
}

impl Change {
    /// Whether it is slower by more than `fraction`, such as 0.1, even at its most favourable: what noise explains is no
    /// regression.
    pub fn is_regression(&self, fraction: f64) -> bool {
        self.interval[0] > 1.0 + fraction
    }
}

/// What makes two benchmarks incomparable, in words that go after "is of"; `None` where they can be compared.
pub fn difference(new: &Timings, old: &Timings) -> Option<String> {
    if new.model_sha256 != old.model_sha256 {
        return Some(format!("another model, {}", old.model));
    }
    if new.cores != old.cores {
        return Some(format!("another machine, of {} cores instead of {}", old.cores, new.cores));
    }
    match (&new.processor, &old.processor) {
        (Some(new), Some(old)) if new != old => Some(format!("another machine, of {old} instead of {new}")),
        _ => None,
    }
}

/// Cases that are in both. Engines of another version are the same case.
pub fn changes(new: &Timings, old: &Timings) -> Vec<Change> {
    new.cases.iter().filter_map(|case| Some(change(case, old.cases.iter().find(|old| is_same(case, old))?))).collect()
}

fn is_same(a: &Case, b: &Case) -> bool {
    let engine = |case: &Case| case.engine.rsplit_once(' ').map(|(name, _version)| name.to_owned());
    (a.stage, a.threads, a.batch, engine(a)) == (b.stage, b.threads, b.batch, engine(b))
}

fn change(new: &Case, old: &Case) -> Change {
    let ([new_low, new_high], [old_low, old_high]) = (new.summary.median_interval, old.summary.median_interval);
    Change {
        case: new.name(),
        ratio: new.summary.median / old.summary.median,
        interval: [new_low / old_high, new_high / old_low],
    }
}

/// A fraction from `10%`, `10 %` or `0.1`.
///
/// # Errors
/// Text that is not a fraction of at least 0.
pub fn fraction(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim(), 0.01),
        None => (text.trim(), 1.0),
    };
    match number.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number * scale),
        _ => Err(format!("{text:?} is not a fraction; write 10% or 0.1")),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::report::Stage;
    use super::*;
    use metrics::Distribution;

    pub fn report(engine: &str, samples: &[f64]) -> Timings {
        let summary = Distribution::of(samples).unwrap();
        Timings {
            infer: "0.1.0".to_owned(),
            model: "m".to_owned(),
            model_sha256: "0".to_owned(),
            cores: 2,
            processor: Some("p".to_owned()),
            peak_memory_mb: Some(61.5),
            cases: vec![Case {
                stage: Stage::Infer,
                engine: engine.to_owned(),
                threads: 1,
                batch: 8,
                load_ms: Some(70.0),
                first_ms: 3.0,
                summary,
                pairs_per_second: 8e3 / summary.median,
                samples_ms: samples.to_vec(),
            }],
            warnings: Vec::new(),
        }
    }

    #[test]
    fn slower_beyond_the_threshold_and_the_noise_is_a_regression() {
        let old = report("ONNX Runtime 1.17", &[1.0, 1.0, 1.0, 1.02]);
        let changed = |samples: &[f64]| changes(&report("ONNX Runtime 1.31", samples), &old).remove(0);
        assert!(changed(&[1.2, 1.21, 1.22, 1.2]).is_regression(0.1));
        assert!(!changed(&[1.05, 1.06, 1.05, 1.05]).is_regression(0.1));
        // Its median is 30 % slower, but one run was as fast as ever.
        let noisy = changed(&[1.0, 1.3, 1.3, 1.9]);
        assert!(noisy.ratio > 1.29 && !noisy.is_regression(0.1), "{noisy:?}");
    }

    #[test]
    fn cases_of_other_engines_are_not_compared() {
        assert!(changes(&report("rten 0.27.0", &[1.0]), &report("ONNX Runtime 1.31", &[1.0])).is_empty());
    }

    #[test]
    fn fractions_are_read_in_percent_and_as_they_are() {
        assert_eq!((fraction("10%"), fraction("10 %"), fraction("0.25")), (Ok(0.1), Ok(0.1), Ok(0.25)));
        assert!(fraction("much").is_err() && fraction("-1").is_err() && fraction("inf").is_err());
    }

    #[test]
    fn other_models_and_machines_are_not_compared() {
        let here = report("ort 1", &[1.0; 9]);
        assert_eq!(difference(&here, &here), None);
        let another = |change: fn(&mut Timings)| {
            let mut other = here.clone();
            change(&mut other);
            difference(&here, &other).unwrap()
        };
        assert!(another(|it| it.model_sha256 = "1".to_owned()).contains("another model, m"));
        assert!(another(|it| it.cores = 8).contains("of 8 cores"));
        assert!(another(|it| it.processor = Some("q".to_owned())).contains("of q instead of p"));
    }
}
