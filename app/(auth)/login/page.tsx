import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { redirect } from "next/navigation";
import { connection } from "next/server";

import { LoginPage } from "#components/login/login-page.tsx";

import { returnPath } from "../../guard.ts";
import { passwordAsked } from "../../session.ts";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("login");
  return { title: t("title") };
}

interface PageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function Page({ searchParams }: PageProps) {
  await connection();
  if (!passwordAsked()) redirect("/");
  const { next, problem } = await searchParams;
  return (
    <LoginPage
      next={returnPath(typeof next === "string" ? next : null)}
      problem={problem === "wrong" || problem === "limited" ? problem : null}
    />
  );
}
