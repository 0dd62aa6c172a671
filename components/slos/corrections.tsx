"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";

import type { SloAnswer } from "#lib/contract/slos.ts";

import { send } from "../data/send.ts";
import { Field } from "../ui/field.tsx";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";
import { sloQuestion } from "./slo-questions.ts";

import form from "../ui/form.module.css";
import table from "../ui/table.module.css";

interface CorrectionsProps {
  readonly sloKey: string;
  readonly corrections: SloAnswer["corrections"];
  readonly nowMs: number;
}

/** Stretches of time that do not count, each with its reason and author. */
export function Corrections({ sloKey, corrections, nowMs }: CorrectionsProps) {
  const t = useTranslations("corrections");
  const refresh = useRefresh(sloKey);
  const remove = useMutation({
    mutationFn: (id: string) =>
      send("DELETE", `slos/${sloKey}/corrections/${id}`, undefined, savedSchema),
    onSuccess: refresh,
  });
  return (
    <Panel title={t("title")}>
      {corrections.length === 0 ? (
        <Nothing>{t("none")}</Nothing>
      ) : (
        <table className={`${table["table"]} ${table["cards"]}`}>
          <thead>
            <tr>
              <th scope="col">{t("reason")}</th>
              <th scope="col">{t("from")}</th>
              <th scope="col">{t("to")}</th>
              <th scope="col">{t("author")}</th>
              <th scope="col">{t("change")}</th>
            </tr>
          </thead>
          <tbody>
            {corrections.map(({ id, from, to, reason, author }) => (
              <tr key={id}>
                <th scope="row">{reason}</th>
                <td data-label={t("from")}>
                  <Moment nowMs={nowMs} timeMs={Date.parse(from)} />
                </td>
                <td data-label={t("to")}>
                  <Moment nowMs={nowMs} timeMs={Date.parse(to)} />
                </td>
                <td data-label={t("author")}>{author}</td>
                <td>
                  <Button onClick={() => remove.mutate(id)} size="compact-xs" variant="default">
                    {t("remove")}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Refused error={remove.error} />
      <details>
        <summary>{t("add")}</summary>
        <NewCorrection sloKey={sloKey} />
      </details>
    </Panel>
  );
}

const empty = { from: "", to: "", reason: "", author: "" };

function NewCorrection({ sloKey }: { readonly sloKey: string }) {
  const t = useTranslations("corrections");
  const refresh = useRefresh(sloKey);
  const [values, setValues] = useState(empty);
  const add = useMutation({
    mutationFn: () =>
      send(
        "POST",
        `slos/${sloKey}/corrections`,
        { ...values, from: isoOf(values.from), to: isoOf(values.to) },
        savedSchema,
      ),
    async onSuccess() {
      setValues(empty);
      await refresh();
    },
  });
  return (
    <form
      className={form["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div className={form["pair"]}>
        {(["from", "to"] as const).map((name) => (
          <Field hint={t("zone")} key={name} label={t(name)}>
            <input
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
              required
              type="datetime-local"
              value={values[name]}
            />
          </Field>
        ))}
      </div>
      {(["reason", "author"] as const).map((name) => (
        <Field key={name} label={t(name)}>
          <input
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            required
            value={values[name]}
          />
        </Field>
      ))}
      <div className={form["actions"]}>
        <Button loading={add.isPending} size="xs" type="submit">
          {t("add")}
        </Button>
      </div>
      <Refused error={add.error} />
    </form>
  );
}

function useRefresh(sloKey: string) {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: sloQuestion(sloKey).queryKey });
}

async function savedSchema() {
  return (await import("#lib/contract/slos.ts")).correctionSaved;
}

/** The time that an input of the browser's zone means; what it cannot read the server refuses. */
function isoOf(text: string): string {
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? text : new Date(timeMs).toISOString();
}
