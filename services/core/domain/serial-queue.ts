/** Tasks one after the other: a task that fails ends nobody else's. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs a task once all before it have ended. @returns what the task returns, or its error */
  run<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves once all tasks so far have ended. */
  get settled(): Promise<void> {
    return this.#last.then(() => {});
  }
}
