import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { skippedGroup } from '@pawvault/testing';
import { parse, parseAllDocuments, stringify } from 'yaml';

const K8S = resolve(__dirname, '../../../k8s');

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [part: string]: unknown;
}

export interface ManifestSet {
  name: string;
  manifests: Manifest[];
}

interface Kustomization {
  resources?: string[];
}

export const kustomizations = (): string[] =>
  readdirSync(K8S, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('kustomization.yaml'))
    .map((path) => dirname(path))
    .sort();

/** Every file that a kustomization takes as it is; patches are parts of objects and are seen in what is rendered. */
export function writtenManifests(): ManifestSet[] {
  return kustomizations()
    .map((folder) => {
      const { resources = [] } = parse(readFileSync(join(K8S, folder, 'kustomization.yaml'), 'utf8')) as Kustomization;
      const files = resources.map((path) => join(K8S, folder, path)).filter((path) => path.endsWith('.yaml'));
      return {
        name: `as written in ${folder}`,
        manifests: files.flatMap((path) => manifestsOf(readFileSync(path, 'utf8'))),
      };
    })
    .filter(({ manifests }) => manifests.length > 0);
}

/** Kustomize 5 as it comes with kubectl; an older one does not know all that is used here. */
function canRender(): boolean {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=yaml'], { encoding: 'utf8' });
  return status === 0 && /kustomizeVersion: v5\./.test(stdout);
}

const RENDERS = canRender();

/** For tests of what kustomize renders. */
export const describeRendered = RENDERS ? describe : skippedGroup('needs kubectl with Kustomize 5');

/** What `kubectl apply -k` of these folders together would send. */
export const rendered = (name: string, ...folders: string[]): ManifestSet => ({
  name,
  manifests: folders.flatMap(render),
});

/** What a kustomization of one's own would be that puts components on top of folders. Paths are absolute, or below k8s. */
export function renderedTogether(name: string, parts: { resources: string[]; components: string[] }): ManifestSet {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'pawvault-kustomization-'));
  const from = (path: string): string => relative(directory, resolve(K8S, path));
  try {
    const content = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: 'qwenpaw',
      resources: parts.resources.map(from),
      components: parts.components.map(from),
    };
    writeFileSync(join(directory, 'kustomization.yaml'), stringify(content));
    return { name, manifests: render(directory) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Without a renderer there is no object: `describeRendered` reports the tests of the set as skipped. */
function render(folder: string): Manifest[] {
  if (!RENDERS) return [];
  const path = resolve(K8S, folder);
  if (!existsSync(path)) throw new Error(`There is no k8s/${folder}`);
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', path], { encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`kubectl kustomize ${path}: ${stderr}`);
  return manifestsOf(stdout);
}

function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.map(({ message }) => message).join('; '));
    return document.toJS() as Manifest;
  });
}
