import { Controller, Get, Redirect } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** Who opens the bare address wants to see something. */
@ApiExcludeController()
@Controller()
export class RootController {
  @Get()
  @Redirect('/api/docs', 302)
  root(): void {
    // The redirect is the answer.
  }
}
