import { lstatSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@pawvault/testing';
import { fileAt } from '../spec-support/located-file';
import { settleJson } from './settled-json';
import { MAX_IN_MEMORY_BYTES, NotARegularFile, readStable } from './stable-read';

const whole = JSON.stringify({ chats: [{ id: 'chat-1', title: '你好' }] });
const half = whole.slice(0, 20);
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

function fileOf(content: string, name = 'chats.json'): string {
  const path = join(tempDir('read'), name);
  writeFileSync(path, content);
  return path;
}

describe('readStable', () => {
  it('looks again at fresh JSON until it parses', () => {
    const path = fileOf(half);
    const read = readStable(fileAt(path), lstatSync(path), () => writeFileSync(path, whole));
    expect(read.content.toString()).toBe(whole);
    expect(read.stable).toBe(true);
  });

  it('keeps fresh JSON that stays broken', () => {
    const path = fileOf(half);
    let waits = 0;
    const read = readStable(fileAt(path), lstatSync(path), () => waits++);
    expect(read.content.toString()).toBe(half);
    expect(read.stable).toBe(true);
    expect(waits).toBeGreaterThan(1);
  });

  it.each([
    ['old JSON that does not parse', 'notes.json', '// not quite JSON'],
    ['old text', 'notes.md', 'text'],
  ])('takes %s at the first look', (_, name, content) => {
    const path = fileOf(content, name);
    utimesSync(path, LONG_AGO, LONG_AGO);
    const read = readStable(fileAt(path), lstatSync(path), () => {
      throw new Error('waited');
    });
    expect(read.content.toString()).toBe(content);
  });

  it('looks again at a file that was written within the tick of the clock', () => {
    const path = fileOf('first', 'notes.md');
    const read = readStable(fileAt(path), lstatSync(path), () => writeFileSync(path, 'other'));
    expect(read.content.toString()).toBe('other');
  });

  it('ends with the last look at a file that is another each time', () => {
    const path = fileOf('x', 'notes.md');
    let length = 1;
    const listed = { ...lstatSync(path), size: 0 };
    const read = readStable(fileAt(path), listed, () => writeFileSync(path, 'x'.repeat(++length)));
    expect(read.content.length).toBe(length);
  });

  it('keeps what fits in memory of a file that outgrew it, and says that it is not all', () => {
    const path = fileOf('', 'grown.bin');
    const listed = lstatSync(path);
    writeFileSync(path, Buffer.alloc(MAX_IN_MEMORY_BYTES + 5));
    utimesSync(path, LONG_AGO, LONG_AGO);
    const read = readStable(fileAt(path), listed);
    expect(read).toMatchObject({ stable: false });
    expect(read.content.length).toBe(MAX_IN_MEMORY_BYTES);
  });

  it('refuses what became a directory, and reports what vanished', () => {
    const path = fileOf('x');
    const listed = { size: 70_000_000, mtimeMs: 0 };
    rmSync(path);
    expect(() => readStable(fileAt(path), listed)).toThrow(expect.objectContaining({ code: 'ENOENT' }) as Error);
    mkdirSync(path);
    expect(() => readStable(fileAt(path), listed)).toThrow(NotARegularFile);
  });
});

describe('settleJson', () => {
  /** @returns how often it waited */
  async function waitsFor(path: string, act: () => void = () => undefined): Promise<number> {
    let waits = 0;
    const handle = await open(path, 'r');
    try {
      await settleJson(handle, path, () => {
        waits++;
        act();
        return Promise.resolve();
      });
      return waits;
    } finally {
      await handle.close();
    }
  }

  it('waits until a fresh file ends as JSON does', async () => {
    const path = fileOf(half);
    await expect(waitsFor(path, () => writeFileSync(path, `${whole}\n`))).resolves.toBe(1);
  });

  it('gives up after a few looks', async () => {
    await expect(waitsFor(fileOf(half))).resolves.toBe(3);
    await expect(waitsFor(fileOf(''))).resolves.toBe(3);
  });

  it('does not wait for whole, old or other files', async () => {
    const old = fileOf(half);
    utimesSync(old, LONG_AGO, LONG_AGO);
    for (const path of [fileOf(whole), old, fileOf(half, 'chats.log')]) await expect(waitsFor(path)).resolves.toBe(0);
  });
});
