import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { ask } from "../data/ask.ts";
import { send } from "../data/send.ts";

/** Every certificate that is checked, and the hosts whose certificates could be. */
export function certificatesQuestion() {
  return queryOptions({
    queryKey: ["certificates"],
    queryFn: ({ signal }) =>
      ask(
        "certificates",
        {},
        async () => (await import("#lib/contract/certificates.ts")).certificatesAnswer,
        signal,
      ),
    refetchInterval: 10_000,
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });
}

/** What can be done with a server of the list. */
export interface CertificateChange {
  readonly kind: "add" | "check" | "remove";
  readonly name: string;
}

const schema = async () => (await import("#lib/contract/certificates.ts")).certificateNamed;

/** Makes a change of the list. */
export function sendCertificate({ kind, name }: CertificateChange) {
  const path = `certificates/${encodeURIComponent(name)}`;
  switch (kind) {
    case "add":
      return send("POST", "certificates", { target: name }, schema);
    case "check":
      return send("POST", `${path}/check`, undefined, schema);
    case "remove":
      return send("DELETE", path, undefined, schema);
    default:
      return kind satisfies never;
  }
}
