import { assertNamesDiffer } from './check-names';
import type { PlannedTarget } from './plan/prepared-plan';

const target = (paths: string[], carried: string[] = []): PlannedTarget =>
  ({
    destination: '/w/a',
    future: { nodes: new Map(paths.map((path) => [path, {}])) },
    inventory: { carried: carried.map((to) => ({ from: to, to })) },
  }) as unknown as PlannedTarget;

it.each([
  ['case', ['README', 'readme']],
  ['case of a directory', ['Notes/a', 'notes/A']],
  ['Unicode form', ['caf\u00e9', 'cafe\u0301']],
])('refuses two names that differ only by %s on a disk that folds them', async (_, names) => {
  await expect(assertNamesDiffer(target(names), true)).rejects.toMatchObject({
    code: 'RESTORE_NAMES_CLASH',
    details: { path: '/w/a', names },
  });
});

it('refuses a name that folds to that of a live path which stays', async () => {
  await expect(assertNamesDiffer(target(['cache'], ['Cache']), true)).rejects.toMatchObject({
    code: 'RESTORE_NAMES_CLASH',
    details: { names: ['cache', 'Cache'] },
  });
});

it('lets them be where the disk tells them apart', async () => {
  await expect(assertNamesDiffer(target(['README', 'readme']), false)).resolves.toBeUndefined();
  await expect(assertNamesDiffer(target(['a', 'b/a']), true)).resolves.toBeUndefined();
});
