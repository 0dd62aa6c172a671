import { randomUUID } from "node:crypto";

import type {
  ChannelTest,
  ChannelTestAnswer,
  TemplatePreview,
  TemplatePreviewAnswer,
} from "#lib/contract/channels.ts";
import { alertMessage, type AlertMessage } from "#lib/notify/alert-message.ts";
import type { Alert } from "#lib/notify/alert.ts";
import { attempt, type Attempt } from "#lib/notify/attempt.ts";
import { channelKindOf } from "#lib/notify/channels.ts";
import type { Send } from "#lib/notify/send-request.ts";
import { renderTemplate, TemplateProblem } from "#lib/notify/template.ts";
import { channelById } from "#lib/store/channels.ts";

import { placeOfSecrets } from "./channel-secrets.ts";
import { settingsWithSecrets } from "./channels/settings-with-secrets.ts";
import { CommandRefused } from "./command-refused.ts";
import type { ChannelContext } from "./save-channel.ts";

interface TestContext extends ChannelContext {
  readonly send: Send;
  readonly externalUrl: string;
}

const dayMs = 86_400_000;

/** Sends an example through a channel as it would be saved, and shows the whole conversation. Nothing is stored. */
export async function testChannel(
  context: TestContext,
  test: ChannelTest,
  nowMs: number,
): Promise<ChannelTestAnswer> {
  const kind = channelKindOf(test.kind);
  if (kind === null)
    throw new CommandRefused(400, `There is no kind of channel called ${test.kind}.`);
  const before = await secretsBefore(context, test.id);
  const { settings, secrets } = settingsWithSecrets(kind, test.settings, before);
  const channel = kind.open({ ...settings, ...secrets });
  if (typeof channel === "string") throw new CommandRefused(400, channel);
  const message = exampleMessage(context.externalUrl, test.name, nowMs);
  const envelope = {
    deliveryId: randomUUID(),
    message,
    ...textsOf(test, message),
    nowMs,
    repeatIntervalMs: dayMs,
    thread: null,
  };
  return answerOf(await attempt(channel, envelope, secrets, context.send));
}

/** The texts that templates make of an example, or what is wrong with them. */
export function previewTemplates(
  externalUrl: string,
  templates: TemplatePreview,
  nowMs: number,
): TemplatePreviewAnswer {
  const message = exampleMessage(externalUrl, "preview", nowMs);
  try {
    return { ...rendered(templates, message), problem: null };
  } catch (error) {
    if (!(error instanceof TemplateProblem)) throw error;
    return { title: null, body: null, problem: error.message };
  }
}

async function secretsBefore(
  { db, project, box }: TestContext,
  id: string | undefined,
): Promise<Record<string, unknown>> {
  const stored = id === undefined ? null : await channelById(db.pool, project, id);
  return stored === null ? {} : box.open(placeOfSecrets(project, stored.id), stored.sealed);
}

function textsOf(test: ChannelTest, message: AlertMessage): ReturnType<typeof rendered> {
  try {
    return rendered(test, message);
  } catch (error) {
    if (error instanceof TemplateProblem) throw new CommandRefused(400, error.message);
    throw error;
  }
}

function rendered({ titleTemplate, bodyTemplate }: TemplatePreview, message: AlertMessage) {
  const render = (template: string | null) =>
    template === null ? null : renderTemplate(template, message);
  return { title: render(titleTemplate), body: render(bodyTemplate) };
}

function answerOf({ verdict, exchanges }: Attempt): ChannelTestAnswer {
  return {
    outcome: verdict.kind,
    reason: verdict.kind === "delivered" ? null : verdict.reason,
    exchanges: exchanges.map((exchange) => ({
      ...exchange,
      request: { ...exchange.request, headers: { ...exchange.request.headers } },
      response:
        exchange.response === null
          ? null
          : { ...exchange.response, headers: { ...exchange.response.headers } },
    })),
  };
}

function exampleMessage(externalUrl: string, receiver: string, nowMs: number): AlertMessage {
  const to = new Date(nowMs).toISOString();
  const from = new Date(nowMs - 300_000).toISOString();
  const window = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
  const alert: Alert = {
    fingerprint: "00000000000000aa",
    status: "firing",
    labels: {
      alertname: "TestAlert",
      proxy: "example-proxy",
      upstream: "proxy.example.com",
      severity: "ticket",
    },
    annotations: { summary: "This is a test of the channel; nothing is wrong." },
    startsAt: from,
    endsAt: null,
    values: [{ name: "error_rate_5m", value: 0.032, text: "3.2 %" }],
    evidence: [{ kind: "proxy", title: "Overview", path: `/?${window}`, from, to }],
    exchanges: [],
    generatorPath: "/alerts",
  };
  return alertMessage([alert], {
    groupKey: '{}:{alertname="TestAlert"}',
    groupLabels: { alertname: "TestAlert" },
    routeLabels: {},
    receiver,
    reason: "first notification",
    externalUrl,
    test: true,
  });
}
