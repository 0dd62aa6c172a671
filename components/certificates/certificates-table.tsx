"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";

import type { CertificateItem } from "#lib/contract/certificates.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { ShapeMark } from "../ui/state-mark.tsx";
import type { CertificateChange } from "./certificate-questions.ts";
import { daysLeft, markOf } from "./prepare-certificates.ts";

import table from "../ui/table.module.css";
import styles from "./certificates.module.css";

interface CertificatesTableProps {
  readonly certificates: readonly CertificateItem[];
  readonly nowMs: number;
  readonly onChange: (wanted: CertificateChange) => void;
}

const columns = ["server", "state", "ends", "issuer", "checked"] as const;

/** One certificate a line: how it stands and why, when it ends, who signed it. */
export function CertificatesTable({ certificates, nowMs, onChange }: CertificatesTableProps) {
  const t = useTranslations("certificates");
  return (
    <table className={`${table["table"]} ${table["cards"]} ${styles["table"]}`}>
      <thead>
        <tr>
          {columns.map((name) => (
            <th key={name} scope="col">
              {t(name)}
            </th>
          ))}
          <th scope="col">
            <span className="visually-hidden">{t("actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {certificates.map((item) => (
          <Line item={item} key={item.name} nowMs={nowMs} onChange={onChange} />
        ))}
      </tbody>
    </table>
  );
}

interface LineProps {
  readonly item: CertificateItem;
  readonly nowMs: number;
  readonly onChange: (wanted: CertificateChange) => void;
}

function Line({ item, nowMs, onChange }: LineProps) {
  const t = useTranslations("certificates");
  const { name, certificate, checkedAt } = item;
  return (
    <tr>
      <th scope="row">
        <span className={table["name"]}>
          <strong>{name}</strong>
        </span>
        <Details item={item} nowMs={nowMs} />
      </th>
      <td className={styles["state"]} data-label={t("state")}>
        <Standing item={item} />
      </td>
      <td data-label={t("ends")}>
        {certificate === null ? "–" : <End endsAt={certificate.endsAt} nowMs={nowMs} />}
      </td>
      <td className={styles["issuer"]} data-label={t("issuer")}>
        {certificate?.issuer ?? "–"}
      </td>
      <td className={styles["checked"]} data-label={t("checked")}>
        {checkedAt === null ? "–" : <Moment ago nowMs={nowMs} timeMs={Date.parse(checkedAt)} />}
      </td>
      <td>
        <span className={styles["actions"]}>
          <Button
            aria-label={t("checkNamed", { name })}
            color="gray"
            onClick={() => onChange({ kind: "check", name })}
            size="compact-xs"
            variant="default"
          >
            {t("check")}
          </Button>
          {item.origin === "page" ? (
            <Button
              aria-label={t("removeNamed", { name })}
              color="gray"
              onClick={() => onChange({ kind: "remove", name })}
              size="compact-xs"
              variant="default"
            >
              {t("remove")}
            </Button>
          ) : null}
        </span>
      </td>
    </tr>
  );
}

function Standing({ item }: { readonly item: CertificateItem }) {
  const state = useTranslations("certificateState");
  const why = item.problem ?? item.distrust;
  return (
    <>
      <ShapeMark label={state(item.state)} state={markOf[item.state]} word />
      {why === null ? null : (
        <span className={table["sub"]}>
          {why}
          {item.reason === null ? null : (
            <>
              {" "}
              <code>{item.reason}</code>
            </>
          )}
        </span>
      )}
    </>
  );
}

function End({ endsAt, nowMs }: { readonly endsAt: string; readonly nowMs: number }) {
  const t = useTranslations("certificates");
  const formats = useFormats();
  const timeMs = Date.parse(endsAt);
  const days = daysLeft(endsAt, nowMs);
  return (
    <>
      <time dateTime={endsAt} suppressHydrationWarning title={formats.absolute(timeMs)}>
        {formats.date(timeMs)}
      </time>
      <span className={table["sub"]} suppressHydrationWarning>
        {days < 0 ? t("daysAgo", { days: -days - 1 }) : t("daysLeft", { days })}
      </span>
    </>
  );
}

function Details({ item, nowMs }: { readonly item: CertificateItem; readonly nowMs: number }) {
  const t = useTranslations("certificates");
  const origin = useTranslations("certificateOrigin");
  const { certificate, changes } = item;
  return (
    <details className={styles["details"]}>
      <summary>{origin(item.origin)}</summary>
      {certificate === null ? null : (
        <dl>
          <dt>{t("subject")}</dt>
          <dd>{certificate.subject}</dd>
          <dt>{t("names")}</dt>
          <dd>{certificate.names.join(", ") || "–"}</dd>
          <dt>{t("fingerprint")}</dt>
          <dd>
            <code>{certificate.fingerprint}</code>
          </dd>
        </dl>
      )}
      <ul>
        {changes.map((change) => (
          <li key={change.at}>
            <Moment nowMs={nowMs} timeMs={Date.parse(change.at)} /> <Change change={change} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Change({ change }: { readonly change: CertificateItem["changes"][number] }) {
  const t = useTranslations("certificates");
  const formats = useFormats();
  const { problem, distrust, endsAt } = change;
  if (endsAt === null) return problem ?? "";
  const seen = t("changed", { ends: formats.date(Date.parse(endsAt)) });
  return distrust === null ? seen : `${seen}, ${distrust}`;
}
