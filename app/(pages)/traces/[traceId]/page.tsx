import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { redirect } from "next/navigation";

import { traceQuestion } from "#components/data/questions.ts";
import { NoTrace, TracePage } from "#components/traces/trace-page.tsx";
import { traceIdIn } from "#components/ui/trace-id.ts";
import { readTrace } from "#lib/run/read-trace.ts";

import { pageQuestion, type Search } from "../../../page-question.ts";

/** Larger traces are fetched by the browser, so that the page itself stays small. */
const spansInPageMax = 300;

interface PageProps {
  readonly params: Promise<{ readonly traceId: string }>;
  readonly searchParams: Search;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  const t = await getTranslations("trace");
  return { title: `${t("title")} ${(await params).traceId.slice(0, 8)}` };
}

export default async function Page({ params, searchParams }: PageProps) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  const written = (await params).traceId;
  const traceId = traceIdIn(written);
  if (traceId === null) return <NoTrace traceId={null} />;
  if (traceId !== written) redirect(`/traces/${traceId}`);
  const trace = await readTrace(db, { project, traceId });
  if (trace === null) return <NoTrace traceId={traceId} />;
  if (trace.spans.length + trace.hops.length <= spansInPageMax) {
    answers.setQueryData(traceQuestion(traceId).queryKey, trace);
  }
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <TracePage nowMs={nowMs} traceId={traceId} />
    </HydrationBoundary>
  );
}
