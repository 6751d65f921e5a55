import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type ImportView, TRUST_MODES } from '@pawvault/contracts';
import { toImportView } from '@pawvault/store';
import { Audited } from '../audit/audited';
import type { Request, Response } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { PageQuery } from '../requests/page-query';
import { Needs } from '../security/needs';
import { AcceptImportBody, ImportDto, ImportListDto } from './import.dto';
import { Imports } from './imports';

@ApiTags('imports')
@Needs('operator')
@Controller('api/v1/imports')
export class ImportsController {
  constructor(@Inject(Imports) private readonly imports: Imports) {}

  @Post()
  @HttpCode(202)
  @Audited('import.upload')
  @ApiOperation({
    summary: 'Upload an archive',
    description:
      'As the body itself (`application/zip`, name in Content-Disposition) or as the file `file` of a multipart form, with `trust_mode` as a field. It goes ' +
      'into quarantine and is checked by a job; `Location` is the import. /api/v1/uploads takes large archives over bad connections, by the tus protocol.',
  })
  @ApiConsumes('multipart/form-data', 'application/zip')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['file'],
      properties: {
        file: { type: 'string', format: 'binary' },
        trust_mode: { type: 'string', enum: [...TRUST_MODES] },
      },
    },
  })
  @ApiAcceptedResponse({ type: ImportDto })
  @ApiProblems(
    'UPLOAD_INVALID',
    'VALIDATION_FAILED',
    'UNSUPPORTED_MEDIA_TYPE',
    'PAYLOAD_TOO_LARGE',
    'DISK_FULL',
    'QUEUE_UNAVAILABLE',
  )
  async upload(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<ImportView> {
    const view = await this.imports.receive(request);
    response.setHeader('Location', `/api/v1/imports/${view.id}`);
    return view;
  }

  @Get()
  @Needs('viewer')
  @ApiOperation({ summary: 'List the imports', description: 'Those that have expired are gone.' })
  @ApiOkResponse({ type: ImportListDto })
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: PageQuery): Promise<ImportListDto> {
    return this.imports.list(query);
  }

  @Get(':id')
  @Needs('viewer')
  @ApiOperation({ summary: 'One import' })
  @ApiOkResponse({ type: ImportDto })
  @ApiProblems('IMPORT_NOT_FOUND')
  async get(@Param('id') id: string): Promise<ImportView> {
    return toImportView(await this.imports.get(id));
  }

  @Post(':id/accept')
  @HttpCode(202)
  @Audited('import.accept')
  @ApiOperation({
    summary: 'Accept an import',
    description: 'Decides about a conflict or trust, without another upload. A job does it.',
  })
  @ApiAcceptedResponse({ type: ImportDto })
  @ApiProblems(
    'VALIDATION_FAILED',
    'IMPORT_NOT_FOUND',
    'IMPORT_NOT_DECIDABLE',
    'BACKUP_EXISTS',
    'BACKUP_IN_USE',
    'backup_legacy_unsigned',
    'backup_signature_mismatch',
    'backup_unknown_signature_scheme',
    'QUEUE_UNAVAILABLE',
  )
  async accept(
    @Param('id') id: string,
    @Body() { overwrite, trust_mode }: AcceptImportBody,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportView> {
    const view = await this.imports.accept(id, { overwrite, trustMode: trust_mode ?? null });
    response.setHeader('Location', `/api/v1/jobs/${view.job_id}`);
    return view;
  }

  @Delete(':id')
  @HttpCode(204)
  @Audited('import.delete')
  @ApiOperation({ summary: 'Discard an import', description: 'Ends its check. A backup that it has become stays.' })
  @ApiNoContentResponse()
  @ApiProblems('IMPORT_NOT_FOUND', 'IMPORT_NOT_DECIDABLE', 'QUEUE_UNAVAILABLE')
  async discard(@Param('id') id: string): Promise<void> {
    await this.imports.discard(id);
  }
}
