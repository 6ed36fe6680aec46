"""Models for bench/faults.py: the contract's input and outputs, and between them operators of odd sizes and numbers."""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def random_model(dice):
    """A model with the contract's input and outputs, and between them a few operators that may or may not fit."""
    values, nodes, stored, number = ["pair"], [], [], 0
    must_fit = dice.random() < 0.8
    for _ in range(dice.randint(1, 6)):
        number += 1
        for _ in range(20):
            node, tensors = random_node(dice, values, f"v{number}")
            if not must_fit or fits([*nodes, node], [*stored, *tensors]):
                break
        else:
            continue
        nodes.append(node)
        stored.extend(tensors)
        values.extend(node.output)
    last = values[-1]
    nodes.append(helper.make_node("Flatten", [last], ["flat"]) if dice.random() < 0.9 else
                 helper.make_node("Identity", [last], ["flat"]))
    nodes.append(helper.make_node("Cast", ["flat"], ["real"], to=TensorProto.FLOAT))
    nodes.append(helper.make_node("ReduceMean", ["real"], ["leq_logit"], axes=[-1], keepdims=0))
    nodes.append(helper.make_node("Sigmoid", ["leq_logit"], ["p_leq"]))
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch"]) for name in ("p_leq", "leq_logit")]
    pair = helper.make_tensor_value_info("pair", TensorProto.FLOAT, ["batch", 2, 14, 14])
    graph = helper.make_graph(nodes, "random", [pair], ports, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"leq_contract": "1"})
    return model


def fits(nodes, stored):
    """Whether onnx's own inference of shapes finds nothing wrong, for a batch of 1."""
    pair = helper.make_tensor_value_info("pair", TensorProto.FLOAT, [1, 2, 14, 14])
    out = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.UNDEFINED, None)
    graph = helper.make_graph(nodes, "part", [pair], [out], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    # onnx itself ends the process over some of these.
    child = os.fork()
    if child == 0:
        os.close(2)
        try:
            onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        except Exception:  # onnx raises its own errors and protobuf's
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def random_node(dice, values, name):
    """A node that reads earlier values or stored tensors of odd sizes and numbers."""
    stored = []

    def constant(array):
        stored.append(numpy_helper.from_array(array, f"{name}_{len(stored)}"))
        return stored[-1].name

    def size():
        return dice.choice([0, 1, 1, 2, 2, 3, 4, 8, 14, 64, 1000])

    def floats(*shape):
        scale = dice.choice([0, 1e-30, 0.1, 1, 1e30])
        return constant((scale * np.random.default_rng(dice.getrandbits(30)).standard_normal(shape)).astype(np.float32))

    def ints(*numbers):
        return constant(np.array(numbers, np.int64).astype(dice.choice([np.int64, np.int64, np.int64, np.int32])))

    value = dice.choice(values[-3:])
    odd = [0, 1, -1, 2, 3, 14, -(2**63), 2**63 - 1, 2**31]
    kind = dice.randrange(16)
    if kind == 0:
        channels, kernel = dice.choice([2, 2, 2, 1, 4]), dice.choice([1, 2, 3, 5, 14, 64])
        pads = [dice.choice([0, 0, 1, 2, 64]) for _ in range(4)]
        return helper.make_node("Conv", [value, floats(size(), channels, kernel, kernel)], [name], pads=pads,
                                strides=[dice.choice([1, 1, 2, 64])] * 2, dilations=[dice.choice([1, 1, 2, 64])] * 2,
                                group=dice.choice([1, 1, 2, 0, -1])), stored
    if kind == 1:
        operator = dice.choice(["MaxPool", "AveragePool"])
        return helper.make_node(operator, [value], [name], kernel_shape=[dice.choice([1, 2, 3, 14, 64])] * 2,
                                strides=[dice.choice([1, 2, 64])] * 2, ceil_mode=dice.choice([0, 1]),
                                pads=[dice.choice([0, 0, 1, 2])] * 4), stored
    if kind == 2:
        return helper.make_node(dice.choice(["Add", "Mul", "Sub", "Div", "Pow", "PRelu", "Max", "Greater", "Where"]),
                                [value, floats(*[size() for _ in range(dice.randint(0, 4))])], [name]), stored
    if kind == 3:
        operator = dice.choice(["Relu", "Exp", "Log", "Sqrt", "Erf", "Softmax", "LogSoftmax", "Selu", "Not", "Neg", "Abs",
                                "Gelu", "HardSwish", "Reciprocal", "Softplus", "Sign", "Tanh"])
        return helper.make_node(operator, [value], [name]), stored
    if kind == 4:
        return helper.make_node("Reshape", [value, ints(*[dice.choice([0, 1, 2, -1, -1, 14, 196, 392, *odd])
                                                          for _ in range(dice.randint(0, 4))])], [name]), stored
    if kind == 5:
        return helper.make_node("Concat", [value] * dice.choice([1, 2, 2, 8]), [name], axis=dice.choice([0, 1, 2, -1, 7])), stored
    if kind == 6:
        return helper.make_node("MatMul", [value, floats(*[size() for _ in range(dice.randint(1, 3))])], [name]), stored
    if kind == 7:
        return helper.make_node("Gemm", [value, floats(size(), size())], [name], transB=dice.choice([0, 1])), stored
    if kind == 8:
        return helper.make_node("Slice", [value, ints(dice.choice(odd)), ints(dice.choice(odd)), ints(dice.choice([0, 1, 2, 3])),
                                          ints(dice.choice([1, 1, 2, -1, 0]))], [name]), stored
    if kind == 9:
        return helper.make_node("Gather", [value, ints(*[dice.choice([0, 1, -1, 13, 99]) for _ in range(size() % 65)])],
                                [name], axis=dice.choice([0, 1, 2, -1])), stored
    if kind == 10:
        return helper.make_node(dice.choice(["ReduceMax", "ReduceMean", "ReduceMin", "ReduceLogSumExp", "ArgMax"]), [value], [name],
                                **({"axes": [dice.choice([1, 2, -1, 5])]} if dice.random() < 0.5 else {})), stored
    if kind == 11:
        return helper.make_node("Transpose", [value], [name], perm=dice.choice([[0, 2, 3, 1], [0, 1], [1, 0, 2, 3], [3, 3, 3, 3]])), stored
    if kind == 12:
        return helper.make_node("Div", [ints(dice.choice(odd)), ints(dice.choice([-1, 0, 1, 2]))], [name]), stored
    if kind == 13:
        return helper.make_node("BatchNormalization", [value, *[floats(dice.choice([2, 2, 1, 0])) for _ in range(4)]], [name]), stored
    if kind == 14:
        return helper.make_node("Split", [value], [name, f"{name}_b"], axis=dice.choice([1, 2, 3])), stored
    return helper.make_node("Cast", [value], [name], to=dice.choice([1, 2, 3, 6, 7, 9, 10, 11])), stored
