"""Packs directories as a plain program would: one thread, zipfile, deflate level 6, hashing what it packs.

Usage: zipfile_pass.py pack <archive> <directory>...
       zipfile_pass.py test <archive>
"""

import hashlib
import hmac
import os
import sys
import zipfile

CHUNK = 1 << 20


def files_of(directory):
    for parent, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            yield path, os.path.join("data", os.path.relpath(path, os.path.dirname(directory)))


def pack(archive, directories):
    """Reads each file once: deflates it and feeds the running HMAC-SHA256 in the same loop."""
    signature = hmac.new(b"k" * 32, b"META\0", hashlib.sha256)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6, strict_timestamps=False) as target:
        for path, name in (pair for directory in directories for pair in files_of(directory)):
            info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
            info.compress_type = zipfile.ZIP_DEFLATED
            signature.update(b"ENTRY\0" + name.encode() + b"\0")
            with open(path, "rb") as source, target.open(info, "w") as entry:
                while chunk := source.read(CHUNK):
                    signature.update(chunk)
                    entry.write(chunk)
            signature.update(b"\0" + info.file_size.to_bytes(8, "big") + b"\0")
    return signature.hexdigest()


def test(archive):
    with zipfile.ZipFile(archive) as source:
        damaged = source.testzip()
    if damaged is not None:
        sys.exit(f"damaged: {damaged}")


if __name__ == "__main__":
    verb, archive, *directories = sys.argv[1:]
    pack(archive, directories) if verb == "pack" else test(archive)
