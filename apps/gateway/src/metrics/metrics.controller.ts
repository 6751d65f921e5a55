import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Response } from '../http';
import { ApiProblems } from '../problem/api-problems';
import { Needs } from '../security/needs';
import { GatewayMetrics } from './gateway-metrics';

@ApiTags('metrics')
@Needs('viewer')
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: GatewayMetrics) {}

  @Get()
  @ApiOperation({ summary: 'Figures for Prometheus', description: 'docs/telemetry.md says what they mean.' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  @ApiProblems()
  async scrape(@Res() response: Response): Promise<void> {
    const text = await this.metrics.text();
    response.setHeader('Content-Type', this.metrics.contentType);
    response.end(text);
  }
}
