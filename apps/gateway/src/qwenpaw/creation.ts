import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type InstanceView, isAgentId, type JobView, resolveSelection } from '@pawvault/contracts';
import type { JobQueue } from '@pawvault/queue';
import { InstanceLookup } from '../instance/instance-lookup';
import { CLOCK, QUEUE } from '../services';
import { archiveOrder } from './archive-order';
import type { CreateRequest } from './requests';

export interface Creation {
  job: JobView<'backup.create'>;
  /** The agents that will be packed, as far as that is known, in the order in which they will be. */
  agents: string[];
}

/** Starts backups as QwenPaw's clients ask for them. */
@Injectable()
export class CreationDesk {
  constructor(
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CLOCK) private readonly clock: () => Date,
    private readonly instance: InstanceLookup,
  ) {}

  /** @throws DomainError NOTHING_SELECTED, where QwenPaw would make an empty backup; QUEUE_UNAVAILABLE */
  async start({ name, description, scope, agents }: CreateRequest): Promise<Creation> {
    const named = scope.include_agents ? await this.registered(agents) : { ids: [], packable: [] };
    const selection = resolveSelection({ mode: 'partial', scope, agents: named.ids });
    const identity = { created_at: this.clock().toISOString(), short_id: randomBytes(4).toString('hex') };
    const job = await this.queue.add('backup.create', { name, description, ...selection, ...identity });
    return { job, agents: archiveOrder(named.packable) };
  }

  /**
   * QwenPaw passes over agents that are gone, so that a script with an old list goes on making backups. When nobody can tell which those
   * are, all are kept, and a backup that names one fails.
   */
  private async registered(named: readonly string[]): Promise<{ ids: string[]; packable: string[] }> {
    const usable = [...new Set(named)].filter(isAgentId);
    if (usable.length === 0) return { ids: [], packable: [] };
    const view = await this.viewOf(usable);
    if (view === null) return { ids: usable, packable: usable };
    const found = view.agents.filter(({ id }) => usable.includes(id));
    return { ids: found.map(({ id }) => id), packable: found.filter(({ exists }) => exists).map(({ id }) => id) };
  }

  /** What was seen a moment ago may lack an agent that has just been made: then it is looked at again. */
  private async viewOf(agents: readonly string[]): Promise<InstanceView | null> {
    try {
      const view = await this.instance.look({ refresh: false });
      const known = new Set(view.agents.map(({ id }) => id));
      return agents.every((id) => known.has(id)) ? view : await this.instance.look({ refresh: true });
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}
