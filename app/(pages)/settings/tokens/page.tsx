import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { tokensQuestion } from "#components/tokens/token-questions.ts";
import { TokensPage } from "#components/tokens/tokens-page.tsx";
import { readTokens } from "#lib/run/tokens.ts";

import { ingestAddress } from "../../../ingest-address.ts";
import { pageQuestion, type Search } from "../../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("tokens");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, answers, nowMs } = await pageQuestion(searchParams);
  const { origin } = await ingestAddress();
  answers.setQueryData(tokensQuestion().queryKey, await readTokens(db, project, nowMs));
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <TokensPage nowMs={nowMs} origin={origin} />
    </HydrationBoundary>
  );
}
