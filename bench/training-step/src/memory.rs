//! How much memory this process has used at most.

use std::path::Path;

/// Peak resident memory so far in MB of 10^6 bytes; nothing on systems without Linux's `/proc`.
pub fn peak_mb() -> Option<f64> {
    peak_in(&std::fs::read_to_string(Path::new("/proc/self/status")).ok()?)
}

fn peak_in(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read_in_megabytes() {
        assert_eq!(peak_in("VmPeak:\t  90000 kB\nVmHWM:\t   125000 kB\nVmRSS:\t 1 kB\n"), Some(128.0));
        assert_eq!(peak_in("VmRSS:\t 1 kB\n"), None);
    }
}
