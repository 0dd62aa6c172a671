"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";

import type { TokenChange, TokenMade } from "#lib/contract/tokens.ts";

import { send } from "../data/send.ts";
import { Field } from "../ui/field.tsx";
import { Refused } from "../ui/refused.tsx";
import { changeOf, expiries, noValues, type Expiry, type TokenValues } from "./prepare-token.ts";

import form from "../ui/form.module.css";

/** What a new token is called, what it is for, and how much it may send. */
export function TokenForm({ onMade }: { readonly onMade: (made: TokenMade) => void }) {
  const t = useTranslations("tokens");
  const [values, setValues] = useState<TokenValues>(noValues);
  const make = useMutation({
    mutationFn: (change: TokenChange) =>
      send(
        "POST",
        "tokens",
        change,
        async () => (await import("#lib/contract/tokens.ts")).tokenMade,
      ),
    onSuccess(made) {
      setValues(noValues);
      onMade(made);
    },
  });
  return (
    <form
      className={form["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate(changeOf(values, Date.now()));
      }}
    >
      <div className={form["pair"]}>
        <Field hint={t("nameHint")} label={t("name")}>
          <input
            maxLength={100}
            onChange={(event) => setValues({ ...values, name: event.target.value })}
            required
            value={values.name}
          />
        </Field>
        <Purpose onChange={setValues} values={values} />
      </div>
      {values.use === "ingest" ? <Limits onChange={setValues} values={values} /> : null}
      <Refused error={make.error} />
      <div className={form["actions"]}>
        <Button loading={make.isPending} size="xs" type="submit">
          {t("make")}
        </Button>
      </div>
    </form>
  );
}

interface PartProps {
  readonly values: TokenValues;
  readonly onChange: (values: TokenValues) => void;
}

function Purpose({ values, onChange }: PartProps) {
  const t = useTranslations("tokens");
  return (
    <>
      <Field label={t("use")}>
        <select
          onChange={(event) =>
            onChange({ ...values, use: event.target.value === "metrics" ? "metrics" : "ingest" })
          }
          value={values.use}
        >
          <option value="ingest">{t("ingest")}</option>
          <option value="metrics">{t("metrics")}</option>
        </select>
      </Field>
      <Field label={t("ends")}>
        <select
          onChange={(event) => {
            const expiry: Expiry = expiries.find((one) => one === event.target.value) ?? "never";
            onChange({ ...values, expiry });
          }}
          value={values.expiry}
        >
          {expiries.map((expiry) => (
            <option key={expiry} value={expiry}>
              {expiry === "never" ? t("never") : t("inDays", { days: Number(expiry) })}
            </option>
          ))}
        </select>
      </Field>
    </>
  );
}

function Limits({ values, onChange }: PartProps) {
  const t = useTranslations("tokens");
  const number = { inputMode: "numeric", pattern: "[0-9]*", placeholder: t("noLimit") } as const;
  return (
    <div className={form["pair"]}>
      <Field hint={t("limitHint")} label={t("recordsPerSecond")}>
        <input
          {...number}
          onChange={(event) => onChange({ ...values, recordsPerSecond: event.target.value })}
          value={values.recordsPerSecond}
        />
      </Field>
      <Field hint={t("bytesHint")} label={t("kilobytesPerSecond")}>
        <input
          {...number}
          onChange={(event) => onChange({ ...values, kilobytesPerSecond: event.target.value })}
          value={values.kilobytesPerSecond}
        />
      </Field>
    </div>
  );
}
