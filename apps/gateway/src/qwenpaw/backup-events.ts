import type { CreateResult, JobProgress, JobView } from '@pawvault/contracts';
import { hasEnded } from '@pawvault/queue';
import { archiveOrder } from './archive-order';
import { agentIndex, isFinishing, packedAgent, wholePercent } from './backup-progress';
import { toWireError } from './wire-error';
import type { WireMeta } from './wire-meta';

/** What `POST /api/backups/stream` tells; `index` counts from 0. */
export type BackupEvent =
  | { type: 'start'; total_agents: number; percent: 0 }
  | { type: 'agent'; agent_id: string; index: number; total: number; percent: number }
  | { type: 'saving'; percent: number }
  | { type: 'done'; meta: WireMeta; percent: 100 }
  | { type: 'error'; message: string };

/** 100 belongs to `done`. */
const ALMOST = 99;

export interface BackupEventsOptions {
  /** The agents that will be packed, in this order, as far as that is known in advance. */
  agents: readonly string[];
  metaOf: (backupId: string) => Promise<WireMeta>;
}

/**
 * Tells a backup as QwenPaw does: `start`, every agent at least once, `saving`, and then either `done` or `error`. Between
 * them percents move with bytes. Ends without a last word when the views do, because then nobody listens.
 */
export async function* backupEvents(
  views: AsyncIterable<JobView>,
  { agents, metaOf }: BackupEventsOptions,
): AsyncGenerator<BackupEvent, void, void> {
  yield { type: 'start', total_agents: agents.length, percent: 0 };
  const story = new BackupStory(agents);
  try {
    for await (const view of views) {
      if (!hasEnded(view)) yield* story.during(view.progress);
      else if (view.state === 'completed') {
        const result = view.result as CreateResult;
        yield* story.atEnd(result.agents);
        yield { type: 'done', meta: await metaOf(result.backup_id), percent: 100 };
      } else yield { type: 'error', message: failureOf(view) };
    }
  } catch (error) {
    yield { type: 'error', message: messageOf(error) };
  }
}

/** What clients show of a job that did not complete. */
export const failureOf = ({ state, error }: JobView): string =>
  state === 'cancelled' ? 'Backup cancelled' : (error?.message ?? 'Backup failed');

function messageOf(error: unknown): string {
  const { detail } = toWireError(error).body;
  return typeof detail === 'string' ? detail : 'Backup failed';
}

/** Progress is looked at now and then; agents that were packed in between are named afterwards, so that none is missing. */
class BackupStory {
  /** Agents that an event has named, and their index. */
  private readonly told = new Map<string, number>();
  private percent = 0;
  private last = '';

  constructor(private readonly expected: readonly string[]) {}

  *during(progress: JobProgress | null): Generator<BackupEvent> {
    if (progress === null) return;
    this.percent = Math.max(this.percent, wholePercent(progress));
    const { agents_total: total } = progress;
    // Who is left out for a reason that shows only while packing makes the list unreliable.
    const known = this.expected.length === total ? this.expected : [];
    const agent = packedAgent(progress);
    if (agent !== null) {
      const index = this.told.get(agent) ?? indexIn(known, agent) ?? agentIndex(progress);
      yield* this.agentsBefore(index, known);
      yield* this.unlessJustSaid({ type: 'agent', agent_id: agent, index, total, percent: this.percent });
      this.told.set(agent, index);
    } else if (isFinishing(progress)) {
      yield* this.agentsBefore(total, known);
      yield* this.saving();
    }
  }

  *atEnd(agents: readonly string[]): Generator<BackupEvent> {
    yield* this.agentsBefore(agents.length, archiveOrder(agents));
    this.percent = ALMOST;
    if (!this.last.startsWith('{"type":"saving"')) yield* this.saving();
  }

  /** Of the first ones, those that no event has named. */
  private *agentsBefore(count: number, ids: readonly string[]): Generator<BackupEvent> {
    const { percent } = this;
    for (const [index, id] of ids.slice(0, count).entries()) {
      if (!this.told.has(id)) yield { type: 'agent', agent_id: id, index, total: ids.length, percent };
      this.told.set(id, index);
    }
  }

  private *saving(): Generator<BackupEvent> {
    yield* this.unlessJustSaid({ type: 'saving', percent: this.percent });
  }

  private *unlessJustSaid(event: BackupEvent): Generator<BackupEvent> {
    const text = JSON.stringify(event);
    if (text !== this.last) yield event;
    this.last = text;
  }
}

function indexIn(ids: readonly string[], id: string): number | null {
  const index = ids.indexOf(id);
  return index < 0 ? null : index;
}
