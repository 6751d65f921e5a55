import { correctAgentJson } from './agent-json';

const at = { id: 'a', workspaceDir: '/here/working/workspaces/a', workingDir: '/here/working' };
const corrected = (text: string) => {
  const { bytes, ...rest } = correctAgentJson(Buffer.from(text), at);
  return { text: bytes.toString('utf8'), ...rest };
};

it('corrects the path, and only that', () => {
  const text = (dir: string) => `{\n    "name": "助手",\n    "workspace_dir": "${dir}",\n    "t": 1.0\n}\n`;
  expect(corrected(text('/app/working/workspaces/a'))).toEqual({
    text: text('/here/working/workspaces/a'),
    name: '助手',
    warning: null,
  });
});

it.each([
  ['the path is right', '{"workspace_dir" :"/here/working/workspaces/a"}'],
  ['the path is right, in another spelling', '{ "workspace_dir":"/here/working/./workspaces/a/" }'],
  ['the path is right, relative to the working directory', '{ "workspace_dir":"workspaces/a" }'],
  ['there is no path', '{ "id":   "a" }'],
])('keeps every byte when %s', (_, text) => {
  expect(corrected(text)).toMatchObject({ text, warning: null });
});

it.each(['""', 'null', '7', '"elsewhere"'])('corrects %s', (given) => {
  expect(corrected(`{"workspace_dir":${given}}`).text).toBe('{"workspace_dir":"/here/working/workspaces/a"}');
});

it.each(['{"workspace_dir": "/x"', '[]', ''])('leaves %j as it is, with a warning', (text) => {
  expect(corrected(text)).toMatchObject({ text, name: null, warning: { code: 'AGENT_JSON_UNREADABLE' } });
});
