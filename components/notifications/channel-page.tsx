"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";

import type { ChannelItem, ChannelSaved } from "#lib/contract/channels.ts";

import { send } from "../data/send.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Refused } from "../ui/refused.tsx";
import { ChannelForm } from "./channel-form.tsx";
import type { ChannelKindItem } from "./prepare-fields.ts";

import form from "../ui/form.module.css";
import styles from "./notifications.module.css";

interface ChannelPageProps {
  readonly kinds: readonly ChannelKindItem[];
  /** Null while a new one is made. */
  readonly channel: ChannelItem | null;
}

/** Makes a channel, or changes one. */
export function ChannelPage({ kinds, channel }: ChannelPageProps) {
  const t = useTranslations("channel");
  const [saved, setSaved] = useState<ChannelSaved | null>(null);
  const shown = saved?.channel ?? channel;
  return (
    <>
      <div className={styles["head"]}>
        <h1>{shown === null ? t("new") : shown.name}</h1>
        <div className={styles["links"]}>
          {shown === null ? null : (
            <Link href={`/settings/notifications/deliveries?channel=${shown.id}`}>
              {t("deliveries")}
            </Link>
          )}
          <Link href="/settings/notifications">{t("back")}</Link>
        </div>
      </div>
      <SavedNote saved={saved} />
      <ChannelForm
        channel={shown}
        key={shown === null ? "new" : `${shown.id} ${shown.revision}`}
        kinds={kinds}
        onSaved={setSaved}
      />
      {shown === null ? null : <ChannelActions channel={shown} onSaved={setSaved} />}
    </>
  );
}

/** Says that it was saved; a signing secret is shown this once. */
function SavedNote({ saved }: { readonly saved: ChannelSaved | null }) {
  const t = useTranslations("channel");
  const copy = useTranslations("empty");
  if (saved === null) return <div aria-live="polite" />;
  if (saved.signingSecret === null)
    return (
      <p aria-live="polite" className={form["done"]}>
        {t("saved")}
      </p>
    );
  return (
    <div aria-live="polite" className={styles["secret"]}>
      <p>{t("secretOnce")}</p>
      <code>{saved.signingSecret}</code>
      <CopyButton done={copy("copied")} label={copy("copy")} value={saved.signingSecret} />
    </div>
  );
}

interface ChannelActionsProps {
  readonly channel: ChannelItem;
  readonly onSaved: (saved: ChannelSaved) => void;
}

function ChannelActions({ channel, onSaved }: ChannelActionsProps) {
  const t = useTranslations("channel");
  const router = useRouter();
  const [sure, setSure] = useState(false);
  const rotate = useMutation({
    mutationFn: () =>
      send(
        "POST",
        `channels/${channel.id}/rotate`,
        { overlapHours: 24 },
        async () => (await import("#lib/contract/channels.ts")).channelSaved,
      ),
    onSuccess: onSaved,
  });
  const remove = useMutation({
    mutationFn: () =>
      send(
        "DELETE",
        `channels/${channel.id}`,
        undefined,
        async () => (await import("#lib/contract/channels.ts")).channelRemoved,
      ),
    onSuccess: () => router.push("/settings/notifications"),
  });
  return (
    <div className={form["form"]}>
      <div className={form["actions"]}>
        {channel.kind === "webhook" ? (
          <Button
            loading={rotate.isPending}
            onClick={() => rotate.mutate()}
            size="xs"
            title={t("rotateHint")}
            variant="default"
          >
            {t("rotate")}
          </Button>
        ) : null}
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => (sure ? remove.mutate() : setSure(true))}
          size="xs"
          variant={sure ? "filled" : "default"}
        >
          {sure ? t("removeSure") : t("remove")}
        </Button>
      </div>
      <Refused error={rotate.error ?? remove.error} />
    </div>
  );
}
