//! Networks as files name them: a family and what varies inside it, or layer by layer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConvNet, DigitTower, LeqHead, Mlp, NetworkSpec, ReportB};

/// A network by its family; settings that are left out are those of the family's published best.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "family", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Family {
    /// Report A's ConvNet.
    ReportAConvnet(ConvNet),
    /// Report A's MLP.
    ReportAMlp(Mlp),
    /// Report A's ConvNet with weight sharing, its digits compared by their posteriors instead of learned.
    ReportAPosteriors {},
    /// Our own: one tower for both digits, which are compared by what it sees in each.
    DigitTower(DigitTower),
    /// Report B's network.
    ReportB(ReportB),
    /// Any network, layer by layer.
    Layers(NetworkSpec),
}

impl Family {
    /// The network's description; `auxiliary` says whether the recipe trains digit heads with digit labels, which a network
    /// written layer by layer says itself.
    pub fn spec(&self, auxiliary: bool) -> NetworkSpec {
        match self {
            Self::ReportAConvnet(network) => ConvNet { auxiliary, ..network.clone() }.spec(),
            Self::ReportAMlp(network) => Mlp { auxiliary, ..network.clone() }.spec(),
            Self::ReportAPosteriors {} => {
                let shared = ConvNet { weight_sharing: true, auxiliary, ..ConvNet::default() };
                NetworkSpec { leq_head: LeqHead::DigitPosteriors, ..shared.spec() }
            }
            Self::DigitTower(network) => network.spec(),
            Self::ReportB(network) => ReportB { auxiliary, ..network.clone() }.spec(),
            Self::Layers(network) => network.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Activation;

    fn family(json: &str) -> Result<Family, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_that_are_left_out_are_the_familys_own() {
        let convnet = family(r#"{"family": "report-a-convnet", "activation": "tanh"}"#).unwrap();
        let expected = ConvNet { activation: Activation::Tanh, auxiliary: true, ..ConvNet::default() };
        assert_eq!(convnet.spec(true), expected.spec());
        assert_eq!(family(r#"{"family": "digit-tower"}"#).unwrap().spec(true), DigitTower::default().spec());
    }

    #[test]
    fn every_family_written_layer_by_layer_is_the_same_network() {
        for name in ["report-a-convnet", "report-a-mlp", "report-a-posteriors", "digit-tower", "report-b"] {
            let named = family(&format!(r#"{{"family": "{name}"}}"#)).unwrap();
            let layers = Family::Layers(named.spec(false));
            let read = family(&serde_json::to_string(&layers).unwrap()).unwrap();
            assert_eq!(read.spec(true), named.spec(false), "{name}");
        }
    }

    #[test]
    fn a_key_of_another_family_is_refused() {
        assert!(family(r#"{"family": "report-b", "widths": [1, 2, 3, 4]}"#).unwrap_err().contains("`widths`"));
        assert!(family(r#"{"family": "report-a-posteriors", "hidden": 3}"#).unwrap_err().contains("`hidden`"));
        assert!(family(r#"{"family": "report-a-convnet", "auxiliary": true}"#).unwrap_err().contains("`auxiliary`"));
    }
}
