import { labelsOf } from "./loki/labels.ts";
import { pushFromJson } from "./loki/push-json.ts";
import { pushFromProtobuf } from "./loki/push-protobuf.ts";
import type { LokiEntry, LokiStream } from "./loki/stream.ts";

export type { LokiEntry, LokiStream };

/** The streams of a body of `/loki/api/v1/push`, decompressed; throws MalformedPayload where it is none. */
export function lokiStreams(body: Uint8Array, encoding: "protobuf" | "json"): LokiStream[] {
  if (encoding === "json") return pushFromJson(body);
  return pushFromProtobuf(body).map(({ labels, entries }) => ({
    labels: labelsOf(labels),
    entries,
  }));
}
