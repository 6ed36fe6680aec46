//! The training loop.

use anyhow::bail;
use candle_core::backprop::GradStore;
use candle_core::{Device, Result as CandleResult, Tensor};
use serde::{Deserialize, Serialize};

use super::average::WeightAverage;
use super::schedule::{PlateauState, Schedule};
use super::teacher::Teacher;
use super::training_pairs::TrainingPairs;
use super::{Checkpoint, EarlyStoppingState, Interrupt, Optimiser, RecipeError, Shuffle, TrainingConfig, total_loss};
use super::{checkpoint, statistics};
use crate::layer::{Pass, backward};
use crate::network::{Batch, Comparator, Normalisation, Outputs};
use mnist::PairSet;
use random::{Purpose, Stream, StreamPosition};

/// What one epoch did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// Mean training loss over the epoch, while the weights changed.
    pub loss: f64,
    /// Accuracy of the learned comparison on the training pairs, while the weights changed.
    pub accuracy: f64,
    /// Loss on the validation pairs after the epoch.
    pub validation_loss: Option<f64>,
    /// Learning rate of the last step.
    pub learning_rate: f64,
}

/// A training whose loss, layer or parameter became NaN or infinite.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "training stopped at step {step} (epoch {epoch}, learning rate {learning_rate}): {culprit} is not finite; \
     a lower learning rate usually helps"
)]
pub struct NonFinite {
    /// Step, from 1.
    pub step: u64,
    /// Epoch, from 1.
    pub epoch: u32,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// The first layer or parameter that is not finite.
    pub culprit: String,
}

/// Mutable training state except tensors; a checkpoint holds it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Progression {
    pub(super) epochs: Vec<EpochReport>,
    pub(super) stopped_early: bool,
    pub(super) plateau: PlateauState,
    pub(super) early_stopping: EarlyStoppingState,
    pub(super) order: StreamPosition,
    pub(super) dropout: StreamPosition,
    /// Absent while nothing was drawn from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) augmentation: Option<StreamPosition>,
    /// Absent where no drawn images join the training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) drawings: Option<StreamPosition>,
}

/// A training under way.
#[derive(Debug)]
pub struct Training {
    pub(super) config: TrainingConfig,
    pub(super) comparator: Comparator,
    pub(super) optimiser: Optimiser,
    pub(super) progression: Progression,
    /// The weights averaged over the last steps, where the recipe has it.
    pub(super) average: Option<WeightAverage>,
    teacher: Option<Teacher>,
    training_pairs: TrainingPairs,
    validation_pairs: Option<Batch>,
    validation_set: Option<PairSet>,
    /// Order of the pairs, or digits, in the current epoch.
    order: Vec<u32>,
    order_stream: Stream,
    dropout_stream: Stream,
    augmentation_stream: Stream,
    drawings_stream: Stream,
}

impl Training {
    /// Starts a training on `pairs`, the round's training pairs.
    ///
    /// # Errors
    /// A configuration that does not fit, also where `pairs` are fewer than it says; or candle's when the device has no room.
    pub fn start(config: &TrainingConfig, pairs: &PairSet, device: &Device) -> anyhow::Result<Self> {
        config.check()?;
        let validation = config.recipe.validation_pairs;
        if validation >= pairs.len() {
            return Err(RecipeError::NothingToTrainOn { validation, pairs: pairs.len() }.into());
        }
        let (training_pairs, validation_pairs) = split(pairs, validation, config.seed);
        let normalisation = Normalisation::from_training_pairs(config.network.scaling, &training_pairs);
        if normalisation.standard_deviation <= 0.0 {
            bail!("all training images are alike, every pixel is {}: there is nothing to learn", normalisation.mean);
        }
        let mut weights = Stream::new(config.seed, Purpose::Weights);
        let comparator = Comparator::build(&config.network, normalisation, &mut weights, device)?;
        let optimiser = Optimiser::new(&config.recipe, comparator.parameters())?;
        let steps_an_epoch = training_pairs.len().div_ceil(config.recipe.batch_size) as u64;
        let average = |settings| WeightAverage::new(settings, steps_an_epoch, &comparator.parameters().trained);
        let average = config.recipe.ema.map(average).transpose()?;
        let mut drawings_stream = Stream::new(config.seed, Purpose::Drawings);
        let training_pairs = TrainingPairs::new(&training_pairs, &config.recipe, &comparator, &mut drawings_stream)?;
        let mut order_stream = Stream::new(config.seed, Purpose::Order);
        let dropout_stream = Stream::new(config.seed, Purpose::Dropout);
        let order = order_stream.permutation(training_pairs.pairs() * training_pairs.positions_a_pair());
        let progression = Progression {
            epochs: Vec::new(),
            stopped_early: false,
            plateau: PlateauState::default(),
            early_stopping: EarlyStoppingState::default(),
            order: order_stream.position(),
            dropout: dropout_stream.position(),
            augmentation: None,
            drawings: None,
        };
        Ok(Self {
            config: config.clone(),
            average,
            teacher: checkpoint::teacher(config, device)?,
            training_pairs,
            validation_pairs: if validation_pairs.is_empty() {
                None
            } else {
                Some(comparator.batch(&validation_pairs)?)
            },
            validation_set: (!validation_pairs.is_empty()).then_some(validation_pairs),
            comparator,
            optimiser,
            progression,
            order,
            order_stream,
            dropout_stream,
            augmentation_stream: Stream::new(config.seed, Purpose::Augmentation),
            drawings_stream,
        })
    }

    /// Continues where `checkpoint` was taken, on the same `pairs`, to the same bits as if it had never stopped.
    ///
    /// # Errors
    /// A checkpoint whose tensors do not fit its configuration.
    pub fn resume(checkpoint: &Checkpoint, pairs: &PairSet, device: &Device) -> anyhow::Result<Self> {
        let mut training = Self::start(checkpoint.config(), pairs, device)?;
        checkpoint.restore(&mut training)?;
        training.progression = checkpoint.progression().clone();
        training.order_stream = Stream::resume(&training.progression.order);
        training.dropout_stream = Stream::resume(&training.progression.dropout);
        if let Some(position) = &training.progression.augmentation {
            training.augmentation_stream = Stream::resume(position);
        }
        if let Some(position) = &training.progression.drawings {
            training.drawings_stream = Stream::resume(position);
        }
        Ok(training)
    }

    /// The configuration.
    pub fn config(&self) -> &TrainingConfig {
        &self.config
    }

    /// The network as the last step left it; that of a finished training has the averaged weights, if the recipe averages
    /// them.
    pub fn comparator(&self) -> &Comparator {
        &self.comparator
    }

    /// The network, when nothing more is to be trained.
    pub fn into_comparator(self) -> Comparator {
        self.comparator
    }

    /// What each epoch did.
    pub fn epochs(&self) -> &[EpochReport] {
        &self.progression.epochs
    }

    /// The pairs set aside for validation, where there are any.
    pub fn validation_set(&self) -> Option<&PairSet> {
        self.validation_set.as_ref()
    }

    /// Whether all epochs are done or early stopping ended the training.
    pub fn is_finished(&self) -> bool {
        self.progression.stopped_early || self.epochs().len() >= self.config.recipe.epochs as usize
    }

    /// Runs until the end, or until the end of the epoch in which `interrupt` is asked; `follow` is told of every epoch.
    ///
    /// # Errors
    /// As [`Training::run_epoch`].
    pub fn run(&mut self, interrupt: &Interrupt, mut follow: impl FnMut(&EpochReport)) -> anyhow::Result<()> {
        while !self.is_finished() && !interrupt.asked() {
            follow(self.run_epoch()?);
        }
        Ok(())
    }

    /// Runs one epoch.
    ///
    /// # Errors
    /// [`NonFinite`] when a loss, a layer or a parameter becomes NaN or infinite; Candle's errors.
    pub fn run_epoch(&mut self) -> anyhow::Result<&EpochReport> {
        let positions_a_pair = self.training_pairs.positions_a_pair();
        if self.config.recipe.shuffle != Shuffle::Once && !self.epochs().is_empty() {
            self.order = self.order_stream.permutation(self.training_pairs.pairs() * positions_a_pair);
        }
        let order = std::mem::take(&mut self.order);
        let mut sums = StepFigures::default();
        for positions in order.chunks(self.config.recipe.batch_size * positions_a_pair) {
            let batch = self.batch(positions)?;
            sums.add(&self.step(&batch)?, batch.pairs());
        }
        let pairs = (order.len() / positions_a_pair) as f64;
        self.order = order;
        let validation_loss = self.validation_loss()?;
        if validation_loss.is_some_and(|loss| !loss.is_finite()) {
            let culprit = "the validation loss".to_owned();
            return Err(self.non_finite(self.optimiser.steps(), sums.learning_rate, culprit).into());
        }
        self.progression.epochs.push(EpochReport {
            epoch: self.epochs().len() as u32 + 1,
            loss: sums.loss / pairs,
            accuracy: sums.right / pairs,
            validation_loss,
            learning_rate: sums.learning_rate,
        });
        self.observe_validation(validation_loss);
        self.progression.order = self.order_stream.position();
        self.progression.dropout = self.dropout_stream.position();
        self.progression.augmentation = self.augmentation_position();
        self.progression.drawings = self.config.recipe.drawn.map(|_| self.drawings_stream.position());
        if self.is_finished() {
            self.adopt_averages()?;
        }
        Ok(self.epochs().last().expect("an epoch was just pushed"))
    }

    /// What a checkpoint keeps of the stream that training pairs are changed by.
    fn augmentation_position(&self) -> Option<StreamPosition> {
        matches!(self.training_pairs, TrainingPairs::Changing { .. }).then(|| self.augmentation_stream.position())
    }

    /// The training pairs, or digits, at `positions`, as the next step sees them.
    ///
    /// # Errors
    /// Candle's, when the device has no room.
    pub fn batch(&mut self, positions: &[u32]) -> CandleResult<Batch> {
        let progress = self.progress();
        let (augmentation, drawings) = (&mut self.augmentation_stream, &mut self.drawings_stream);
        self.training_pairs.batch(positions, progress, &self.comparator, augmentation, drawings)
    }

    /// The share of the steps that are done.
    fn progress(&self) -> f64 {
        let progress = self.optimiser.steps() as f64 / self.all_steps().saturating_sub(1).max(1) as f64;
        progress.min(1.0)
    }

    fn all_steps(&self) -> u64 {
        let recipe = &self.config.recipe;
        self.training_pairs.pairs().div_ceil(recipe.batch_size) as u64 * u64::from(recipe.epochs)
    }

    /// Takes one step outside any epoch on the training pairs (digits where they are paired anew) at `positions`, and gives its
    /// loss before the update.
    ///
    /// # Errors
    /// As [`Training::run_epoch`].
    pub fn run_step(&mut self, positions: &[u32]) -> anyhow::Result<f64> {
        let batch = self.batch(positions)?;
        Ok(self.step(&batch)?.loss)
    }

    /// The gradients of the first step, which is not taken; `None` where asking would change the training.
    pub(super) fn gradients_of_first_batch(&mut self) -> anyhow::Result<Option<GradStore>> {
        if self.optimiser.steps() > 0 || matches!(self.training_pairs, TrainingPairs::Changing { .. }) {
            return Ok(None);
        }
        let digits = self.config.recipe.batch_size * self.training_pairs.positions_a_pair();
        let positions = self.order[..digits.min(self.order.len())].to_vec();
        let batch = self.batch(&positions)?;
        let buffers = &self.comparator.parameters().buffers;
        let statistics =
            buffers.iter().map(|buffer| buffer.var.as_tensor().copy()).collect::<CandleResult<Vec<_>>>()?;
        let mut dropout = self.dropout_stream.clone();
        let mut pass = Pass::training(&mut dropout, self.comparator.kernels());
        let outputs = self.comparator.forward(&batch, &mut pass)?;
        let gradients = backward(&self.loss(&outputs, &batch)?)?;
        for (buffer, statistic) in buffers.iter().zip(&statistics) {
            buffer.var.set(statistic)?;
        }
        Ok(Some(gradients))
    }

    fn step(&mut self, batch: &Batch) -> anyhow::Result<StepFigures> {
        let factor = self.learning_rate_factor();
        let learning_rate = self.config.recipe.adam.learning_rate * factor;
        let dropout_before = self.dropout_stream.clone();
        let mut pass = Pass::training(&mut self.dropout_stream, self.comparator.kernels());
        let outputs = self.comparator.forward(batch, &mut pass)?;
        let loss = self.loss(&outputs, batch)?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        if !value.is_finite() {
            let culprit = self.first_broken_layer(batch, dropout_before)?;
            return Err(self.non_finite(self.optimiser.steps() + 1, learning_rate, culprit).into());
        }
        let gradients = backward(&loss)?;
        if let Some(parameter) = self.optimiser.step(&gradients, factor)? {
            return Err(self.non_finite(self.optimiser.steps(), learning_rate, parameter).into());
        }
        if let Some(average) = &mut self.average {
            average.observe(self.optimiser.steps())?;
        }
        let right = right_answers(&outputs.leq_logit, &batch.targets)?;
        Ok(StepFigures { loss: value, right, learning_rate })
    }

    /// What a step minimises.
    fn loss(&self, outputs: &Outputs, batch: &Batch) -> CandleResult<Tensor> {
        let loss = total_loss(outputs, batch, &self.config.recipe.loss)?;
        match &self.teacher {
            Some(teacher) => loss + teacher.loss(&self.comparator, outputs, batch)?,
            None => Ok(loss),
        }
    }

    /// Gives the network its averaged weights, if the recipe averages them, with running statistics of their own.
    fn adopt_averages(&self) -> CandleResult<()> {
        let Some(average) = &self.average else { return Ok(()) };
        average.adopt()?;
        let (recipe, seed) = (&self.config.recipe, self.config.seed);
        statistics::renew(&self.comparator, &self.training_pairs, recipe.batch_size, self.progress(), seed)
    }

    /// SHA-256 of the files of the networks that teach it.
    pub fn teachers_sha256(&self) -> Vec<String> {
        self.teacher.as_ref().map(Teacher::checksums).unwrap_or_default()
    }

    /// What every learning rate is multiplied by at the next step.
    fn learning_rate_factor(&self) -> f64 {
        let schedule = &self.config.recipe.schedule;
        schedule.factor(self.optimiser.steps(), self.all_steps()) * self.progression.plateau.factor
    }

    fn validation_loss(&self) -> CandleResult<Option<f64>> {
        let Some(batch) = &self.validation_pairs else { return Ok(None) };
        let parameters = self.comparator.parameters();
        let as_trained = self.average.as_ref().map(|_| parameters.values()).transpose()?;
        self.adopt_averages()?;
        let outputs = self.comparator.forward(batch, &mut Pass::evaluation(self.comparator.kernels()))?;
        let loss = total_loss(&outputs, batch, &self.config.recipe.loss)?;
        if let Some(as_trained) = as_trained {
            parameters.set(&as_trained)?;
        }
        Ok(Some(f64::from(loss.to_scalar::<f32>()?)))
    }

    fn observe_validation(&mut self, loss: Option<f64>) {
        let Some(loss) = loss else { return };
        if let Schedule::Plateau(plateau) = &self.config.recipe.schedule {
            self.progression.plateau.observe(plateau, loss);
        }
        if let Some(stopping) = &self.config.recipe.early_stopping {
            self.progression.stopped_early = self.progression.early_stopping.observe(stopping, loss);
        }
    }

    fn non_finite(&self, step: u64, learning_rate: f64, culprit: String) -> NonFinite {
        NonFinite { step, epoch: self.epochs().len() as u32 + 1, learning_rate, culprit }
    }

    /// Repeats the forward pass, looking at every layer's output.
    fn first_broken_layer(&self, batch: &Batch, mut dropout: Stream) -> CandleResult<String> {
        let mut layers = Vec::new();
        let mut pass = Pass::training(&mut dropout, self.comparator.kernels()).recording(&mut layers);
        self.comparator.forward(batch, &mut pass)?;
        for (layer, output) in layers {
            if !all_finite(&output)? {
                return Ok(format!("the output of {layer}"));
            }
        }
        Ok("the loss".to_owned())
    }
}

/// Sums over steps, weighted by pairs.
#[derive(Default)]
struct StepFigures {
    loss: f64,
    right: f64,
    learning_rate: f64,
}

impl StepFigures {
    fn add(&mut self, step: &Self, pairs: usize) {
        self.loss += step.loss * pairs as f64;
        self.right += step.right;
        self.learning_rate = step.learning_rate;
    }
}

fn split(pairs: &PairSet, validation: usize, seed: u64) -> (PairSet, PairSet) {
    if validation == 0 {
        return (pairs.clone(), pairs.select(&[]));
    }
    let order = Stream::new(seed, Purpose::Split).permutation(pairs.len());
    let (training, validation) = order.split_at(pairs.len() - validation);
    (pairs.select(training), pairs.select(validation))
}

fn right_answers(logits: &Tensor, targets: &Tensor) -> CandleResult<f64> {
    let (logits, targets) = (logits.to_vec1::<f32>()?, targets.to_vec1::<f32>()?);
    Ok(logits.iter().zip(&targets).filter(|&(&logit, &target)| (logit >= 0.0) == (target == 1.0)).count() as f64)
}

fn all_finite(tensor: &Tensor) -> CandleResult<bool> {
    Ok(tensor.flatten_all()?.to_vec1::<f32>()?.iter().all(|value| value.is_finite()))
}
