//! A readable form of an exported model, for inspection and snapshot tests.

use std::fmt::Write;

use candle_onnx::onnx::{
    AttributeProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, attribute_proto::AttributeType,
    tensor_proto::DataType, tensor_shape_proto::dimension::Value as Dimension, type_proto,
};

/// Inputs, initialisers, nodes and outputs, one per line. Values are shown only for small constants.
pub fn text_form(model: &ModelProto) -> String {
    let mut text = String::new();
    let opset = model.opset_import.first().map_or(0, |import| import.version);
    line(&mut text, format_args!("ir_version {} opset {opset}", model.ir_version));
    let Some(graph) = &model.graph else { return text };
    graph.input.iter().for_each(|input| line(&mut text, format_args!("input {}", value_info(input))));
    graph.initializer.iter().for_each(|tensor| line(&mut text, format_args!("initializer {}", initializer(tensor))));
    graph.node.iter().for_each(|step| line(&mut text, format_args!("{}", node(step))));
    graph.output.iter().for_each(|output| line(&mut text, format_args!("output {}", value_info(output))));
    model.metadata_props.iter().for_each(|entry| line(&mut text, format_args!("metadata {}", entry.key)));
    text
}

fn line(text: &mut String, contents: std::fmt::Arguments) {
    writeln!(text, "{contents}").expect("writing to a string does not fail");
}

fn value_info(value: &ValueInfoProto) -> String {
    let kind = value.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let Some(type_proto::Value::TensorType(tensor)) = kind else { return format!("{}: not a tensor", value.name) };
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
    let dims: Vec<String> = dims
        .map(|dim| match &dim.value {
            Some(Dimension::DimValue(length)) => length.to_string(),
            Some(Dimension::DimParam(name)) => name.clone(),
            None => "?".to_owned(),
        })
        .collect();
    format!("{}: {}[{}]", value.name, element_type(tensor.elem_type), dims.join(", "))
}

fn initializer(tensor: &TensorProto) -> String {
    let dims: Vec<String> = tensor.dims.iter().map(i64::to_string).collect();
    let kind = element_type(tensor.data_type);
    let contents = match DataType::try_from(tensor.data_type) {
        Ok(DataType::Int64) => {
            let (numbers, _) = tensor.raw_data.as_chunks::<8>();
            format!(" = {:?}", numbers.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect::<Vec<_>>())
        }
        _ => String::new(),
    };
    format!("{}: {kind}[{}]{contents}", tensor.name, dims.join(", "))
}

fn node(node: &NodeProto) -> String {
    let attributes: Vec<String> = node.attribute.iter().map(attribute).collect();
    let attributes = if attributes.is_empty() { String::new() } else { format!(" {{{}}}", attributes.join(", ")) };
    format!("{} = {}({}){attributes}", node.output.join(", "), node.op_type, node.input.join(", "))
}

fn attribute(attribute: &AttributeProto) -> String {
    let value = match AttributeType::try_from(attribute.r#type) {
        Ok(AttributeType::Int) => attribute.i.to_string(),
        Ok(AttributeType::Ints) => format!("{:?}", attribute.ints),
        Ok(AttributeType::Float) => attribute.f.to_string(),
        _ => "?".to_owned(),
    };
    format!("{}={value}", attribute.name)
}

fn element_type(kind: i32) -> String {
    DataType::try_from(kind).map_or_else(|_| format!("type {kind}"), |kind| kind.as_str_name().to_lowercase())
}
