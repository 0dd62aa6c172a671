import { childEnvironment } from "#lib/config/environment.ts";

/** How many times as much is done as in `npm test`; `npm run soak` says 20 unless VIASCOPE_TEST_SOAK says otherwise. */
export const soak = Math.max(1, Number(childEnvironment({})["VIASCOPE_TEST_SOAK"] ?? 1));
