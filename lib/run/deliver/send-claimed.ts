import type { Database } from "#lib/db/open.ts";
import { inTransaction } from "#lib/db/transaction.ts";
import { attempt, type Attempt } from "#lib/notify/attempt.ts";
import { entryOf, withHidden } from "#lib/notify/decide.ts";
import { pauseMsAfter } from "#lib/notify/retry.ts";
import type { Send } from "#lib/notify/send-request.ts";
import { storedMessage } from "#lib/notify/stored-message.ts";
import { renderTemplate, TemplateProblem } from "#lib/notify/template.ts";
import { disableChannel, receiversById, type StoredChannel } from "#lib/store/channels.ts";
import {
  finishDelivery,
  flushDelivered,
  putAttempt,
  type AttemptResult,
  type ClaimedDelivery,
} from "#lib/store/deliveries.ts";
import { alertsOfGroup, dropFromGroup, holdGroup } from "#lib/store/notification-groups.ts";
import { logEntries, putLogEntry } from "#lib/store/notification-log.ts";
import { log } from "#lib/telemetry/log.ts";
import { metrics } from "#lib/telemetry/metrics.ts";

import { readyChannel, type SecretBox } from "../channel-secrets.ts";
import { logMs } from "./flush-groups.ts";
import { readableAlerts } from "./told-alert.ts";

export interface SendContext {
  readonly db: Database;
  readonly send: Send;
  readonly secrets: () => Promise<SecretBox>;
  readonly clock: () => number;
  readonly random: () => number;
}

/** Makes one attempt of a claimed delivery and writes down how it went, whatever happens. */
export async function sendClaimed(context: SendContext, claimed: ClaimedDelivery): Promise<void> {
  const pool = context.db.pool;
  const [stored = null] = await receiversById(pool, claimed.project, [claimed.channelId]);
  const thread = await threadOf(context, claimed);
  const begun = context.clock();
  const made = await attemptOf(context, claimed, { stored, thread });
  const result = resultOf(context, claimed, made, context.clock() - begun);
  await settle(context, claimed, result, threadIn(made));
  count(stored?.kind ?? "none", result);
}

async function attemptOf(
  context: SendContext,
  claimed: ClaimedDelivery,
  { stored, thread }: { readonly stored: StoredChannel | null; readonly thread: string | null },
): Promise<Attempt> {
  if (stored === null) return refused("The channel was removed.");
  if (stored.disabledReason !== null) return refused("The channel is switched off.");
  try {
    const ready = readyChannel(await context.secrets(), claimed.project, stored);
    if (typeof ready === "string") return refused(ready);
    const message = storedMessage(claimed.message);
    const render = (template: string | null) =>
      template === null ? null : renderTemplate(template, message);
    const envelope = {
      deliveryId: claimed.id,
      message,
      title: render(stored.titleTemplate),
      body: render(stored.bodyTemplate),
      nowMs: context.clock(),
      repeatIntervalMs: claimed.repeatIntervalMs,
      thread,
    };
    return await attempt(ready.channel, envelope, ready.secrets, context.send);
  } catch (error) {
    if (error instanceof TemplateProblem) return refused(error.message);
    log.error({ err: error, delivery: claimed.id }, "a delivery could not be attempted");
    return refused(error instanceof Error ? error.message : "The attempt failed on our side.");
  }
}

/** What the receiver called the conversation the last time; null for the first message. */
async function threadOf(
  { db, clock }: SendContext,
  { project, groupId, channelId }: ClaimedDelivery,
): Promise<string | null> {
  if (groupId === null) return null;
  const entries = await logEntries(db.pool, project, groupId, clock());
  return entries.get(channelId)?.thread ?? null;
}

function threadIn({ verdict }: Attempt): string | null {
  return verdict.kind === "delivered" ? (verdict.thread ?? null) : null;
}

function refused(reason: string): Attempt {
  return { verdict: { kind: "rejected", reason }, exchanges: [] };
}

function resultOf(
  context: SendContext,
  claimed: ClaimedDelivery,
  { verdict, exchanges }: Attempt,
  latencyMs: number,
): AttemptResult {
  const pause =
    verdict.kind === "retry"
      ? pauseMsAfter(claimed.attempt, verdict.retryAfterMs, context.random())
      : null;
  return {
    outcome: verdict.kind,
    reason: verdict.kind === "delivered" ? null : verdict.reason,
    latencyMs: Math.round(latencyMs),
    exchanges,
    nextAttemptAtMs: pause === null ? null : context.clock() + pause,
  };
}

function settle(
  { db, clock }: SendContext,
  claimed: ClaimedDelivery,
  result: AttemptResult,
  thread: string | null,
): Promise<void> {
  return inTransaction(db, async (client) => {
    const nowMs = clock();
    if (claimed.groupId !== null) await holdGroup(client, claimed.project, claimed.groupId);
    await putAttempt(client, claimed, result);
    const mine = await finishDelivery(client, claimed, result, nowMs);
    if (result.outcome === "gone") {
      const reason = `The receiver ${result.reason ?? "wants no more messages"}.`;
      await disableChannel(client, claimed.project, claimed.channelId, reason);
    }
    const { project, groupId, channelId, kind, members, flush } = claimed;
    if (!mine || result.outcome !== "delivered" || groupId === null || kind !== "alert") return;
    const heard = entryOf(
      members.map((member) => ({ ...member, muted: false })),
      nowMs,
    );
    const before = (await logEntries(client, project, groupId, nowMs)).get(channelId) ?? null;
    const there = readableAlerts(await alertsOfGroup(client, project, groupId));
    const entry = withHidden(
      heard,
      before,
      there.map(({ alert }) => alert),
    );
    const place = { groupId, channelId };
    await putLogEntry(client, project, place, { ...entry, thread }, nowMs + logMs(claimed));
    if (!(await flushDelivered(client, project, groupId, flush))) return;
    const ended = members.filter((member) => member.status === "resolved");
    await dropFromGroup(client, project, groupId, ended);
  });
}

function count(kind: string, { outcome, latencyMs }: AttemptResult): void {
  metrics
    .counter("viascope_notification_attempts_total", "Attempts to deliver messages.", {
      kind,
      outcome,
    })
    .add(1);
  metrics
    .histogram(
      "viascope_notification_seconds",
      "How long attempts took.",
      [0.05, 0.1, 0.5, 1, 5, 15],
      { kind },
    )
    .observe(latencyMs / 1000);
}
