"""Writes an archive in the layout of QwenPaw, unsigned: one agent whose media are blocks that do not compress, and one long text that does."""
import json, os, random, sys, zipfile

path, gigabytes = sys.argv[1], float(sys.argv[2])
block = random.Random(7).randbytes(1 << 20)
meta = {
    "id": "large-archive", "name": "large", "description": "", "created_at": "2026-04-20T09:30:00Z", "version": "1",
    "scope": {"include_agents": True, "include_global_config": False, "include_secrets": False, "include_skill_pool": False},
    "agent_count": 1, "qwenpaw_version": "1.1.9", "system_info": {}, "signature": None, "accepted_via_trust": None,
}
with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
    archive.writestr("meta.json", json.dumps(meta))
    archive.writestr("data/workspaces/big/agent.json", '{"id":"big","name":"Big"}')
    with archive.open(zipfile.ZipInfo("data/workspaces/big/media/one.bin"), "w", force_zip64=True) as entry:
        for _ in range(int(gigabytes * 512)):
            entry.write(block)
    for number in range(int(gigabytes * 4)):
        with archive.open(f"data/workspaces/big/media/{number:03}.bin", "w") as entry:
            for _ in range(128):
                entry.write(block)
print(os.path.getsize(path))
