import { noise } from './noise';
import { file, symlink, type Tree } from './tree';

export interface SampleAgent {
  id: string;
  /** Display name, in the agent's own agent.json. */
  name: string;
  enabled: boolean;
  workspaceDir: string;
  /** False for the one that the registry names and the disk lacks. */
  exists: boolean;
}

/** All content is this old, so that nothing depends on the moment of the test. */
export const SAMPLE_TIME = new Date('2026-04-20T09:30:00.250Z');

const json = (value: unknown): string => JSON.stringify(value, null, 2) + '\n';
const dated = (content: string | Buffer, mode = 0o644) => file(content, { mode, mtime: SAMPLE_TIME });

const PARAGRAPH =
  'We agreed to keep the plan for the spring: fewer meetings, longer walks, and a note on every decision.\n';

/** What every workspace has. */
function commonFiles(agent: SampleAgent): Tree {
  return {
    'agent.json': dated(
      json({
        id: agent.id,
        name: agent.name,
        workspace_dir: agent.workspaceDir,
        model: { provider: 'openai', name: 'gpt-5' },
      }),
    ),
    'chats.json': dated(
      json({ chats: [{ id: 'chat-1', title: `Talk with ${agent.name}`, updated_at: '2026-04-20T09:12:44Z' }] }),
    ),
    'jobs.json': dated(json({ jobs: [] })),
    'token_usage.json': dated(json({ '2026-04-20': { prompt: 18_211, completion: 4_127 } })),
    'skill.json': dated(json({ skills: { weather: { enabled: true } } })),
    'AGENTS.md': dated(`# ${agent.name}\n\n${PARAGRAPH.repeat(25)}`),
    'SOUL.md': dated('Be kind, be brief, remember.\n'),
    'MEMORY.md': dated(''),
    'sessions/2026-04-20.json': dated(
      json({ messages: Array.from({ length: 40 }, (_, index) => ({ role: 'user', index, content: PARAGRAPH })) }),
    ),
    'memory/2026-04-20.md': dated(PARAGRAPH.repeat(4)),
    'memory/latest.md': symlink('2026-04-20.md'),
    'skills/weather/run.sh': dated('#!/bin/sh\necho sunny\n', 0o755),
    tool_result: { type: 'directory', mode: 0o755, mtime: SAMPLE_TIME },
  };
}

/** Chinese, Japanese and astral names whose order differs between UTF-16 units and code points. */
function media(bytes: number): Tree {
  return {
    'media/报告 №1 (final).txt': dated('第一季度一切顺利。\n'),
    'media/写真.jpg': dated(noise('photo', bytes)),
    'media/～wide.txt': dated('a wide tilde\n'),
    'media/😀.txt': dated('an astral smile\n'),
    [`media/${'长'.repeat(85)}`]: dated('a name of 255 bytes\n'),
    'media/old.txt': file('from before zip knew time\n', { mode: 0o644, mtime: new Date('1975-06-01T00:00:00Z') }),
  };
}

const PROFILE = 'browser/user_data/Default';

/** The parts of a browser profile that are worth keeping. */
const browserState: Tree = {
  [`${PROFILE}/Preferences`]: dated(json({ profile: { name: 'default' } })),
  [`${PROFILE}/Local Storage/leveldb/000003.log`]: dated(noise('storage', 900)),
  'browser/downloads/ticket.pdf': dated(noise('ticket', 4_000)),
};

/** What a backup leaves out by its default rules: caches, locks, temporary files, what an interrupted restore left. */
const leftovers: Tree = {
  [`${PROFILE}/Cache/Cache_Data/data_0`]: dated(noise('cache', 30_000)),
  [`${PROFILE}/Code Cache/js/index`]: dated(noise('code', 3_000)),
  [`${PROFILE}/GPUCache/data_1`]: dated(noise('gpu', 3_000)),
  'chats.json.tmp': dated('{"chats": ['),
  'upload.tmp': dated('half'),
  'agent.json.lock': dated(''),
  'skills/weather/__pycache__/run.cpython-312.pyc': dated(noise('pyc', 300)),
  '.restore_tmp/AGENTS.md': dated('left by a restore that was interrupted\n'),
};

export interface WorkspaceContent {
  kept: Tree;
  /** Lies in the workspace, and must not be in a backup that is made by the default rules. */
  excluded: Tree;
}

/** The first agent is the one that people use most: it has media, a browser profile and leftovers. */
export function workspaceContent(agent: SampleAgent, mediaBytes: number): WorkspaceContent {
  if (agent.id !== 'default') return { kept: commonFiles(agent), excluded: {} };
  return { kept: { ...commonFiles(agent), ...media(mediaBytes), ...browserState }, excluded: leftovers };
}

export function secretFiles(): Tree {
  const secret = (content: string) => dated(content, 0o600);
  return {
    '.master_key': secret(noise('master key', 32).toString('hex')),
    'envs.json': secret(json({ OPENAI_API_KEY: 'enc:sample-not-a-key' })),
    'auth.json': secret(json({ user: 'admin', password_hash: 'sample' })),
    'providers/builtin/openai.json': secret(json({ api_key: 'enc:sample-not-a-key' })),
    'providers/custom/本地模型.json': secret(json({ base_url: 'http://127.0.0.1:11434' })),
  };
}

export const skillPoolFiles: Tree = {
  'skill.json': dated(json({ skills: ['translate'] })),
  'translate/SKILL.md': dated(`---\nname: translate\n---\n${PARAGRAPH}`),
  'translate/assets': { type: 'directory', mode: 0o755, mtime: SAMPLE_TIME },
};

/** Beside the modules: no backup ever takes these. */
export const strangers: Tree = {
  'models/weights.bin': dated(noise('weights', 5_000)),
  'local_models/README.md': dated('large files lie here\n'),
  'workspaces/stray/notes.md': dated('a directory that the registry does not list is no agent\n'),
  '.qwenpaw_restore.lock': dated(''),
};
