import { Controller, Get, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { AgentView } from '@pawvault/contracts';
import { InstanceLookup } from '../instance/instance-lookup';
import { QwenpawFilter } from './qwenpaw.filter';
import { Needs } from '../security/needs';

/** As much of QwenPaw's summary of an agent as its files tell. */
export interface WireAgent {
  id: string;
  name: string;
  description: string;
  workspace_dir: string;
  enabled: boolean;
  pinned: boolean;
  /** QwenPaw's words for "not known to run" and "not meant to": PawVault does not see which agents run. */
  startup_status: 'pending' | 'disabled';
}

/** The agents, which QwenPaw's page offers for a backup and compares a backup with. */
@ApiExcludeController()
@Needs('viewer')
@UseFilters(QwenpawFilter)
@Controller('api/agents')
export class QwenpawAgentsController {
  constructor(private readonly instance: InstanceLookup) {}

  @Get()
  async list(): Promise<{ agents: WireAgent[] }> {
    // The page asks again as soon as a restore is done, to see what it brought.
    const { agents } = await this.instance.look({ refresh: true });
    return { agents: agents.map(toWireAgent) };
  }
}

const toWireAgent = ({ id, name, workspace_dir, enabled }: AgentView): WireAgent => ({
  id,
  name,
  description: '',
  workspace_dir,
  enabled,
  pinned: id === 'default',
  startup_status: enabled ? 'pending' : 'disabled',
});
