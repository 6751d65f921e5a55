import { matching } from './matching';

const ITEMS = [
  { id: 'default', name: '默认助手' },
  { id: 'writer', name: 'Ｗriter of Letters' },
];

it.each([
  ['', ['default', 'writer']],
  [' writer ', ['writer']],
  ['默认', ['default']],
  ['DEF', ['default']],
  ['of letters', ['writer']],
  ['nobody', []],
])('items that match "%s"', (query, ids) => {
  expect(matching(ITEMS, query).map(({ id }) => id)).toEqual(ids);
});
