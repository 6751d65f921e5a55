import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { jobs } from '../i18n/en/jobs';
import { phaseOf } from './phase';

const ENGINE = resolve(__dirname, '../../../../libs/engine/src');

/** What the engine enters, from its own source, so that no phase reaches a user without words. */
function phasesOfTheEngine(): string[] {
  const files = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  const text = sources.map((file) => readFileSync(resolve(ENGINE, file), 'utf8')).join('\n');
  const named = [...text.matchAll(/\bmeter\.enter\('([^']+)'|snapshot\('([^']+)'\)|phase: '([^']*)'/g)];
  return [...new Set(named.map(([, entered, shown, given]) => entered ?? shown ?? given ?? ''))].filter(Boolean);
}

describe('a phase', () => {
  it('of the engine has words', () => {
    const phases = phasesOfTheEngine();
    expect(phases.length).toBeGreaterThan(6);
    const steps = phases.filter((phase) => phase !== 'backing up first: ');
    expect(steps.filter((phase) => phaseOf(phase).name === null)).toEqual([]);
    expect(phases).toContain('backing up first: ');
  });

  it('has words that are used', () => {
    const known = Object.keys(jobs.phase).filter((name) => name !== 'backing_up_first');
    expect(known.filter((name) => phaseOf(name).name !== name)).toEqual([]);
  });

  it('of the backup before a restore is known as such', () => {
    expect(phaseOf('backing up first: packing')).toEqual({ name: 'packing', first: true });
    expect(phaseOf('packing')).toEqual({ name: 'packing', first: false });
    expect(phaseOf('constructor')).toEqual({ name: null, first: false });
  });
});
