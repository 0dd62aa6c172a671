"use client";

import { useTranslations } from "next-intl";

import type { ChannelItem } from "#lib/contract/channels.ts";

import { Field } from "../ui/field.tsx";
import type { ChannelField } from "./prepare-fields.ts";

/** The names of settings that the catalog has words for; another is shown as it is. */
const named = [
  "url",
  "authorization",
  "user",
  "password",
  "routingKey",
  "severity",
  "wrap",
  "secret",
  "botToken",
  "chatId",
  "threadId",
  "api",
  "host",
  "port",
  "tls",
  "from",
  "to",
  "token",
  "project",
  "issueType",
  "resolveTransition",
  "labels",
] as const;

interface ChannelFieldsProps {
  readonly fields: readonly ChannelField[];
  readonly values: Readonly<Record<string, string>>;
  readonly channel: ChannelItem | null;
  readonly onChange: (values: Record<string, string>) => void;
}

/** The inputs of one kind of channel. */
export function ChannelFields({ fields, values, channel, onChange }: ChannelFieldsProps) {
  const t = useTranslations("channelField");
  return fields.map((field) => {
    const word = named.find((name) => name === field.name);
    const set = channel?.secretsSet.includes(field.name) ?? false;
    return (
      <FieldInput
        field={field}
        key={field.name}
        label={word === undefined ? field.name : t(word)}
        onChange={(value) => onChange({ ...values, [field.name]: value })}
        secretSet={field.secret && set}
        value={values[field.name] ?? ""}
      />
    );
  });
}

interface FieldInputProps {
  readonly field: ChannelField;
  readonly label: string;
  readonly value: string;
  readonly secretSet: boolean;
  readonly onChange: (value: string) => void;
}

function FieldInput({ field, label, value, secretSet, onChange }: FieldInputProps) {
  const t = useTranslations("channel");
  const shown = field.required ? label : `${label} ${t("optional")}`;
  const hint = secretHint(field, secretSet, t);
  if (field.input === "choice")
    return (
      <Field label={shown}>
        <select onChange={(event) => onChange(event.target.value)} value={value}>
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      </Field>
    );
  if (field.input === "list")
    return (
      <Field hint={t("perLine")} label={shown}>
        <textarea
          onChange={(event) => onChange(event.target.value)}
          required={field.required}
          rows={2}
          value={value}
        />
      </Field>
    );
  return (
    <Field hint={hint} label={shown}>
      <input
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
        placeholder={secretSet ? "••••••••" : undefined}
        required={field.required && !secretSet}
        spellCheck={false}
        type={typeOf(field)}
        value={value}
      />
    </Field>
  );
}

/** An address is secret too, but has to be seen while it is written. */
function typeOf({ name, input, secret }: ChannelField): string {
  if (input === "number") return "number";
  return secret && name !== "url" ? "password" : "text";
}

function secretHint(
  field: ChannelField,
  secretSet: boolean,
  t: ReturnType<typeof useTranslations<"channel">>,
): string | undefined {
  if (!field.secret) return undefined;
  return secretSet ? t("secretSet") : t("secretHint");
}
