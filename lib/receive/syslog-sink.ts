/** What takes the messages of syslog. */
export interface SyslogSink {
  /** Takes what came from an address. False when there is no room, and the message was not taken. */
  take(message: Buffer, address: string): boolean;
  /** Resolves when there is room. */
  room(): Promise<void>;
}
