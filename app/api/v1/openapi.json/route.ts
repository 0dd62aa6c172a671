import { answer, refusalOf } from "../../answer.ts";
import { openapiDocument } from "../../openapi.ts";

export function GET(request: Request): Response {
  return refusalOf(request) ?? answer(openapiDocument());
}
