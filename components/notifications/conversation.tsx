"use client";

import { useTranslations } from "next-intl";

import type { ChannelTestAnswer } from "#lib/contract/channels.ts";

import { useFormats } from "../format/use-formats.ts";

import styles from "./notifications.module.css";

type Exchange = ChannelTestAnswer["exchanges"][number];

interface ConversationProps {
  readonly exchanges: readonly Exchange[];
  /** Whether the requests are shown at once: a log has many that say the same. */
  readonly open?: boolean;
}

/** What was sent and what was answered, without secrets. */
export function Conversation({ exchanges, open = true }: ConversationProps) {
  return exchanges.map((exchange) => (
    <ExchangeShown exchange={exchange} key={JSON.stringify(exchange)} open={open} />
  ));
}

interface ExchangeShownProps {
  readonly exchange: Exchange;
  readonly open: boolean;
}

function ExchangeShown({ exchange, open }: ExchangeShownProps) {
  const t = useTranslations("deliveries");
  const formats = useFormats();
  const { request, response, problem, latencyMs } = exchange;
  const answered = response === null ? (problem ?? t("noAnswer")) : String(response.status);
  const size = formats.bytes(new TextEncoder().encode(request.body).length);
  return (
    <div className={styles["conversation"]}>
      <details open={open}>
        <summary>{t("requestOf", { method: request.method, to: request.to, size })}</summary>
        <pre>{`${linesOf(request.headers)}\n\n${readable(request.body)}`}</pre>
      </details>
      <h3>{t("answeredIn", { answered, latency: formats.duration(latencyMs) })}</h3>
      {response === null ? null : (
        <pre>{`${linesOf(response.headers)}\n\n${readable(response.body)}`.trim()}</pre>
      )}
    </div>
  );
}

function linesOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
