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
  const nowMs = Date.now();
  const window: Window | string = windowOf(text, nowMs);
  return { db, project, state, text, window, nowMs, keep: webKeep(), answers: new QueryClient() };
}
