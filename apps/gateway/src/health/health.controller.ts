import { Controller, Get, Inject, Res } from '@nestjs/common';
import {
  ApiExcludeController,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { Config } from '@pawvault/config';
import type { JobQueue } from '@pawvault/queue';
import type { Response } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { CONFIG, QUEUE } from '../services';
import { type Checks, checkReadiness, type CheckState } from './readiness';
import { ForEverybody, Needs } from '../security/needs';

class LiveDto {
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';
}

class ChecksDto implements Checks {
  @ApiProperty({ type: String, example: 'ok', description: 'ok or the code of an error' })
  redis!: CheckState;

  @ApiProperty({ type: String, example: 'ok' })
  worker!: CheckState;

  @ApiProperty({ type: String, example: 'ok' })
  backup_dir!: CheckState;
}

class ReadyDto {
  @ApiProperty({ enum: ['ok', 'unavailable'] })
  status!: 'ok' | 'unavailable';

  @ApiProperty({ type: () => ChecksDto })
  checks!: Checks;
}

@ApiTags('health')
@Needs('viewer')
@Controller('api/v1/health')
export class HealthController {
  constructor(
    @Inject(QUEUE) private readonly queue: JobQueue,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('live')
  @ForEverybody()
  @ApiOperation({ summary: 'Whether the gateway runs', description: 'Needs no token.' })
  @ApiOkResponse({ type: LiveDto })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @ApiProblems()
  @Get('ready')
  @ApiOperation({ summary: 'Whether everything that a backup needs is there: Redis, a worker, the backup directory' })
  @ApiOkResponse({ type: ReadyDto })
  @ApiServiceUnavailableResponse({ type: ReadyDto })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadyDto> {
    const checks = await checkReadiness(this.queue, this.config.directories.backupDir);
    const status = Object.values(checks).every((state) => state === 'ok') ? 'ok' : 'unavailable';
    response.statusCode = status === 'ok' ? 200 : 503;
    return { status, checks };
  }
}

/** The same where orchestrators look by convention. */
@ApiExcludeController()
@Needs('viewer')
@Controller('health')
export class ConventionalHealthController extends HealthController {}
