import { labelsOf, type LokiLabels } from "./loki/labels.ts";
import { pushFromJson } from "./loki/push-json.ts";
import { pushFromProtobuf } from "./loki/push-protobuf.ts";

export interface LokiEntry {
  /** Epoch microseconds. */
  readonly timeUs: number;
  readonly line: string;
}

/** One stream of a push: what its labels say, and its lines. */
export interface LokiStream {
  readonly labels: LokiLabels;
  readonly entries: readonly LokiEntry[];
}

/** The streams of a body of `/loki/api/v1/push`, decompressed; throws MalformedPayload where it is none. */
export function lokiStreams(body: Uint8Array, encoding: "protobuf" | "json"): LokiStream[] {
  if (encoding === "json") return pushFromJson(body);
  return pushFromProtobuf(body).map(({ labels, entries }) => ({
    labels: labelsOf(labels),
    entries,
  }));
}
