"""Writes an archive anew with one thing changed, sound in every way that a zip tool could check.

    python3 tamper.py ARCHIVE swap A B | replace A TEXT | add A TEXT | remove A | rename A B | chmod A MODE | meta FIELD TEXT | repack

A and B are paths in the workspace of agent `a`. All but `repack` keep the headers of the others as they are.
"""

import json
import os
import sys
import zipfile

PREFIX = "data/workspaces/a/"
path, how, *args = sys.argv[1:]

with zipfile.ZipFile(path) as archive:
    entries = [(info, archive.read(info)) for info in archive.infolist()]


def find(name):
    return next(i for i, (info, _) in enumerate(entries) if info.filename == PREFIX + name)


if how == "swap":
    a, b = find(args[0]), find(args[1])
    entries[a], entries[b] = (entries[a][0], entries[b][1]), (entries[b][0], entries[a][1])
elif how == "replace":
    entries[find(args[0])] = (entries[find(args[0])][0], args[1].encode())
elif how == "add":
    info = zipfile.ZipInfo(PREFIX + args[0])
    info.create_system, info.external_attr = 3, 0o100644 << 16
    entries.insert(len(entries) - 2, (info, args[1].encode()))
elif how == "remove":
    del entries[find(args[0])]
elif how == "rename":
    entries[find(args[0])][0].filename = PREFIX + args[1]
elif how == "chmod":
    entries[find(args[0])][0].external_attr = (0o100000 | int(args[1], 8)) << 16
elif how == "meta":
    info, content = entries[-1]
    meta = json.loads(content)
    meta[args[0]] = args[1] or None
    entries[-1] = (info, json.dumps(meta).encode())

with zipfile.ZipFile(path + ".new", "w") as archive:
    for info, content in entries:
        if how == "repack":
            info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, content)
os.replace(path + ".new", path)
