//! What tells one trial from another.

use nets::training::TrainingConfig;

/// Hexadecimal digits of an identity.
const IDENTITY_DIGITS: usize = 16;

/// The first 16 hexadecimal digits of the SHA-256 of the configuration as JSON: network, recipe, protocol, pairs, seed,
/// and its name, which is study and cell.
pub fn identity(config: &TrainingConfig) -> String {
    let json = serde_json::to_vec(config).expect("a configuration has only string keys");
    let mut digits = files::sha256(&json);
    digits.truncate(IDENTITY_DIGITS);
    digits
}
