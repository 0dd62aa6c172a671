"use client";

import { useTranslations } from "next-intl";

import type { SenderItem } from "#lib/contract/operations.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { Nothing } from "../ui/panel.tsx";

import table from "../ui/table.module.css";
import styles from "./operations.module.css";

interface SendersTableProps {
  readonly senders: readonly SenderItem[];
  readonly nowMs: number;
}

/** Who sends, when each was last heard, and how far its clock is off. */
export function SendersTable({ senders, nowMs }: SendersTableProps) {
  const t = useTranslations("operations");
  if (senders.length === 0) return <Nothing>{t("noSenders")}</Nothing>;
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">{t("sender")}</th>
          <th scope="col">{t("address")}</th>
          <th scope="col">{t("token")}</th>
          <th scope="col">{t("heard")}</th>
          <th scope="col">{t("clock")}</th>
        </tr>
      </thead>
      <tbody>
        {senders.map((sender) => (
          <tr key={JSON.stringify([sender.proxy, sender.instance, sender.address, sender.token])}>
            <th scope="row">
              <span className={table["name"]}>
                <strong>{sender.proxy}</strong>
              </span>
              {sender.instance === null ? null : (
                <span className={table["sub"]}>{sender.instance}</span>
              )}
            </th>
            <td data-label={t("address")}>{sender.address}</td>
            <td data-label={t("token")}>{sender.token ?? t("noToken")}</td>
            <td data-label={t("heard")}>
              <Moment ago nowMs={nowMs} timeMs={Date.parse(sender.heardAt)} />
            </td>
            <td data-label={t("clock")}>
              <Clock sender={sender} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Clock({ sender }: { readonly sender: SenderItem }) {
  const t = useTranslations("operations");
  const formats = useFormats();
  const { clock, clockAheadMs } = sender;
  if (clock === "unknown" || clockAheadMs === null) {
    return (
      <span className={styles["faint"]} title={t("clockUnknownHint")}>
        {t("clockUnknown")}
      </span>
    );
  }
  const off = formats.duration(Math.abs(clockAheadMs));
  if (clock === "good") return <span title={t("clockExact", { off })}>{t("clockGood")}</span>;
  const ahead = clockAheadMs > 0;
  return (
    <span className={styles["toned"]} data-tone={clock}>
      {ahead ? t("ahead", { off }) : t("behind", { off })}
      <span className={table["sub"]}>{ahead ? t("aheadHint") : t("behindHint")}</span>
    </span>
  );
}
