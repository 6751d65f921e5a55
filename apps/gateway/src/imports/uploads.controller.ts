import { Controller, Delete, Head, Options, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { DomainError, IMPORT_ID_PATTERN } from '@pawvault/contracts';
import { Audited } from '../audit/audited';
import type { Request, Response } from '../http';
import { Needs } from '../security/needs';
import { ResumableUploads, UPLOADS_PATH } from './resumable-uploads';

const ID = new RegExp(IMPORT_ID_PATTERN);

/** The tus protocol, version 1.0.0: docs/api.md says what of it there is. */
@ApiExcludeController()
@Needs('operator')
@Controller(UPLOADS_PATH)
export class UploadsController {
  constructor(private readonly uploads: ResumableUploads) {}

  @Post()
  @Audited('import.upload')
  async create(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.uploads.handle(request, response);
  }

  /** What the server can do. */
  @Options()
  async describe(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.uploads.handle(request, response);
  }

  @Options(':id')
  async describeOne(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.uploads.handle(request, response);
  }

  /** How far it is. */
  @Head(':id')
  async look(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    assertId(id);
    await this.uploads.look(id, request, response);
  }

  @Patch(':id')
  async append(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.act(id, request, response);
  }

  @Delete(':id')
  @Audited('import.delete')
  async discard(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.act(id, request, response);
  }

  private async act(id: string, request: Request, response: Response): Promise<void> {
    assertId(id);
    await this.uploads.handle(request, response);
  }
}

function assertId(id: string): void {
  if (!ID.test(id)) throw new DomainError('IMPORT_NOT_FOUND');
}
