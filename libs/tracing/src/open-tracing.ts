import { startOtlp } from './otlp';
import { NO_TRACING, type Tracing } from './tracing';

/**
 * Sends spans to the collector of OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, by OTLP over HTTP as JSON. The other
 * standard variables count as well: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @param service the name of the service, unless OTEL_SERVICE_NAME says another one
 */
export async function openTracing(env: NodeJS.ProcessEnv, service: string): Promise<Tracing> {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const isOff = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  if (!endpoint || isOff) return NO_TRACING;
  return startOtlp(service);
}
