import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchInstance } from './instances';

interface Registry {
  agents: { agent_order: string[]; profiles: Record<string, { id: string; workspace_dir: string; enabled: boolean }> };
}

/** The instance with every agent `times` over. The copies are hard links, which a backup reads and packs like any other file. */
export function linkCopies({ workingDir, files, bytes, ...rest }: BenchInstance, times: number): BenchInstance {
  const path = join(workingDir, 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as Registry;
  for (const original of Object.values(config.agents.profiles)) {
    for (let copy = 2; copy <= times; copy++) {
      const id = `${original.id}-${copy}`;
      const workspace_dir = join(workingDir, 'workspaces', id);
      linkTree(original.workspace_dir, workspace_dir);
      config.agents.profiles[id] = { ...original, id, workspace_dir };
      config.agents.agent_order.push(id);
    }
  }
  writeFileSync(path, JSON.stringify(config));
  return { ...rest, workingDir, files: files * times, bytes: bytes * times };
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) linkTree(source, target);
    else linkSync(source, target);
  }
}
