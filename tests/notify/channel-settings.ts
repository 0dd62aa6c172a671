import type { Answer } from "#tests/receiver.ts";
import { respond } from "#tests/receiver.ts";

/** Every kind of channel over HTTP: settings that lead to a receiver, how it says yes, and how it says no with HTTP 200. */
export interface Sample {
  readonly kind: string;
  settings(url: string): Record<string, unknown>;
  readonly yes: Answer;
  /** Answers of HTTP 200 that mean no; null where the status says everything. */
  readonly no: { readonly body: string; readonly verdict: "rejected" | "retry" } | null;
}

const json = { "content-type": "application/json" };

export const samples: readonly Sample[] = [
  {
    kind: "webhook",
    settings: (url) => ({ url, signing: [{ secret: `whsec_${"A".repeat(32)}`, endsAtMs: null }] }),
    yes: respond(200, "thanks"),
    no: null,
  },
  {
    kind: "alertmanager",
    settings: (url) => ({ url, user: "viascope", password: "am-password" }),
    yes: respond(200, "", json),
    no: null,
  },
  {
    kind: "pagerduty",
    settings: (url) => ({ url, routingKey: "routing-key-0123456789" }),
    yes: respond(202, '{"status":"success","dedup_key":"x"}', json),
    no: { body: '{"status":"invalid event"}', verdict: "retry" },
  },
  {
    kind: "slack",
    settings: (url) => ({ url: `${url}/services/T000/B000/slack-secret-key` }),
    yes: respond(200, "ok"),
    no: { body: "invalid_payload", verdict: "rejected" },
  },
  {
    kind: "discord",
    settings: (url) => ({ url: `${url}/api/webhooks/1/discord-secret-key` }),
    yes: respond(200, '{"id":"1"}', json),
    no: { body: "<html>", verdict: "retry" },
  },
  {
    kind: "teams",
    settings: (url) => ({ url: `${url}/workflows/teams-secret-key?sig=teams-signature` }),
    yes: respond(202),
    no: { body: '{"error":{"code":"TriggerInputSchemaMismatch"}}', verdict: "rejected" },
  },
  {
    kind: "wecom",
    settings: (url) => ({ url: `${url}/cgi-bin/webhook/send?key=wecom-secret-key` }),
    yes: respond(200, '{"errcode":0,"errmsg":"ok"}', json),
    no: { body: '{"errcode":93000,"errmsg":"invalid webhook url"}', verdict: "rejected" },
  },
  {
    kind: "feishu",
    settings: (url) => ({
      url: `${url}/open-apis/bot/v2/hook/feishu-key-000`,
      secret: "feishu-sign",
    }),
    yes: respond(200, '{"code":0,"msg":"success"}', json),
    no: { body: '{"code":19021,"msg":"sign match fail"}', verdict: "rejected" },
  },
  {
    kind: "dingtalk",
    settings: (url) => ({
      url: `${url}/robot/send?access_token=dingtalk-token`,
      secret: "SECdingtalk",
    }),
    yes: respond(200, '{"errcode":0,"errmsg":"ok"}', json),
    no: { body: '{"errcode":310000,"errmsg":"sign not match"}', verdict: "rejected" },
  },
  {
    kind: "telegram",
    settings: (url) => ({ api: url, botToken: "123456:telegram-bot-token", chatId: "-1001" }),
    yes: respond(200, '{"ok":true,"result":{}}', json),
    no: { body: '{"ok":false,"description":"chat not found"}', verdict: "rejected" },
  },
  {
    kind: "jira",
    settings: (url) => ({ url, user: "ann@example.com", token: "jira-api-token", project: "OPS" }),
    yes: respond(200, '{"issues":[],"id":"10001","key":"OPS-1"}', json),
    no: { body: "<html>login</html>", verdict: "retry" },
  },
];
