//! Which rows of a list each shard answers.

pub use shard::{NotAShard, Shard};

/// Rows that are dealt together: rows 1 to 16 go to shard 1, rows 17 to 32 to shard 2, and after shard N comes shard 1
/// again. By default as many rows are answered at once, so a shard hands the model the same batches as a whole run does,
/// and gets the same bits.
pub const BLOCK: u32 = 16;

/// Whether `shard` answers the row of this number, from 1.
pub fn takes(shard: Shard, row: u64) -> bool {
    shard.takes(block(row))
}

/// The one of `of` shards that answers the row of this number, from 1.
pub fn owner(row: u64, of: usize) -> Shard {
    Shard::dealt(block(row), of)
}

/// The index of a row's block, from 0.
fn block(row: u64) -> u64 {
    row.saturating_sub(1) / u64::from(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_rows_are_dealt_in_turn() {
        let numbers: Vec<usize> = [1, 16, 17, 32, 33, 48, 49].map(|row| owner(row, 3).number).to_vec();
        assert_eq!(numbers, [1, 1, 2, 2, 3, 3, 1]);
        let second = Shard { number: 2, of: 3 };
        let taken: Vec<u64> = (1..=96).filter(|&row| takes(second, row)).collect();
        assert_eq!(taken, (17..=32).chain(65..=80).collect::<Vec<u64>>());
    }
}
