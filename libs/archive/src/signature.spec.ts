import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { parseMeta } from './meta-codec';
import {
  archiveSignature,
  entryFeedHead,
  entryFeedTail,
  manifestSignature,
  RewindableHmac,
  sameSignature,
  startArchiveSignature,
  startManifestSignature,
} from './signature';

const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
const META = Buffer.from(
  '{"id":"golden","name":"金 😀","description":"a\\u2028b","created_at":"2026-04-20T09:30:00.5+00:00","version":"1",' +
    '"scope":{"include_skill_pool":true,"include_agents":true,"include_secrets":false,"include_global_config":true},' +
    '"agent_count":2,"qwenpaw_version":"1.1.9","system_info":{"load":1.0,"ram":1e16,"os":"Linux"},"accepted_via_trust":null}',
);
const ENTRIES: [string, Buffer][] = [
  ['data/config.json', Buffer.from('{}')],
  ['data/workspaces/a/empty', Buffer.alloc(0)],
  ['data/workspaces/a/～', Buffer.from('wide')],
  ['data/workspaces/a/😀', Buffer.from('smile')],
];

it('a fixed archive has this signature for ever', () => {
  const hmac = startArchiveSignature(KEY, parseMeta(META).canonical);
  for (const [name, content] of ENTRIES)
    hmac.update(...entryFeedHead(Buffer.from(name)), content, entryFeedTail(content.length));
  // Computed once by spec-support/qwenpaw_signature.py from a zip with this content.
  expect(archiveSignature(hmac)).toBe(
    'hmac-sha256-v1:901c80358647c464097289f936e5ed63b11161c9445d7c545cc2a7c046e3fd34',
  );
});

it('the manifest signature differs from the archive signature over the same bytes', () => {
  const { canonical } = parseMeta(META);
  const manifest = manifestSignature(startManifestSignature(KEY, canonical));
  const archive = archiveSignature(startArchiveSignature(KEY, canonical));
  expect(manifest).toMatch(/^pawvault-manifest-hmac-sha256-v1:[0-9a-f]{64}$/);
  expect(manifest.split(':')[1]).not.toBe(archive.split(':')[1]);
});

describe('RewindableHmac', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });

  it('is the HMAC-SHA256 of everybody', () => {
    const property = fc.property(bytes, fc.array(bytes, { maxLength: 6 }), (key, parts) => {
      const expected = createHmac('sha256', key).update(Buffer.concat(parts)).digest('hex');
      const hmac = new RewindableHmac(Buffer.from(key)).update(...parts);
      expect(hmac.digestHex()).toBe(expected);
      // Asking does not end it.
      expect(hmac.update(Buffer.from('more')).digestHex()).not.toBe(expected);
    });
    fc.assert(property);
  });

  it('goes back as if nothing had been', () => {
    const property = fc.property(bytes, bytes, bytes, (kept, dropped, last) => {
      const hmac = new RewindableHmac(KEY).update(kept);
      const mark = hmac.checkpoint();
      for (let attempt = 0; attempt < 3; attempt++) {
        hmac.update(dropped);
        hmac.rewind(mark);
      }
      const straight = new RewindableHmac(KEY).update(kept, last);
      expect(hmac.update(last).digestHex()).toBe(straight.digestHex());
    });
    fc.assert(property);
  });
});

it('signatures of any length are compared', () => {
  expect(sameSignature('hmac-sha256-v1:00', 'hmac-sha256-v1:00')).toBe(true);
  expect(sameSignature('hmac-sha256-v1:00', 'hmac-sha256-v1:01')).toBe(false);
  expect(sameSignature('', 'hmac-sha256-v1:00')).toBe(false);
});
