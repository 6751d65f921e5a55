import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Config } from '@pawvault/config';
import type { Store } from '@pawvault/store';
import { sendArchive } from '../downloads/send-archive';
import { sendFile } from '../downloads/send-file';
import type { Request, Response } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { readCursor, writeCursor } from '../requests/cursor';
import { CONFIG, STORE } from '../services';
import { FileListDto } from './backup.dto';
import { ListFilesQuery } from './backup.query';
import { Audited } from '../audit/audited';
import { Needs } from '../security/needs';
import { demandArchive, demandFile } from './content-access';

const OF_BACKUP = ['BACKUP_ID_INVALID', 'BACKUP_NOT_FOUND', 'BACKUP_INVALID'] as const;
const BINARY = { schema: { type: 'string', format: 'binary' } } as const;

@ApiTags('backups')
@Needs('viewer')
@Controller('api/v1/backups/:id')
export class ContentsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('archive')
  @Needs('operator')
  @Audited('backup.export')
  @ApiOperation({
    summary: 'Download the archive',
    description: 'Also by ranges, to go on with a download that broke off.',
  })
  @ApiHeader({ name: 'Range', required: false, example: 'bytes=1048576-' })
  @ApiHeader({ name: 'If-Range', required: false, description: 'The ETag of the part that is there already' })
  @ApiProduces('application/zip')
  @ApiOkResponse(BINARY)
  @ApiResponse({ status: 206, description: 'The range', ...BINARY })
  @ApiResponse({ status: 304, description: 'If-None-Match named these bytes' })
  @ApiProblems(...OF_BACKUP, 'RANGE_NOT_SATISFIABLE')
  async archive(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const backup = await this.store.find(id);
    await demandArchive(request, this.store, backup);
    await sendArchive(request, response, backup);
  }

  @Get('files')
  @ApiOperation({ summary: 'List the entries of a backup', description: 'Flat, by code point.' })
  @ApiOkResponse({ type: FileListDto })
  @ApiProblems(...OF_BACKUP, 'VALIDATION_FAILED')
  async files(@Param('id') id: string, @Query() { prefix, limit, cursor }: ListFilesQuery): Promise<FileListDto> {
    const after = cursor === undefined ? '' : (readCursor(cursor, { list: 'files', length: 2 })[1] ?? '');
    const { files, next } = await this.store.files(id, { prefix, after, limit });
    return { files, next_cursor: next === null ? null : writeCursor(['files', next]) };
  }

  @Get('files/*path')
  @Needs('operator')
  @Audited('file.read')
  @ApiOperation({
    summary: 'Download one file of a backup',
    description: 'Its content is proven against size and CRC while it is sent.',
  })
  @ApiParam({
    name: 'path',
    type: String,
    example: 'data/workspaces/default/agent.json',
    description: 'As the list of files names it',
  })
  @ApiProduces('application/octet-stream')
  @ApiOkResponse(BINARY)
  @ApiProblems(...OF_BACKUP, 'BACKUP_FILE_NOT_FOUND', 'BACKUP_FILE_NOT_REGULAR', 'SECRETS_NOT_SERVED')
  async file(
    @Param('id') id: string,
    @Param('path') segments: string | string[],
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const path = typeof segments === 'string' ? segments : segments.join('/');
    demandFile(request, this.config, path);
    await sendFile(request, response, await this.store.openFile(id, path));
  }
}
