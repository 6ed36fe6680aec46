//! What decides how this machine rounds.

/// The vector instructions that kernels use here. Machines with the same ones train the same network to the same bits.
#[cfg(target_arch = "x86_64")]
pub fn instructions() -> &'static str {
    if is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if is_x86_feature_detected!("avx2") {
        "AVX2"
    } else {
        "SSE2"
    }
}

/// The vector instructions that kernels use here. Machines with the same ones train the same network to the same bits.
#[cfg(not(target_arch = "x86_64"))]
pub fn instructions() -> &'static str {
    std::env::consts::ARCH
}
