import { existsSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  directory,
  file,
  readTree,
  symlink,
  tempDir,
  type Tree,
  type TreeSnapshot,
  writeTree,
} from '@pawvault/testing';
import { placeOf, type Place } from './slow-instance';

const LONG_AGO = new Date('2026-04-20T09:30:00.250Z');
const old = (content: string, mode = 0o644) => file(content, { mode, mtime: LONG_AGO });

export interface RestorableInstance extends Place {
  workingDir: string;
  secretDir: string;
  /** Of the agent `default`. */
  workspace: string;
}

/**
 * Two agents, settings, skill pool and secrets, and nothing that a backup leaves out: a full restore brings back all of it.
 * @param notes small files in the workspace of the first agent: what a restore takes its time with
 */
export function restorableInstance({ notes = 20 } = {}): RestorableInstance {
  const root = tempDir('e2e');
  const workingDir = join(root, 'working');
  const secretDir = join(root, 'working.secret');
  const workspace = join(workingDir, 'workspaces/default');
  const many = Object.fromEntries(Array.from({ length: notes }, (_, i) => [`memory/${i}.md`, old(`Day ${i}\n`)]));
  writeTree(workspace, { ...agentTree('default'), ...many });
  const writer = join(workingDir, 'workspaces/写手');
  writeTree(writer, agentTree('writer'));
  writeTree(join(workingDir, 'skill_pool'), { 'weather/run.sh': old('#!/bin/sh\n', 0o755), 'weather/SKILL.md': 'Sun' });
  writeTree(secretDir, {
    '.master_key': old('one key\n', 0o600),
    providers: directory({ mode: 0o700 }),
    'providers/openai.json': old('{"key": "a"}', 0o600),
  });
  register(workingDir, { default: workspace, writer });
  return { ...placeOf(root), workingDir, secretDir, workspace };
}

const agentTree = (id: string): Tree => ({
  'agent.json': old(JSON.stringify({ id, name: `Agent ${id}` })),
  'AGENTS.md': old('# Rules\n', 0o640),
  'memory/latest.md': symlink('0.md'),
  empty: directory({ mode: 0o750, mtime: LONG_AGO }),
});

function register(workingDir: string, workspaces: Record<string, string>): void {
  const profile = ([id, workspace_dir]: [string, string]) => [id, { id, workspace_dir, enabled: true }] as const;
  const profiles = Object.fromEntries(Object.entries(workspaces).map(profile));
  const agents = { active_agent: 'default', agent_order: Object.keys(workspaces), profiles };
  writeFileSync(join(workingDir, 'config.json'), JSON.stringify({ agents, language: 'zh' }, null, 2));
}

/** Changes, adds and destroys something in every module. */
export function wreck({ workingDir, secretDir, workspace }: RestorableInstance): void {
  writeFileSync(join(workspace, 'AGENTS.md'), 'Forget everything.');
  unlinkSync(join(workspace, 'memory/latest.md'));
  rmSync(join(workspace, 'empty'), { recursive: true });
  writeTree(workspace, { 'sessions/today.json': '[]' });
  rmSync(join(workingDir, 'skill_pool/weather'), { recursive: true });
  writeTree(join(workingDir, 'skill_pool'), { 'gossip/run.sh': file('#!/bin/sh\n', { mode: 0o700 }) });
  writeTree(secretDir, { '.master_key': old('another key\n', 0o600) });
  rmSync(join(secretDir, 'providers'), { recursive: true });
  const [writer, newcomer] = ['写手', 'newcomer'].map((name) => join(workingDir, 'workspaces', name)) as [
    string,
    string,
  ];
  writeTree(newcomer, agentTree('newcomer'));
  register(workingDir, { newcomer, writer, default: workspace });
}

/** Everything of the instance, but for a directory whose time is that of the last agent that moved, and the lock of QwenPaw. */
export function stateOf({ workingDir, secretDir }: RestorableInstance): Record<'working' | 'secret', TreeSnapshot> {
  const { workspaces: _moves, '.qwenpaw_restore.lock': _lock, ...working } = readTree(workingDir);
  return { working, secret: readTree(secretDir) };
}

const JOURNAL = '.pawvault_restore_journal.json';

export const journalOf = ({ workingDir }: RestorableInstance): string => join(workingDir, JOURNAL);

/** Whatever a restore leaves beside what it restores until it is done; without following the many files below. */
export function stagedIn({ root, workingDir }: RestorableInstance): string[] {
  const places = [root, workingDir, join(workingDir, 'workspaces')].filter(existsSync);
  return places.flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.startsWith('.pawvault-restore-') || name.startsWith(JOURNAL))
      .map((name) => join(place, name)),
  );
}

/** The same, anywhere. */
export const remainsIn = ({ root }: RestorableInstance): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.pawvault-restore-|\.pawvault_restore_journal/.test(path),
  );
