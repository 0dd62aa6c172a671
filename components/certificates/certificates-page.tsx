"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { debounce, useQueryStates } from "nuqs";
import { useState } from "react";

import { useFormats } from "../format/use-formats.ts";
import { Failure } from "../ui/failure.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import { useClock } from "../window/use-clock.ts";
import { filterKeys } from "../window/window-state.ts";
import {
  certificatesQuestion,
  sendCertificate,
  type CertificateChange,
} from "./certificate-questions.ts";
import { CertificatesTable } from "./certificates-table.tsx";
import { findCertificates } from "./prepare-certificates.ts";

import toolbar from "../window/toolbar.module.css";
import styles from "./certificates.module.css";

/** The certificates that are checked, which of them end soon, and what could be checked beside them. */
export function CertificatesPage() {
  const t = useTranslations("certificates");
  const [{ q }] = useQueryStates(filterKeys);
  const certificates = useQuery(certificatesQuestion());
  const change = useChange();
  const items = certificates.data?.items ?? [];
  const found = findCertificates(items, q);
  return (
    <>
      <Head updatedAtMs={certificates.dataUpdatedAt} />
      <Failure error={certificates.error} />
      <Add adding={change.isPending} onAdd={(name) => change.mutateAsync({ kind: "add", name })} />
      <Refused error={change.error} />
      <Panel title={t("count", { shown: found.length })}>
        {found.length === 0 ? (
          <Nothing>{items.length === 0 ? t("none") : t("noneFound")}</Nothing>
        ) : (
          <CertificatesTable
            certificates={found}
            nowMs={certificates.dataUpdatedAt}
            onChange={(wanted) => change.mutate(wanted)}
          />
        )}
      </Panel>
      <Proposed
        names={certificates.data?.proposed ?? []}
        onAdd={(name) => change.mutate({ kind: "add", name })}
      />
    </>
  );
}

function Head({ updatedAtMs }: { readonly updatedAtMs: number }) {
  const t = useTranslations("certificates");
  const words = useTranslations("window");
  const formats = useFormats();
  const nowMs = useClock(updatedAtMs, 5_000);
  const [{ q }, setKeys] = useQueryStates(filterKeys);
  return (
    <div className={toolbar["toolbar"]}>
      <div className={toolbar["title"]}>
        <h1>{t("title")}</h1>
        <p className={styles["soft"]}>{t("lead")}</p>
      </div>
      <div className={toolbar["controls"]}>
        <span className={toolbar["freshness"]} suppressHydrationWarning>
          {words("updated", { ago: formats.ago(updatedAtMs, nowMs) })}
        </span>
        <input
          aria-label={t("search")}
          className={toolbar["find"]}
          onChange={(event) =>
            void setKeys({ q: event.target.value }, { limitUrlUpdates: debounce(200) })
          }
          placeholder={t("search")}
          type="search"
          value={q}
        />
      </div>
    </div>
  );
}

interface AddProps {
  readonly adding: boolean;
  readonly onAdd: (name: string) => Promise<unknown>;
}

function Add({ adding, onAdd }: AddProps) {
  const t = useTranslations("certificates");
  const [text, setText] = useState("");
  return (
    <form
      className={styles["add"]}
      onSubmit={(event) => {
        event.preventDefault();
        // What was refused stays in the field, to be mended.
        void onAdd(text).then(
          () => setText(""),
          () => undefined,
        );
      }}
    >
      <input
        aria-label={t("server")}
        autoCapitalize="off"
        onChange={(event) => setText(event.target.value)}
        placeholder={t("example")}
        required
        spellCheck={false}
        value={text}
      />
      <Button disabled={adding} type="submit">
        {t("add")}
      </Button>
    </form>
  );
}

interface ProposedProps {
  readonly names: readonly string[];
  readonly onAdd: (name: string) => void;
}

function Proposed({ names, onAdd }: ProposedProps) {
  const t = useTranslations("certificates");
  if (names.length === 0) return null;
  return (
    <Panel note={t("proposedHint")} title={t("proposed")}>
      <ul className={styles["proposed"]}>
        {names.map((name) => (
          <li key={name}>
            <span>{name}</span>
            <Button
              aria-label={t("addNamed", { name })}
              color="gray"
              onClick={() => onAdd(name)}
              size="compact-xs"
              variant="default"
            >
              {t("add")}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function useChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: CertificateChange) => sendCertificate(wanted),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["certificates"] }),
  });
}
