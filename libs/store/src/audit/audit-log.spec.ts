import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent, AuditRecord } from '@pawvault/contracts';
import { forEachFailure, tempDir } from '@pawvault/testing';
import { AuditLog } from './audit-log';

const event = (code: string): AuditEvent => ({
  action: 'backup.verify',
  outcome: 'done',
  actor: 'somebody',
  role: 'operator',
  backup_id: 'b',
  job_id: null,
  request_id: null,
  code,
  details: { deep: { b: 1, a: [2] } },
});

const open = (backupDir: string): AuditLog => new AuditLog({ backupDir, clock: () => new Date(0) });
const pathOf = (backupDir: string, seq: number): string =>
  join(backupDir, '.pawvault/audit/000000000', `${String(seq).padStart(12, '0')}.json`);
const edit = (path: string, change: (record: AuditRecord) => object): void =>
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as AuditRecord)));

let backupDir: string;
beforeEach(() => (backupDir = tempDir('audit')));

it('is empty and intact before anything has happened', async () => {
  expect(await open(backupDir).read({ before: null, limit: 10 })).toEqual({ records: [], next: null });
  expect(await open(backupDir).prove()).toEqual({ state: 'intact', records: 0, head: '0'.repeat(64), broken_at: null });
});

it('keeps the order in which several processes append, without a gap', async () => {
  const logs = [open(backupDir), open(backupDir), open(backupDir)];
  const appended = logs.flatMap((log, i) => [0, 1, 2, 3].map((j) => log.append(event(`${i}.${j}`))));
  const numbers = (await Promise.all(appended)).map(({ seq }) => seq).sort((a, b) => a - b);
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(await open(backupDir).prove()).toMatchObject({ state: 'intact', records: 12 });
  const { records } = await open(backupDir).read({ before: null, limit: 100 });
  for (const i of [0, 1, 2])
    expect(records.map(({ code }) => code).filter((code) => code?.startsWith(`${i}.`))).toEqual(
      [3, 2, 1, 0].map((j) => `${i}.${j}`),
    );
});

it('goes on in the next directory after a thousand', async () => {
  const log = open(backupDir);
  await log.append(event('first'));
  const { hash } = await log.append(event('second'));
  // As if 997 records had come in between.
  const text = readFileSync(pathOf(backupDir, 2), 'utf8');
  writeFileSync(pathOf(backupDir, 999), text);
  const next = await open(backupDir).append(event('thousandth'));
  expect(next).toMatchObject({ seq: 1000, previous: hash });
  expect(readdirSync(join(backupDir, '.pawvault/audit')).sort()).toEqual(['000000000', '000000001']);
});

describe('a record', () => {
  beforeEach(async () => {
    const log = open(backupDir);
    for (const code of ['a', 'b', 'c', 'd']) await log.append(event(code));
  });

  const forged = (): void => edit(pathOf(backupDir, 2), (record) => ({ ...record, actor: 'nobody' }));
  it.each<[string, () => void, number]>([
    ['that was changed', forged, 2],
    ['that was removed', () => rmSync(pathOf(backupDir, 3)), 3],
    ['that is no JSON any more', () => writeFileSync(pathOf(backupDir, 1), '{'), 1],
    [
      'that stands in the place of another',
      () => writeFileSync(pathOf(backupDir, 4), readFileSync(pathOf(backupDir, 3))),
      4,
    ],
  ])('%s is found', async (_what, tamper, at) => {
    tamper();
    expect(await open(backupDir).prove()).toMatchObject({ state: 'broken', records: at - 1, broken_at: at });
  });

  it('that was written as the same JSON in another form is the same', async () => {
    edit(pathOf(backupDir, 2), (record) => Object.fromEntries(Object.entries(record).reverse()));
    expect(await open(backupDir).prove()).toMatchObject({ state: 'intact', records: 4 });
  });

  it('that was damaged does not stop those that follow', async () => {
    writeFileSync(pathOf(backupDir, 4), '');
    expect(await open(backupDir).append(event('e'))).toMatchObject({ seq: 5 });
    expect(await open(backupDir).prove()).toMatchObject({ state: 'broken', broken_at: 4 });
  });

  it('at the end that was cut off shows by the head that somebody kept', async () => {
    const { head } = await open(backupDir).prove();
    rmSync(pathOf(backupDir, 4));
    const proof = await open(backupDir).prove();
    expect(proof.state).toBe('intact');
    expect(proof.head).not.toBe(head);
  });
});

it('survives every failing call: what was reported as written is there, and the chain goes on', async () => {
  const calls = await forEachFailure(async ({ run }) => {
    const directory = tempDir('audit');
    const log = open(directory);
    const kept = await log.append(event('before'));
    const outcome = await run(directory, () => log.append(event('during')));
    const last = await log.append(event('after'));
    expect(await open(directory).prove()).toMatchObject({ state: 'intact', records: last.seq, head: last.hash });
    const { records } = await open(directory).read({ before: null, limit: 10 });
    const codes = records.map(({ code }) => code);
    expect(codes.at(-1)).toBe(kept.code);
    if (outcome.status === 'done') expect(codes).toEqual(['after', 'during', 'before']);
    else
      expect(outcome.error).toMatchObject({ code: expect.stringMatching(/^(DISK_FULL|PERMISSION_DENIED|IO_ERROR)$/) });
  });
  expect(calls).toBeGreaterThan(5);
});
