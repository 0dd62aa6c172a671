import { getTranslations } from "next-intl/server";
import Link from "next/link";
import { redirect } from "next/navigation";

import { exchangesAddress } from "#components/exchanges/exchange-filter.ts";
import { Message } from "#components/ui/message.tsx";
import { exchangeOfLine } from "#lib/run/exchange-of-line.ts";

import { pageQuestion, type Search } from "../../../../page-question.ts";

interface PageProps {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Search;
}

/** Where a log line leads that names a request: to its exchange, or to those among which it is. */
export default async function Page({ params, searchParams }: PageProps) {
  const { db, project, keep } = await pageQuestion(searchParams);
  const lineId = decodeURIComponent((await params).id);
  const found = await exchangeOfLine(db, { project, lineId, keep });
  if (found?.kind === "exchange") redirect(`/exchanges/${found.id}`);
  if (found !== null) {
    const { window, proxy } = found;
    const { module = null, endpoint = null } = found.filter;
    const [from, to] = [window.fromMs, window.toMs].map((ms) => new Date(ms).toISOString());
    const text = { from: from ?? "", to: to ?? "" };
    redirect(exchangesAddress(text, { proxy, module, endpoint, order: "newest" }));
  }
  const t = await getTranslations("logs");
  return (
    <Message hint={t("noRequestHint")} title={t("noRequest")}>
      <Link href="/logs">{t("title")}</Link>
    </Message>
  );
}
