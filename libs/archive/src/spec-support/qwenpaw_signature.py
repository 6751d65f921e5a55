"""An implementation of QwenPaw's hmac-sha256-v1 of its own: nothing but the standard library and the words of the scheme.

    python3 qwenpaw_signature.py ARCHIVE KEYFILE   prints the signature that the archive should carry
    python3 qwenpaw_signature.py --canonical       reads JSON lines, prints each in canonical form
"""

import hashlib
import hmac
import json
import struct
import sys
import zipfile

FIELDS = ("id", "name", "description", "created_at", "version", "scope", "agent_count", "qwenpaw_version", "system_info",
          "accepted_via_trust")


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signature(archive_path, key):
    with zipfile.ZipFile(archive_path) as archive:
        meta = json.loads(archive.read("meta.json"))
        mac = hmac.new(key, digestmod=hashlib.sha256)
        mac.update(b"META\0" + canonical({field: meta.get(field) for field in FIELDS}).encode() + b"\0")
        covered = [info for info in archive.infolist() if not info.is_dir() and info.filename != "meta.json"]
        for info in sorted(covered, key=lambda info: info.filename):
            content = archive.read(info)
            mac.update(b"ENTRY\0" + info.filename.encode() + b"\0" + content + b"\0")
            mac.update(struct.pack(">Q", len(content)) + b"\0")
    return "hmac-sha256-v1:" + mac.hexdigest()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    if sys.argv[1] == "--canonical":
        for line in sys.stdin.read().split("\n"):
            if line:
                print(json.dumps(canonical(json.loads(line))))
    else:
        with open(sys.argv[2]) as key_file:
            print(signature(sys.argv[1], bytes.fromhex(key_file.read().strip())))
