//! Functions in an order that packs well.
//!
//! gzip finds repetitions no farther than 32 KB back. Candle's functions come once for each of its ten types of numbers, much
//! alike, but the compiler's order puts a megabyte between them. So functions are put behind those that they resemble: from
//! each to the one that shares the most short runs of bytes with the last few, by MinHash (Broder 1997).

use anyhow::{Context, Result, anyhow};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

/// Bytes of a run.
const RUN: usize = 6;
/// Hashes that stand for a function.
const HASHES: usize = 32;
/// Functions that the next one is compared with; the latest counts most.
const RECENT: usize = 3;

type Signature = [u32; HASHES];

/// Gives the module with its functions in another order.
///
/// # Errors
/// When the bytes are no WebAssembly module.
pub fn reorder(wasm: &[u8]) -> Result<Vec<u8>> {
    let (mut imported, mut signatures) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => signatures.push(signature(body.as_bytes())),
            _ => {}
        }
    }
    let order = chain(&signatures);
    let mut position = vec![0; order.len()];
    for (new, &old) in (0..).zip(&order) {
        position[old] = new;
    }
    let mut module = Module::new();
    let mut reordering = Reordering { imported, order, position };
    let reordered = reordering.parse_core_module(&mut module, Parser::new(0), wasm);
    reordered.map_err(|fault| anyhow!("{fault}")).context("cannot put the functions in another order")?;
    Ok(module.finish())
}

/// The least of the runs' hashes, for each of several ways to hash.
fn signature(body: &[u8]) -> Signature {
    let mut least = [u32::MAX; HASHES];
    for run in body.windows(RUN.min(body.len())) {
        let bytes = run.iter().fold(0u64, |bytes, byte| bytes << 8 | u64::from(*byte));
        let mut state = bytes.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for least in &mut least {
            // The generator of Steele, Lea and Flood's SplitMix.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *least = (*least).min((mixed >> 32) as u32);
        }
    }
    least
}

/// All functions by their numbers: the first one, then always the one most like the last few.
fn chain(signatures: &[Signature]) -> Vec<usize> {
    let mut left: Vec<usize> = (1..signatures.len()).collect();
    let mut order: Vec<usize> = (0..signatures.len().min(1)).collect();
    while !left.is_empty() {
        let recent: Vec<&Signature> = order.iter().rev().take(RECENT).map(|&function| &signatures[function]).collect();
        let likeness = |candidate: usize| -> usize {
            let shared = |other: &Signature| signatures[candidate].iter().zip(other).filter(|(a, b)| a == b).count();
            recent.iter().enumerate().map(|(age, other)| (RECENT - age) * shared(other)).sum()
        };
        // Of equals the first, which is the one that lay nearest before.
        let best = (0..left.len()).rev().max_by_key(|&at| likeness(left[at])).unwrap_or_default();
        order.push(left.remove(best));
    }
    order
}

struct Reordering {
    /// Functions that are imported, which keep their numbers.
    imported: u32,
    /// Old numbers by the new.
    order: Vec<usize>,
    /// New numbers by the old.
    position: Vec<u32>,
}

type Reencoded = Result<(), reencode::Error<std::convert::Infallible>>;

impl Reencode for Reordering {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Self::Error>> {
        let own = function.checked_sub(self.imported).and_then(|own| self.position.get(own as usize));
        Ok(own.map_or(function, |position| self.imported + position))
    }

    fn parse_function_section(&mut self, to: &mut FunctionSection, from: FunctionSectionReader<'_>) -> Reencoded {
        let types = from.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for &old in &self.order {
            to.function(types[old]);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, to: &mut CodeSection, from: CodeSectionReader<'_>) -> Reencoded {
        let bodies = from.into_iter().collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        for old in self.order.clone() {
            self.parse_function_body(to, bodies[old].clone())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_alike_comes_together() {
        let functions: [&[u8]; 4] =
            [b"abcdefghijklmnop", b"0123456789012345", b"abcdefghijklmnoq", b"0123456789012346"];
        assert_eq!(chain(&functions.map(signature)), [0, 2, 1, 3]);
        assert_eq!(chain(&[]), [0; 0]);
    }

    #[test]
    fn bytes_that_are_no_module_are_refused() {
        assert!(reorder(b"<!doctype html>").is_err());
    }
}
