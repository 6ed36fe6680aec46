//! What happens inside a network, for the page to show.

use wasm_bindgen::prelude::*;

use onnx::{Explanation, Maps};

use crate::Trace;
use crate::trace::{columns, picture};

/// The feature maps that a network computed for two digits. Layer 0 is the input.
#[wasm_bindgen(js_name = Trace)]
#[derive(Debug)]
pub struct TraceOfPage(pub(super) Trace);

#[wasm_bindgen(js_class = Trace)]
impl TraceOfPage {
    /// The name of the [`crate::Arrangement`].
    #[wasm_bindgen(getter)]
    pub fn arrangement(&self) -> String {
        self.0.arrangement().name().to_owned()
    }

    /// Layers, the input included; 0 for an arrangement that is not known.
    #[wasm_bindgen(getter, js_name = layerCount)]
    pub fn layer_count(&self) -> usize {
        self.0.place(0).map_or(0, |(tower, _)| tower.maps.len())
    }

    /// Channels, rows and columns of a layer's maps, then for convolutions the sides of kernel, padding and pooling
    /// windows, and the number of weights and biases. `undefined` for a layer that is not there.
    pub fn shape(&self, layer: usize) -> Option<Vec<u32>> {
        let (tower, _) = self.0.place(0)?;
        let maps = tower.maps.get(layer)?;
        let mut numbers = vec![maps.channels, maps.height, maps.width];
        if let Some(convolution) = layer.checked_sub(1).and_then(|at| tower.layers.get(at)) {
            numbers.extend(convolution.shape());
            numbers.push(convolution.parameters());
        }
        Some(numbers.into_iter().map(|number| number as u32).collect())
    }

    /// The maps of a layer for one side as an RGBA picture: width and height of it with [`TraceOfPage::picture_size`].
    pub fn picture(&self, side: usize, layer: usize) -> Vec<u8> {
        self.maps(side, layer).map(|(maps, image)| picture(maps, image).2).unwrap_or_default()
    }

    /// Columns and rows of that picture, then the maps in a row of it.
    #[wasm_bindgen(js_name = pictureSize)]
    pub fn picture_size(&self, layer: usize) -> Vec<u32> {
        let sizes = self.maps(0, layer).map(|(maps, image)| {
            let (width, height, _) = picture(maps, image);
            [width, height, columns(maps.channels)].map(|number| number as u32).to_vec()
        });
        sizes.unwrap_or_default()
    }

    /// How one value of a layer's maps came about.
    ///
    /// # Errors
    /// When there is no such value.
    pub fn explain(
        &self,
        side: usize,
        layer: usize,
        channel: usize,
        row: usize,
        column: usize,
    ) -> Result<ExplanationOfPage, JsError> {
        Ok(ExplanationOfPage(self.0.explain(side, layer, channel, row, column)?))
    }

    fn maps(&self, side: usize, layer: usize) -> Option<(&Maps, usize)> {
        let (tower, image) = self.0.place(side)?;
        Some((tower.maps.get(layer)?, image))
    }
}

/// One value of a feature map, taken apart.
#[wasm_bindgen(js_name = Explanation)]
#[derive(Debug)]
pub struct ExplanationOfPage(Explanation);

#[wasm_bindgen(js_class = Explanation)]
impl ExplanationOfPage {
    /// Row and column of the patch's left upper corner in the layer below.
    #[wasm_bindgen(getter)]
    pub fn corner(&self) -> Vec<i32> {
        self.0.corner.to_vec()
    }

    /// The input channel that is shown: the one that contributes most.
    #[wasm_bindgen(getter, js_name = inChannel)]
    pub fn in_channel(&self) -> usize {
        self.0.in_channel
    }

    /// The values under the kernel, row by row.
    #[wasm_bindgen(getter)]
    pub fn patch(&self) -> Vec<f32> {
        self.0.patch.clone()
    }

    /// The kernel's weights.
    #[wasm_bindgen(getter)]
    pub fn kernel(&self) -> Vec<f32> {
        self.0.kernel.clone()
    }

    /// Patch times kernel.
    #[wasm_bindgen(getter)]
    pub fn product(&self) -> Vec<f32> {
        self.0.product.clone()
    }

    /// The sum of the products, that over all other input channels, the bias, and the value after activation.
    #[wasm_bindgen(getter)]
    pub fn sums(&self) -> Vec<f32> {
        vec![self.0.sum_of_channel, self.0.sum_of_others, self.0.bias, self.0.value]
    }
}
