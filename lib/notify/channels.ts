import type { ChannelKind } from "./channel-kind.ts";
import { alertmanager } from "./channels/alertmanager/alertmanager.ts";
import { dingtalk } from "./channels/dingtalk/dingtalk.ts";
import { discord } from "./channels/discord/discord.ts";
import { email } from "./channels/email/email.ts";
import { feishu } from "./channels/feishu/feishu.ts";
import { jira } from "./channels/jira/jira.ts";
import { pagerduty } from "./channels/pagerduty/pagerduty.ts";
import { slack } from "./channels/slack/slack.ts";
import { teams } from "./channels/teams/teams.ts";
import { telegram } from "./channels/telegram/telegram.ts";
import { webhook } from "./channels/webhook/webhook.ts";
import { wecom } from "./channels/wecom/wecom.ts";

/** Every way to tell people; a new one is a folder and a line here. */
export const channelKinds: readonly ChannelKind[] = [
  webhook,
  alertmanager,
  pagerduty,
  slack,
  discord,
  teams,
  wecom,
  feishu,
  dingtalk,
  telegram,
  email,
  jira,
];

/** The kind with this name; null when there is none. */
export function channelKindOf(kind: string): ChannelKind | null {
  return channelKinds.find((one) => one.kind === kind) ?? null;
}
