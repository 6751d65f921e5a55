import { correctAgentJson } from './agent-json';

const at = {
  id: 'a',
  entry: 'data/workspaces/a/agent.json',
  workspaceDir: '/here/working/workspaces/a',
  workingDir: '/here/working',
};
const corrected = (text: string) => {
  const { bytes, ...rest } = correctAgentJson(Buffer.from(text), at);
  return { text: bytes.toString('utf8'), ...rest };
};

it('corrects the path, and only that', () => {
  const text = (dir: string) => `{\n    "name": "助手",\n    "workspace_dir": "${dir}",\n    "t": 1.0\n}\n`;
  expect(corrected(text('/app/working/workspaces/a'))).toEqual({
    text: text('/here/working/workspaces/a'),
    name: '助手',
    warnings: [],
  });
});

it.each([
  ['the path is right', '{"workspace_dir" :"/here/working/workspaces/a"}'],
  ['the path is right, in another spelling', '{ "workspace_dir":"/here/working/./workspaces/a/" }'],
  ['the path is right, relative to the working directory', '{ "workspace_dir":"workspaces/a" }'],
  ['there is no path', '{ "id":   "a" }'],
])('keeps every byte when %s', (_, text) => {
  expect(corrected(text)).toMatchObject({ text, warnings: [] });
});

it.each(['""', 'null', '7', '"elsewhere"'])('corrects %s', (given) => {
  expect(corrected(`{"workspace_dir":${given}}`).text).toBe('{"workspace_dir":"/here/working/workspaces/a"}');
});

it.each<[string, { line: number; column: number; reason: string }]>([
  ['{"workspace_dir":\n "/x"', { line: 2, column: 6, reason: 'the file ends too early' }],
  ['[]', { line: 1, column: 1, reason: 'not a JSON object' }],
  ['', { line: 1, column: 1, reason: 'a value is missing' }],
])('leaves %j as it is, with a warning', (text, fault) => {
  const details = { agent: 'a', entry: at.entry, ...fault };
  expect(corrected(text)).toMatchObject({ text, name: null, warnings: [{ code: 'AGENT_JSON_UNREADABLE', details }] });
});

it.each<[string, (dir: string) => string]>([
  ['a byte order mark', (dir) => `\ufeff{"name": "助手", "workspace_dir": "${dir}"}`],
  ['comments and a trailing comma', (dir) => `{"name": "助手", // mine\n "workspace_dir": "${dir}",}`],
])('corrects the path in a file with %s as in a clean one', (_, text) => {
  expect(corrected(text('/app/working/workspaces/a'))).toMatchObject({
    text: text(at.workspaceDir),
    name: '助手',
    warnings: [{ code: 'CONFIG_REPAIRED', details: { entry: at.entry, line: 1 } }],
  });
});

it('corrects the path in a file that has to be repaired, and says that it is printed anew', () => {
  const { text, name, warnings } = corrected('{"name": "x, \n"workspace_dir": "/app/a"}');
  expect(JSON.parse(text)).toEqual({ name: 'x', workspace_dir: at.workspaceDir });
  expect([name, warnings.map(({ code }) => code)]).toEqual(['x', ['CONFIG_REPAIRED', 'CONFIG_REPRINTED']]);
});

it('knows the places of QwenPaw that a path may name', () => {
  expect(corrected('{"workspace_dir":"~/.copaw/workspaces/a"}')).toMatchObject({ warnings: [] });
  expect(corrected('{"workspace_dir":"~/.copaw/workspaces/a"}').text).toBe('{"workspace_dir":"~/.copaw/workspaces/a"}');
});
