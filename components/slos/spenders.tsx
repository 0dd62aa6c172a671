"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { SloAnswer } from "#lib/contract/slos.ts";

import { useFormats } from "../format/use-formats.ts";
import { Moment } from "../ui/moment.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Unreadable } from "../ui/unreadable.tsx";
import { prepareSpenders, type SpenderGroup, type SpenderRow } from "./prepare-spenders.ts";

import table from "../ui/table.module.css";
import styles from "./slos.module.css";

interface SpendersProps {
  readonly slo: SloAnswer;
  readonly nowMs: number;
}

/** Where the bad events came from, kind by kind, most first, each with the way to its exchanges. */
export function Spenders({ slo, nowMs }: SpendersProps) {
  const t = useTranslations("slo");
  const groups = prepareSpenders(slo);
  const since =
    slo.recordsFrom === null ? undefined : (
      <>
        {t("recordsFrom")} <Moment nowMs={nowMs} timeMs={Date.parse(slo.recordsFrom)} />
      </>
    );
  return (
    <Panel note={groups.length === 0 ? undefined : since} title={t("spenders")}>
      <Unreadable rows={slo.unreadable} />
      {groups.length === 0 ? (
        <Nothing>{t("noSpenders")}</Nothing>
      ) : (
        <div className={styles["spenders"]}>
          {groups.map((group) => (
            <Group group={group} key={group.kind} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function Group({ group }: { readonly group: SpenderGroup }) {
  const t = useTranslations("slo");
  return (
    <table className={table["table"]}>
      <thead>
        <tr>
          <th scope="col">{t(group.kind)}</th>
          <th className={table["number"]} scope="col">
            {t("badEvents")}
          </th>
        </tr>
      </thead>
      <tbody>
        {group.rows.map((row) => (
          <Row key={row.name} kind={group.kind} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ kind, row }: { readonly kind: SpenderGroup["kind"]; readonly row: SpenderRow }) {
  const t = useTranslations("slo");
  const formats = useFormats();
  const name = kind === "status" && row.name === "0" ? t("noAnswer") : row.name;
  return (
    <tr>
      <th scope="row">
        {row.address === null ? (
          name
        ) : (
          <Link href={row.address} prefetch={false} title={t("seeExchanges", { name })}>
            {name}
          </Link>
        )}
      </th>
      <td className={table["number"]} title={formats.exact(row.bad)}>
        {formats.count(row.bad)}
        {row.share === null ? null : (
          <span className={styles["share"]}>{formats.ratio(row.share)}</span>
        )}
      </td>
    </tr>
  );
}
