import { labelsOf } from "./loki/labels.ts";
import { pushFromJson } from "./loki/push-json.ts";
import { pushFromProtobuf } from "./loki/push-protobuf.ts";
import type { LokiStream } from "./loki/stream.ts";

export type { LokiStream };

/** The streams of a body of `/loki/api/v1/push`, decompressed; throws MalformedPayload where it is none. */
export function lokiStreams(body: Uint8Array, encoding: "protobuf" | "json"): LokiStream[] {
  if (encoding === "json") return pushFromJson(body);
  return pushFromProtobuf(body).map(({ labels, lines }) => ({ labels: labelsOf(labels), lines }));
}

/** The lines of streams as one body of an access log, with the times at which their client took them. */
export function lokiBody(streams: readonly LokiStream[]): Buffer {
  const bytes = streams.reduce((sum, { lines }) => sum + lines.bytes, 0);
  const body = Buffer.allocUnsafeSlow(bytes);
  let end = 0;
  for (const { lines } of streams) end = lines.writeTo(body, end);
  return body;
}
