import { cacheOutcomes, type CacheOutcome } from "./cache-outcome.ts";
import { errorTypes, type ErrorType } from "./error-type.ts";
import { sources, type Source } from "./exchange.ts";
import { logKinds, type LogKind } from "./log-line.ts";
import { moduleEndpoints, type ModuleEndpoint } from "./module-request.ts";
import { tlsReasons, type TlsReason } from "./tls-reason.ts";

/** A word list as small numbers for narrow rows: the place in the list counted from 1; 0 is none. */
export interface Codes<Word extends string> {
  codeOf(word: Word | null): number;
  wordOf(code: number): Word | null;
}

/** New words are only ever added at a list's end: stored rows keep their meaning. */
function codesOf<Word extends string>(words: readonly Word[]): Codes<Word> {
  const codes = new Map<Word | null, number>(words.map((word, place) => [word, place + 1]));
  // Records that follow each other often have the same word.
  let lastWord: Word | null = null;
  let lastCode = 0;
  return {
    codeOf(word) {
      if (word === lastWord) return lastCode;
      lastWord = word;
      lastCode = codes.get(word) ?? 0;
      return lastCode;
    },
    // A place before the first would be looked up as if it were a name.
    wordOf: (code) => (code > 0 ? (words[code - 1] ?? null) : null),
  };
}

export const sourceCodes: Codes<Source> = codesOf(sources);
export const cacheCodes: Codes<CacheOutcome> = codesOf(cacheOutcomes);
export const errorTypeCodes: Codes<ErrorType> = codesOf(errorTypes);
export const moduleEndpointCodes: Codes<ModuleEndpoint> = codesOf(moduleEndpoints);
export const logKindCodes: Codes<LogKind> = codesOf(logKinds);
export const tlsReasonCodes: Codes<TlsReason> = codesOf(tlsReasons);
