import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

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
export function canRender(): boolean {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=yaml'], { encoding: 'utf8' });
  return status === 0 && /kustomizeVersion: v5\./.test(stdout);
}

/** What `kubectl apply -k` of these folders together would send. */
export const rendered = (name: string, ...folders: string[]): ManifestSet => ({
  name,
  manifests: folders.flatMap(render),
});

function render(folder: string): Manifest[] {
  if (!existsSync(join(K8S, folder))) throw new Error(`There is no k8s/${folder}`);
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(K8S, folder)], { encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`kubectl kustomize k8s/${folder}: ${stderr}`);
  return manifestsOf(stdout);
}

function manifestsOf(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.map(({ message }) => message).join('; '));
    return document.toJS() as Manifest;
  });
}
