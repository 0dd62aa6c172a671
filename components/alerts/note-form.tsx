"use client";

import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";

import type { AlertItem, NewNote } from "#lib/contract/alerts.ts";

import { send } from "../data/send.ts";
import { Field } from "../ui/field.tsx";
import { Refused } from "../ui/refused.tsx";
import { useAuthor } from "./use-author.ts";

import form from "../ui/form.module.css";

interface NoteFormProps {
  readonly rule: string;
  readonly fingerprint: string;
  readonly alert: AlertItem | null;
  /** The incident that the page is about; the last one where it names none. */
  readonly incident: string | null;
}

/** Says that somebody is on it, or what they found. */
export function NoteForm({ rule, fingerprint, alert, incident }: NoteFormProps) {
  const t = useTranslations("alert");
  const [text, setText] = useState("");
  const { author, setAuthor, signed } = useAuthor();
  const write = useNote(rule, fingerprint, () => setText(""));
  const beside = incident === null ? {} : { incident };
  const open = alert !== null && alert.state !== "resolved";
  return (
    <form
      className={form["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate({ kind: "comment", author: signed, text, ...beside });
      }}
    >
      <Field label={t("comment")}>
        <textarea
          maxLength={4_000}
          onChange={(event) => setText(event.target.value)}
          placeholder={t("commentHint")}
          rows={2}
          value={text}
        />
      </Field>
      <Field label={t("author")}>
        <input
          autoComplete="name"
          maxLength={120}
          onChange={(event) => setAuthor(event.target.value)}
          placeholder={t("authorHint")}
          value={author}
        />
      </Field>
      <Refused error={write.error} />
      <div className={form["actions"]}>
        {open && alert.acknowledged === null ? (
          <Button
            loading={write.isPending}
            onClick={() => write.mutate({ kind: "acknowledged", author: signed, text, ...beside })}
            size="compact-md"
          >
            {t("acknowledge")}
          </Button>
        ) : null}
        <Button
          disabled={text.trim() === ""}
          loading={write.isPending}
          size="compact-md"
          type="submit"
          variant="default"
        >
          {t("addComment")}
        </Button>
      </div>
    </form>
  );
}

function useNote(rule: string, fingerprint: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (note: NewNote) =>
      send(
        "POST",
        `alerts/${encodeURIComponent(rule)}/${encodeURIComponent(fingerprint)}/notes`,
        note,
        async () => (await import("#lib/contract/alerts.ts")).alertAnswer,
      ),
    onSuccess: async () => {
      onDone();
      await queries.invalidateQueries({ queryKey: ["alerts"] });
    },
  });
}
