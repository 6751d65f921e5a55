import { splitPath, visibleName } from './visible-name';

it.each([
  ['memory/猫 🧭.md', 'memory/猫 🧭.md'],
  ['two\nlines\t\x7f', 'two␊lines␉␡'],
  ['invoice\u202efdp.exe', 'invoice\ufffdfdp.exe'],
  ['👩\u200d🚀', '👩\u200d🚀'],
])('%j is shown as %j', (path, shown) => {
  expect(visibleName(path)).toBe(shown);
});

it.each([
  ['AGENTS.md', '', 'AGENTS.md'],
  ['memory/2026/a.md', 'memory/2026/', 'a.md'],
  ['media/nas/', 'media/', 'nas/'],
  ['nas/', '', 'nas/'],
])('%j is %j and %j', (path, folder, name) => {
  expect(splitPath(path)).toEqual({ folder, name });
});
