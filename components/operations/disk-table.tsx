"use client";

import { useTranslations } from "next-intl";

import type { OperationsAnswer } from "#lib/contract/operations.ts";

import { useFormats } from "../format/use-formats.ts";
import { Nothing } from "../ui/panel.tsx";
import { bytesOf, diskKinds } from "./prepare-operations.ts";
import { useOperationWords } from "./use-operation-words.ts";

import table from "../ui/table.module.css";
import styles from "./operations.module.css";

/** What each day takes on the disk, by kind. */
export function DiskTable({ days }: { readonly days: OperationsAnswer["disk"]["days"] }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const words = useOperationWords();
  const kinds = diskKinds(days);
  if (days.length === 0) return <Nothing>{t("noDays")}</Nothing>;
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("day")}</th>
          {kinds.map((kind) => (
            <th className={table["number"]} key={kind} scope="col">
              {words.kind(kind)}
            </th>
          ))}
          <th className={table["number"]} scope="col">
            {t("sum")}
          </th>
        </tr>
      </thead>
      <tbody>
        {days.map((day) => (
          <tr key={day.day}>
            <th scope="row">{day.day}</th>
            {kinds.map((kind) => (
              <td className={table["number"]} data-label={words.kind(kind)} key={kind}>
                {formats.bytes(bytesOf(day, kind))}
              </td>
            ))}
            <td className={table["number"]} data-label={t("sum")}>
              {formats.bytes(day.parts.reduce((sum, { bytes }) => sum + bytes, 0))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How long each kind of data is kept, and which setting says so. */
export function RetentionTable({ rows }: { readonly rows: OperationsAnswer["retention"] }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const words = useOperationWords();
  const byVariable = [...Map.groupBy(rows, ({ variable }) => variable)];
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("kept")}</th>
          <th scope="col">{t("setting")}</th>
          <th className={table["number"]} scope="col">
            {t("keptDays")}
          </th>
          <th className={table["number"]} scope="col">
            {t("takes")}
          </th>
        </tr>
      </thead>
      <tbody>
        {byVariable.map(([variable, same]) => (
          <tr key={variable}>
            <th scope="row">{words.kind(variable)}</th>
            <td className={styles["wide"]} data-label={t("setting")}>
              <code>{variable}</code>
            </td>
            <td className={table["number"]} data-label={t("keptDays")}>
              {t("days", { days: same[0]?.days ?? 0 })}
            </td>
            <td className={table["number"]} data-label={t("takes")}>
              {formats.bytes(same.reduce((sum, { bytes }) => sum + bytes, 0))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
