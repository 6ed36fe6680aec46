//! The processor: its name, for records of measurements, and its cores.

/// The processor's name, where the system tells it (Linux).
pub fn processor() -> Option<String> {
    model_name(&std::fs::read_to_string("/proc/cpuinfo").ok()?)
}

/// The cores that this process may use; 1 where the system does not tell.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn model_name(cpuinfo: &str) -> Option<String> {
    let name = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.trim_start().strip_prefix(':'))?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_the_first_core() {
        let cores = "processor\t: 0\nmodel name\t: AMD EPYC\ncpu MHz\t: 2595\nprocessor\t: 1\nmodel name\t: other\n";
        assert_eq!(model_name(cores).as_deref(), Some("AMD EPYC"));
        assert_eq!(model_name("processor\t: 0\n"), None);
        let ours = std::fs::read_to_string("/proc/cpuinfo").ok();
        assert_eq!(processor(), ours.and_then(|cpuinfo| model_name(&cpuinfo)));
        assert_eq!(super::cores(), std::thread::available_parallelism().map_or(1, usize::from));
    }
}
