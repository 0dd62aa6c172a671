"use client";

import { useTranslations } from "next-intl";

import type { OperationsAnswer, ProcessItem } from "#lib/contract/operations.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { Nothing } from "../ui/panel.tsx";
import { spoolTone, spoolUsed } from "./prepare-operations.ts";

import table from "../ui/table.module.css";
import styles from "./operations.module.css";

interface ProcessesTableProps {
  readonly processes: OperationsAnswer["processes"];
  readonly nowMs: number;
}

/** The processes of this installation, and whether each still tells of itself. */
export function ProcessesTable({ processes, nowMs }: ProcessesTableProps) {
  const t = useTranslations("operations");
  const formats = useFormats();
  if (processes.length === 0) return <Nothing>{t("noProcesses")}</Nothing>;
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("role")}</th>
          <th scope="col">{t("host")}</th>
          <th scope="col">{t("version")}</th>
          <th scope="col">{t("started")}</th>
          <th className={table["number"]} scope="col">
            {t("memory")}
          </th>
          <th className={table["number"]} scope="col">
            {t("spool")}
          </th>
          <th scope="col">{t("state")}</th>
        </tr>
      </thead>
      <tbody>
        {processes.map((one) => (
          <tr key={`${one.role} ${one.host} ${one.startedAt}`}>
            <th scope="row">
              <strong>{one.role}</strong>
            </th>
            <td data-label={t("host")}>{one.host}</td>
            <td data-label={t("version")}>{one.version}</td>
            <td data-label={t("started")}>
              <Moment ago nowMs={nowMs} timeMs={Date.parse(one.startedAt)} />
            </td>
            <td className={table["number"]} data-label={t("memory")}>
              {formats.bytes(one.memoryBytes)}
            </td>
            <td className={table["number"]} data-label={t("spool")}>
              <SpoolFill process={one} />
            </td>
            <td data-label={t("state")}>
              {one.alive ? (
                t("alive")
              ) : (
                <span className={styles["toned"]} data-tone="bad" title={t("silentHint")}>
                  {t("silent")} <Moment ago nowMs={nowMs} timeMs={Date.parse(one.seenAt)} />
                </span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Nothing for a process without a spool. */
function SpoolFill({ process }: { readonly process: ProcessItem }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const used = spoolUsed(process);
  if (process.spool === null || used === null) {
    return (
      <span className={styles["faint"]} title={t("noSpoolHint")}>
        {t("noSpool")}
      </span>
    );
  }
  const { bytes, bytesMax } = process.spool;
  return (
    <span className={styles["toned"]} data-tone={spoolTone(used)}>
      {t("spoolOf", { bytes: formats.bytes(bytes), cap: formats.bytes(bytesMax) })} ·{" "}
      {formats.ratio(used)}
    </span>
  );
}
