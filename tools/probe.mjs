// The probe of the images, for Docker and for Kubernetes: 0 when the process answers with success within three seconds, else 1.
// Usage: node probe.mjs VARIABLE-WITH-THE-PORT PATH
const [variable, path] = process.argv.slice(2);
try {
  const response = await fetch(`http://127.0.0.1:${process.env[variable]}${path}`, {
    signal: AbortSignal.timeout(3000),
  });
  process.exitCode = response.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
