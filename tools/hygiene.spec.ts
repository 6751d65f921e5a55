import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');

function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\0'))].filter((file) => file !== '' && existsSync(resolve(ROOT, file)));
}

function textOf(file: string): string {
  const path = resolve(ROOT, file);
  const content = lstatSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0);
  return content.includes(0) ? '' : content.toString('utf8');
}

const filesWith = (pattern: RegExp): string[] => trackedFiles().filter((file) => pattern.test(textOf(file)));
const literal = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

interface Lock {
  packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
}

describe('the repository', () => {
  it('names no path of the machine that it was written on', () => {
    expect(trackedFiles().length).toBeGreaterThan(20);
    expect(filesWith(literal(`${ROOT}/`))).toEqual([]);
    expect(filesWith(literal(`${homedir()}/`))).toEqual([]);
  });

  it('installs from whatever registry npm is set to', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as Lock;
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(packages.filter(([, entry]) => !entry.integrity && !entry.link).map(([path]) => path)).toEqual([]);
    expect(textOf('.npmrc')).not.toMatch(/registry\s*=/);
  });

  it('pins every dependency exactly', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf('package.json')) as Record<
      string,
      Record<string, string>
    >;
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('starts programs in place of the shell, which would not pass a signal on', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    expect([scripts['start'], scripts['demo']]).toEqual(['start', 'demo'].map(() => expect.stringMatching(/^exec /)));
  });

  it('runs images of a fixed version only', () => {
    const deployment = trackedFiles().filter((file) => /^(Dockerfile|docker-compose\.yml|k8s\/.*\.yaml)$/.test(file));
    const images = deployment.flatMap((file) =>
      [...textOf(file).matchAll(/(?:image: |NODE_IMAGE=)(\S+)/g)].map((match) => match[1] ?? ''),
    );
    expect(images.length).toBeGreaterThan(5);
    // In Kubernetes the version of our own images stands in one place, which kustomize applies to all.
    const pinned = deployment.flatMap((file) =>
      [...textOf(file).matchAll(/- name: (\S+)\n(?: +newName: \S+\n)? +newTag: ['"]?\d+\.\d+\.\d+/g)].map(
        (match) => match[1],
      ),
    );
    const loose = images.filter((image) => !/:\d+\.\d+\.\d+/.test(image) && !pinned.includes(image));
    expect(loose).toEqual([]);
  });

  it('leaves nothing to do in comments', () => {
    const open = /\b(TO[D]O|FIX[M]E)\b/;
    expect(filesWith(open).filter((file) => file !== 'package-lock.json')).toEqual([]);
  });
});
