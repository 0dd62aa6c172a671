import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { certificatesQuestion } from "#components/certificates/certificate-questions.ts";
import { CertificatesPage } from "#components/certificates/certificates-page.tsx";
import { readCertificates } from "#lib/run/certificates.ts";

import { pageQuestion, type Search } from "../../page-question.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("certificates");
  return { title: t("title") };
}

export default async function Page({ searchParams }: { readonly searchParams: Search }) {
  const { db, project, keep, nowMs, answers } = await pageQuestion(searchParams);
  answers.setQueryData(
    certificatesQuestion().queryKey,
    await readCertificates(db, { project, keep, nowMs }),
  );
  return (
    <HydrationBoundary state={dehydrate(answers)}>
      <CertificatesPage />
    </HydrationBoundary>
  );
}
