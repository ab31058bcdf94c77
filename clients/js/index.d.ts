/** A response of the control API that is not a success. */
export class IdmockError extends Error {
  constructor(message: string, status: number, problem: unknown);
  /** HTTP status. */
  readonly status: number;
  /** The RFC 9457 problem document. */
  readonly problem: { title?: string; detail?: string; [member: string]: unknown } | string | undefined;
}

/** A running idmock. */
export class Idmock {
  /** @param url address of the server; default: the environment variable IDMOCK, or http://127.0.0.1:8080 */
  constructor(url?: string, options?: { /** of --control-token */ token?: string });
  readonly url: string;
  /** The isolated world of one API key. Use another key for each test. */
  account(key: string): Account;
  /** Base URL of a provider's API. */
  base(provider: string): string;
  /** Resolves once the server handles requests. Milliseconds. */
  ready(options?: { timeout?: number }): Promise<void>;
  /** Any request of the control API, below /_idmock/v1. */
  request<T = unknown>(method: string, path: string, body?: unknown, query?: Record<string, string | number | undefined>): Promise<T>;
}

/** A duration such as "30s", "5m", "48h" or "2d". */
export type Duration = string;

export interface Expectation {
  /** Name of the event; any if absent. */
  event?: string;
  outcome?: "attempted" | "delivered" | "exhausted" | "unroutable" | "dropped";
  /** Number of deliveries; default 1. */
  count?: number;
  /** Sequence number: only what came later counts. */
  after?: number;
  /** Wall time; default 5s. */
  timeout?: Duration;
}

export interface Fault {
  /** Name from GET faults/catalogue. */
  fault: string;
  args?: Record<string, string>;
  event?: string;
  operation?: string;
  times?: number;
  probability?: number;
}

export interface Attempt {
  n: number;
  accepted: boolean;
  class: string;
  error?: string;
  hint?: string;
  request: { method: string; url: string; headers: [string, string][]; body: { text?: string; size: number } };
  response?: { status: number; headers: [string, string][]; body: { text?: string; size: number } };
}

export interface Delivery {
  id: string;
  provider: string;
  event: string;
  run?: string;
  url: string;
  status: string;
  attempts: Attempt[];
}

export interface Entry {
  seq: number;
  /** Account time. */
  at: string;
  wall: string;
  account: string;
  kind: string;
  data: Record<string, unknown>;
}

export class Account {
  constructor(server: Idmock, key: string);
  readonly server: Idmock;
  readonly key: string;
  /** Registers a webhook endpoint. */
  webhook(provider: string, url: string, options?: { events?: string[] }): Promise<{ id: string; url: string }>;
  /** Stops the account's clock; advance moves it. */
  freeze(): Promise<unknown>;
  /** Lets the clock run, at account seconds per wall second. */
  resume(options?: { rate?: number }): Promise<unknown>;
  /** Advances the clock. Resolves once every due webhook was delivered or has failed. */
  advance(by: Duration): Promise<{ now: string; settled: number; delivered: number; exhausted: number; unroutable: number; dropped: number; held: number }>;
  /** Resolves with the matching journal entries; rejects if they do not come in time, with the reason. */
  wait(expectation: Expectation): Promise<Entry[]>;
  /** Resolves once nothing is due. */
  idle(options?: { timeout?: Duration }): Promise<{ idle: boolean; held: number }>;
  /** Plays a scenario for the next request, or for the next one about a subject. */
  arm(provider: string, scenario: string, options?: { calls?: number; subject?: string }): Promise<void>;
  /** Sets a fault on future deliveries or responses. */
  fault(fault: string | Fault): Promise<unknown>;
  /** Sends one event now. */
  send(provider: string, event: string, options?: { outcome?: string; run?: string; subject?: string; data?: unknown }): Promise<unknown>;
  /** The account's deliveries, with every byte of each attempt. */
  deliveries(): Promise<Delivery[]>;
  journal(options?: { after?: number }): Promise<Entry[]>;
  /** The variables that point an app at this account, by name. */
  environment(provider: string): Promise<Record<string, string>>;
  /** Back to the account's initial state. */
  reset(): Promise<void>;
}
