export type Labels = Readonly<Record<string, string>>;

const offset = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;
const mask = 0xffffffffffffffffn;
const encoder = new TextEncoder();

/**
 * The identity of an alert: 16 hexadecimal digits, FNV-1a over its sorted labels,
 * the same number that Prometheus and Alertmanager give these labels.
 */
export function fingerprintOf(labels: Labels): string {
  let hash = offset;
  const mix = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * prime) & mask;
  };
  for (const name of Object.keys(labels).toSorted()) {
    for (const part of [name, labels[name] ?? ""]) {
      encoder.encode(part).forEach(mix);
      mix(255);
    }
  }
  return hash.toString(16).padStart(16, "0");
}
