//! `cargo xtask bench`: our speed beside that of others, measured in one go on one machine.

mod infer;
mod load;
mod machine;
mod measurement;
mod page;
mod plan;
mod proc;
#[cfg(test)]
mod readme;
mod summary;
mod train;
mod web;

use anyhow::Result;

use crate::Outcome;
use crate::project::Project;
use crate::suggestion;
use plan::Plan;

/// Does the benchmark that `options` name.
pub fn command(project: &Project, options: &[&str]) -> Result<Outcome> {
    match options {
        ["train"] => train::command(project, &Plan::FULL),
        ["train", "--quick"] => train::command(project, &Plan::QUICK),
        ["leq-1000"] => train::command(project, &Plan::LEQ_1000),
        ["infer"] => infer::command(project, &infer::Plan::FULL),
        ["infer", "--quick"] => infer::command(project, &infer::Plan::QUICK),
        ["web"] => web::command(project, &web::Plan::FULL),
        ["web", "--quick"] => web::command(project, &web::Plan::QUICK),
        ["train" | "infer" | "web", unknown, ..] => {
            Ok(Outcome::Usage(suggestion::unknown("option", unknown, &["--quick"])))
        }
        [unknown, ..] => {
            Ok(Outcome::Usage(suggestion::unknown("benchmark", unknown, &["train", "leq-1000", "infer", "web"])))
        }
        [] => Ok(Outcome::Usage("bench wants the name of a benchmark: train, leq-1000, infer or web".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_benchmark_that_does_not_exist_is_refused_by_name() {
        for (options, reason) in [
            (&["trian"] as &[&str], "there is no benchmark trian, did you mean train?"),
            (&["train", "--quik"], "there is no option --quik, did you mean --quick?"),
            (&[], "bench wants the name of a benchmark: train, leq-1000, infer or web"),
            (&["infer", "--quik"], "there is no option --quik, did you mean --quick?"),
        ] {
            match command(&Project::here(), options) {
                Ok(Outcome::Usage(found)) => assert_eq!(found, reason),
                _ => panic!("{options:?} was not refused"),
            }
        }
    }
}
