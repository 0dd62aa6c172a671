/** Where demo telemetry is sent to: the public endpoints of some Viascope. */
export interface DemoTarget {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | null;
}

/** The header that lets telemetry in; none where no token is asked for. */
export function authorization({ token }: DemoTarget): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
