import { MalformedPayload } from "../malformed.ts";

/** Both can be of two bytes, and each of them becomes many more. */
const streamsMax = 10_000;
const entriesMax = 1_000_000;

/** Counts what a push holds; throws MalformedPayload when it is more than anybody sends at once. */
export class PushSize {
  #streams = 0;
  #entries = 0;

  addStream(): void {
    this.#streams += 1;
    if (this.#streams > streamsMax) throw tooMany(streamsMax, "streams");
  }

  addEntry(): void {
    this.#entries += 1;
    if (this.#entries > entriesMax) throw tooMany(entriesMax, "entries");
  }
}

function tooMany(max: number, what: string): MalformedPayload {
  return new MalformedPayload(`The push holds more than ${max} ${what}; send smaller batches.`);
}
