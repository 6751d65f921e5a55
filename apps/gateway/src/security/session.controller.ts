import { Controller, Get, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { type Role, ROLES } from '@pawvault/contracts';
import type { Request } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { Needs } from './needs';
import { type Principal, principalOf } from './principal';

class SessionDto implements Principal {
  @ApiProperty({ description: 'Name of the token, as the audit log has it; `local` where none is needed' })
  name!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role!: Role;
}

@ApiTags('session')
@Needs('viewer')
@Controller('api/v1/session')
export class SessionController {
  @Get()
  @ApiOperation({
    summary: 'Who asks, and in which role',
    description: 'So that a client need not offer what would be refused.',
  })
  @ApiOkResponse({ type: SessionDto })
  @ApiProblems()
  session(@Req() request: Request): SessionDto {
    return principalOf(request);
  }
}
