# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ways to damage a checkpoint. Each returns a function of its directory."""
import json


def edit_json(name, change):
    def damage(directory):
        path = directory / name
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))
    return damage


def write(name, content):
    return lambda directory: (directory / name).write_bytes(content)


def remove(name):
    return lambda directory: (directory / name).unlink()


def config(**keys):
    return edit_json("config.json", lambda c: c.update(keys))


def quantization(**keys):
    return edit_json("config.json",
                     lambda c: c["quantization_config"].update(keys))


def file(change, name="model.safetensors"):
    """change(bytes) -> bytes"""
    def damage(directory):
        path = directory / name
        path.write_bytes(change(path.read_bytes()))
    return damage


def header(change, data=lambda d, h: d):
    """Changes the parsed header in place, and the bytes behind it."""
    def rewrite(content):
        size = 8 + int.from_bytes(content[:8], "little")
        parsed = json.loads(content[8:size])
        body = data(bytearray(content[size:]), parsed)
        change(parsed)
        text = json.dumps(parsed).encode()
        return len(text).to_bytes(8, "little") + text + bytes(body)
    return file(rewrite)


def tensor(name, **fields):
    return header(lambda h: h[name].update(fields))


def values(name, content):
    def overwrite(data, h):
        at = h[name]["data_offsets"][0]
        data[at:at + len(content)] = content
        return data
    return header(lambda h: None, overwrite)


def shift(name, by):
    def change(h):
        h[name]["data_offsets"] = [o + by for o in h[name]["data_offsets"]]
    return header(change)


def prefix(size):
    return file(lambda b: size.to_bytes(8, "little") + b[8:])
