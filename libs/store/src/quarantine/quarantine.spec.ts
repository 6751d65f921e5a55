import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pawvault/testing';
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
