"use client";

import { useTranslations } from "next-intl";

import type { OperationsAnswer } from "#lib/contract/operations.ts";

import { useFormats } from "../format/use-formats.ts";
import { Nothing } from "../ui/panel.tsx";
import { refusalRows } from "./prepare-operations.ts";
import { useOperationWords } from "./use-operation-words.ts";

import table from "../ui/table.module.css";

/** Everything that was not stored, by reason, with how much of it. */
export function RefusalsTable({ answer }: { readonly answer: OperationsAnswer }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const words = useOperationWords();
  const rows = refusalRows(answer);
  if (rows.length === 0) return <Nothing>{t("nothingRefused")}</Nothing>;
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("reason")}</th>
          <th scope="col">{t("from")}</th>
          <th className={table["number"]} scope="col">
            {t("howMany")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">
              {words.reason(row.reason)}
              <code className={table["sub"]}>{row.reason}</code>
            </th>
            <td data-label={t("from")}>{words.kind(row.from)}</td>
            <td className={table["number"]} data-label={t("howMany")}>
              <span title={formats.exact(row.total)}>
                {t(row.unit, { count: row.total, shown: formats.count(row.total) })}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
