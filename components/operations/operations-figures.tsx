"use client";

import { useTranslations } from "next-intl";

import type { OperationsAnswer } from "#lib/contract/operations.ts";

import { useFormats } from "../format/use-formats.ts";
import { Figure } from "../ui/figure.tsx";
import {
  acceptedNow,
  fullestSpool,
  greatest,
  newest,
  refusalRows,
  spoolTone,
  spoolUsed,
} from "./prepare-operations.ts";

import styles from "./operations.module.css";

/** A disk that is full within these days needs somebody now, or soon. */
const badDays = 3;
const warnDays = 14;

/** The numbers that say whether anything is the matter. */
export function OperationsFigures({ answer }: { readonly answer: OperationsAnswer }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const refused = refusalRows(answer).reduce((sum, { total }) => sum + total, 0);
  const off = answer.senders.items.filter(({ clock }) => clock === "warn" || clock === "bad");
  return (
    <dl className={styles["figures"]}>
      <Figure
        label={t("acceptedNow")}
        note={t("acceptedUnit")}
        value={formats.rate(acceptedNow(answer))}
      />
      <Figure
        label={t("refusedInWindow")}
        note={t("refusedNote")}
        tone={refused > 0 ? "warn" : "plain"}
        value={formats.count(refused)}
      />
      <Figure
        label={t("lagNow")}
        note={t("lagNote")}
        value={formats.duration(newest(answer.lagMsP99))}
      />
      <Figure
        label={t("queue")}
        note={t("queueNote")}
        value={formats.count(greatest(answer.queueDepth))}
      />
      <Figure
        label={t("clocksOff")}
        note={t("clocksNote")}
        tone={clockTone(off.map(({ clock }) => clock))}
        value={formats.count(off.length)}
      />
      <Figure
        label={t("databaseBytes")}
        note={
          answer.disk.freeBytes === null
            ? t("freeUnknown")
            : t("free", { size: formats.bytes(answer.disk.freeBytes) })
        }
        value={formats.bytes(answer.disk.databaseBytes)}
      />
      <Forecast disk={answer.disk} />
      <Spool processes={answer.processes} />
      <BlocksAside blocksAside={answer.blocksAside} />
    </dl>
  );
}

function clockTone(clocks: readonly string[]): "plain" | "warn" | "bad" {
  if (clocks.includes("bad")) return "bad";
  return clocks.length > 0 ? "warn" : "plain";
}

function Forecast({ disk: { forecast } }: { readonly disk: OperationsAnswer["disk"] }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const label = t("fullIn");
  if (forecast.kind === "notEnoughHistory") {
    return <Figure label={label} note={t("tooYoung")} value={t("notKnown")} />;
  }
  if (forecast.kind === "unknown") {
    return <Figure label={label} note={t("elsewhere")} value={t("notKnown")} />;
  }
  const size = formats.bytes(forecast.bytesPerDay);
  if (forecast.kind === "holds") {
    return <Figure label={label} note={t("holdsNote", { size })} value={t("holds")} />;
  }
  return (
    <Figure
      label={label}
      note={t("fullNote", { size })}
      tone={fullTone(forecast.days)}
      value={t("days", { days: Math.floor(forecast.days) })}
    />
  );
}

function fullTone(days: number): "plain" | "warn" | "bad" {
  if (days < badDays) return "bad";
  return days < warnDays ? "warn" : "plain";
}

/** The fullest spool; nothing where no process has one. */
function Spool({ processes }: Pick<OperationsAnswer, "processes">) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const process = fullestSpool(processes);
  const used = process === null ? null : spoolUsed(process);
  if (process === null || process.spool === null || used === null) return null;
  const { bytes, bytesMax } = process.spool;
  return (
    <Figure
      label={t("spoolFill")}
      note={t("spoolOf", { bytes: formats.bytes(bytes), cap: formats.bytes(bytesMax) })}
      title={process.host}
      tone={spoolTone(used)}
      value={formats.ratio(used)}
    />
  );
}

/** Nothing where all blocks could be merged. */
function BlocksAside({ blocksAside: { blocks, reason } }: Pick<OperationsAnswer, "blocksAside">) {
  const t = useTranslations("operations");
  const formats = useFormats();
  if (blocks === 0) return null;
  return (
    <Figure
      label={t("blocksAside")}
      note={t("blocksAsideNote", { reason: reason ?? "" })}
      tone="warn"
      value={formats.count(blocks)}
    />
  );
}
