import type { BackupDetail, VerifyResult } from '@pawvault/contracts';
import type { FinishedJob } from './follow-job';
import { backupReport, verifyReport } from './report';

const DETAIL = {
  id: 'qwenpaw-1.1.9-20260420T093000Z-ab12cd34',
  agents: { default: { name: '默认助手', files: 12, bytes: 34_000_000 }, plain: { name: 'plain', files: 1, bytes: 0 } },
  modules: { secrets: { files: 3, bytes: 900 } },
  omissions: [{ path: 'data/workspaces/ghost/', reason: 'missing_workspace' }],
  exclusions: [{ rule: '*.lock', files: 2, bytes: 10 }],
} as Partial<BackupDetail> as BackupDetail;

const JOB = {
  result: { files: 13, bytes: 34_000_900, size: 20_000_000, duration_ms: 1250 },
  warnings: [{ code: 'SQLITE_RAW_COPY', message: 'A database was busy' }],
} as unknown as FinishedJob<'backup.create'>;

describe('backupReport', () => {
  it('says what is in the backup, what is not, and where it is', () => {
    expect(backupReport(DETAIL, JOB, '/backups/a.zip')).toBe(`  qwenpaw-1.1.9-20260420T093000Z-ab12cd34
  34.0 MB in 13 files became 20.0 MB, in 1.3 s

  Agents
      12 files   34.0 MB  default (默认助手)
       1 file        0 B  plain

  Also inside
       3 files     900 B  Secrets

  Left out by the exclude rules
       2 files      10 B  *.lock

  Could not be taken
    data/workspaces/ghost/: missing workspace

  Warnings
    SQLITE_RAW_COPY: A database was busy

  Archive: /backups/a.zip`);
  });

  it('leaves out what there is nothing to say of', () => {
    const detail = { ...DETAIL, omissions: [], exclusions: null };
    const report = backupReport(detail, { ...JOB, warnings: [] }, '/b.zip');
    expect(report).not.toMatch(/Could not|Left out|Warnings/);
  });
});

describe('verifyReport', () => {
  const RESULT = { state: 'ok', entries: 15, bytes: 2000, trust: 'valid', problem_count: 0, duration_ms: 400 };

  it('tells sound from damaged', () => {
    expect(verifyReport(RESULT as VerifyResult)).toBe('  Sound: 15 entries, 2.0 kB, signature valid, in 0.4 s');
    const damaged = { ...RESULT, state: 'damaged', problem_count: 2 } as VerifyResult;
    expect(verifyReport(damaged)).toBe('  DAMAGED: 2 problems in 15 entries');
  });
});
