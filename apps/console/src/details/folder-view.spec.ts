import type { FileRecord } from '@pawvault/contracts';
import { fileUrl, folderView, pathTo } from './folder-view';

const entry = (path: string, size = 0, type: FileRecord['type'] = 'file'): FileRecord => ({
  path,
  size,
  type,
  mode: null,
  mtime: null,
  sha256: null,
  target: null,
  has_content: type === 'file',
});

describe('one level of the files of a backup', () => {
  const ENTRIES = [
    entry('data/config.json', 5),
    entry('data/empty/', 0, 'directory'),
    entry('data/links/a', 3, 'symlink'),
    entry('data/skill_pool', 0, 'directory'),
    entry('data/skill_pool/a/b.md', 10),
    entry('data/skill_pool/c.md', 1),
  ];

  it('shows folders with what is below them, and files', () => {
    expect(folderView(ENTRIES, 'data/')).toEqual({
      folders: [
        { name: 'empty', prefix: 'data/empty/', files: 0, bytes: 0 },
        { name: 'links', prefix: 'data/links/', files: 1, bytes: 3 },
        { name: 'skill_pool', prefix: 'data/skill_pool/', files: 2, bytes: 11 },
      ],
      files: [ENTRIES[0]],
    });
  });

  it('begins at the top, and does not show a folder in itself', () => {
    expect(folderView(ENTRIES, '').folders).toEqual([{ name: 'data', prefix: 'data/', files: 4, bytes: 19 }]);
    expect(folderView([entry('data/empty/', 0, 'directory')], 'data/empty/')).toEqual({ folders: [], files: [] });
  });

  it('takes any name that a file may have', () => {
    const odd = entry('data/__proto__/constructor', 1);
    expect(folderView([odd], 'data/').folders).toEqual([
      { name: '__proto__', prefix: 'data/__proto__/', files: 1, bytes: 1 },
    ]);
  });
});

it('the way to a folder', () => {
  expect(pathTo('')).toEqual([]);
  expect(pathTo('data/workspaces/')).toEqual([
    { name: 'data', prefix: 'data/' },
    { name: 'workspaces', prefix: 'data/workspaces/' },
  ]);
});

it('the address of a file keeps every character of its name', () => {
  expect(fileUrl('b-1', 'data/a b/50%?#é.txt')).toBe('/api/v1/backups/b-1/files/data/a%20b/50%25%3F%23%C3%A9.txt');
});
