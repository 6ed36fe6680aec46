//! Model files read back as networks to compute with here.

use candle_core::Device;
use digits::contract;
use nets::export::export;
use nets::network::{Comparator, TowerOutput};
use nets::onnx::{Storage, rounded_to_8_bits};
use nets::training::outputs;
use prost::Message;

use super::{LOGIT_TOLERANCE, SETS, blocks, digit_tower, exported, headline, largest_difference, trained, untrained};

#[test]
fn a_model_file_is_read_back_as_the_network_that_was_exported() {
    for (spec, storage) in [(digit_tower(TowerOutput::Digits), Storage::Float32), (blocks(), Storage::Uint8)] {
        let mut comparator = trained(&spec).into_comparator();
        if storage == Storage::Uint8 {
            for parameter in comparator.parameters().trained.iter().filter(|parameter| parameter.var.rank() > 1) {
                parameter.var.set(&rounded_to_8_bits(&parameter.var).unwrap()).unwrap();
            }
        }
        comparator.calibrate(1.3);
        let network = serde_json::to_string(&spec).unwrap();
        let metadata =
            vec![(contract::metadata::NETWORK, network), (contract::metadata::TEMPERATURE, "1.3".to_owned())];
        let model = export(&comparator, storage, &metadata).unwrap().encode_to_vec();
        let read = Comparator::from_model_file(&model, &Device::Cpu).unwrap();
        let logits = |comparator: &Comparator| {
            let logits = outputs(comparator, &SETS.test).unwrap().digit_logits.unwrap();
            logits.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        };
        let difference = largest_difference(&logits(&comparator), &logits(&read));
        assert!(difference <= LOGIT_TOLERANCE, "{difference}");
    }
}

#[test]
fn a_file_that_is_no_model_of_ours_is_not_read_back() {
    let refused = |bytes: &[u8]| format!("{:#}", Comparator::from_model_file(bytes, &Device::Cpu).unwrap_err());
    assert!(refused(b"no model").contains("not an ONNX file"));
    assert!(refused(&exported(&untrained(&headline())).encode_to_vec()).contains("describe no network"));
    let metadata = vec![(contract::metadata::NETWORK, serde_json::to_string(&headline()).unwrap())];
    let other = export(&untrained(&headline()), Storage::Float32, &metadata).unwrap().encode_to_vec();
    assert!(refused(&other).contains("does not compare trained digit posteriors"));
    let tower = digit_tower(TowerOutput::Digits);
    let metadata = vec![(contract::metadata::NETWORK, serde_json::to_string(&tower).unwrap())];
    let mut model = export(&untrained(&tower), Storage::Float32, &metadata).unwrap();
    model.graph.as_mut().unwrap().initializer.retain(|tensor| tensor.name != "tower_conv3_weight");
    assert!(refused(&model.encode_to_vec()).contains("stores no tensor tower_conv3_weight"));
}
