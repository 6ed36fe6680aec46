//! Engines that break off.

use std::path::Path;

use super::*;
use crate::batch::source::Format;
use crate::engine::Outputs;

struct Breaks;

impl Session for Breaks {
    fn name(&self) -> &'static str {
        "breaks"
    }

    fn version(&self) -> String {
        String::new()
    }

    fn library(&self) -> Option<PathBuf> {
        None
    }

    fn infer(&mut self, pixels: &[f32]) -> Result<Outputs, EngineError> {
        panic!("{} pixels are too many", pixels.len())
    }
}

#[test]
fn a_panic_of_an_engine_ends_the_run_with_its_message() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for readers in [0, 2] {
        let rows = Source::lines(Box::new("two.png,seven.png\n".as_bytes()), Format::Csv);
        let work = Work { chunk: 1, readers, root: root.clone(), outputs: Vec::new() };
        let ended = run(rows, vec![Box::new(Breaks)], &work, |_, _| Ok(()));
        let said = ended.unwrap_err().to_string();
        assert!(said.contains("the engine stopped unexpectedly (") && said.contains("pixels are too many)"), "{said}");
    }
    assert_eq!(message(&7), "a panic without a message");
}
