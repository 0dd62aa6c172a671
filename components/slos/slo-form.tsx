"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";

import type { SloItem } from "#lib/contract/slos.ts";

import { send } from "../data/send.ts";
import { Check, Field } from "../ui/field.tsx";
import { Refused } from "../ui/refused.tsx";
import { definitionOf, draftOf, keyOf, type SloDraft } from "./prepare-slo-form.ts";
import { BudgetingFields, ScopeFields, WindowFields } from "./slo-fields.tsx";

import form from "../ui/form.module.css";
import styles from "./slos.module.css";

/** Makes an objective, or changes one. */
export function SloForm({ slo }: { readonly slo: SloItem | null }) {
  const t = useTranslations("sloForm");
  const router = useRouter();
  const [draft, setDraft] = useState(() => draftOf(slo?.definition ?? null));
  const change = (part: Partial<SloDraft>): void => setDraft({ ...draft, ...part });
  const save = useMutation({
    mutationFn: () => saveSlo(slo, draft),
    onSuccess: ({ key }) => router.push(`/slos/${key}`),
  });
  return (
    <>
      <div className={styles["head"]}>
        <h1>{slo === null ? t("new") : t("edit", { name: slo.definition.name })}</h1>
        <Link href={slo === null ? "/slos" : `/slos/${slo.key}`}>{t("back")}</Link>
      </div>
      <form
        className={form["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <NameFields change={change} draft={draft} isNew={slo === null} />
        <ScopeFields change={change} draft={draft} />
        <Field hint={t("percentHint")} label={t("percent")}>
          <input
            max={99.9999}
            min={0.0001}
            onChange={(event) => change({ percent: event.target.value })}
            required
            step="any"
            type="number"
            value={draft.percent}
          />
        </Field>
        <WindowFields change={change} draft={draft} />
        <BudgetingFields change={change} draft={draft} />
        <Field label={t("runbook")}>
          <input
            onChange={(event) => change({ runbookUrl: event.target.value })}
            type="url"
            value={draft.runbookUrl}
          />
        </Field>
        <Check
          checked={draft.alerts}
          label={t("alerts")}
          onChange={(alerts) => change({ alerts })}
        />
        <div className={form["actions"]}>
          <Button loading={save.isPending} size="xs" type="submit">
            {t("save")}
          </Button>
          {slo === null ? null : <RemoveButton sloKey={slo.key} />}
        </div>
        <Refused error={save.error} />
      </form>
    </>
  );
}

interface NameProps {
  readonly draft: SloDraft;
  readonly change: (part: Partial<SloDraft>) => void;
  readonly isNew: boolean;
}

function NameFields({ draft, change, isNew }: NameProps) {
  const t = useTranslations("sloForm");
  const key = isNew && draft.name !== "" ? t("key", { key: keyOf(draft.name) }) : undefined;
  return (
    <>
      <Field hint={key} label={t("name")}>
        <input
          maxLength={120}
          onChange={(event) => change({ name: event.target.value })}
          required
          value={draft.name}
        />
      </Field>
      <Field label={t("description")}>
        <textarea
          maxLength={1_050}
          onChange={(event) => change({ description: event.target.value })}
          rows={2}
          value={draft.description}
        />
      </Field>
    </>
  );
}

function RemoveButton({ sloKey }: { readonly sloKey: string }) {
  const t = useTranslations("sloForm");
  const router = useRouter();
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      send(
        "DELETE",
        `slos/${sloKey}`,
        undefined,
        async () => (await import("#lib/contract/slos.ts")).sloRemoved,
      ),
    onSuccess: () => router.push("/slos"),
  });
  return (
    <>
      <Button
        color="red"
        loading={remove.isPending}
        onClick={() => (sure ? remove.mutate() : setSure(true))}
        size="xs"
        variant={sure ? "filled" : "default"}
      >
        {sure ? t("removeSure") : t("remove")}
      </Button>
      <Refused error={remove.error} />
    </>
  );
}

function saveSlo(slo: SloItem | null, draft: SloDraft) {
  const definition = definitionOf(draft, slo?.definition ?? null);
  return slo === null
    ? send("POST", "slos", { ...definition, key: keyOf(draft.name) }, answerSchema)
    : send("PUT", `slos/${slo.key}`, definition, answerSchema);
}

async function answerSchema() {
  return (await import("#lib/contract/slos.ts")).sloAnswer;
}
