//! SIMD chosen at run time: dividing channels into vectors and running operations at a SIMD level.

pub(crate) mod lanes;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use pulp::Simd;
use pulp::{Arch, WithSimd};

/// Runs an operation at a SIMD level. A WebAssembly module compiled with SIMD only loads where SIMD exists, so it needs
/// no scalar copy of the operation.
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
