//! The contract of a leq model file: what goes in, what comes out, what is written beside it.
//!
//! The graph takes raw pixels; normalisation is inside it. Every dimension named `batch` is dynamic.

/// Input: float32 `[batch, 2, 14, 14]`, 0..=255, white ink on black; axis 1 is first digit, second digit.
pub const INPUT_PAIR: &str = "pair";

/// Output: float32 `[batch]`, the probability that the first digit is less than or equal to the second.
pub const OUTPUT_P_LEQ: &str = "p_leq";

/// Output: float32 `[batch]`, the logit of [`OUTPUT_P_LEQ`]: `p_leq = 1 / (1 + exp(-leq_logit))`.
pub const OUTPUT_LEQ_LOGIT: &str = "leq_logit";

/// Output: float32 `[batch, 2, 10]`, the probability of each digit class for the first and the second image.
/// Absent from a network without digit heads.
pub const OUTPUT_DIGIT_PROBS: &str = "digit_probs";

/// Output: float32 `[batch, 2, 10]`, the logits of [`OUTPUT_DIGIT_PROBS`]. Present exactly when that is.
pub const OUTPUT_DIGIT_LOGITS: &str = "digit_logits";

/// Output: float32 `[batch, 2]`, the probability that the first and the second image show no digit; the digit probabilities
/// are those if they do. Present exactly in models of contract version 2.
pub const OUTPUT_NO_DIGIT: &str = "no_digit";

/// The dynamic dimension's name.
pub const BATCH: &str = "batch";

/// Number of digit classes.
pub const CLASSES: usize = 10;

/// ONNX operator set of exported models.
pub const OPSET: i64 = 17;

/// ONNX intermediate representation version of exported models.
pub const IR_VERSION: i64 = 8;

/// Keys of the metadata that every exported model carries; the values are plain text.
pub mod metadata {
    /// Version of this contract, one of [`VERSIONS`].
    pub const CONTRACT: &str = "leq_contract";
    /// The study or command that trained the network.
    pub const STUDY: &str = "study";
    /// Master seed of the training run.
    pub const SEED: &str = "seed";
    /// Source revision that trained the network.
    pub const COMMIT: &str = "commit";
    /// Vector instructions of the machine that trained the network: with the same ones it is trained to the same bytes.
    pub const INSTRUCTIONS: &str = "instructions";
    /// SHA-256 of the training images file, unpacked.
    pub const DATA_SHA256: &str = "data_sha256";
    /// The network's description, JSON.
    pub const NETWORK: &str = "network";
    /// The training recipe, JSON.
    pub const RECIPE: &str = "recipe";
    /// Accuracy with n and standard deviation, JSON.
    pub const ACCURACY: &str = "accuracy";
    /// What digit logits are divided by inside the graph; absent where nothing was calibrated.
    pub const TEMPERATURE: &str = "temperature";
    /// How weights are stored, where it is not as float32: `uint8`.
    pub const WEIGHTS: &str = "weights";
    /// Licence of the model file.
    pub const LICENSE: &str = "license";
    /// Who made the data that the network learned from.
    pub const DATA_AUTHOR: &str = "data_author";

    /// What was added to the logit of "no digit" inside the graph; absent where it is 0.
    pub const NO_DIGIT_SHIFT: &str = "no_digit_shift";

    /// Value of [`CONTRACT`] for models without the output `no_digit`.
    pub const VERSION_WITHOUT_NO_DIGIT: &str = "1";
    /// Value of [`CONTRACT`] for models with it.
    pub const VERSION_WITH_NO_DIGIT: &str = "2";
    /// Every value of [`CONTRACT`] that this project reads.
    pub const VERSIONS: [&str; 2] = [VERSION_WITHOUT_NO_DIGIT, VERSION_WITH_NO_DIGIT];
}
