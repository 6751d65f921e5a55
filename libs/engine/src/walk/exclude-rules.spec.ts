import { backUp, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine } from '../spec-support/engine-bench';
import { compileExcludeRules, DEFAULT_EXCLUDE_RULES, ExclusionTally, FILE_STORE_RULES } from './exclude-rules';

const byDefault = compileExcludeRules(DEFAULT_EXCLUDE_RULES);

describe('the default rules', () => {
  it.each<[string, string]>([
    ['browser/user_data/Default/Cache/', 'browser/**/Cache/'],
    ['browser/Cache/', 'browser/**/Cache/'],
    ['browser/p/Default/Code Cache/', 'browser/**/Code Cache/'],
    ['browser/p/Default/GPUCache/', 'browser/**/GPUCache/'],
    ['browser/p/ShaderCache/', 'browser/**/ShaderCache/'],
    ['browser/p/GrShaderCache/', 'browser/**/GrShaderCache/'],
    ['browser/p/GraphiteDawnCache/', 'browser/**/GraphiteDawnCache/'],
    ['browser/p/DawnGraphiteCache/', 'browser/**/DawnGraphiteCache/'],
    ['browser/p/DawnWebGPUCache/', 'browser/**/DawnWebGPUCache/'],
    ['browser/p/component_crx_cache/', 'browser/**/component_crx_cache/'],
    ['browser/p/SingletonLock', 'browser/**/Singleton*'],
    ['browser/p/SingletonCookie', 'browser/**/Singleton*'],
    ['skills/a/__pycache__/', '__pycache__/'],
    ['upload.tmp', '*.tmp'],
    ['sessions/a.json.tmp', '*.tmp'],
    ['jobs.json.lock', '*.json.lock'],
    ['memory/.index.lock', '.*.lock'],
    ['.restore_tmp/', '.restore_tmp/'],
    ['.restore_old/', '.restore_old/'],
    ['.qwenpaw_restore_journal', '.qwenpaw_restore_*'],
    ['.pawvault-staging/', '.pawvault*'],
  ])('leave %s out, by %s', (path, rule) => expect(byDefault.match(path)).toBe(rule));

  it('are all shown above', () => {
    const shown = new Set(
      [
        'browser/Cache/',
        'browser/Code Cache/',
        'browser/GPUCache/',
        'browser/ShaderCache/',
        'browser/GrShaderCache/',
        'browser/GraphiteDawnCache/',
        'browser/DawnGraphiteCache/',
        'browser/DawnWebGPUCache/',
        'browser/component_crx_cache/',
        'browser/SingletonLock',
        '__pycache__/',
        'a.tmp',
        'a.json.lock',
        '.a.lock',
        '.restore_tmp/',
        '.restore_old/',
        '.qwenpaw_restore_x',
        '.pawvault',
      ].map((path) => byDefault.match(path)),
    );
    expect(shown).toEqual(new Set(DEFAULT_EXCLUDE_RULES));
  });

  it.each([
    'agent.json',
    'browser/p/Default/Cookies',
    'browser/p/Default/Local Storage/leveldb/000003.log',
    'browser/downloads/ticket.pdf',
    'Cache/',
    'notes/Cache/',
    'browser/p/Cache',
    'yarn.lock',
    'poetry.lock',
    'file_store/',
    'file_store/index.bin',
    '.reme_store_v1',
    '__pycache__',
    'tmp/',
    'a.tmp.md',
    '.git/',
    'restore_tmp/',
  ])('keep %s', (path) => expect(byDefault.match(path)).toBeNull());
});

describe('rules of one’s own', () => {
  it('add to the default ones, and name themselves', () => {
    const rules = compileExcludeRules([
      ...DEFAULT_EXCLUDE_RULES,
      ...FILE_STORE_RULES,
      '/media/*.mp4',
      '# comment',
      '',
      '  ',
    ]);
    expect(rules.match('file_store/')).toBe('file_store/');
    expect(rules.match('.reme_store_v1')).toBe('.reme_store_*');
    expect(rules.match('media/a.mp4')).toBe('/media/*.mp4');
    expect(rules.match('deep/media/a.mp4')).toBeNull();
  });

  it('take back in what an earlier rule left out, in order', () => {
    const rules = compileExcludeRules(['*.tmp', '!keep.tmp', 'drop/keep.tmp']);
    expect(rules.match('a.tmp')).toBe('*.tmp');
    expect(rules.match('keep.tmp')).toBeNull();
    expect(rules.match('drop/keep.tmp')).toBe('drop/keep.tmp');
  });

  it('match the case of names as the file system does', () => {
    const rules = compileExcludeRules(['Cache/', '*.LOG']);
    expect(['Cache/', 'cache/', 'a.LOG', 'a.log'].map((path) => rules.match(path))).toEqual([
      'Cache/',
      null,
      '*.LOG',
      null,
    ]);
  });

  it('are none when there are none', () => expect(compileExcludeRules([]).match('a.tmp')).toBeNull());

  it('decide what a backup takes, and are counted', async () => {
    const { directories } = bareInstance({
      'a.tmp': '12345',
      'b/keep.tmp': 'kept',
      'b/c.tmp': '678',
      'logs/x/1.log': 'log',
      'logs/x/2.log': 'logs',
      'logs/link': { type: 'symlink', target: 'x' },
    });
    const engine = plainEngine(directories, { exclude: { useDefaults: true, rules: ['logs/', '!keep.tmp'] } });
    const { view, result } = await backUp(engine);
    expect(view.names.filter((name) => name.startsWith(PREFIX))).toEqual([
      PREFIX,
      `${PREFIX}b/`,
      `${PREFIX}b/keep.tmp`,
    ]);
    expect(result.exclusions).toEqual([
      { rule: '*.tmp', files: 2, bytes: 8 },
      { rule: 'logs/', files: 3, bytes: 7 },
    ]);
    const bare = await backUp(plainEngine(directories, { exclude: { useDefaults: false, rules: [] } }));
    expect(bare.view.names).toContain(`${PREFIX}a.tmp`);
    expect(bare.result.exclusions).toEqual([]);
  });
});

it('a tally lists the heaviest rule first', () => {
  const tally = new ExclusionTally();
  tally.add('b', 1, 10);
  tally.add('a', 1, 10);
  tally.add('c', 2, 5);
  tally.add('c', 1, 100);
  expect(tally.list()).toEqual([
    { rule: 'c', files: 3, bytes: 105 },
    { rule: 'a', files: 1, bytes: 10 },
    { rule: 'b', files: 1, bytes: 10 },
  ]);
});
