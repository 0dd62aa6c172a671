import { useTranslations } from "next-intl";

import { CopyButton } from "./copy-button.tsx";

import styles from "./snippet.module.css";

interface SnippetProps {
  readonly title: string;
  readonly hint?: string;
  readonly text: string;
  /** Level of the heading on its page. */
  readonly level: 2 | 3;
}

/** A text to be copied into a shell or a file, under its heading. */
export function Snippet({ title, hint, text, level }: SnippetProps) {
  const t = useTranslations("empty");
  const Heading = `h${level}` as const;
  return (
    <section aria-label={title} className={styles["snippet"]}>
      <header>
        <Heading>{title}</Heading>
        {hint === undefined ? null : <p>{hint}</p>}
        <CopyButton done={t("copied")} label={t("copy")} value={text} />
      </header>
      <pre>
        <code>{text}</code>
      </pre>
    </section>
  );
}
