//! Answers as long as it is asked: a line `a.png b.png` on stdin, a JSON object on stdout.
//!
//! ```text
//! $ printf 'a.png b.png\n' | cargo run -p leq-infer --example serve
//! {"leq":true,"p_leq":0.9999,"reading":"sure"}
//! ```

use std::error::Error;
use std::io::{BufRead, Write};

use infer::{CompareError, Comparer, Engine, Model};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut comparer = Comparer::open(Model::built_in(), Engine::best())?;
    serve(&mut comparer, std::io::stdin().lock(), std::io::stdout().lock())
}

/// One object a line. A bad line or picture has an object with `error`, and the next line is answered.
///
/// # Errors
/// What cannot be read, answered or written.
pub fn serve(comparer: &mut Comparer, lines: impl BufRead, mut answers: impl Write) -> Result<(), Box<dyn Error>> {
    for line in lines.lines() {
        writeln!(answers, "{}", answer(comparer, &line?)?)?;
        answers.flush()?;
    }
    Ok(())
}

fn answer(comparer: &mut Comparer, line: &str) -> Result<Value, Box<dyn Error>> {
    let Some((first, second)) = line.trim().split_once(' ') else {
        return Ok(json!({ "error": "a line is two file names with a space between them" }));
    };
    match comparer.compare(first, second.trim_start()) {
        Ok(comparison) => Ok(json!({
            "leq": comparison.verdict.is_leq(),
            "p_leq": comparison.verdict.p_leq(),
            "reading": comparison.trust.name(),
        })),
        Err(CompareError::Pictures(unreadable)) => Ok(json!({ "error": unreadable.to_string() })),
        // Without an engine there is nothing to go on with.
        Err(CompareError::Engine(error)) => Err(error.into()),
    }
}
