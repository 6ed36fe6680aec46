//! Models that cannot be used: exit code 3, what was found, what the contract wants.

use std::path::Path;

use crate::onnx::{DOUBLE, FLOAT, Onnx, bytes, message, number, sound, tensor};
use crate::support::{Folder, Ran, infer, run};

fn compare_with(folder: &Folder, model: &Path) -> Ran {
    let files = [folder.path("two.png"), folder.path("seven.png")];
    run(infer().arg("compare").args(files).arg("--model").arg(model))
}

/// Writes a sound model after `change` and expects it to be refused, with the file's name.
fn refused(change: impl FnOnce(&mut Onnx), parts: &[&str]) {
    let folder = Folder::new();
    let mut model = sound();
    change(&mut model);
    let path = folder.write("changed.onnx", model.bytes());
    let ran = compare_with(&folder, &path);
    ran.fails(3, &[&[path.to_str().unwrap()], parts].concat());
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
}

#[test]
fn a_missing_an_empty_and_a_folder_model_are_refused_by_name() {
    let folder = Folder::new();
    compare_with(&folder, &folder.path("absent.onnx")).fails(3, &["absent.onnx: no such model file"]);
    let empty = folder.write("empty.onnx", []);
    compare_with(&folder, &empty).fails(3, &["empty.onnx: is empty"]);
    compare_with(&folder, &folder.path("")).fails(3, &["is a folder; --model takes an ONNX file"]);
}

#[test]
fn a_file_that_is_not_onnx_is_refused_as_such() {
    let folder = Folder::new();
    let noise: Vec<u8> = (0..5000u32).map(|at| (at * at % 251) as u8).collect();
    let files = [("text.onnx", b"# a model card, not a model\n".to_vec()), ("noise.onnx", noise)];
    for (name, bytes) in files {
        let path = folder.write(name, bytes);
        compare_with(&folder, &path).fails(3, &[name, "is not an ONNX model"]);
    }
    compare_with(&folder, &folder.path("seven.png")).fails(3, &["seven.png", "is not an ONNX model"]);
}

#[test]
fn a_model_cut_short_is_refused() {
    let folder = Folder::new();
    let bytes = sound().bytes();
    let path = folder.write("cut.onnx", &bytes[..bytes.len() / 2]);
    compare_with(&folder, &path).fails(3, &["cut.onnx", "is not an ONNX model"]);
}

#[test]
fn a_model_without_contract_metadata_breaks_the_contract() {
    refused(|model| model.metadata.clear(), &["its metadata has no \"leq_contract\"", "wants"]);
}

#[test]
fn a_model_of_another_contract_version_breaks_the_contract() {
    refused(|model| model.metadata = vec![("leq_contract", "3")], &["version \"3\"", "reads versions 1 and 2"]);
}

#[test]
fn a_wrong_input_name_breaks_the_contract() {
    let change = |model: &mut Onnx| {
        model.input.name = "image";
        model.nodes[0].1 = vec!["image"];
    };
    refused(change, &["its inputs are \"image\"; the contract wants \"pair\""]);
}

#[test]
fn a_wrong_input_shape_breaks_the_contract() {
    let change = |model: &mut Onnx| model.input.shape = vec![None, Some(2), Some(28), Some(28)];
    refused(change, &["\"pair\" of float32 [batch, 2, 28, 28]", "wants, \"pair\" of float32 [batch, 2, 14, 14]"]);
}

#[test]
fn a_fixed_batch_breaks_the_contract() {
    let change = |model: &mut Onnx| {
        model.input.shape[0] = Some(1);
        model.outputs.iter_mut().for_each(|output| output.shape[0] = Some(1));
    };
    refused(change, &["\"pair\" of float32 [1, 2, 14, 14]", "[batch, 2, 14, 14]"]);
}

#[test]
fn a_wrong_element_type_breaks_the_contract() {
    let change = |model: &mut Onnx| {
        model.input.element = DOUBLE;
        model.outputs.iter_mut().for_each(|output| output.element = DOUBLE);
    };
    refused(change, &["\"pair\" of float64", "\"pair\" of float32"]);
}

#[test]
fn a_missing_and_an_unknown_output_break_the_contract() {
    let wanted = "the contract wants \"p_leq\", \"leq_logit\"";
    refused(|model| drop(model.outputs.pop()), &["its outputs are \"p_leq\";", wanted]);
    let extra = |model: &mut Onnx| {
        model.nodes.push(("Neg", vec!["leq_logit"], "gt_logit"));
        model.outputs.push(tensor("gt_logit", FLOAT, &[None]));
    };
    refused(extra, &["\"gt_logit\"", wanted]);
}

#[test]
fn digit_probabilities_of_a_wrong_shape_break_the_contract() {
    let change = |model: &mut Onnx| {
        model.nodes.push(("Softmax", vec!["pair"], "digit_probs"));
        model.nodes.push(("Neg", vec!["pair"], "digit_logits"));
        let shape = [None, Some(2), Some(14), Some(14)];
        model.outputs.push(tensor("digit_probs", FLOAT, &shape));
        model.outputs.push(tensor("digit_logits", FLOAT, &shape));
    };
    refused(change, &["\"digit_probs\" of float32 [batch, 2, 14, 14]", "[batch, 2, 10]"]);
}

#[test]
fn a_model_that_answers_what_is_no_probability_is_refused() {
    let beyond_one = |model: &mut Onnx| model.nodes[1].0 = "Neg";
    refused(beyond_one, &["the network answered -", "for p_leq", "no probability from 0 to 1"]);
    let not_a_number = |model: &mut Onnx| {
        model.nodes[1] = ("Neg", vec!["leq_logit"], "negative");
        model.nodes.push(("Log", vec!["negative"], "p_leq"));
    };
    refused(not_a_number, &["the network answered NaN for p_leq"]);
}

#[test]
fn an_unknown_operator_is_refused_before_any_engine_sees_it() {
    refused(|model| model.nodes[1].0 = "Divine", &["uses the operator \"Divine\", which leq does not know"]);
}

#[test]
fn a_small_file_of_very_many_entries_is_refused_while_it_is_read() {
    let attributes = |model: &mut Onnx| model.more_graph = message(1, &message(5, &[]).repeat(9_000)).repeat(30);
    refused(attributes, &["is not an ONNX model (it has more than 200,000"]);
    let numbers = |model: &mut Onnx| model.more_graph = message(1, &message(5, &bytes(8, &vec![0; 1_000_001])));
    refused(numbers, &["is not an ONNX model (its attributes hold more than a million numbers)"]);
}

#[test]
fn a_division_by_what_becomes_0_in_32_bits_is_refused() {
    // 2^32 as int64, cast to int32, which engines make 0.
    let change = |model: &mut Onnx| {
        let stored = |name: &[u8], element: u64, raw: &[u8]| {
            message(5, &[number(1, 1), number(2, element), bytes(8, name), bytes(9, raw)].concat())
        };
        let node = |operator: &[u8], inputs: &[&[u8]], output: &[u8], more: Vec<u8>| {
            let inputs: Vec<u8> = inputs.iter().flat_map(|input| bytes(1, input)).collect();
            message(1, &[inputs, bytes(2, output), bytes(4, operator), more].concat())
        };
        let to_int32 = message(5, &[bytes(1, b"to"), number(3, 6)].concat());
        model.more_graph = [
            stored(b"wide", 7, &(1i64 << 32).to_le_bytes()),
            stored(b"seven", 6, &7i32.to_le_bytes()),
            node(b"Cast", &[b"wide"], b"narrow", to_int32),
            node(b"Div", &[b"seven", b"narrow"], b"quotient", Vec::new()),
        ]
        .concat();
    };
    refused(change, &["whole numbers are divided by what is not known to be above 0"]);
}
