import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Config } from '@pawvault/config';
import { type PlanPathPage, type PlanPathQuery, readPlanPaths } from '@pawvault/store';
import type { Response } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { CONFIG } from '../services';
import { OpenStreams } from '../streams/open-streams';
import { Needs } from '../security/needs';
import { PlanPathsDto } from './restore-plan.dto';
import { PlanPathsQuery } from './plan-paths.query';
import { cursorAt, positionOf } from './plan-position';

const NO_PAGE: PlanPathPage = { paths: [], next: null, counts: { added: 0, changed: 0, removed: 0, carried: 0 } };

/** Names, no content: those of the secrets are also in the list of files of a backup. A plan is asked for by an operator, and so is this. */
@ApiTags('restore')
@Needs('operator')
@Controller('api/v1/restore-plans/:plan_hash')
export class RestorePlansController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly streams: OpenStreams,
  ) {}

  @Get('paths')
  @ApiOperation({
    summary: 'Every path that a restore changes or keeps',
    description:
      'Of a plan, or of a restore by the `plan_hash` of its result; by module, agent and path. Lists of the newest 20 plans are kept, for ' +
      'seven days at most. `counts` are of all paths that match `module`, `agent` and `search`, whatever `change` is.',
  })
  @ApiParam({ name: 'plan_hash', type: String })
  @ApiOkResponse({ type: PlanPathsDto })
  @ApiProblems('VALIDATION_FAILED', 'RESTORE_PLAN_NOT_FOUND')
  async paths(
    @Param('plan_hash') planHash: string,
    @Query() query: PlanPathsQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PlanPathsDto> {
    const { change, module, agent, search, limit } = query;
    const after = positionOf(planHash, query);
    const signal = this.streams.signalFor(response);
    const { paths, next, counts } = await this.read(planHash, { change, module, agent, search, limit, after, signal });
    return { paths, next_cursor: next === null ? null : cursorAt(planHash, query, next), counts };
  }

  /** A client that searches while it types drops the former request: its answer is not needed any more. */
  private async read(planHash: string, query: PlanPathQuery): Promise<PlanPathPage> {
    try {
      return await readPlanPaths(this.config.directories.backupDir, planHash, query);
    } catch (error) {
      if (query.signal?.aborted) return NO_PAGE;
      throw error;
    }
  }
}
