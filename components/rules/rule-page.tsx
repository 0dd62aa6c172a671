"use client";

import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";

import type { Rule, RuleBody } from "#lib/contract/rules.ts";

import { AlertsHead } from "../alerts/alerts-head.tsx";
import { send } from "../data/send.ts";
import { Check, Field } from "../ui/field.tsx";
import { Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import {
  bodyOf,
  canBeRead,
  draftOf,
  isOurs,
  keyFrom,
  newDraft,
  type RuleDraft,
} from "./prepare-rule.ts";
import { RuleFields } from "./rule-fields.tsx";
import { RulePreview } from "./rule-preview.tsx";
import { rulesQuestion } from "./rule-questions.ts";
import { Standing } from "./rules-page.tsx";

import form from "../ui/form.module.css";
import styles from "./rules.module.css";

/** One rule: what it says, when it would have fired, and how to change it. */
export function RulePage({ ruleKey }: { readonly ruleKey: string }) {
  const rules = useQuery(rulesQuestion());
  const rule = rules.data?.items.find(({ key }) => key === ruleKey);
  const origin = useTranslations("ruleOrigin");
  if (rule === undefined) return <Gone />;
  return (
    <>
      <AlertsHead
        fetching={rules.isFetching}
        title={
          <>
            <h1>{rule.name}</h1>
            <p className={styles["head"]}>
              <Standing rule={rule} />
              <code>{rule.key}</code>
              <span>{origin(rule.origin)}</span>
            </p>
          </>
        }
        updatedAtMs={rules.dataUpdatedAt}
      />
      <RuleForm key={rule.key} rule={rule} />
    </>
  );
}

/** A rule that is not there yet. */
export function NewRulePage({ nowMs }: { readonly nowMs: number }) {
  const t = useTranslations("rule");
  return (
    <>
      <AlertsHead fetching={false} title={<h1>{t("newTitle")}</h1>} updatedAtMs={nowMs} />
      <RuleForm rule={null} />
    </>
  );
}

function Gone() {
  const t = useTranslations("rule");
  return (
    <p className={styles["soft"]}>
      {t("gone")} <Link href="/alerts/rules">{t("back")}</Link>
    </p>
  );
}

function RuleForm({ rule }: { readonly rule: Rule | null }) {
  const t = useTranslations("rule");
  const [draft, setDraft] = useState<RuleDraft>(rule === null ? newDraft : draftOf(rule));
  const [enabled, setEnabled] = useState(rule?.enabled ?? true);
  const save = useSave(rule);
  const body = () => bodyOf(draft);
  const readable = canBeRead(draft);
  return (
    <div className={styles["columns"]}>
      <form
        className={form["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (readable) save.mutate({ ...body(), enabled });
        }}
      >
        <RuleFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} />
        <Check checked={enabled} label={t("enabled")} onChange={setEnabled} />
        {rule === null ? <Key name={draft.name} /> : null}
        <Refused error={save.error} />
        <div aria-live="polite">
          {save.isSuccess ? <p className={form["done"]}>{t("saved")}</p> : null}
        </div>
        <Actions disabled={!readable} rule={rule} saving={save.isPending} />
      </form>
      <Panel title={t("previewTitle")}>
        <RulePreview disabled={!readable} rule={body} />
      </Panel>
    </div>
  );
}

function Key({ name }: { readonly name: string }) {
  const t = useTranslations("rule");
  return (
    <Field hint={t("keyHint")} label={t("key")}>
      <input readOnly value={keyFrom(name)} />
    </Field>
  );
}

interface ActionsProps {
  readonly rule: Rule | null;
  readonly saving: boolean;
  readonly disabled: boolean;
}

/** What can be done with the rule in the form; one of a file is changed there. */
function Actions({ rule, saving, disabled }: ActionsProps) {
  const t = useTranslations("rule");
  if (rule !== null && !isOurs(rule)) {
    return <p className={form["done"]}>{t("fixed", { file: rule.file ?? "" })}</p>;
  }
  return (
    <div className={form["actions"]}>
      <Button disabled={disabled} loading={saving} size="compact-md" type="submit">
        {rule === null ? t("create") : t("save")}
      </Button>
      {rule === null ? null : <Remove rule={rule} />}
    </div>
  );
}

/** Deletes a rule of one's own; a ready-made one that was changed goes back to its defaults. Asks once more. */
function Remove({ rule }: { readonly rule: Rule }) {
  const t = useTranslations("rule");
  const [asked, setAsked] = useState(false);
  const remove = useRemove(rule);
  if (rule.origin === "ready-made" && !rule.changed) return null;
  const word = rule.origin === "own" ? t("delete") : t("reset");
  return (
    <>
      <Button
        color={asked ? "red" : "gray"}
        loading={remove.isPending}
        onBlur={() => setAsked(false)}
        onClick={() => (asked ? remove.mutate() : setAsked(true))}
        size="compact-md"
        variant="default"
      >
        {asked ? t("sure", { action: word }) : word}
      </Button>
      <Refused error={remove.error} />
    </>
  );
}

function useSave(rule: Rule | null) {
  const queries = useQueryClient();
  const router = useRouter();
  return useMutation({
    mutationFn: (body: RuleBody & { readonly enabled: boolean }) => {
      return rule === null
        ? send("POST", "rules", { ...body, key: keyFrom(body.name) }, ruleSchema)
        : send("PUT", `rules/${encodeURIComponent(rule.key)}`, body, ruleSchema);
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["rules"], exact: true });
      if (rule === null) router.push(`/alerts/rules/${saved.key}`);
    },
  });
}

function useRemove(rule: Rule) {
  const queries = useQueryClient();
  const router = useRouter();
  return useMutation({
    mutationFn: () =>
      send("DELETE", `rules/${encodeURIComponent(rule.key)}`, undefined, async () => {
        return (await import("#lib/contract/rules.ts")).ruleRemoved;
      }),
    onSuccess: async () => {
      router.push("/alerts/rules");
      await queries.invalidateQueries({ queryKey: ["rules"], exact: true });
    },
  });
}

async function ruleSchema() {
  return (await import("#lib/contract/rules.ts")).rule;
}
