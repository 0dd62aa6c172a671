"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";

import type { TokenItem } from "#lib/contract/tokens.ts";

import { send } from "../data/send.ts";
import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { Refused } from "../ui/refused.tsx";
import { tokensQuestion } from "./token-questions.ts";

import table from "../ui/table.module.css";
import styles from "./tokens.module.css";

interface TokensTableProps {
  readonly tokens: readonly TokenItem[];
  readonly nowMs: number;
}

/** Tokens with their limits and their last use. */
export function TokensTable({ tokens, nowMs }: TokensTableProps) {
  const t = useTranslations("tokens");
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("name")}</th>
          <th scope="col">{t("use")}</th>
          <th scope="col">{t("limits")}</th>
          <th scope="col">{t("lastUsed")}</th>
          <th scope="col">{t("ends")}</th>
          <th scope="col">
            <span className="visually-hidden">{t("revoke")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <TokenRow key={token.id} nowMs={nowMs} token={token} />
        ))}
      </tbody>
    </table>
  );
}

function TokenRow({ token, nowMs }: { readonly token: TokenItem; readonly nowMs: number }) {
  const t = useTranslations("tokens");
  return (
    <tr data-ended={token.state === "inUse" ? undefined : "true"}>
      <th scope="row">
        <span className={table["name"]}>
          <strong>{token.name}</strong>
        </span>
        <code className={table["sub"]}>{token.hint}…</code>
      </th>
      <td data-label={t("use")}>{token.use === "metrics" ? t("metrics") : t("ingest")}</td>
      <td data-label={t("limits")}>
        <Limits token={token} />
      </td>
      <td data-label={t("lastUsed")}>
        {token.lastUsedAt === null ? (
          t("notUsed")
        ) : (
          <Moment ago nowMs={nowMs} timeMs={Date.parse(token.lastUsedAt)} />
        )}
      </td>
      <td data-label={t("ends")}>
        <End nowMs={nowMs} token={token} />
      </td>
      <td className={table["number"]}>
        {token.state === "revoked" ? null : <Revoke token={token} />}
      </td>
    </tr>
  );
}

function Limits({ token }: { readonly token: TokenItem }) {
  const t = useTranslations("tokens");
  const formats = useFormats();
  const { recordsPerSecond, bytesPerSecond } = token;
  const limits = [
    recordsPerSecond === null ? null : t("records", { records: formats.count(recordsPerSecond) }),
    bytesPerSecond === null ? null : t("bytes", { size: formats.bytes(bytesPerSecond) }),
  ].filter((limit) => limit !== null);
  return limits.length === 0 ? t("noLimit") : limits.join(", ");
}

function End({ token, nowMs }: { readonly token: TokenItem; readonly nowMs: number }) {
  const t = useTranslations("tokens");
  const { state, revokedAt, expiresAt } = token;
  if (state === "revoked" && revokedAt !== null) {
    return (
      <span className={styles["ended"]}>
        {t("revoked")} <Moment ago nowMs={nowMs} timeMs={Date.parse(revokedAt)} />
      </span>
    );
  }
  if (expiresAt === null) return t("never");
  const end = <Moment nowMs={nowMs} timeMs={Date.parse(expiresAt)} />;
  if (state !== "expired") return end;
  return (
    <span className={styles["ended"]}>
      {t("expired")} {end}
    </span>
  );
}

function Revoke({ token }: { readonly token: TokenItem }) {
  const t = useTranslations("tokens");
  const answers = useQueryClient();
  const [sure, setSure] = useState(false);
  const revoke = useMutation({
    mutationFn: () =>
      send(
        "DELETE",
        `tokens/${token.id}`,
        undefined,
        async () => (await import("#lib/contract/tokens.ts")).tokenItem,
      ),
    onSuccess: () => answers.invalidateQueries(tokensQuestion()),
  });
  return (
    <>
      <Button
        aria-label={sure ? t("revokeSure") : t("revokeNamed", { name: token.name })}
        color="red"
        loading={revoke.isPending}
        onClick={() => (sure ? revoke.mutate() : setSure(true))}
        size="compact-xs"
        variant={sure ? "filled" : "default"}
      >
        {sure ? t("revokeSure") : t("revoke")}
      </Button>
      <Refused error={revoke.error} />
    </>
  );
}
