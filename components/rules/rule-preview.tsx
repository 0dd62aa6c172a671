"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";

import type { PreviewAnswer, RuleBody } from "#lib/contract/rules.ts";

import { send } from "../data/send.ts";
import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { Refused } from "../ui/refused.tsx";
import { searchOf, upstreamAddress } from "../window/window-state.ts";

import form from "../ui/form.module.css";
import table from "../ui/table.module.css";
import styles from "./rules.module.css";

type Incident = PreviewAnswer["incidents"][number];

const days = 7;
/** So many incidents are listed; all are counted. */
const incidentsShown = 20;

interface RulePreviewProps {
  readonly rule: () => RuleBody;
  readonly disabled: boolean;
}

/** Replays the rule in the form over the last days. */
export function RulePreview({ rule, disabled }: RulePreviewProps) {
  const t = useTranslations("rule");
  const preview = useMutation({
    mutationFn: () =>
      send("POST", "rules/preview", { ...rule(), days }, async () => {
        return (await import("#lib/contract/rules.ts")).previewAnswer;
      }),
  });
  return (
    <div className={styles["preview"]}>
      <div className={form["actions"]}>
        <Button
          disabled={disabled}
          loading={preview.isPending}
          onClick={() => preview.mutate()}
          size="compact-md"
          variant="default"
        >
          {t("preview", { days })}
        </Button>
      </div>
      <Refused error={preview.error} />
      <div aria-live="polite">
        {preview.data === undefined ? null : <Outcome answer={preview.data} />}
      </div>
    </div>
  );
}

function Outcome({ answer }: { readonly answer: PreviewAnswer }) {
  const t = useTranslations("rule");
  const { incidents, groups, unknownGroups } = answer;
  return (
    <>
      <p className={styles["fired"]}>{t("fired", { count: incidents.length, days })}</p>
      <p className={styles["soft"]}>{t("looked", { groups, unknown: unknownGroups })}</p>
      {incidents.length === 0 ? null : (
        <table className={`${table["table"]} ${table["cards"]}`}>
          <thead>
            <tr>
              {(["where", "fires", "lasts"] as const).map((name) => (
                <th key={name} scope="col">
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {incidents
              .toReversed()
              .slice(0, incidentsShown)
              .map((incident) => (
                <Row
                  incident={incident}
                  key={`${incident.proxy} ${incident.upstream} ${incident.firedAt}`}
                  nowMs={Date.parse(answer.to)}
                />
              ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Row({ incident, nowMs }: { readonly incident: Incident; readonly nowMs: number }) {
  const t = useTranslations("rule");
  const formats = useFormats();
  const firedMs = Date.parse(incident.firedAt);
  const endMs = incident.resolvedAt === null ? null : Date.parse(incident.resolvedAt);
  const { proxy, upstream } = incident;
  const text = {
    from: new Date(firedMs - 600_000).toISOString(),
    to: new Date((endMs ?? nowMs) + 600_000).toISOString(),
  };
  return (
    <tr>
      <th scope="row">
        <Link
          href={
            upstream === null
              ? `/upstreams${searchOf(text, { proxy })}`
              : upstreamAddress(text, proxy, upstream)
          }
          prefetch={false}
        >
          {upstream ?? proxy}
        </Link>
        {upstream === null ? null : <span className={table["sub"]}>{proxy}</span>}
      </th>
      <td data-label={t("fires")}>
        <Moment nowMs={nowMs} timeMs={firedMs} />
      </td>
      <td data-label={t("lasts")}>
        {endMs === null ? t("still") : formats.duration(endMs - firedMs)}
      </td>
    </tr>
  );
}
