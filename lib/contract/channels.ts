import { z } from "zod";

const settings = z.record(z.string(), z.unknown());
const template = z.string().max(20_000).nullable();

/** The path of one channel. */
export const channelParams = z.object({ id: z.uuid() });

/** A channel as everybody may see it: secrets are named, never shown. */
export const channelItem = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  settings,
  /** Names of the settings that are kept encrypted and are set. */
  secretsSet: z.array(z.string()),
  /** Where messages go, without what must stay secret. */
  hint: z.string(),
  sendResolved: z.boolean(),
  titleTemplate: template,
  bodyTemplate: template,
  /** Why it is switched off; null while it is in use. */
  disabledReason: z.string().nullable(),
  revision: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ChannelItem = z.infer<typeof channelItem>;

/** A kind of channel, with what is needed to draw its form. */
const channelKindItem = z.object({
  kind: z.string(),
  title: z.string(),
  /** JSON Schema. */
  settingsSchema: settings,
  secrets: z.array(z.string()),
});

/** Answer of `GET /api/v1/channels`. */
export const channelsAnswer = z.object({
  items: z.array(channelItem),
  kinds: z.array(channelKindItem),
});
export type ChannelsAnswer = z.infer<typeof channelsAnswer>;

/** A channel as it is created or changed. A secret that is absent stays as it is; `null` removes it. */
export const channelChange = z.object({
  name: z.string().trim().min(1).max(100),
  kind: z.string(),
  settings,
  sendResolved: z.boolean().default(true),
  titleTemplate: template.default(null),
  bodyTemplate: template.default(null),
  enabled: z.boolean().default(true),
});
export type ChannelChange = z.infer<typeof channelChange>;

/** Body of `PUT /api/v1/channels/{id}`. */
export const channelUpdate = channelChange.extend({ revision: z.int() });
export type ChannelUpdate = z.infer<typeof channelUpdate>;

/** Answer of everything that saves a channel. The signing secret is in it once, when it is made. */
export const channelSaved = z.object({
  channel: channelItem,
  signingSecret: z.string().nullable(),
});
export type ChannelSaved = z.infer<typeof channelSaved>;

/** Body of `POST /api/v1/channels/{id}/rotate`: how long the secret before signs as well. */
export const secretRotation = z.object({ overlapHours: z.number().min(0).max(720).default(24) });

/** Body of `POST /api/v1/channels/test`: a channel as it would be saved; with an id its stored secrets fill in. */
export const channelTest = channelChange.extend({ id: z.uuid().optional() });
export type ChannelTest = z.infer<typeof channelTest>;

/** One request and its answer, without secrets. */
export const exchangeShown = z.object({
  request: z.object({
    method: z.string(),
    to: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
  response: z
    .object({
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.string(),
    })
    .nullable(),
  /** Why there was no answer. */
  problem: z.string().nullable(),
  latencyMs: z.int(),
});

/** Answer of `POST /api/v1/channels/test`. */
export const channelTestAnswer = z.object({
  outcome: z.enum(["delivered", "retry", "rejected", "gone"]),
  reason: z.string().nullable(),
  exchanges: z.array(exchangeShown),
});
export type ChannelTestAnswer = z.infer<typeof channelTestAnswer>;

/** Body of `POST /api/v1/channels/preview`. */
export const templatePreview = z.object({ titleTemplate: template, bodyTemplate: template });
export type TemplatePreview = z.infer<typeof templatePreview>;

/** Answer of `POST /api/v1/channels/preview`: the texts over an example, or what is wrong with a template. */
export const templatePreviewAnswer = z.object({
  title: z.string().nullable(),
  body: z.string().nullable(),
  problem: z.string().nullable(),
});
export type TemplatePreviewAnswer = z.infer<typeof templatePreviewAnswer>;

/** Answer of `DELETE /api/v1/channels/{id}`. */
export const channelRemoved = z.object({ id: z.string() });
