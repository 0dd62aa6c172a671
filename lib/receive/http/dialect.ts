import { bytesField, numberField } from "./protobuf-reply.ts";

/** How one kind of sender is told what became of its request. */
export interface Dialect {
  readonly contentType: string;
  refusal(status: number, message: string): string | Buffer;
}

/** Replies of an OTLP request in the encoding it came in. */
export interface OtlpDialect extends Dialect {
  /** The Export response; `rejectedField` is the JSON name of the count of this signal. */
  accepted(rejectedField: string, rejected: number, message: string): string | Buffer;
}

/** Longer explanations are cut: a response must stay small whatever was sent. */
const messageLengthMax = 4_000;

const badRequestType = "type.googleapis.com/google.rpc.BadRequest";
const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo";

/** The codes of google.rpc for the HTTP statuses that we answer with. */
const rpcCodes = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 12],
  [405, 12],
  [408, 4],
  [413, 8],
  [415, 3],
  [429, 8],
  [503, 14],
]);
const rpcInternal = 13;

export const otlpProtobuf: OtlpDialect = {
  contentType: "application/x-protobuf",
  accepted(_, rejected, message) {
    if (rejected === 0 && message === "") return "";
    const partial = [numberField(1, rejected), bytesField(2, shortened(message))];
    return bytesField(1, Buffer.concat(partial));
  },
  refusal(status, message) {
    return rpcStatus(rpcCode(status), message, status === 400 ? [badRequest(message)] : []);
  },
};

export const otlpJson: OtlpDialect = {
  contentType: "application/json",
  accepted(rejectedField, rejected, message) {
    if (rejected === 0 && message === "") return "{}";
    const partialSuccess = {
      ...(rejected > 0 && { [rejectedField]: String(rejected) }),
      errorMessage: shortened(message),
    };
    return JSON.stringify({ partialSuccess });
  },
  refusal(status, message) {
    const text = shortened(message);
    const fieldViolations = [{ field: "body", description: text }];
    const details = status === 400 ? [{ "@type": badRequestType, fieldViolations }] : [];
    return JSON.stringify({ code: rpcCode(status), message: text, details });
  },
};

/** Problem details (RFC 9457), for what is no OTLP. */
export const problemDetails: Dialect = {
  contentType: "application/problem+json",
  refusal(status, message) {
    const title = titles.get(status) ?? "Error";
    return JSON.stringify({ type: "about:blank", title, status, detail: shortened(message) });
  },
};

/** A sentence, as Loki answers. */
export const plainText: Dialect = {
  contentType: "text/plain; charset=utf-8",
  refusal: (_, message) => `${shortened(message)}\n`,
};

const titles = new Map([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [429, "Too Many Requests"],
  [503, "Service Unavailable"],
]);

/** A google.rpc.Status; the details are packed in Any already. */
export function rpcStatus(code: number, message: string, details: readonly Buffer[]): Buffer {
  const packed = details.map((detail) => bytesField(3, detail));
  return Buffer.concat([numberField(1, code), bytesField(2, shortened(message)), ...packed]);
}

/** google.rpc.BadRequest with one violation, packed in an Any. */
export function badRequest(message: string): Buffer {
  const violation = Buffer.concat([bytesField(1, "body"), bytesField(2, shortened(message))]);
  return any(badRequestType, bytesField(1, violation));
}

/** google.rpc.RetryInfo, packed in an Any. */
export function retryInfo(seconds: number): Buffer {
  return any(retryInfoType, bytesField(1, numberField(1, seconds)));
}

function any(type: string, value: Buffer): Buffer {
  return Buffer.concat([bytesField(1, type), bytesField(2, value)]);
}

/** The google.rpc code for an HTTP status that we answer with. */
export function rpcCode(status: number): number {
  return rpcCodes.get(status) ?? rpcInternal;
}

function shortened(message: string): string {
  return message.length > messageLengthMax ? `${message.slice(0, messageLengthMax)}…` : message;
}
