"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useState } from "react";

import type { TokenMade } from "#lib/contract/tokens.ts";

import { CopyButton } from "../ui/copy-button.tsx";
import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { useClock } from "../window/use-clock.ts";
import { TokenForm } from "./token-form.tsx";
import { tokensQuestion } from "./token-questions.ts";
import { TokensTable } from "./tokens-table.tsx";

import styles from "./tokens.module.css";

interface TokensPageProps {
  readonly nowMs: number;
  /** Where telemetry is sent to. */
  readonly origin: string;
}

/** Who may send: makes tokens, shows each once, and ends them. */
export function TokensPage({ nowMs, origin }: TokensPageProps) {
  const t = useTranslations("tokens");
  const clock = useClock(nowMs, 5_000);
  const answers = useQueryClient();
  const [made, setMade] = useState<TokenMade | null>(null);
  const tokens = useQuery(tokensQuestion());
  const items = tokens.data?.items ?? [];
  return (
    <>
      <div className={styles["head"]}>
        <div>
          <h1>{t("title")}</h1>
          <p>{tokens.data?.localNeedsToken === true ? t("leadAll") : t("lead")}</p>
        </div>
        <Link href="/settings/operations">{t("operations")}</Link>
      </div>
      <Failure error={tokens.error} />
      <Panel title={t("tokens")}>
        {tokens.data !== undefined && items.length === 0 ? (
          <Nothing>{t("none")}</Nothing>
        ) : (
          <TokensTable nowMs={clock} tokens={items} />
        )}
      </Panel>
      <Panel title={t("new")}>
        {made === null ? null : <Once made={made} origin={origin} />}
        <TokenForm
          onMade={(next) => {
            setMade(next);
            void answers.invalidateQueries(tokensQuestion());
          }}
        />
      </Panel>
    </>
  );
}

/** The one time that a token is seen. */
function Once({ made, origin }: { readonly made: TokenMade; readonly origin: string }) {
  const t = useTranslations("tokens");
  const copy = useTranslations("empty");
  return (
    <section aria-label={t("once")} className={styles["once"]} role="status">
      <p>
        <strong>{made.item.name}</strong> · {t("once")}
      </p>
      <div>
        <code data-testid="token">{made.token}</code>
        <CopyButton done={copy("copied")} label={copy("copy")} value={made.token} />
      </div>
      <pre>{exampleOf(made, origin)}</pre>
    </section>
  );
}

function exampleOf({ item }: TokenMade, origin: string): string {
  if (item.use === "metrics") return `curl -H "Authorization: Bearer $TOKEN" ${origin}/metrics`;
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
    'export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20$TOKEN"',
  ].join("\n");
}
