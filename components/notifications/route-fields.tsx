"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";

import type { ChannelItem } from "#lib/contract/channels.ts";

import { Check, Field } from "../ui/field.tsx";
import type { RouteDraft } from "./prepare-routes.ts";

import form from "../ui/form.module.css";

interface RouteFieldsProps {
  readonly title: string;
  readonly draft: RouteDraft;
  readonly channels: readonly ChannelItem[];
  readonly onChange: (draft: RouteDraft) => void;
  readonly onEarlier?: (() => void) | undefined;
  readonly onRemove?: () => void;
  /** The line for the rest: it matches everything. */
  readonly root?: boolean;
}

/** The inputs of one route. */
export function RouteFields(props: RouteFieldsProps) {
  const { title, draft, channels, onChange, onEarlier, onRemove, root = false } = props;
  const t = useTranslations("routes");
  return (
    <fieldset className={form["fieldset"]}>
      <legend>{title}</legend>
      {root ? null : (
        <Field hint={t("matchersHint")} label={t("matchers")}>
          <input
            onChange={(event) => onChange({ ...draft, matchers: event.target.value })}
            required
            spellCheck={false}
            value={draft.matchers}
          />
        </Field>
      )}
      <Receivers channels={channels} draft={draft} onChange={onChange} root={root} />
      <Times draft={draft} onChange={onChange} />
      {root ? null : (
        <Check
          checked={draft.continues}
          label={t("continueLabel")}
          onChange={(continues) => onChange({ ...draft, continues })}
        />
      )}
      {draft.below.length === 0 ? null : <p>{t("below", { count: draft.below.length })}</p>}
      {onRemove === undefined ? null : (
        <div className={form["actions"]}>
          {onEarlier === undefined ? null : (
            <Button onClick={onEarlier} size="compact-xs" variant="default">
              {t("earlier")}
            </Button>
          )}
          <Button onClick={onRemove} size="compact-xs" variant="default">
            {t("remove")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

type ReceiversProps = Pick<RouteFieldsProps, "draft" | "channels" | "onChange" | "root">;

function Receivers({ draft, channels, onChange, root = false }: ReceiversProps) {
  const t = useTranslations("routes");
  const told = draft.channels ?? [];
  const tell = (id: string, checked: boolean): string[] =>
    checked ? [...told, id] : told.filter((each) => each !== id);
  return (
    <div aria-label={t("tell")} className={form["choices"]} role="group">
      <span>{t("tell")}</span>
      {root ? null : (
        <Check
          checked={draft.channels === null}
          label={t("asOthers")}
          onChange={(checked) => onChange({ ...draft, channels: checked ? null : [] })}
        />
      )}
      {channels.map(({ id, name }) => (
        <Check
          checked={told.includes(id)}
          key={id}
          label={name}
          onChange={(checked) => onChange({ ...draft, channels: tell(id, checked) })}
        />
      ))}
    </div>
  );
}

function Times({ draft, onChange }: Pick<RouteFieldsProps, "draft" | "onChange">) {
  const t = useTranslations("routes");
  const times = ["waitSeconds", "intervalSeconds", "repeatSeconds"] as const;
  return (
    <details>
      <summary>{t("grouping")}</summary>
      <div className={form["form"]}>
        <Field hint={t("groupByHint")} label={t("groupBy")}>
          <input
            onChange={(event) => onChange({ ...draft, groupBy: event.target.value })}
            value={draft.groupBy}
          />
        </Field>
        <div className={form["pair"]}>
          {times.map((name) => (
            <Field key={name} label={t(name)}>
              <input
                max={name === "repeatSeconds" ? 2_592_000 : 86_400}
                min={name === "waitSeconds" ? 0 : 1}
                onChange={(event) => onChange({ ...draft, [name]: event.target.value })}
                type="number"
                value={draft[name]}
              />
            </Field>
          ))}
        </div>
      </div>
    </details>
  );
}
