"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";

import type { ChannelItem } from "#lib/contract/channels.ts";
import type { RoutesAnswer } from "#lib/contract/routes.ts";

import { Refusal } from "../data/ask.ts";
import { send } from "../data/send.ts";
import { Refused } from "../ui/refused.tsx";
import { draftOf, policyOf, type RouteDraft } from "./prepare-routes.ts";
import { RouteFields } from "./route-fields.tsx";

import form from "../ui/form.module.css";
import styles from "./notifications.module.css";

interface RoutesFormProps {
  readonly answer: RoutesAnswer;
  readonly channels: readonly ChannelItem[];
}

/** Changes the routes: their order, whom they match, and who is told how often. */
export function RoutesForm({ answer, channels }: RoutesFormProps) {
  const t = useTranslations("routes");
  const router = useRouter();
  const { route } = answer.policy;
  const [root, setRoot] = useState(() => draftOf({ ...route, routes: [] }, 0));
  const [drafts, setDrafts] = useState(() =>
    route.routes.map((each, index) => draftOf(each, index + 1)),
  );
  const save = useMutation({
    mutationFn: () => {
      const policy = policyOf(answer.policy, root, drafts);
      if ("id" in policy)
        throw new Refusal({ status: 400, detail: t("unreadable", { text: policy.matchers }) });
      return send(
        "PUT",
        "routes",
        { policy, revision: answer.revision },
        async () => (await import("#lib/contract/routes.ts")).routesAnswer,
      );
    },
    onSuccess: () => router.push("/settings/notifications"),
  });
  return (
    <>
      <div className={styles["head"]}>
        <div>
          <h1>{t("edit")}</h1>
          <p>{t("order")}</p>
        </div>
        <Link href="/settings/notifications">{t("back")}</Link>
      </div>
      <form
        className={form["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <DraftList channels={channels} drafts={drafts} onChange={setDrafts} />
        <RouteFields channels={channels} draft={root} onChange={setRoot} title={t("others")} root />
        <div className={form["actions"]}>
          <Button loading={save.isPending} size="xs" type="submit">
            {t("save")}
          </Button>
        </div>
        <Refused error={save.error} />
      </form>
    </>
  );
}

interface DraftListProps {
  readonly drafts: readonly RouteDraft[];
  readonly channels: readonly ChannelItem[];
  readonly onChange: (drafts: RouteDraft[]) => void;
}

function DraftList({ drafts, channels, onChange }: DraftListProps) {
  const t = useTranslations("routes");
  const add = () => {
    const id = Math.max(0, ...drafts.map((draft) => draft.id)) + 1;
    onChange([...drafts, draftOf({ matchers: [], continue: false, routes: [] }, id)]);
  };
  return (
    <>
      {drafts.map((draft, index) => (
        <RouteFields
          channels={channels}
          draft={draft}
          key={draft.id}
          onChange={(next) => onChange(drafts.map((each) => (each.id === next.id ? next : each)))}
          onEarlier={index === 0 ? undefined : () => onChange(swapped(drafts, index))}
          onRemove={() => onChange(drafts.filter((each) => each.id !== draft.id))}
          title={t("number", { number: index + 1 })}
        />
      ))}
      <div>
        <Button onClick={add} size="xs" variant="default">
          {t("add")}
        </Button>
      </div>
    </>
  );
}

/** With the draft at an index one place earlier. */
function swapped(drafts: readonly RouteDraft[], index: number): RouteDraft[] {
  const moved = drafts.slice(index, index + 1);
  const rest = drafts.filter((_, at) => at !== index);
  return rest.toSpliced(index - 1, 0, ...moved);
}
