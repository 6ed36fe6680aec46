//! A comparator, built from its description.

use candle_core::{Device, Result, Tensor, Var};
use digits::{SIDE, contract::CLASSES};
use serde::{Deserialize, Serialize};

use super::{Arrangement, InputScaling, LeqHead, NetworkSpec, digit_posteriors, spec::vector};
use crate::layer::{FeatureShape, Initialiser, Kernels, Parameters, Pass, Stack, with_floats};
use mnist::PairSet;
use random::Stream;

const IMAGE_PIXELS: usize = SIDE * SIDE;

/// Shift and scale of raw pixels before the first layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Normalisation {
    /// Subtracted from each pixel.
    pub mean: f32,
    /// Divisor of each pixel.
    pub standard_deviation: f32,
}

impl Normalisation {
    /// The normalisation of `scaling`, computed from the training pairs if needed.
    pub fn from_training_pairs(scaling: InputScaling, pairs: &PairSet) -> Self {
        match scaling {
            InputScaling::Standardise => {
                let (mean, standard_deviation) = pairs.mean_and_standard_deviation();
                Self { mean, standard_deviation }
            }
            InputScaling::Unit => Self { mean: 0.0, standard_deviation: 255.0 },
        }
    }

    fn apply(&self, pixel: f32) -> f32 {
        (pixel - self.mean) / self.standard_deviation
    }
}

/// Pairs ready for the network: normalised and in the towers' layout.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `[B, 14, 14, 2]` where images are stacked and convolved, else `[B, 2, 14, 14]`; non-digits, two by two, come last
    /// and have no target and no class.
    images: Tensor,
    /// 1 if the first digit is less than or equal to the second, else 0; `[B]`.
    pub targets: Tensor,
    /// Digits of first and second image, u32 `[B, 2]`.
    pub classes: Tensor,
}

impl Batch {
    /// Number of pairs of digits.
    pub fn pairs(&self) -> usize {
        self.targets.elem_count()
    }

    /// Number of pairs of images: those of digits, then those of non-digits.
    fn image_pairs(&self) -> Result<usize> {
        self.images.dim(0)
    }

    /// Labels without images, to compute a loss of given outputs; `classes` are two a pair.
    #[cfg(test)]
    pub(crate) fn from_labels(targets: &[f32], classes: &[u32], device: &Device) -> Result<Self> {
        Ok(Self {
            images: Tensor::zeros((targets.len(), 0), candle_core::DType::F32, device)?,
            targets: Tensor::new(targets, device)?,
            classes: Tensor::from_slice(classes, (targets.len(), 2), device)?,
        })
    }

    /// The pairs of digits alone, normalised by `other` in place of `own`.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub(crate) fn renormalised(&self, own: Normalisation, other: Normalisation) -> Result<Self> {
        let digits = self.images.narrow(0, 0, self.pairs())?.contiguous()?;
        let images = if own == other {
            digits
        } else {
            let deviation = f64::from(other.standard_deviation);
            let shift = (f64::from(own.mean) - f64::from(other.mean)) / deviation;
            digits.affine(f64::from(own.standard_deviation) / deviation, shift)?
        };
        Ok(Self { images, targets: self.targets.clone(), classes: self.classes.clone() })
    }

    /// The pairs at `positions`.
    ///
    /// # Errors
    /// Candle's, if a position is out of range.
    pub fn select(&self, positions: &[u32]) -> Result<Self> {
        let indices = Tensor::new(positions, self.images.device())?;
        let images = match self.images.device() {
            Device::Cpu => gather_images(&self.images, positions)?,
            _ => self.images.index_select(&indices, 0)?,
        };
        let (targets, classes) = (self.targets.index_select(&indices, 0)?, self.classes.index_select(&indices, 0)?);
        Ok(Self { images, targets, classes })
    }
}

/// A comparator's outputs for a batch of pairs.
#[derive(Debug, Clone)]
pub struct Outputs {
    /// Logit of "first <= second", `[B]`.
    pub leq_logit: Tensor,
    /// Logits of the digits of both images, `[B, 2, 10]`; absent without digit heads.
    pub digit_logits: Option<Tensor>,
    /// Logits of "no digit" of all images, `[2 B]`, then of the batch's non-digits, if it has any: an eleventh logit less
    /// the logarithm of the sum of the powers of the ten. Absent from networks that do not tell.
    pub no_digit_logits: Option<Tensor>,
}

/// A network that compares two digits.
#[derive(Debug)]
pub struct Comparator {
    pub(crate) spec: NetworkSpec,
    pub(crate) normalisation: Normalisation,
    /// Length of a tower's output.
    pub(crate) features: usize,
    /// One tower, or one per side.
    pub(crate) towers: Vec<Stack>,
    pub(crate) leq_head: Vec<Stack>,
    /// The margin added to the difference of two scores, `[1]`; `None` for other comparisons.
    pub(crate) score_margin: Option<Var>,
    /// Empty, one head, or one per side.
    pub(crate) digit_heads: Vec<Stack>,
    parameters: Parameters,
    device: Device,
    /// Divisor of the digit logits.
    temperature: f32,
    /// What is added to the logits of "no digit".
    no_digit_shift: f32,
}

impl Comparator {
    /// Builds the network with initial weights drawn from `weights`.
    ///
    /// # Errors
    /// If parts of the description do not fit together, or candle's if the device is out of memory.
    pub fn build(
        spec: &NetworkSpec,
        normalisation: Normalisation,
        weights: &mut Stream,
        device: &Device,
    ) -> anyhow::Result<Self> {
        spec.check()?;
        let mut parameters = Parameters::default();
        let mut init = Initialiser::new(&mut parameters, weights, device);
        let features = vector("tower", Stack::output_shape(&spec.tower, spec.tower_input())?)?;
        let towers = build_sides(spec, "tower", &spec.tower, spec.tower_input(), &mut init)?;
        let leq_head = build_leq_head(spec, features, &mut init)?;
        let score_margin = match spec.leq_head {
            LeqHead::ScoreDifference { .. } => Some(init.within("leq_head").constant("margin", 0.0, 1)?),
            _ => None,
        };
        let digit_heads = if spec.uses_digit_heads() {
            build_sides(spec, "digit_head", &spec.digit_head, FeatureShape::Vector(features), &mut init)?
        } else {
            Vec::new()
        };
        let (spec, device) = (spec.clone(), device.clone());
        let temperature = 1.0;
        Ok(Self {
            spec,
            normalisation,
            features,
            towers,
            leq_head,
            score_margin,
            digit_heads,
            parameters,
            device,
            temperature,
            no_digit_shift: 0.0,
        })
    }

    /// The description that the network was built from.
    pub fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// Sets the temperature that divides the digit logits of a shared tower, to calibrate a trained network.
    pub fn calibrate(&mut self, temperature: f32) {
        self.temperature = temperature;
    }

    /// The divisor of the digit logits; 1 unless calibrated.
    pub fn temperature(&self) -> f32 {
        self.temperature
    }

    /// Adds `shift` to the logits of "no digit" from now on: for a trained network that calls too many or too few images so.
    pub fn shift_no_digit(&mut self, shift: f32) {
        self.no_digit_shift = shift;
    }

    /// What is added to the logits of "no digit"; 0 unless shifted.
    pub fn no_digit_shift(&self) -> f32 {
        self.no_digit_shift
    }

    /// What raw pixels are scaled by.
    pub fn normalisation(&self) -> Normalisation {
        self.normalisation
    }

    /// All parameters and buffers.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The network's device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The implementation for the network's device.
    pub fn kernels(&self) -> Kernels {
        if self.device.is_cpu() { Kernels::Fused } else { Kernels::Plain }
    }

    /// Normalises `pairs` and lays them out for this network.
    ///
    /// # Errors
    /// Candle's, if the device is out of memory.
    pub fn batch(&self, pairs: &PairSet) -> Result<Batch> {
        self.batch_with(pairs, &[])
    }

    /// As [`Comparator::batch`], with raw pixels `[K, 2, 14, 14]` of non-digits behind the pairs: for a network that tells
    /// them from digits.
    ///
    /// # Errors
    /// As [`Comparator::batch`].
    pub fn batch_with(&self, pairs: &PairSet, non_digits: &[f32]) -> Result<Batch> {
        let count = pairs.len();
        let raw = pairs.pixels().iter().chain(non_digits);
        let mut pixels: Vec<f32> = raw.map(|&pixel| self.normalisation.apply(pixel)).collect();
        let images = pixels.len() / (2 * IMAGE_PIXELS);
        let planar = !self.reads_channels_last();
        if !planar {
            pixels = interleave_planes(&pixels);
        }
        let shape = if planar { (images, 2, SIDE, SIDE) } else { (images, SIDE, SIDE, 2) };
        let targets: Vec<f32> = pairs.targets().map(|leq| if leq { 1.0 } else { 0.0 }).collect();
        let classes: Vec<u32> = pairs.classes().iter().flatten().map(|&class| u32::from(class)).collect();
        Ok(Batch {
            images: Tensor::from_vec(pixels, shape, &self.device)?,
            targets: Tensor::from_vec(targets, count, &self.device)?,
            classes: Tensor::from_vec(classes, (count, 2), &self.device)?,
        })
    }

    /// Compares a batch of pairs.
    ///
    /// # Errors
    /// Candle's, if the batch was laid out for another network.
    pub fn forward(&self, batch: &Batch, pass: &mut Pass) -> Result<Outputs> {
        let pairs = batch.pairs();
        let (features, digit_logits, no_digit_logits) = match self.spec.arrangement {
            Arrangement::Stacked => (self.towers[0].forward(&self.stacked_input(batch)?, pass)?, None, None),
            Arrangement::Shared => {
                let images = 2 * batch.image_pairs()?;
                let features = self.towers[0].forward(&images_of_one_channel(&batch.images, images)?, pass)?;
                let (digit_logits, no_digit_logits) = match self.digit_heads.first() {
                    Some(head) => self.read_digits(&head.forward(&features, pass)?, pairs)?,
                    None => (None, None),
                };
                (features.reshape((images / 2, ()))?, digit_logits, no_digit_logits)
            }
            Arrangement::Separate => {
                let features = self.separate(&self.towers, pass, |side| {
                    images_of_one_channel(&batch.images.narrow(1, side, 1)?.contiguous()?, pairs)
                })?;
                let logits = self.separate(&self.digit_heads, pass, |side| Ok(features[side].clone()))?;
                (Tensor::cat(&features, 1)?, Some(Tensor::stack(&logits, 1)?), None)
            }
        };
        let leq_logit = self.compare(&features, digit_logits.as_ref(), pass)?;
        Ok(Outputs { leq_logit, digit_logits, no_digit_logits })
    }

    /// From the digit head's logits, `[N, 10]` or `[N, 11]`, of which the first `2 * pairs` are digits': the digit logits
    /// of the pairs, `[pairs, 2, 10]`, and the logits of "no digit", `[N]`, of a network that has them.
    fn read_digits(&self, logits: &Tensor, pairs: usize) -> Result<(Option<Tensor>, Option<Tensor>)> {
        if !self.spec.no_digit {
            return Ok((Some(self.temperature_scaled(logits.reshape((pairs, 2, CLASSES))?)?), None));
        }
        let classes = logits.narrow(1, 0, CLASSES)?;
        let no_digit = logits.narrow(1, CLASSES, 1)?.squeeze(1)?.sub(&classes.log_sum_exp(1)?)?;
        let no_digit = (no_digit + f64::from(self.no_digit_shift))?;
        let digits = classes.narrow(0, 0, 2 * pairs)?.contiguous()?.reshape((pairs, 2, CLASSES))?;
        Ok((Some(self.temperature_scaled(digits)?), Some(no_digit)))
    }

    fn temperature_scaled(&self, digit_logits: Tensor) -> Result<Tensor> {
        if self.temperature == 1.0 { Ok(digit_logits) } else { digit_logits / f64::from(self.temperature) }
    }

    fn compare(&self, features: &Tensor, digit_logits: Option<&Tensor>, pass: &mut Pass) -> Result<Tensor> {
        if let (LeqHead::DigitPosteriors, Some(digit_logits)) = (&self.spec.leq_head, digit_logits) {
            return digit_posteriors::leq_logit(digit_logits, pass.kernels);
        }
        if let Some(margin) = &self.score_margin {
            return self.compare_scores(features, margin, pass);
        }
        let compared = self.leq_head[0].forward(features, pass)?;
        match (self.leq_head.get(1), digit_logits) {
            (Some(joined), Some(digit_logits)) => {
                let both = Tensor::cat(&[&compared, &digit_logits.flatten_from(1)?], 1)?;
                let logits = joined.forward(&both, pass)?;
                logits.narrow(1, 1, 1)?.sub(&logits.narrow(1, 0, 1)?)?.flatten_all()
            }
            _ => compared.flatten_all(),
        }
    }

    /// Features of both images `[B, 2 F]` to logits `[B]`.
    fn compare_scores(&self, features: &Tensor, margin: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let pairs = features.dim(0)?;
        let scores = self.leq_head[0].forward(&features.reshape((2 * pairs, ()))?, pass)?.reshape((pairs, 2))?;
        let side = |side: usize| scores.narrow(1, side, 1)?.flatten_all();
        side(1)?.sub(&side(0)?)?.broadcast_add(margin)
    }

    fn separate(
        &self,
        sides: &[Stack],
        pass: &mut Pass,
        input: impl Fn(usize) -> Result<Tensor>,
    ) -> Result<Vec<Tensor>> {
        sides.iter().enumerate().map(|(side, stack)| stack.forward(&input(side)?, pass)).collect()
    }

    /// Whether the first layer reads stacked images channels last; a tower that starts with flattening reads them plane
    /// by plane.
    fn reads_channels_last(&self) -> bool {
        self.spec.arrangement == Arrangement::Stacked
            && !matches!(self.spec.tower.first(), Some(crate::layer::LayerSpec::Flatten))
    }

    fn stacked_input(&self, batch: &Batch) -> Result<Tensor> {
        if self.reads_channels_last() { Ok(batch.images.clone()) } else { batch.images.permute((0, 2, 3, 1)) }
    }
}

fn build_sides(
    spec: &NetworkSpec,
    part: &str,
    layers: &[crate::layer::LayerSpec],
    input: FeatureShape,
    init: &mut Initialiser,
) -> anyhow::Result<Vec<Stack>> {
    if spec.arrangement != Arrangement::Separate {
        return Ok(vec![Stack::build(layers, input, &mut init.within(part))?]);
    }
    let sides = [format!("first_{part}"), format!("second_{part}")];
    sides.iter().map(|side| Stack::build(layers, input, &mut init.within(side))).collect()
}

fn build_leq_head(spec: &NetworkSpec, features: usize, init: &mut Initialiser) -> anyhow::Result<Vec<Stack>> {
    let input = FeatureShape::Vector(spec.pair_features(features));
    match &spec.leq_head {
        LeqHead::Features { layers } => Ok(vec![Stack::build(layers, input, &mut init.within("leq_head"))?]),
        LeqHead::FeaturesAndDigits { features, joined } => {
            let compared = vector("comparison head", Stack::output_shape(features, input)?)?;
            let joined_input = FeatureShape::Vector(compared + 2 * CLASSES);
            Ok(vec![
                Stack::build(features, input, &mut init.within("leq_head"))?,
                Stack::build(joined, joined_input, &mut init.within("leq_head_joined"))?,
            ])
        }
        LeqHead::DigitPosteriors => Ok(Vec::new()),
        LeqHead::ScoreDifference { layers } => {
            let input = FeatureShape::Vector(features);
            Ok(vec![Stack::build(layers, input, &mut init.within("leq_head"))?])
        }
    }
}

/// `[.., 14, 14]` to `[images, 14, 14, 1]`.
fn images_of_one_channel(images: &Tensor, count: usize) -> Result<Tensor> {
    images.reshape((count, SIDE, SIDE, 1))
}

/// The images at `positions`, each copied whole; several times faster than `index_select`.
fn gather_images(images: &Tensor, positions: &[u32]) -> Result<Tensor> {
    let mut dims = images.dims().to_vec();
    let length: usize = dims[1..].iter().product();
    let gathered = with_floats([images], |[pixels]| {
        let mut gathered = Vec::with_capacity(positions.len() * length);
        for &position in positions {
            match pixels.get(position as usize * length..(position as usize + 1) * length) {
                Some(pair) => gathered.extend_from_slice(pair),
                None => candle_core::bail!("there is no pair {position} among {}", dims[0]),
            }
        }
        Ok(gathered)
    })?;
    dims[0] = positions.len();
    Tensor::from_vec(gathered, dims, images.device())
}

/// `[B, 2, 14, 14]` to `[B, 14, 14, 2]`.
fn interleave_planes(pixels: &[f32]) -> Vec<f32> {
    let mut interleaved = Vec::with_capacity(pixels.len());
    for pair in pixels.chunks_exact(2 * IMAGE_PIXELS) {
        let (first, second) = pair.split_at(IMAGE_PIXELS);
        interleaved.extend(first.iter().zip(second).flat_map(|(&first, &second)| [first, second]));
    }
    interleaved
}
