"""What strace wrote."""

import re


def whole_lines(trace):
    """Calls in the order in which they returned; those that another thread interrupts are joined."""
    begun = {}
    for line in trace.read_text(errors="replace").splitlines():
        process, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[process] = call.removesuffix("<unfinished ...>")
        elif match := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
            yield begun.pop(process, "") + match[1]
        else:
            yield call
