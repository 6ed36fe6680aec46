//! SIMD chosen at run time: how channels are cut into vectors, and how an operation is run at a level.

pub(crate) mod lanes;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use pulp::Simd;
use pulp::{Arch, WithSimd};

/// Runs an operation at a SIMD level. A WebAssembly module that is compiled with SIMD is not loaded where there is none, so
/// it needs no copy of the operation without.
pub(crate) fn dispatch<O: WithSimd>(arch: Arch, operation: O) -> O::Output {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    {
        match arch {
            Arch::Simd128(simd) => Simd::vectorize(simd, operation),
            _ => unreachable!("the module has SIMD"),
        }
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    {
        arch.dispatch(operation)
    }
}
