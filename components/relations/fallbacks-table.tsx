"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { FallbackEdge } from "#lib/contract/fallbacks.ts";
import { fallbackCauses } from "#lib/core/relations.ts";
import type { WindowText } from "#lib/core/window.ts";

import { useFormats } from "../format/use-formats.ts";
import { upstreamAddress } from "../window/window-state.ts";

import table from "../ui/table.module.css";
import styles from "./fallbacks-table.module.css";

interface FallbacksTableProps {
  readonly edges: readonly FallbackEdge[];
  readonly text: WindowText;
  /** Which ends to show: both, or only the other end of the upstream whose page it is. */
  readonly ends: "both" | "from" | "to";
}

/** Which upstream was left for which, how often, and why. */
export function FallbacksTable({ edges, text, ends }: FallbacksTableProps) {
  const t = useTranslations("edge");
  const most = Math.max(1, ...edges.map((edge) => edge.count));
  return (
    <table className={`${table["table"]} ${table["cards"]}`}>
      <thead>
        <tr>
          <th scope="col">
            {ends === "to" ? t("to") : ends === "from" ? t("from") : `${t("from")} → ${t("to")}`}
          </th>
          <th scope="col">{t("causes")}</th>
          <th className={table["number"]} scope="col">
            {t("count")}
          </th>
        </tr>
      </thead>
      <tbody>
        {edges.map((edge) => (
          <EdgeRow
            edge={edge}
            ends={ends}
            key={JSON.stringify([edge.proxy, edge.from, edge.to])}
            most={most}
            text={text}
          />
        ))}
      </tbody>
    </table>
  );
}

function EdgeRow({
  edge,
  text,
  ends,
  most,
}: {
  readonly edge: FallbackEdge;
  readonly text: WindowText;
  readonly ends: FallbacksTableProps["ends"];
  readonly most: number;
}) {
  const t = useTranslations("edge");
  const formats = useFormats();
  return (
    <tr>
      <th scope="row">
        <span className={styles["ends"]}>
          {ends === "to" ? null : <End name={edge.from} proxy={edge.proxy} text={text} />}
          {ends === "both" ? (
            <span aria-label={t("to")} role="img">
              →
            </span>
          ) : null}
          {ends === "from" ? null : <End name={edge.to} proxy={edge.proxy} text={text} />}
        </span>
        {ends === "both" ? (
          <span className={table["sub"]}>{t("through", { proxy: edge.proxy })}</span>
        ) : null}
      </th>
      <td data-label={t("causes")}>
        <Causes causes={edge.causes} />
      </td>
      <td className={table["number"]} data-label={t("count")}>
        <span title={formats.exact(edge.count)}>{formats.count(edge.count)}</span>
        <span aria-hidden="true" className={styles["bar"]}>
          <span style={{ width: `${(edge.count / most) * 100}%` }} />
        </span>
      </td>
    </tr>
  );
}

function End({
  name,
  proxy,
  text,
}: {
  readonly name: string;
  readonly proxy: string;
  readonly text: WindowText;
}) {
  return (
    <Link href={upstreamAddress(text, proxy, name)} prefetch={false}>
      {name}
    </Link>
  );
}

function Causes({ causes }: { readonly causes: FallbackEdge["causes"] }) {
  const t = useTranslations("cause");
  const words = useTranslations("edge");
  const formats = useFormats();
  const known = fallbackCauses
    .map((cause) => ({ cause, count: causes[cause] ?? 0 }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.count - a.count);
  return (
    <ul className={styles["causes"]}>
      {known.map(({ cause, count }) => (
        <li key={cause}>{words("cause", { cause: t(cause), count: formats.count(count) })}</li>
      ))}
    </ul>
  );
}
