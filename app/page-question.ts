import { QueryClient } from "@tanstack/react-query";
import { connection } from "next/server";

import { loadPageState } from "#components/window/window-state.ts";
import type { Window } from "#lib/core/bucket.ts";
import { windowOf } from "#lib/core/window.ts";
import { currentProject } from "#lib/run/current-project.ts";
import { webDatabase, webKeep } from "#lib/run/web-database.ts";

import { requireSession } from "./session.ts";

export type Search = Promise<Record<string, string | string[] | undefined>>;

/** What a page asks the queries with: who asks, where, and over which window. */
export async function pageQuestion(searchParams: Search) {
  await connection();
  await requireSession();
  const state = await loadPageState(searchParams);
  const [db, project] = await Promise.all([webDatabase(), currentProject()]);
  const text = { from: state.from, to: state.to };
  const window: Window | string = windowOf(text, Date.now());
  return { db, project, state, text, window, keep: webKeep(), answers: new QueryClient() };
}

/** The time of a request, for what a page words relative to it. */
export function nowMs(): number {
  return Date.now();
}
