import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { ODDLY_NAMED_FIXTURES, QWENPAW_FIXTURES, qwenpawFixture } from './qwenpaw-fixture';
import { readTree } from './read-tree';
import { sampleInstance } from './sample-instance';
import { tempDir } from './temp-dir';

interface Registry {
  agents: { profiles: Record<string, { workspace_dir: string }>; agent_order: string[]; active_agent: string };
}

describe('sampleInstance', () => {
  it('is an instance whose registry names every agent', () => {
    const instance = sampleInstance(tempDir(), { database: 'none' });
    const { agents } = JSON.parse(readFileSync(instance.directories.configFile, 'utf8')) as Registry;
    expect(Object.keys(agents.profiles)).toEqual(instance.agents.map(({ id }) => id));
    expect(agents.agent_order).toContain(agents.active_agent);
    for (const { id, workspaceDir, exists, name } of instance.agents) {
      expect(agents.profiles[id]?.workspace_dir).toBe(workspaceDir);
      expect(existsSync(workspaceDir)).toBe(exists);
      if (exists)
        expect(JSON.parse(readFileSync(join(workspaceDir, 'agent.json'), 'utf8'))).toMatchObject({ id, name });
    }
    expect(instance.missingAgents).toEqual(['ghost']);
    expect(existsSync(instance.directories.backupDir)).toBe(false);
  });

  it('says what a backup must hold, down to bytes, modes and times', () => {
    const instance = sampleInstance(tempDir(), { database: 'none', mediaBytes: 1_000 });
    const { expected, unexpected, directories } = instance;
    expect(expected['data/config.json']).toEqual(readTree(directories.workingDir)['config.json']);
    expect(expected['data/workspaces/default/media/😀.txt']).toMatchObject({ type: 'file', mode: 0o644 });
    expect(expected['data/workspaces/default/media/写真.jpg']).toMatchObject({ size: 1_000 });
    expect(expected['data/workspaces/nomad/memory/latest.md']).toEqual({ type: 'symlink', target: '2026-04-20.md' });
    expect(expected['data/workspaces/a1B2c3/tool_result/']).toMatchObject({ type: 'directory' });
    expect(expected['data/secrets/.master_key']).toMatchObject({ mode: 0o600, size: 64 });
    expect(expected['data/skill_pool/translate/SKILL.md']).toBeDefined();
    expect(unexpected).toContain('data/workspaces/default/browser/user_data/Default/Cache/Cache_Data/data_0');
    expect(unexpected.filter((name) => Object.hasOwn(expected, name))).toEqual([]);
    expect(statSync(directories.secretDir).mode & 0o777).toBe(0o700);
  });

  it('is the same each time, except for where it lies', () => {
    const [first, second] = [tempDir(), tempDir()].map((root) => sampleInstance(root, { database: 'none' }).expected);
    const name = 'data/workspaces/default/media/写真.jpg';
    expect(Object.keys(first ?? {})).toEqual(Object.keys(second ?? {}));
    expect(first?.[name]).toEqual(second?.[name]);
  });

  it('holds a live database of which the file alone is only half', () => {
    const instance = sampleInstance(tempDir());
    const [database] = instance.databases;
    const { path, rows } = database ?? { path: '', rows: 0 };
    const count = (): number => {
      const reader = new Database(path, { readonly: true });
      const { n } = reader.prepare('SELECT count(*) AS n FROM messages').get() as { n: number };
      reader.close();
      return n;
    };
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    expect(count()).toBe(rows);
    expect(instance.unexpected).toContain('data/workspaces/default/history.db-wal');
    expect(instance.expected).not.toHaveProperty(['data/workspaces/default/history.db']);
    instance.close();
    expect(count()).toBe(rows);
  });
});

describe('qwenpawFixture', () => {
  it.each([...QWENPAW_FIXTURES, ...ODDLY_NAMED_FIXTURES])('finds %s', (name) => {
    expect(statSync(qwenpawFixture(name)).size).toBeGreaterThan(0);
  });
});
