/** A fast seeded generator (xorshift128), so that a run can be repeated byte by byte. */
export class Random {
  #a: number;
  #b = 362_436_069;
  #c = 521_288_629;
  #d = 88_675_123;

  constructor(seed: number) {
    this.#a = (seed | 0) ^ 123_456_789;
    for (let round = 0; round < 20; round += 1) this.uint32();
  }

  uint32(): number {
    const t = this.#a ^ (this.#a << 11);
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = this.#d ^ (this.#d >>> 19) ^ t ^ (t >>> 8);
    return this.#d >>> 0;
  }

  /** From 0 to below 1. */
  unit(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** A whole number below a limit of at most 65,536: in integers, as it is asked for most. */
  below(limit: number): number {
    return ((this.uint32() >>> 16) * limit) >>> 16;
  }

  /** Log-normal around a median, as latencies are. */
  latency(median: number, sigma: number): number {
    const u = Math.max(this.unit(), 1e-9);
    const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.unit());
    return Math.max(1, Math.round(median * Math.exp(sigma * normal)));
  }
}

const drawn = 16_384;

/** A distribution that was drawn from once, and is read between its sorted draws: as true to it, for a tenth of the time. */
export class Sampled {
  readonly #sorted: Float64Array;

  constructor(draw: () => number) {
    this.#sorted = Float64Array.from({ length: drawn }, draw).toSorted();
  }

  /** A whole number of the distribution. */
  next(random: Random): number {
    const place = random.unit() * (drawn - 1);
    const below = Math.floor(place);
    const low = this.#sorted[below] ?? 0;
    const high = this.#sorted[below + 1] ?? low;
    return Math.round(low + (high - low) * (place - below));
  }
}
