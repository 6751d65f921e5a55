import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { InstanceView } from '@pawvault/contracts';
import { ApiProblems } from '../problem/api-problems';
import { InstanceDto, InstanceQuery } from './instance.dto';
import { InstanceLookup } from './instance-lookup';
import { Needs } from '../security/needs';

@ApiTags('instance')
@Needs('viewer')
@Controller('api/v1/instance')
export class InstanceController {
  constructor(private readonly lookup: InstanceLookup) {}

  @Get()
  @ApiOperation({
    summary: 'The QwenPaw instance as the worker sees it',
    description: 'Sizes are of what a backup would take.',
  })
  @ApiOkResponse({ type: InstanceDto })
  @ApiProblems(
    'VALIDATION_FAILED',
    'INSTANCE_NOT_FOUND',
    'INSTANCE_CONFIG_INVALID',
    'QUEUE_UNAVAILABLE',
    'WORKER_UNAVAILABLE',
  )
  instance(@Query() { refresh }: InstanceQuery): Promise<InstanceView> {
    return this.lookup.look({ refresh: refresh === 'true' });
  }
}
