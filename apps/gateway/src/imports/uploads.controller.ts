import { All, Controller, Delete, Param, Post, Req, Res } from '@nestjs/common';
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

  /** What the server can do, for OPTIONS; it refuses the rest. */
  @All()
  async describe(@Req() request: Request, @Res() response: Response): Promise<void> {
    await this.uploads.handle(request, response);
  }

  @Delete(':id')
  @Audited('import.delete')
  async discard(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    await this.continue(id, request, response);
  }

  @All(':id')
  async continue(@Param('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (!ID.test(id)) throw new DomainError('IMPORT_NOT_FOUND');
    await this.uploads.handle(request, response);
  }
}
