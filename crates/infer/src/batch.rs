//! Many pairs: rows in, answers out, in the rows' order, in memory that does not grow with their number.
//!
//! [`source`] reads rows, [`pipeline`] answers them on all cores, [`sink`] writes [`record`]s, [`tally`] counts. Where several
//! machines share a list, [`dealing`] says which rows each answers, and [`merge`] merges their outputs.

mod columns;
mod csv;
pub mod dealing;
mod detect;
mod folder;
mod label;
mod lines;
pub mod merge;
pub mod pipeline;
pub mod record;
pub mod sink;
pub mod source;
pub mod tally;

use std::path::PathBuf;

use digits::Verdict;

pub use label::Truth;

/// One pair to be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// From 1.
    pub number: u64,
    /// First and second picture, as the row names them.
    pub pictures: [PathBuf; 2],
    /// What the row says the answer is.
    pub truth: Option<Truth>,
    /// Why the row is no pair.
    pub fault: Option<String>,
}

/// A row and its answer, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The row.
    pub row: Row,
    /// The model's verdict, or what is wrong with the row or its pictures.
    pub result: Result<Verdict, String>,
}
