/**
 * What was opened, to be closed in the opposite order.
 *
 * Invariant (cited by the tests):
 *   O1  everything is closed once, whatever fails on the way; the first failure is told at the end
 */
type Close = () => Promise<void> | void;

export class Closers {
  readonly #closers: Close[] = [];

  add(close: Close): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    const faults: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
