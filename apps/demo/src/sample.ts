import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, removeTestTree, type SampleInstance, sampleInstance, tempDir } from '@pawvault/testing';

export interface Sample {
  /** Temporary directory that holds the instance, its backups and PawVault's state. */
  root: string;
  instance: SampleInstance;
  env: Record<string, string>;
  /** Closes the database of the instance; removes the directory unless it is to be kept. */
  close: (options: { keep: boolean }) => void;
}

const MEDIA_BYTES = 30 << 20;
/** Of chat, for every agent: enough for a backup that takes long enough to be watched. */
const MONTHS = 6;
const HISTORY_BYTES = 5 << 20;

/** A QwenPaw instance as it looks while it is used: its database is open and half in the write-ahead log. */
export function makeSample(): Sample {
  const root = tempDir('demo');
  const instance = sampleInstance(root, { database: 'if-available', mediaBytes: MEDIA_BYTES });
  for (const agent of instance.agents.filter(({ exists }) => exists)) writeHistories(agent.workspaceDir);
  return {
    root,
    instance,
    env: {
      ...instance.env,
      QWENPAW_VERSION: '1.1.9',
      PAWVAULT_STATE_DIR: join(root, 'state'),
      PAWVAULT_LOG_LEVEL: 'warn',
    },
    close: ({ keep }) => {
      instance.close();
      if (!keep) removeTestTree(root);
    },
  };
}

function writeHistories(workspaceDir: string): void {
  const folder = join(workspaceDir, 'dialog');
  mkdirSync(folder, { recursive: true });
  for (let month = 0; month < MONTHS; month++) {
    writeFileSync(join(folder, `2026-${String(month + 1).padStart(2, '0')}.jsonl`), chatHistory(`month ${month}`));
  }
}

/** Lines of chat that shrink to about a third, as real ones do. */
function chatHistory(seed: string): Buffer {
  const ids = noise(seed, 1 << 19).toString('base64');
  const lines: string[] = [];
  for (let at = 0, bytes = 0; bytes < HISTORY_BYTES; at += 48) {
    const from = at % (ids.length - 48);
    const line = JSON.stringify({
      role: 'user',
      id: ids.slice(from, from + 48),
      content: '今天的安排是什么？ What is the plan for today?',
    });
    lines.push(line);
    bytes += Buffer.byteLength(line) + 1;
  }
  return Buffer.from(lines.join('\n') + '\n');
}
