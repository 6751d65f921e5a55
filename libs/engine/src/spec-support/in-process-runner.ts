import { TASKS } from '../threads/task-table';
import type { TaskMap, TaskName, TaskRunner } from '../threads/tasks';

/** Carries tasks out in the caller's own thread, where injected failures reach them and where starting costs nothing. */
export class InProcessRunner implements TaskRunner {
  constructor(readonly size = 2) {}

  async run<T extends TaskName>(name: T, input: TaskMap[T]['input']): Promise<TaskMap[T]['output']> {
    await Promise.resolve();
    return TASKS[name](input);
  }
}
