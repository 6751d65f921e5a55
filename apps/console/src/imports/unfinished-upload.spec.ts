import {
  forgetUnfinished,
  importIdOf,
  isOf,
  keepUnfinished,
  readUnfinished,
  type UploadPlace,
} from './unfinished-upload';

const ID = 'a1'.repeat(16);
const UPLOAD = { url: `/api/v1/uploads/${ID}`, name: '备份.zip', size: 5, modified: 7 };

const place = (kept: string | null = null): UploadPlace => ({
  getItem: () => kept,
  setItem: (_key, value) => void (kept = value),
  removeItem: () => void (kept = null),
});

describe('an unfinished upload', () => {
  it('is found again until it is forgotten', () => {
    const here = place();
    expect(readUnfinished(here)).toBeNull();
    keepUnfinished(here, UPLOAD);
    expect(readUnfinished(here)).toEqual(UPLOAD);
    forgetUnfinished(here);
    expect(readUnfinished(here)).toBeNull();
  });

  it.each([
    'no JSON',
    'null',
    '[]',
    '{}',
    JSON.stringify({ ...UPLOAD, url: `https://evil.example/${ID}` }),
    JSON.stringify({ ...UPLOAD, url: `${UPLOAD.url}/../../tokens` }),
    JSON.stringify({ ...UPLOAD, size: '5' }),
  ])('is not %s', (kept) => expect(readUnfinished(place(kept))).toBeNull());

  it('is none where the browser keeps nothing', () => {
    const refuse = (): never => {
      throw new Error('SecurityError');
    };
    const closed: UploadPlace = { getItem: refuse, setItem: refuse, removeItem: refuse };
    for (const each of [closed, null]) {
      keepUnfinished(each, UPLOAD);
      forgetUnfinished(each);
      expect(readUnfinished(each)).toBeNull();
    }
  });

  it('is of one file', () => {
    const file = { name: UPLOAD.name, size: 5, lastModified: 7 };
    expect(isOf(UPLOAD, file)).toBe(true);
    for (const other of [{ name: 'b.zip' }, { size: 6 }, { lastModified: 8 }])
      expect(isOf(UPLOAD, { ...file, ...other })).toBe(false);
  });

  it('becomes the import of its id', () => expect(importIdOf(UPLOAD.url)).toBe(ID));
});
