import { UploadTurns } from './upload-turns';

const never = new AbortController().signal;
const nothing = (): void => undefined;

it('gives one turn at a time for each upload, in order, and asks whoever holds it to let go', async () => {
  const turns = new UploadTurns();
  const said: string[] = [];
  const [first, second, other] = [turns.newLock('a'), turns.newLock('a'), turns.newLock('b')];
  await first.lock(never, () => void said.push('asked'));
  await other.lock(never, nothing);
  const waiting = second.lock(never, nothing).then(() => said.push('second'));
  await Promise.resolve();
  expect(said).toEqual(['asked']);
  await first.unlock();
  await waiting;
  expect(said).toEqual(['asked', 'second']);
});

it('refuses who waits too long or leaves, and never lets two in', async () => {
  const turns = new UploadTurns(20);
  const [holder, late, leaving, next] = [1, 2, 3, 4].map(() => turns.newLock('a'));
  await holder?.lock(never, nothing);
  await expect(late?.lock(never, nothing)).rejects.toMatchObject({ code: 'UPLOAD_BUSY' });
  await expect(leaving?.lock(AbortSignal.abort(), nothing)).rejects.toMatchObject({ code: 'UPLOAD_BUSY' });
  let isIn = false;
  const patient = next?.lock(never, nothing).then(() => (isIn = true));
  await Promise.resolve();
  expect(isIn).toBe(false);
  await holder?.unlock();
  await patient;
  expect(isIn).toBe(true);
});
