import type { Answer, Received } from "./receiver.ts";

/** An issue of the Jira below. */
export interface TestIssue {
  readonly key: string;
  readonly fields: Readonly<Record<string, unknown>>;
  status: "To Do" | "Done";
  readonly comments: string[];
}

/** Behaves as the parts of Jira's API that the channel uses: its search lags behind, as that of the cloud does. */
export class TestJira {
  readonly issues: TestIssue[] = [];
  /** Issues that searches know of. */
  indexed = 0;

  readonly answer: Answer = (response, request) => {
    const { status, body } = this.#answerTo(request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  };

  #answerTo({ method, path, body }: Received): { status: number; body?: unknown } {
    const address = path.replace("/rest/api/2/", "");
    const [, key, part = ""] = /^issue\/([A-Z]+-\d+)(?:\/(\w+))?/.exec(address) ?? [];
    if (address === "search/jql") return this.#search(body);
    if (address === "issue") return this.#create(body);
    const issue = this.issues.find((one) => one.key === key);
    return issue === undefined
      ? { status: 404, body: { errorMessages: ["no such issue"] } }
      : this.#answerAbout(issue, `${method} ${part}`, body);
  }

  #answerAbout(issue: TestIssue, asked: string, body: string): { status: number; body?: unknown } {
    switch (asked) {
      case "GET ":
        return { status: 200, body: { key: issue.key, fields: { status: statusOf(issue) } } };
      case "GET transitions":
        return { status: 200, body: { transitions: transitionsOf(issue) } };
      case "POST transitions":
        issue.status = "Done";
        return { status: 204 };
      case "POST comment":
        issue.comments.push(String(Object(JSON.parse(body))["body"]));
        return { status: 201, body: { id: `${issue.comments.length}` } };
      default:
        return { status: 405, body: {} };
    }
  }

  #search(body: string) {
    const mark = /labels = "([^"]+)"/.exec(String(Object(JSON.parse(body))["jql"]))?.[1] ?? "";
    const found = this.issues
      .slice(0, this.indexed)
      .filter(
        ({ status, fields }) => status !== "Done" && [fields["labels"]].flat().includes(mark),
      );
    return { status: 200, body: { issues: found.map(({ key }) => ({ key })) } };
  }

  #create(body: string) {
    const key = `OPS-${this.issues.length + 1}`;
    const fields: Record<string, unknown> = Object(Object(JSON.parse(body))["fields"]);
    this.issues.push({ key, fields, status: "To Do", comments: [] });
    return { status: 201, body: { id: `${10_000 + this.issues.length}`, key } };
  }
}

function statusOf({ status }: TestIssue) {
  return { name: status, statusCategory: { key: status === "Done" ? "done" : "new" } };
}

function transitionsOf({ status }: TestIssue) {
  return status === "Done" ? [] : [{ id: "31", name: "Close", to: { name: "Done" } }];
}
