import type { TaskMap, TaskName } from '../threads/tasks';
import { InProcessRunner } from './in-process-runner';

/** Lets a test act at a known moment: just before the n-th task of a name (from 1) is carried out. */
export class HookedRunner extends InProcessRunner {
  private readonly counts = new Map<TaskName, number>();

  constructor(private readonly before: (name: TaskName, nth: number) => void | Promise<void>) {
    super();
  }

  override async run<T extends TaskName>(name: T, input: TaskMap[T]['input']): Promise<TaskMap[T]['output']> {
    const nth = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, nth);
    await this.before(name, nth);
    return super.run(name, input);
  }
}
