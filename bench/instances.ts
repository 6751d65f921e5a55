import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An instance to measure on. Generated from a seed, so that every run measures the same bytes. */
export interface BenchInstance {
  workingDir: string;
  secretDir: string;
  files: number;
  bytes: number;
}

/** Deterministic bytes that no compressor shrinks. */
class Noise {
  private counter = 0;

  constructor(private readonly seed: string) {}

  bytes(length: number): Buffer {
    const out = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += 32) {
      createHash('sha256').update(`${this.seed}:${this.counter++}`).digest().copy(out, at);
    }
    return out;
  }

  number(below: number): number {
    return this.bytes(4).readUInt32LE(0) % below;
  }
}

const WORDS =
  'memory agent session the user asked whether restore 备份 スナップショット plan tool result shell error retry please note that channel reply deadline meeting summary weather invoice'.split(
    ' ',
  );

/** Text like a conversation: JSON lines with words, ids and times, which deflate to about a quarter. */
function conversation(noise: Noise, bytes: number): string {
  const lines: string[] = [];
  for (let length = 0; length < bytes;) {
    const words = [...noise.bytes(24)].map((byte) => WORDS[byte % WORDS.length]).join(' ');
    const line = JSON.stringify({
      id: noise.bytes(8).toString('hex'),
      role: 'assistant',
      at: noise.number(2 ** 31),
      content: words,
    });
    lines.push(line);
    length += line.length + 1;
  }
  return lines.join('\n').slice(0, bytes);
}

class Writer {
  files = 0;
  bytes = 0;

  constructor(private readonly root: string) {}

  write(path: string, content: string | Buffer): void {
    const target = join(this.root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
    this.files += 1;
    this.bytes += Buffer.byteLength(content);
  }
}

function begin(root: string, agents: string[]): Writer {
  const writer = new Writer(root);
  const profiles = agents.map(
    (id) => [id, { id, workspace_dir: join(root, 'working', 'workspaces', id), enabled: true }] as const,
  );
  const config = { agents: { active_agent: agents[0], agent_order: agents, profiles: Object.fromEntries(profiles) } };
  writer.write('working/config.json', JSON.stringify(config));
  for (const id of agents) writer.write(`working/workspaces/${id}/agent.json`, JSON.stringify({ id, name: id }));
  writer.write('working.secret/.master_key', '0'.repeat(64));
  writer.write('working/skill_pool/skill.json', '{}');
  return writer;
}

const finish = (root: string, { files, bytes }: Writer): BenchInstance => ({
  workingDir: join(root, 'working'),
  secretDir: join(root, 'working.secret'),
  files,
  bytes,
});

/** About 300 MB: chat histories and memory as text, media and model files that do not compress, in files of 1 kB to 24 MB. */
export function mixedInstance(root: string): BenchInstance {
  const noise = new Noise('mixed');
  const writer = begin(root, ['default', 'research', 'family']);
  const at = (agent: number): string => `working/workspaces/${['default', 'research', 'family'][agent % 3]}`;
  for (let i = 0; i < 2_000; i++)
    writer.write(`${at(i)}/memory/${i}.md`, conversation(noise, 1_000 + noise.number(8_000)));
  for (let i = 0; i < 600; i++)
    writer.write(`${at(i)}/sessions/${i}.json`, conversation(noise, 20_000 + noise.number(200_000)));
  for (let i = 0; i < 6; i++) writer.write(`${at(i)}/dialog/${i}.jsonl`, conversation(noise, 12_000_000));
  for (let i = 0; i < 60; i++) writer.write(`${at(i)}/media/${i}.jpg`, noise.bytes(300_000 + noise.number(2_000_000)));
  for (let i = 0; i < 3; i++) writer.write(`${at(i)}/media/clip-${i}.mp4`, noise.bytes(24_000_000));
  return finish(root, writer);
}

/** 57,000 files of 100 bytes to 8 kB. */
export function smallFilesInstance(root: string): BenchInstance {
  const noise = new Noise('small');
  const writer = begin(root, ['default']);
  const text = conversation(noise, 1 << 20);
  for (let i = 0; i < 57_000; i++) {
    const start = noise.number(text.length - 8_192);
    const folder = `working/workspaces/default/tool_result/${Math.floor(i / 400)}`;
    writer.write(`${folder}/${i}.txt`, text.slice(start, start + 100 + noise.number(8_000)));
  }
  return finish(root, writer);
}
