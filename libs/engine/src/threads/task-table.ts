import { captureSqlite } from '../capture/sqlite-capture';
import { deflateBlock } from '../create/deflate-block';
import { packBatch } from '../create/pack-batch';
import { checkBatch } from '../verify/check-batch';
import type { TaskMap, TaskName } from './tasks';

/** What carries each task out. Synchronous: a thread has nothing else to do meanwhile. */
export const TASKS: { [T in TaskName]: (input: TaskMap[T]['input']) => TaskMap[T]['output'] } = {
  'pack-batch': packBatch,
  'deflate-block': deflateBlock,
  'capture-sqlite': captureSqlite,
  'check-batch': checkBatch,
};
