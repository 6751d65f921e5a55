import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forEachFailure } from './for-each-failure';
import { tempDir } from './temp-dir';

const replaceFile = (path: string): void => {
  try {
    writeFileSync(`${path}.tmp`, 'new');
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    rmSync(`${path}.tmp`, { force: true });
    throw error;
  }
};

const overwriteFile = (path: string): void => {
  rmSync(path);
  writeFileSync(path, 'new');
};

describe('forEachFailure', () => {
  const scenarioOf = (action: (path: string) => void, seen: string[] = []) => {
    const parent = tempDir();
    return async (attempt: Parameters<Parameters<typeof forEachFailure>[0]>[0]): Promise<void> => {
      const root = mkdtempSync(join(parent, 'attempt-'));
      writeFileSync(join(root, 'a'), 'old');
      const outcome = await attempt.run(root, () => action(join(root, 'a')));
      seen.push(`${attempt.nth} ${outcome.status} ${attempt.failed()?.name ?? 'nothing'}`);
      expect(existsSync(join(root, 'a'))).toBe(true);
      expect(readFileSync(join(root, 'a'), 'utf8')).toBe(outcome.status === 'done' ? 'new' : 'old');
    };
  };

  it('fails each call once, and ends with an attempt in which none fails', async () => {
    const seen: string[] = [];
    const count = await forEachFailure(scenarioOf(replaceFile, seen));
    expect(seen).toHaveLength(count + 1);
    expect(seen[0]).toBe('1 failed writeFileSync');
    expect(seen).toContainEqual(expect.stringMatching(/failed renameSync$/));
    expect(seen.at(-1)).toBe(`${count + 1} done nothing`);
  });

  it('finds the call whose failure loses data, and names it', async () => {
    await expect(forEachFailure(scenarioOf(overwriteFile))).rejects.toThrow(
      /^When call \d+ \(writeFileSync '.*a'\) failed: /,
    );
  });

  it('refuses an action without calls, and a scenario that runs none or two', async () => {
    const root = tempDir();
    await expect(forEachFailure(async (attempt) => void (await attempt.run(root, () => 1)))).rejects.toThrow(
      'no call that could fail',
    );
    await expect(forEachFailure(() => Promise.resolve())).rejects.toThrow('did not call run()');
    const twice = async (attempt: Parameters<Parameters<typeof forEachFailure>[0]>[0]): Promise<void> => {
      await attempt.run(root, () => 1);
      await attempt.run(root, () => 1);
    };
    await expect(forEachFailure(twice)).rejects.toThrow('only once');
  });
});
