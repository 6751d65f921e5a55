import { type BackupMeta, FULL_SCOPE } from '@pawvault/contracts';
import { editMeta, encodeMeta, parseMeta } from './meta-codec';
import { pydanticDateTime } from './pydantic-time';

const META: BackupMeta = {
  id: 'qwenpaw-1.1.9-20260420T093000Z-ab12cd34',
  name: '升级之前 "😀"',
  description: 'line\u2028separator',
  created_at: '2026-04-20T09:30:00Z',
  version: '1',
  scope: FULL_SCOPE,
  agent_count: 3,
  qwenpaw_version: '1.1.9',
  system_info: { os: 'Linux', runtime: 'node' },
  accepted_via_trust: false,
};
const bytesOf = (change: Record<string, unknown>): Buffer => Buffer.from(JSON.stringify({ ...META, ...change }));

describe('pydanticDateTime', () => {
  // Left: what stands in meta.json. Then the instant for the API, and what Pydantic 2 prints in JSON mode.
  it.each([
    ['2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20T09:30:00z', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20t09:30:00Z', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20 09:30:00+00:00', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20T09:30:00-00:00', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20T09:30:00', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00'],
    ['2026-04-20T09:30', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00'],
    ['2026-04-20', '2026-04-20T00:00:00Z', '2026-04-20T00:00:00'],
    ['2026-04-20_09:30Z', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20T09:30:00,5Z', '2026-04-20T09:30:00.500000Z', '2026-04-20T09:30:00.500000Z'],
    ['2026-04-20T09:30:00.1234567890Z', '2026-04-20T09:30:00.123456Z', '2026-04-20T09:30:00.123456Z'],
    ['2026-04-20T09:30:00.5Z', '2026-04-20T09:30:00.500000Z', '2026-04-20T09:30:00.500000Z'],
    ['2026-04-20T09:30:00.000000+00:00', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20T09:30:00.123456789Z', '2026-04-20T09:30:00.123456Z', '2026-04-20T09:30:00.123456Z'],
    ['2026-04-20T09:30:00.000000001Z', '2026-04-20T09:30:00Z', '2026-04-20T09:30:00Z'],
    ['2026-04-20T09:30:00.123456+08:00', '2026-04-20T01:30:00.123456Z', '2026-04-20T09:30:00.123456+08:00'],
    ['2026-04-20T09:30:00+0530', '2026-04-20T04:00:00Z', '2026-04-20T09:30:00+05:30'],
    ['2026-01-01T00:30:00+14:00', '2025-12-31T10:30:00Z', '2026-01-01T00:30:00+14:00'],
    ['2024-02-29T23:59:59-11:30', '2024-03-01T11:29:59Z', '2024-02-29T23:59:59-11:30'],
  ])('reads %s', (text, instant, printed) => {
    expect(pydanticDateTime(text)).toEqual({ instant, printed });
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-04-20T24:00:00Z',
    '2026-04-20T09:60:00Z',
    '2026-04-20T09:30:60Z',
    '2026-04-20T09:30:00+24:00',
    '2026-04-20T09:30:00+05:60',
    '0000-01-01T00:00:00Z',
    '2026-04-20T09:30:00+05',
    '2026-04-20T09:30:00.Z',
    '2026-04-20T09:30.5Z',
    '1776677400',
    '2026-04-20T09:30:00Z\n',
    ' 2026-04-20T09:30:00Z',
  ])('refuses %j', (text) => {
    expect(pydanticDateTime(text)).toBeNull();
  });
});

describe('parseMeta', () => {
  it('reads back what was written', () => {
    const signatures = { signature: 'hmac-sha256-v1:00', manifest_signature: 'pawvault-manifest-hmac-sha256-v1:00' };
    expect(parseMeta(encodeMeta(META, signatures))).toMatchObject({ ...META, ...signatures });
    expect(parseMeta(encodeMeta(META, null))).toMatchObject({ ...META, signature: null, manifest_signature: null });
  });

  it("gives what is missing QwenPaw's defaults, and ignores what it does not know", () => {
    const { id, name, created_at, scope } = META;
    const meta = parseMeta(Buffer.from(JSON.stringify({ id, name, created_at, scope, later: { version: 2 } })));
    expect(meta).toMatchObject({ description: '', version: '1', agent_count: 0, qwenpaw_version: '', system_info: {} });
    expect(meta).toMatchObject({ accepted_via_trust: null, signature: null });
    expect(meta).not.toHaveProperty('later');
  });

  it('signs numbers as they are spelled and times as Pydantic prints them', () => {
    const text = JSON.stringify({ ...META, created_at: '2026-04-20T09:30:00.50+00:00' });
    const spelled = text.replace(
      '"system_info":{',
      '"system_info":{"load":1.0,"ram":1e16,"big":123456789012345678901,',
    );
    const { canonical, system_info } = parseMeta(Buffer.from(spelled));
    expect(canonical).toContain(
      '"system_info":{"big":123456789012345678901,"load":1.0,"os":"Linux","ram":1e+16,"runtime":"node"}',
    );
    expect(canonical).toContain('"created_at":"2026-04-20T09:30:00.500000Z"');
    expect(system_info).toMatchObject({ load: 1, ram: 1e16 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['id', { id: '../evil' }],
    ['id', { id: '.hidden' }],
    ['id', { id: 'line\n' }],
    ['id', { id: undefined }],
    ['name', { name: 7 }],
    ['description', { description: [] }],
    ['created_at', { created_at: 'soon' }],
    ['created_at', { created_at: undefined }],
    ['scope', { scope: null }],
    ['scope.include_secrets', { scope: { ...FULL_SCOPE, include_secrets: 'yes' } }],
    ['agent_count', { agent_count: -1 }],
    ['agent_count', { agent_count: 1.5 }],
    ['agent_count', { agent_count: '3' }],
    ['accepted_via_trust', { accepted_via_trust: 1 }],
    ['signature', { signature: {} }],
    ['manifest_signature', { manifest_signature: true }],
    ['version', { version: 1 }],
  ])('refuses a wrong %s: %j', (field, change) => {
    expect(() => parseMeta(bytesOf(change))).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_META_INVALID', details: { entry: 'meta.json', field } }) as Error,
    );
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a list', Buffer.from('[]')],
    ['cut off JSON', bytesOf({}).subarray(0, 40)],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['endless nesting', Buffer.from(`{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`)],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseMeta(bytes)).toThrow(expect.objectContaining({ code: 'ARCHIVE_META_INVALID' }) as Error);
  });
});

describe('editMeta', () => {
  it('changes what it is told to and keeps every other spelling', () => {
    const text =
      '{"id":"a","later":[1.0,1e2,{"x":-0}],"name":"old","signature":"s","agent_count":12345678901234567890}';
    const edited = editMeta(Buffer.from(text), { name: '新', signature: null, description: 'new field' }).toString();
    expect(edited).toBe(
      '{"id":"a","later":[1.0,1e2,{"x":-0}],"name":"新","agent_count":12345678901234567890,"description":"new field"}\n',
    );
  });
});
