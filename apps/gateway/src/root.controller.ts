import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ForEverybody } from './security/needs';

/** Who opens the bare address wants to see something. */
@ApiExcludeController()
@ForEverybody()
@Controller()
export class RootController {
  @Get()
  @Redirect('/api/docs', 302)
  root(): void {
    // The redirect is the answer.
  }
}
