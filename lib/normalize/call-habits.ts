/** So many spans in a row show that a proxy that was never heard to send spans of its calls sends none. */
const rowOfStrangers = 16;
/** So many show it of one that did: those of its calls may come long before a slow client's end. */
const rowOfCallers = 1_000;
const proxiesMax = 10_000;

interface Habit {
  /** SERVER spans since the last CLIENT span. */
  row: number;
  isCaller: boolean;
}

/** Learns of the proxies of one project whether they send a CLIENT span for each call, by what they send. */
export class CallHabits {
  readonly #habits = new Map<string, Habit>();

  /** A SERVER span of the proxy came, which names whom it asked. */
  sawServer(proxy: string): void {
    const habit = this.#habits.get(proxy);
    if (habit !== undefined) {
      habit.row += 1;
      return;
    }
    if (this.#habits.size >= proxiesMax) this.#habits.clear();
    this.#habits.set(proxy, { row: 1, isCaller: false });
  }

  /** A CLIENT span of the proxy came. */
  sawClient(proxy: string): void {
    const habit = this.#habits.get(proxy);
    if (habit === undefined) {
      this.sawServer(proxy);
      this.sawClient(proxy);
      return;
    }
    habit.row = 0;
    habit.isCaller = true;
  }

  /** Whether the proxy's SERVER spans are all that tells whom it asks; not before that has been seen. */
  sendsNoCalls(proxy: string): boolean {
    const habit = this.#habits.get(proxy);
    if (habit === undefined) return false;
    return habit.row >= (habit.isCaller ? rowOfCallers : rowOfStrangers);
  }
}
