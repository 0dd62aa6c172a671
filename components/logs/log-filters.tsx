"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import { debounce, useQueryStates } from "nuqs";

import { logKinds } from "#lib/core/log-line.ts";
import { logSeverities } from "#lib/core/log-severity.ts";

import { ProxyFilter } from "../window/toolbar.tsx";
import { logKeys } from "./log-questions.ts";

import toolbar from "../window/toolbar.module.css";
import styles from "./logs.module.css";

/** What the list is narrowed to; all of it stands in the address. */
export function LogFilters({ proxies }: { readonly proxies: readonly string[] }) {
  return (
    <>
      <Follow />
      <TextFilter />
      <SeverityFilter />
      <KindFilter />
      <ProxyFilter proxies={proxies} />
    </>
  );
}

function Follow() {
  const t = useTranslations("logs");
  const [{ live }, setKeys] = useQueryStates(logKeys);
  return (
    <Button
      aria-pressed={live}
      {...(live ? {} : { color: "gray" })}
      onClick={() => void setKeys({ live: live ? null : true })}
      fz={14}
      size="compact-md"
      title={t("followHint")}
      variant={live ? "filled" : "default"}
    >
      {t("follow")}
    </Button>
  );
}

function TextFilter() {
  const t = useTranslations("logs");
  const [{ q }, setKeys] = useQueryStates(logKeys);
  return (
    <input
      aria-label={t("search")}
      className={toolbar["find"]}
      maxLength={200}
      onChange={(event) =>
        void setKeys({ q: event.target.value }, { limitUrlUpdates: debounce(300) })
      }
      placeholder={t("search")}
      type="search"
      value={q}
    />
  );
}

function SeverityFilter() {
  const t = useTranslations("logs");
  const words = useTranslations("logSeverity");
  const [{ severity }, setKeys] = useQueryStates(logKeys, { history: "push" });
  return (
    <select
      aria-label={t("severity")}
      className={toolbar["select"]}
      onChange={(event) => void setKeys({ severity: logKeys.severity.parse(event.target.value) })}
      value={severity ?? ""}
    >
      <option value="">{t("allSeverities")}</option>
      {logSeverities.map((name) => (
        <option key={name} value={name}>
          {t("orWorse", { severity: words(name) })}
        </option>
      ))}
    </select>
  );
}

function KindFilter() {
  const t = useTranslations("logs");
  const words = useTranslations("logKind");
  const [{ kind }, setKeys] = useQueryStates(logKeys, { history: "push" });
  return (
    <select
      aria-label={t("kind")}
      className={toolbar["select"]}
      onChange={(event) => void setKeys({ kind: logKeys.kind.parse(event.target.value) })}
      value={kind ?? ""}
    >
      <option value="">{t("allKinds")}</option>
      {logKinds.map((name) => (
        <option key={name} value={name}>
          {words(name)}
        </option>
      ))}
    </select>
  );
}

/** The filters that no control shows: they came with a link. */
export function LinkedFilters() {
  const t = useTranslations("logs");
  const [{ trace, instance }, setKeys] = useQueryStates(logKeys, { history: "push" });
  if (trace === null && instance === null) return null;
  return (
    <p className={styles["linked"]}>
      {trace === null ? null : (
        <span>
          {t("traceId")} <code>{trace}</code>
        </span>
      )}
      {instance === null ? null : (
        <span>
          {t("instance")} <code>{instance}</code>
        </span>
      )}
      <Button
        color="gray"
        onClick={() => void setKeys({ trace: null, instance: null })}
        size="compact-xs"
        variant="default"
      >
        {t("clear")}
      </Button>
    </p>
  );
}
