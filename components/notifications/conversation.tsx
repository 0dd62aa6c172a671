"use client";

import { useTranslations } from "next-intl";

import type { ChannelTestAnswer } from "#lib/contract/channels.ts";

import { useFormats } from "../format/use-formats.ts";

import styles from "./notifications.module.css";

type Exchange = ChannelTestAnswer["exchanges"][number];

/** What was sent and what was answered, without secrets. */
export function Conversation({ exchanges }: { readonly exchanges: readonly Exchange[] }) {
  return exchanges.map((exchange) => (
    <ExchangeShown exchange={exchange} key={JSON.stringify(exchange)} />
  ));
}

function ExchangeShown({ exchange }: { readonly exchange: Exchange }) {
  const t = useTranslations("deliveries");
  const formats = useFormats();
  const { request, response, problem, latencyMs } = exchange;
  const answered = response === null ? (problem ?? t("noAnswer")) : String(response.status);
  return (
    <div className={styles["conversation"]}>
      <h3>{t("request")}</h3>
      <pre>{`${request.method} ${request.to}\n${linesOf(request.headers)}\n\n${readable(request.body)}`}</pre>
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
