import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { FULL_SCOPE } from '@pawvault/contracts';
import { extraField, forgeZip, runTool, tempDir } from '@pawvault/testing';
import { S_IFREG, STORE } from './zip-format';
import { ZipWriter } from './zip-writer';

const ROOT = resolve(__dirname, '../../..');
const SCRIPT = resolve(__dirname, 'spec-support/read-times.ts');
const META = JSON.stringify({ id: 'a', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE });
const ZONES = ['UTC', 'Asia/Shanghai', 'America/New_York'];

interface Read {
  times: Record<string, string>;
  own: boolean;
  deviating: string[];
}

function readIn(zone: string, path: string): Read {
  const args = ['-r', join(ROOT, 'tools/ts-register.cjs'), SCRIPT, path];
  return JSON.parse(execFileSync(process.execPath, args, { env: { ...process.env, TZ: zone } }).toString()) as Read;
}

const timestamp = (seconds: number): Buffer => {
  const content = Buffer.alloc(5);
  content.writeUInt8(1, 0);
  content.writeInt32LE(seconds, 1);
  return extraField(0x5455, content);
};

const inZip = (path: string, name: string, zone: string): string => readIn(zone, path).times[name] ?? '';

describe('the time of an entry', () => {
  it.each([
    ['UTC', '2026-04-20T09:30:00.000Z'],
    ['Asia/Shanghai', '2026-04-20T01:30:00.000Z'],
    ['America/New_York', '2026-04-20T13:30:00.000Z'],
  ])('without a timestamp field is local time, here in %s', (zone, expected) => {
    const path = join(tempDir('times'), 'a.zip');
    const seconds = Date.UTC(2020, 1, 2) / 1000;
    const entries = [
      { name: 'data/local', content: 'x' },
      { name: 'data/utc', content: 'x', extra: timestamp(seconds) },
      { name: 'meta.json', content: META },
    ];
    writeFileSync(path, forgeZip(entries));
    const { times } = readIn(zone, path);
    expect(times).toMatchObject({ 'data/local': expected, 'data/utc': '2020-02-02T00:00:00.000Z' });
  });

  it('that Python packs, as QwenPaw does, comes back on a machine in the same zone', () => {
    const root = tempDir('times');
    const path = join(root, 'a.zip');
    const script = `
import os, sys, zipfile
path, meta = sys.argv[1:]
source = path + '.source'
open(source, 'w').close()
os.utime(source, (1776677400, 1776677400))
with zipfile.ZipFile(path, 'w') as archive:
    archive.write(source, 'data/x')
    archive.writestr('meta.json', meta)
`;
    const env = { ...process.env, TZ: 'Asia/Shanghai' };
    execFileSync('python3', ['-c', script, path, META], { env });
    expect(inZip(path, 'data/x', 'Asia/Shanghai')).toBe(new Date(1776677400_000).toISOString());
  });

  it('that PawVault wrote is the same everywhere, and its headers are known as its own', async () => {
    const path = join(tempDir('times'), 'a.zip');
    const writer = await ZipWriter.create(path);
    const years = [1890, 1950, 1999, 2026, 2050, 2200];
    for (const [name, time] of [
      ...years.map((year): [string, number] => [`data/workspaces/a/${year}`, Date.UTC(year, 6, 1, 12)]),
      ['meta.json', Date.UTC(2026, 3, 20)] as [string, number],
    ]) {
      const content = Buffer.from(name === 'meta.json' ? META : 'x');
      const size = content.length;
      const sizes = { size, compressedSize: size, crc32: crc32(content) };
      const unixMode = S_IFREG | (name === 'meta.json' ? 0o600 : 0o644);
      const header = { name: Buffer.from(name), method: STORE, unixMode, mtimeMs: time, ...sizes } as const;
      const entry = await writer.beginEntry(header, size);
      await writer.write(content);
      await writer.endEntry(entry);
    }
    await writer.finish();
    runTool('unzip', ['-tqq', path]);
    for (const zone of ZONES) {
      const { times, own, deviating } = readIn(zone, path);
      expect([own, deviating]).toEqual([true, []]);
      expect(times['data/workspaces/a/1950']).toBe('1950-07-01T12:00:00.000Z');
      expect(times['data/workspaces/a/2026']).toBe('2026-07-01T12:00:00.000Z');
    }
  });
});
