# Part of Setun, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ways to damage a checkpoint. Each returns a function of its directory."""
import json
import shutil


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


def rename(name, other):
    return lambda directory: (directory / name).rename(directory / other)


def copy(name, other):
    return lambda directory: shutil.copy(directory / name, directory / other)


def folder(name):
    return lambda directory: (directory / name).mkdir()


def link(name, target):
    return lambda directory: (directory / name).symlink_to(target)


def lfs(name):
    return write(name, b"version https://git-lfs.github.com/spec/v1\n"
                       b"oid sha256:0\nsize 1\n")


def move_all(subfolder):
    def damage(directory):
        files = list(directory.iterdir())
        (directory / subfolder).mkdir()
        for path in files:
            path.rename(directory / subfolder / path.name)
    return damage


def both(*damages):
    def damage(directory):
        for each in damages:
            each(directory)
    return damage


def random_edit(content, random):
    """A piece of the bytes is cut out, doubled, overwritten or moved."""
    start, end, to = sorted(random.integers(0, len(content) + 1, 3))
    end = min(end, start + 40)
    piece = content[start:end]
    return [content[:start] + content[end:],
            content[:to] + piece + content[to:],
            content[:start] + random.bytes(len(piece)) + content[end:],
            content[:start] + b"-1" + content[end:],
            content[:to]][random.integers(5)]


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
