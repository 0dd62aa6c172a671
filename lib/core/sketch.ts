/**
 * A DDSketch of latencies with relative accuracy 1 %, on integer microseconds and integer bucket boundaries
 * (Masson, Rim, Lee 2019; boundaries by reference/slo-alerting-diagnosis.md §4.2):
 * `high = floor(101 * low / 99)`, the next bucket starts at `high + 1`. Counts are integers,
 * so sketches merge exactly, in any order, and TypeScript and SQL agree bit for bit.
 */
export interface Sketch {
  /** Bucket numbers, ascending. */
  readonly index: readonly number[];
  /** How many values fell into the bucket of the same place in `index`. */
  readonly count: readonly number[];
}

/** A sketch of nothing. */
export const emptySketch: Sketch = { index: [], count: [] };

/** Values above an hour count as an hour. */
export const latencyUsMax = 3_600_000_000;

const lows: number[] = [0];
const highs: number[] = [0];
for (let low = 1; low <= latencyUsMax; low = (highs.at(-1) ?? 0) + 1) {
  lows.push(low);
  highs.push(Math.max(low, Math.floor((101 * low) / 99)));
}
const lowBounds = Float64Array.from(lows);
const highBounds = Float64Array.from(highs);

/** How many buckets there are; bucket numbers are below it. */
export const bucketCount = lowBounds.length;

/** Exact bucket numbers of all values below this are looked up, not searched. */
const directMax = 1 << 16;
const direct = new Uint16Array(directMax);
for (let value = 0, bucket = 0; value < directMax; value += 1) {
  if (value > (highBounds[bucket] ?? 0)) bucket += 1;
  direct[value] = bucket;
}

/** The bucket of a latency in microseconds; negative values count as 0, values above an hour as an hour. */
export function bucketOf(latencyUs: number): number {
  const value = Math.trunc(latencyUs);
  if (value <= 0) return 0;
  if (value < directMax) return direct[value] ?? 0;
  return search(Math.min(value, latencyUsMax));
}

function search(value: number): number {
  let low = 0;
  let high = bucketCount - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lowBounds[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The value that stands for a bucket, in microseconds: at most 1 % from any value in it. */
export function representativeUs(bucket: number): number {
  const low = lowBounds[bucket] ?? latencyUsMax;
  const high = highBounds[bucket] ?? latencyUsMax;
  return low === high ? low : (2 * low * high) / (low + high);
}

/** Most buckets that are looked through one by one. */
const fewMax = 16;

/** Counts per bucket while they are being added up; `toSketch` gives the sparse form that is stored. */
export class SketchSum {
  /** As in a sketch, while they are few: a small commit has many sums of one or two values each. */
  readonly #index: number[] = [];
  readonly #count: number[] = [];
  /** Of every bucket, once there are more. */
  #counts: Float64Array | null = null;

  add(latencyUs: number): void {
    this.addBucket(bucketOf(latencyUs), 1);
  }

  addBucket(bucket: number, count: number): void {
    if (this.#counts === null) this.#addToFew(bucket, count);
    else this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
  }

  #addToFew(bucket: number, count: number): void {
    let at = this.#index.length;
    while (at > 0 && (this.#index[at - 1] ?? 0) > bucket) at -= 1;
    if (this.#index[at - 1] === bucket) {
      this.#count[at - 1] = (this.#count[at - 1] ?? 0) + count;
    } else if (this.#index.length < fewMax) {
      this.#index.splice(at, 0, bucket);
      this.#count.splice(at, 0, count);
    } else {
      this.#counts = this.#spread();
      this.#counts[bucket] = count;
    }
  }

  #spread(): Float64Array {
    const counts = new Float64Array(bucketCount);
    for (const [at, bucket] of this.#index.entries()) counts[bucket] = this.#count[at] ?? 0;
    return counts;
  }

  merge(sketch: Sketch): void {
    for (let place = 0; place < sketch.index.length; place += 1) {
      this.addBucket(sketch.index[place] ?? 0, sketch.count[place] ?? 0);
    }
  }

  toSketch(): Sketch {
    const counts = this.#counts;
    if (counts === null && !this.#count.includes(0)) {
      return { index: [...this.#index], count: [...this.#count] };
    }
    return sparse(counts ?? this.#spread());
  }
}

function sparse(counts: Float64Array): Sketch {
  const index: number[] = [];
  const count: number[] = [];
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const value = counts[bucket] ?? 0;
    if (value === 0) continue;
    index.push(bucket);
    count.push(value);
  }
  return { index, count };
}

/** How many values a sketch holds. */
export function sizeOf(sketch: Sketch): number {
  return sketch.count.reduce((sum, count) => sum + count, 0);
}

/**
 * The latency in microseconds at a quantile, by nearest rank `ceil(q * n)`; null for an empty sketch.
 * The quantile is given in thousandths (950 is P95), so that no binary fraction moves the rank.
 */
export function quantileUs(sketch: Sketch, quantileThousandths: number): number | null {
  const total = sizeOf(sketch);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil((quantileThousandths * total) / 1000));
  let seen = 0;
  for (let place = 0; place < sketch.index.length; place += 1) {
    seen += sketch.count[place] ?? 0;
    if (seen >= rank) return representativeUs(sketch.index[place] ?? 0);
  }
  return null;
}

/** The quantile in milliseconds, as the API gives it. */
export function quantileMs(sketch: Sketch, quantileThousandths: number): number | null {
  const value = quantileUs(sketch, quantileThousandths);
  return value === null ? null : value / 1000;
}

/** How many values are at most `latencyUs`; those within 1 % of it may be counted either way. */
export function countAtMost(sketch: Sketch, latencyUs: number): number {
  const last = bucketOf(latencyUs);
  let seen = 0;
  for (let place = 0; place < sketch.index.length; place += 1) {
    if ((sketch.index[place] ?? 0) <= last) seen += sketch.count[place] ?? 0;
  }
  return seen;
}
