import { createLoader, parseAsString, parseAsStringLiteral } from "nuqs/server";

import type { DeliveriesFilter } from "./notification-questions.ts";

export const deliveryStates = ["pending", "delivered", "failed", "superseded"] as const;

/** What stands in the address of the delivery log. */
export const deliveryKeys = {
  channel: parseAsString,
  state: parseAsStringLiteral(deliveryStates),
  /** Only those before this time. */
  before: parseAsString,
  /** The delivery whose attempts are shown. */
  open: parseAsString,
};

/** Reads the address on the server. */
export const loadDeliveryState = createLoader(deliveryKeys);

interface Keys {
  readonly channel: string | null;
  readonly state: (typeof deliveryStates)[number] | null;
  readonly before: string | null;
}

/** The question that an address asks. */
export function deliveriesFilterOf({ channel, state, before }: Keys): DeliveriesFilter {
  return {
    ...(channel === null ? {} : { channel }),
    ...(state === null ? {} : { state }),
    ...(before === null ? {} : { before }),
    limit: 50,
  };
}
