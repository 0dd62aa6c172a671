import type { TargetGuard } from "#lib/guard/target-guard.ts";

import type { ChannelResponse, MailRequest } from "../channel-kind.ts";

export interface MailOptions {
  readonly guard: TargetGuard;
  readonly timeoutMs: number;
}

const openPorts = [25, 465, 587, 2525];

/** Hands one mail to its server; what the server says comes back as a status, a lost connection is thrown. */
export async function sendMail(
  request: MailRequest,
  options: MailOptions,
): Promise<ChannelResponse> {
  const [address] = await options.guard.admit({
    host: request.host,
    port: request.port,
    encrypted: request.tls !== "none",
    openPorts,
  });
  if (address === undefined) throw new Error("the name has no address");
  // Only who sends mail pays for it: loading this takes 25 MB.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    // The address that was looked at is the one that is used; the certificate has to name the host.
    host: address.address,
    port: request.port,
    secure: request.tls === "implicit",
    requireTLS: request.tls === "starttls",
    ignoreTLS: request.tls === "none",
    tls: { servername: request.host },
    ...(request.user === null
      ? {}
      : { auth: { user: request.user, pass: request.password ?? "" } }),
    connectionTimeout: options.timeoutMs,
    greetingTimeout: options.timeoutMs,
    socketTimeout: options.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const { from, to, subject, text, html, headers } = request;
    const sent = await transport.sendMail({ from, to: [...to], subject, text, html, headers });
    return { status: codeOf(sent.response), headers: {}, body: sent.response };
  } catch (error) {
    const answer = answerIn(error);
    if (answer === null) throw error;
    return answer;
  } finally {
    transport.close();
  }
}

/** What an SMTP server answered, when the failure is an answer of its. */
function answerIn(error: unknown): ChannelResponse | null {
  if (!(error instanceof Error) || !("responseCode" in error)) return null;
  if (typeof error.responseCode !== "number") return null;
  const said = "response" in error && typeof error.response === "string" ? error.response : "";
  return { status: error.responseCode, headers: {}, body: said };
}

function codeOf(response: string): number {
  return Number(/^\d{3}/.exec(response)?.[0] ?? 0);
}
