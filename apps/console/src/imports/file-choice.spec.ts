import { obstacleOf } from './file-choice';

it.each([
  [[{ name: 'a.zip', size: 1 }], null],
  [[{ name: '备份 (1).ZIP', size: 1 }], null],
  [[{ name: 'a.zip', size: 0 }], 'empty'],
  [[{ name: 'a.zip.part', size: 1 }], 'not_zip'],
  [[{ name: 'zip', size: 1 }], 'not_zip'],
  [
    [
      { name: 'a.zip', size: 1 },
      { name: 'b.zip', size: 1 },
    ],
    'several',
  ],
  [[], 'several'],
])('of %j stands in the way: %s', (files, expected) => {
  expect(obstacleOf(files)).toBe(expected);
});
