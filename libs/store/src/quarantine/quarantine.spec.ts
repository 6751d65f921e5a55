import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forEachFailure, readTree, tempDir } from '@pawvault/testing';
import { openQuarantine, type Quarantine } from './quarantine';

let backupDir: string;
beforeEach(() => (backupDir = tempDir('quarantine')));

/** As another process would have it. */
const open = (): Quarantine => openQuarantine({ backupDir, clock: () => new Date() });

async function undecided(): Promise<string> {
  const quarantine = open();
  const { id } = await quarantine.reserve({ fileName: null, trustMode: null });
  await quarantine.update(id, { state: 'needs_decision', expires_at: quarantine.expiry() });
  return id;
}

describe('of several who decide at the same time', () => {
  it('one wins, and the others are told', async () => {
    const id = await undecided();
    const ends = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => open().decide(id, `job-${i}`)));
    const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    expect(won).toHaveLength(1);
    for (const end of ends)
      if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'IMPORT_NOT_DECIDABLE' });
    expect(await open().get(id)).toEqual(won[0]);
  });

  it('none wins with what it has seen before an earlier decision', async () => {
    const id = await undecided();
    const late = open();
    const seen = await late.get(id);
    await open().decide(id, 'job-1');
    await open().update(id, { state: 'needs_decision' });
    jest.spyOn(late, 'get').mockResolvedValue(seen);
    await expect(late.decide(id, 'job-2')).rejects.toMatchObject({ code: 'IMPORT_NOT_DECIDABLE' });
    await expect(open().decide(id, 'job-3')).resolves.toMatchObject({ job_id: 'job-3', decisions: 2 });
  });

  it('one that has died before it was written down keeps nobody from deciding', async () => {
    const id = await undecided();
    const claim = join(backupDir, '.pawvault', 'imports', id, 'decision-0.0');
    writeFileSync(claim, '');
    await expect(open().decide(id, 'job-1')).rejects.toMatchObject({ code: 'IMPORT_NOT_DECIDABLE' });
    const then = Date.now() / 1000 - 60;
    utimesSync(claim, then, then);
    await expect(open().decide(id, 'job-1')).resolves.toMatchObject({ state: 'accepting', job_id: 'job-1' });
  });
});

const root = (): string => join(backupDir, '.pawvault', 'imports');

it('a place that cannot be made leaves nothing behind', async () => {
  await forEachFailure(async (attempt) => {
    backupDir = tempDir('quarantine');
    const outcome = await attempt.run(backupDir, () => open().reserve({ fileName: null, trustMode: null }));
    const left = existsSync(root()) ? Object.keys(readTree(root())) : [];
    expect(left.length).toBe(outcome.status === 'done' ? 2 : 0);
  });
});

describe('a finished file that is taken in', () => {
  const facts = { id: 'a'.repeat(32), fileName: 'x.zip', trustMode: 'legacy' as const };

  it('whatever fails, is in one place or the other, and can be taken in again', async () => {
    await forEachFailure(async (attempt) => {
      backupDir = tempDir('quarantine');
      const file = join(backupDir, 'finished');
      writeFileSync(file, 'bytes');
      const quarantine = open();
      const outcome = await attempt.run(backupDir, () => quarantine.adopt(file, facts));
      const places = [file, quarantine.archivePath(facts.id)].filter((path) => existsSync(path));
      expect(places).toHaveLength(1);
      if (outcome.status === 'failed') await quarantine.adopt(file, facts);
      expect(readFileSync(quarantine.archivePath(facts.id), 'utf8')).toBe('bytes');
      const known = { state: 'checking', size: 5, upload_trust_mode: 'legacy', expires_at: null };
      expect(await quarantine.get(facts.id)).toMatchObject(known);
    });
  });

  it('that is nowhere is told', async () => {
    const nowhere = open().adopt(join(backupDir, 'finished'), facts);
    await expect(nowhere).rejects.toMatchObject({ code: 'IMPORT_NOT_FOUND' });
  });
});
