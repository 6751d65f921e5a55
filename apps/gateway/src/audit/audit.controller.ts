import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AuditPage, AuditLog } from '@pawvault/store';
import type { AuditProof } from '@pawvault/contracts';
import { ApiProblems } from '../problem/api-problems';
import { Needs } from '../security/needs';
import { AUDIT_LOG } from '../services';
import { AuditPageDto, AuditProofDto, AuditQuery } from './audit.dto';

@ApiTags('audit')
@Controller('api/v1/audit')
@Needs('admin')
export class AuditController {
  constructor(@Inject(AUDIT_LOG) private readonly log: AuditLog) {}

  @Get()
  @ApiOperation({ summary: 'Who did what to which backup' })
  @ApiOkResponse({ type: AuditPageDto })
  @ApiProblems('VALIDATION_FAILED', 'IO_ERROR')
  list(@Query() { before, limit }: AuditQuery): Promise<AuditPage> {
    return this.log.read({ before: before ?? null, limit });
  }

  @Get('proof')
  @ApiOperation({
    summary: 'Whether the audit log is whole',
    description:
      'Reads every record. Records that were changed, removed or put in between are found; those cut off at the end only with `head`.',
  })
  @ApiOkResponse({ type: AuditProofDto })
  @ApiProblems('IO_ERROR')
  proof(): Promise<AuditProof> {
    return this.log.prove();
  }
}
