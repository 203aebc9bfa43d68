# SPDX-License-Identifier: Apache-2.0
"""A writer of safetensors files, without the package of that name: eight bytes with the header's
length, the header in JSON, the tensors' bytes."""

import json

TYPES = {"float32": "F32", "float16": "F16", "float64": "F64", "int64": "I64"}


def content(tensors, brain=()):
    """Of {name: array}. Those named in `brain` are stored as bfloat16, their upper halves."""
    import numpy  # pylint: disable=import-outside-toplevel

    header, parts, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, array in tensors.items():
        array = numpy.asarray(array)
        part = numpy.ascontiguousarray(array).tobytes()
        if name in brain:
            part = (numpy.ascontiguousarray(array, "<f4").view("<u4") >> 16).astype("<u2").tobytes()
        header[name] = {
            "dtype": "BF16" if name in brain else TYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [at, at + len(part)],
        }
        parts.append(part)
        at += len(part)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def write(path, tensors, brain=()):
    with open(path, "wb") as file:
        file.write(content(tensors, brain))
