"use client";

import { useTranslations } from "next-intl";

import type { TlsFailure } from "#lib/contract/tls.ts";

import { useFormats } from "../format/use-formats.ts";

import table from "../ui/table.module.css";

/** Failed handshakes by place and reason. Reasons are the words of the API, so that they can be searched for. */
export function TlsTable({ failures }: { readonly failures: readonly TlsFailure[] }) {
  const t = useTranslations("tls");
  const words = useTranslations("overview");
  const edge = useTranslations("edge");
  const formats = useFormats();
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("where")}</th>
          <th scope="col">{t("reason")}</th>
          <th className={table["number"]} scope="col">
            {t("count")}
          </th>
        </tr>
      </thead>
      <tbody>
        {failures.map((failure) => (
          <tr key={JSON.stringify([failure.proxy, failure.side, failure.upstream, failure.reason])}>
            <th scope="row">
              <span className={table["name"]}>
                <strong>{failure.upstream ?? words("client")}</strong>
              </span>
              <span className={table["sub"]}>{edge("through", { proxy: failure.proxy })}</span>
            </th>
            <td data-label={t("reason")}>
              <code>{failure.reason}</code>
            </td>
            <td
              className={table["number"]}
              data-label={t("count")}
              title={formats.exact(failure.count)}
            >
              {formats.count(failure.count)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
