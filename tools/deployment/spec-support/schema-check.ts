import { resolve } from 'node:path';
import * as ts from 'typescript';
import type { Manifest } from './manifests';

const ROOT = resolve(__dirname, '../../..');

/**
 * What the OpenAPI schemas of Kubernetes have against the manifests: wrong types, missing and unknown fields. The schemas come as types, and an
 * object literal with a field that its type lacks does not compile, at any depth; validators of the schemas let such a field pass.
 * @returns one sentence each, with the line of the object that it is about
 */
export function schemaErrors(manifests: readonly Manifest[]): string[] {
  const file = resolve(ROOT, 'tools/deployment/manifests-as-types.ts');
  const source = manifests.map(asTypedLiteral).join('\n');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === file || fileExists.call(host, path);
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, source, ts.ScriptTarget.ES2022) : getSourceFile.call(host, path, ...rest);
  const program = ts.createProgram([file], options, host);
  const named = manifests.map(({ kind, metadata }) => `${kind} ${metadata?.name}`);
  return ts.getPreEmitDiagnostics(program).map(({ start = 0, messageText }) => {
    const before = source.slice(0, start).split('\n').length - 1;
    return `${named[before]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

/** Custom resources by the group of their API; everything else comes with Kubernetes. */
const CUSTOM: Record<string, string> = {
  'keda.sh': './spec-support/keda',
  'monitoring.coreos.com': './spec-support/prometheus-operator',
};

/** One line each, so that the line of a complaint names the object. */
function asTypedLiteral(manifest: Manifest, index: number): string {
  const { apiVersion, kind } = manifest;
  const [group = ''] = apiVersion.split('/');
  const module = CUSTOM[group] ?? `kubernetes-models/${apiVersion}/${kind}`;
  return `import type { I${kind} as T${index} } from '${module}'; export const m${index}: T${index} = ${JSON.stringify(manifest)};`;
}
