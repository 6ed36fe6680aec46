//! Trains leq's networks in Candle and exports them to ONNX.
//!
//! The road through the crate: [`data`] reads MNIST and draws pair sets by a named protocol; [`network`] describes a
//! comparator and builds it from the layers in [`layer`]; [`training`] fits it; [`export`] writes the ONNX file.
//! [`study`] trains what `experiments/` declares and judges the reports' claims; [`report`] writes the pages.
//!
//! Shape legend, used in every doc comment: `B` pairs in a batch, `N` images in a batch (2 a pair where weights are
//! shared), `C` channels, `H` x `W` rows and columns, `F` features. Images between layers are channels last,
//! `[N, H, W, C]`.

pub mod data;
pub mod drawings;
pub mod durable_file;
pub mod experiment;
pub mod export;
pub mod layer;
pub mod network;
pub mod random;
pub mod report;
pub mod statistics;
pub mod study;
pub mod training;
