"""Checks ONNX files with onnx's own checker: python check_models.py FILE...

Each file must pass full_check (shape inference included) and be self-contained, with no weights in other files.
Exit code 0 when all are right, 1 when one is not; the fault of each wrong one is on standard error.
"""

import sys

import onnx
from onnx.external_data_helper import uses_external_data


def tensors(graph):
    """Every constant tensor of a graph: its initialisers, and those inside its nodes' attributes and subgraphs."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for subgraph in (attribute.g, *attribute.graphs):
                yield from tensors(subgraph)


def check(path):
    """Raises an exception that says what is wrong with the model file at `path`, if anything is."""
    model = onnx.load(path, load_external_data=False)
    outside = [tensor.name for tensor in tensors(model.graph) if uses_external_data(tensor)]
    if outside:
        raise ValueError(f"not self-contained, the weights of {', '.join(outside)} are in other files")
    onnx.checker.check_model(model, full_check=True)


def main(paths):
    """Checks each file, says the result, and returns the exit code."""
    faults = 0
    for path in paths:
        try:
            check(path)
            print(f"{path}: onnx's checker finds nothing wrong")
        except Exception as fault:  # onnx raises protobuf's, its own and the system's errors
            faults += 1
            print(f"{path}: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
