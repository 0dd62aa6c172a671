"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { useState } from "react";

import type {
  ChannelChange,
  ChannelItem,
  ChannelSaved,
  ChannelTestAnswer,
} from "#lib/contract/channels.ts";

import { send } from "../data/send.ts";
import { Check, Field } from "../ui/field.tsx";
import { Refused } from "../ui/refused.tsx";
import { ChannelFields } from "./channel-fields.tsx";
import { Conversation } from "./conversation.tsx";
import { fieldsOf, settingsOf, valuesOf, type ChannelKindItem } from "./prepare-fields.ts";

import styles from "../ui/form.module.css";

interface ChannelFormProps {
  readonly kinds: readonly ChannelKindItem[];
  readonly channel: ChannelItem | null;
  readonly onSaved: (saved: ChannelSaved) => void;
}

/** The settings of a channel; they can be tried before they are saved. */
export function ChannelForm({ kinds, channel, onSaved }: ChannelFormProps) {
  const [chosen, setChosen] = useQueryState("kind", parseAsString.withDefault("webhook"));
  const name = channel?.kind ?? chosen;
  const kind = kinds.find((each) => each.kind === name) ?? kinds[0];
  if (kind === undefined) return null;
  return (
    <>
      {channel === null ? (
        <KindChoice kind={kind.kind} kinds={kinds} onChange={(next) => void setChosen(next)} />
      ) : null}
      <SettingsForm channel={channel} key={kind.kind} kind={kind} onSaved={onSaved} />
    </>
  );
}

interface KindChoiceProps {
  readonly kinds: readonly ChannelKindItem[];
  readonly kind: string;
  readonly onChange: (kind: string) => void;
}

function KindChoice({ kinds, kind, onChange }: KindChoiceProps) {
  const t = useTranslations("channel");
  return (
    <div className={styles["form"]}>
      <Field label={t("kind")}>
        <select onChange={(event) => onChange(event.target.value)} value={kind}>
          {kinds.map((each) => (
            <option key={each.kind} value={each.kind}>
              {each.title}
            </option>
          ))}
        </select>
      </Field>
    </div>
  );
}

interface SettingsFormProps {
  readonly kind: ChannelKindItem;
  readonly channel: ChannelItem | null;
  readonly onSaved: (saved: ChannelSaved) => void;
}

function SettingsForm({ kind, channel, onSaved }: SettingsFormProps) {
  const t = useTranslations("channel");
  const fields = fieldsOf(kind);
  const [values, setValues] = useState(() => valuesOf(fields, channel));
  const [rest, setRest] = useState(() => restOf(channel));
  const change: ChannelChange = {
    ...rest,
    titleTemplate: rest.titleTemplate === "" ? null : rest.titleTemplate,
    bodyTemplate: rest.bodyTemplate === "" ? null : rest.bodyTemplate,
    kind: kind.kind,
    settings: settingsOf(fields, values),
  };
  const save = useMutation({ mutationFn: () => saveChannel(channel, change), onSuccess: onSaved });
  const test = useMutation({ mutationFn: () => testChannel(channel, change) });
  return (
    <form
      className={styles["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field label={t("name")}>
        <input
          maxLength={100}
          onChange={(event) => setRest({ ...rest, name: event.target.value })}
          required
          value={rest.name}
        />
      </Field>
      <ChannelFields channel={channel} fields={fields} onChange={setValues} values={values} />
      <Check
        checked={rest.sendResolved}
        label={t("sendResolved")}
        onChange={(sendResolved) => setRest({ ...rest, sendResolved })}
      />
      <Check
        checked={rest.enabled}
        label={t("enabled")}
        onChange={(enabled) => setRest({ ...rest, enabled })}
      />
      <Templates onChange={(texts) => setRest({ ...rest, ...texts })} values={rest} />
      <div className={styles["actions"]}>
        <Button loading={save.isPending} size="xs" type="submit">
          {t("save")}
        </Button>
        <Button loading={test.isPending} onClick={() => test.mutate()} size="xs" variant="default">
          {t("test")}
        </Button>
      </div>
      <Refused error={save.error ?? test.error} />
      <TestOutcome answer={test.data ?? null} />
    </form>
  );
}

function restOf(channel: ChannelItem | null) {
  return {
    name: channel?.name ?? "",
    sendResolved: channel?.sendResolved ?? true,
    enabled: channel === null || channel.disabledReason === null,
    titleTemplate: channel?.titleTemplate ?? "",
    bodyTemplate: channel?.bodyTemplate ?? "",
  };
}

interface Texts {
  readonly titleTemplate: string;
  readonly bodyTemplate: string;
}

function Templates({
  values,
  onChange,
}: {
  readonly values: Texts;
  readonly onChange: (texts: Partial<Texts>) => void;
}) {
  const t = useTranslations("channel");
  const preview = useMutation({
    mutationFn: () =>
      send(
        "POST",
        "channels/preview",
        {
          titleTemplate: values.titleTemplate === "" ? null : values.titleTemplate,
          bodyTemplate: values.bodyTemplate === "" ? null : values.bodyTemplate,
        },
        async () => (await import("#lib/contract/channels.ts")).templatePreviewAnswer,
      ),
  });
  const shown = preview.data;
  return (
    <details>
      <summary>{t("texts")}</summary>
      <div className={styles["form"]}>
        <Field hint={t("templateHint")} label={t("titleTemplate")}>
          <textarea
            onChange={(event) => onChange({ titleTemplate: event.target.value })}
            rows={2}
            value={values.titleTemplate}
          />
        </Field>
        <Field label={t("bodyTemplate")}>
          <textarea
            onChange={(event) => onChange({ bodyTemplate: event.target.value })}
            rows={5}
            value={values.bodyTemplate}
          />
        </Field>
        <div className={styles["actions"]}>
          <Button
            loading={preview.isPending}
            onClick={() => preview.mutate()}
            size="compact-xs"
            variant="default"
          >
            {t("preview")}
          </Button>
        </div>
        <Refused error={preview.error} />
        {shown === undefined ? null : (
          <pre aria-live="polite">
            {shown.problem ?? ([shown.title, shown.body].filter(Boolean).join("\n\n") || t("own"))}
          </pre>
        )}
      </div>
    </details>
  );
}

/** How the test went, with the whole conversation. */
function TestOutcome({ answer }: { readonly answer: ChannelTestAnswer | null }) {
  const t = useTranslations("channel");
  if (answer === null) return <div aria-live="polite" />;
  const delivered = answer.outcome === "delivered";
  return (
    <div aria-live="polite">
      <p className={styles[delivered ? "done" : "refused"]}>
        {delivered ? t("testDelivered") : t("testFailed", { reason: answer.reason ?? "" })}
      </p>
      <Conversation exchanges={answer.exchanges} />
    </div>
  );
}

function saveChannel(channel: ChannelItem | null, change: ChannelChange): Promise<ChannelSaved> {
  if (channel === null) return send("POST", "channels", change, savedSchema);
  return send(
    "PUT",
    `channels/${channel.id}`,
    { ...change, revision: channel.revision },
    savedSchema,
  );
}

function testChannel(
  channel: ChannelItem | null,
  change: ChannelChange,
): Promise<ChannelTestAnswer> {
  const name = change.name.trim() === "" ? change.kind : change.name;
  const id = channel === null ? {} : { id: channel.id };
  return send(
    "POST",
    "channels/test",
    { ...change, ...id, name },
    async () => (await import("#lib/contract/channels.ts")).channelTestAnswer,
  );
}

async function savedSchema() {
  return (await import("#lib/contract/channels.ts")).channelSaved;
}
