#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! [`network`] describes a comparator and builds it from the layers in [`layer`]; [`training`] fits it to pairs of
//! digits, distorted
//! by the crate [`augmentation`], which also draws images; [`export`] writes the ONNX file with the graph builders in [`onnx`].
//!
//! Shape legend, used in every doc comment: `B` pairs in a batch, `N` images in a batch (2 a pair where weights are
//! shared), `C` channels, `H` x `W` rows and columns, `F` features. Images between layers are channels last,
//! `[N, H, W, C]`.

pub mod export;
pub mod layer;
pub mod network;
pub mod onnx;
pub mod training;
