import { accessBy } from "#lib/receive/access.ts";
import { createGrpcReceiver } from "#lib/receive/grpc-receiver.ts";
import type { Intake } from "#lib/receive/intake.ts";
import { createReceiver, heldBytesOf } from "#lib/receive/receiver.ts";
import { createMetrics } from "#lib/telemetry/metrics.ts";

/** Listeners for OTLP over HTTP and over gRPC. */
export interface OtlpListeners {
  readonly httpPort: number;
  readonly grpcPort: number;
  close(): Promise<void>;
}

/** Starts both in front of an intake, for those who show a token or, without one, for this machine. */
export async function listenForOtlp(
  intake: Intake,
  token: string | null = null,
): Promise<OtlpListeners> {
  const limits = { bodyBytesMax: 1e6, heldBytesSoft: 1e7, heldBytesHard: 2e7, holdMsMax: 1_000 };
  const common = {
    intake,
    host: "127.0.0.1",
    port: 0,
    limits,
    access: accessBy({ token, project: 1 }),
    metrics: createMetrics(),
    held: heldBytesOf(limits),
    ready: () => Promise.resolve(true),
    onError: () => {},
  };
  const [http, grpc] = [createReceiver(common), createGrpcReceiver(common)];
  const [{ port: httpPort }, { port: grpcPort }] = [await http.listen(), await grpc.listen()];
  return {
    httpPort,
    grpcPort,
    close: () => Promise.all([http.close(), grpc.close()]).then(() => undefined),
  };
}
