import type { ReactNode } from "react";

import { Shell } from "#components/ui/shell.tsx";

import { passwordAsked } from "../session.ts";

export default function PagesLayout({ children }: { readonly children: ReactNode }) {
  return <Shell canLogout={passwordAsked()}>{children}</Shell>;
}
