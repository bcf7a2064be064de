import type { Problem, RouteAnswer, RouteInput } from "./contract.ts";
import { type RouteName, routePaths } from "./paths.ts";

/** A refusal of the hub: RFC 9457 problem details. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiError";
    this.problem = problem;
  }
}

interface ClientOptions {
  /** "" for the page's own origin. */
  readonly baseUrl: string;
  readonly fetch?: typeof fetch;
  /** Extra headers, e.g. the session's X-CSRF-Token. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** What a call gives: its parts by the contract, or bytes, and headers of its own. */
export type RequestInput<Name extends RouteName> = Partial<RouteInput<Name>> & {
  readonly raw?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Calls routes by name, typed by the contract. */
export class ApiClient {
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** @throws ApiError for a refusal, TypeError when the hub cannot be reached */
  async call<Name extends RouteName>(
    name: Name,
    input: RequestInput<Name> = {},
  ): Promise<RouteAnswer<Name>> {
    const response = await this.request(name, input);
    return (await response.json()) as RouteAnswer<Name>;
  }

  /** The whole answer, for what is no JSON. @throws ApiError, TypeError */
  async request<Name extends RouteName>(
    name: Name,
    input: RequestInput<Name> = {},
  ): Promise<Response> {
    const { method, path } = routePaths[name];
    const params: Readonly<Record<string, unknown>> = input.params ?? {};
    const filled = path.replace(/\{(\w+)\}/g, (_, key) => encodeURIComponent(String(params[key])));
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(input.query ?? {})) {
      if (value !== undefined) query.set(key, String(value));
    }
    const suffix = query.size === 0 ? "" : `?${query}`;
    const doFetch = this.#options.fetch ?? fetch;
    const response = await doFetch(`${this.#options.baseUrl}${filled}${suffix}`, {
      method: method.toUpperCase(),
      headers: {
        ...(input.body === undefined ? {} : { "content-type": "application/json" }),
        ...(input.raw === undefined ? {} : { "content-type": "application/octet-stream" }),
        ...this.#options.headers?.(),
        ...input.headers,
      },
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      ...(input.raw === undefined ? {} : { body: input.raw }),
    });
    if (!response.ok) throw new ApiError(await readProblem(response));
    return response;
  }
}

async function readProblem(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    const title = `HTTP ${response.status}`;
    const code = "INTERNAL";
    return {
      type: "about:blank",
      title,
      titleZh: title,
      status: response.status,
      code,
      detail: title,
    };
  }
}
