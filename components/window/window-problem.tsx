import { useTranslations } from "next-intl";
import Link from "next/link";

import { Message } from "../ui/message.tsx";

/** What stands in place of a page whose time range cannot be read, with the way back. */
export function WindowProblem({ detail }: { readonly detail: string }) {
  const t = useTranslations("window");
  return (
    <Message hint={detail} title={t("problem")}>
      <Link href="?">{t("reset")}</Link>
    </Message>
  );
}
