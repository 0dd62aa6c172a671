import { z } from "zod";

import type { AlertMessage } from "./alert-message.ts";

/** Everything one attempt needs to know. */
export interface Envelope {
  /** The same over all attempts of one delivery. */
  readonly deliveryId: string;
  readonly message: AlertMessage;
  /** Texts that the operator wrote for this channel, rendered; null where the channel's own are used. */
  readonly title: string | null;
  readonly body: string | null;
  readonly nowMs: number;
  /** How long the message stands until it is repeated. */
  readonly repeatIntervalMs: number;
  /** What the receiver called the conversation when it took the message before; null for the first one. */
  readonly thread: string | null;
}

export interface HttpRequest {
  readonly kind: "http";
  readonly method: "POST" | "GET";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface MailRequest {
  readonly kind: "mail";
  readonly host: string;
  readonly port: number;
  /** `implicit`: TLS from the first byte; `starttls`: demanded; `none`: only on networks of one's own. */
  readonly tls: "implicit" | "starttls" | "none";
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type ChannelRequest = HttpRequest | MailRequest;

/** An answer; for mail `status` is the code of SMTP. */
export interface ChannelResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning, in case it was very long. */
  readonly body: string;
}

export type Verdict =
  /** `thread`: what the receiver calls the conversation, which the next message about the group gets. */
  | { readonly kind: "delivered"; readonly thread?: string }
  | { readonly kind: "retry"; readonly reason: string; readonly retryAfterMs: number | null }
  /** Trying the same again does not help. */
  | { readonly kind: "rejected"; readonly reason: string }
  /** The receiver wants nothing more from us: the channel is switched off. */
  | { readonly kind: "gone"; readonly reason: string };

/** What a channel does for one message: asks, reads the answer, maybe asks again, and judges. Computes only. */
export type Conversation = Generator<ChannelRequest, Verdict, ChannelResponse>;

/** A way to tell people, with settings of its own kind. */
export interface ChannelDefinition<Config> {
  readonly kind: string;
  readonly title: string;
  readonly schema: z.ZodType<Config>;
  /** Names of the settings that are encrypted at rest and never shown again. */
  readonly secrets: readonly (keyof Config & string)[];
  /** What an operator may see of where messages go. */
  hint(config: Config): string;
  converse(envelope: Envelope, config: Config): Conversation;
}

/** A way to tell people. */
export interface ChannelKind {
  readonly kind: string;
  readonly title: string;
  /** JSON Schema of the settings, which a form can be drawn from. */
  readonly settingsSchema: Readonly<Record<string, unknown>>;
  readonly secrets: readonly string[];
  /** A channel with these settings, or what is wrong with them as a sentence. */
  open(settings: unknown): OpenChannel | string;
}

/** A channel with settings that were read. */
export interface OpenChannel {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hint: string;
  converse(envelope: Envelope): Conversation;
}

/** Hides the settings of a kind behind its schema, so that all kinds stand in one list. */
export function channelKind<Config extends object>(
  definition: ChannelDefinition<Config>,
): ChannelKind {
  const { kind, title, schema, secrets } = definition;
  return {
    kind,
    title,
    get settingsSchema() {
      return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    },
    secrets,
    open(settings) {
      const read = schema.safeParse(settings);
      if (!read.success) return sentenceOf(read.error);
      return {
        settings: Object.fromEntries(Object.entries(read.data)),
        hint: definition.hint(read.data),
        converse: (envelope) => definition.converse(envelope, read.data),
      };
    },
  };
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined
    ? "The settings cannot be read."
    : `\`${issue.path.join(".")}\`: ${issue.message}.`;
}
