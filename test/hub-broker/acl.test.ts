import assert from "node:assert/strict";
import { test } from "node:test";
import { type Role, roles } from "@gridledger/protocol/ledger/roles";
import { filters, topics } from "@gridledger/protocol/topics";
import { denyPublish, denySubscribe } from "../../hub/src/broker/acl.ts";

const own = "0123456789abcdef0123";
const other = "ffffffffffffffffffff";
const everyRole = Object.keys(roles) as Role[];
const as = (role: Role) => ({ identity: own, role });

const publishable = {
  t: topics.transaction("main", own),
  c: topics.consensus("main", "v", own),
  s: topics.status("main", own),
  m: topics.telemetry("main", own),
  y: topics.sync("main", other, own),
  e: topics.refusal("main", other, own),
  f: topics.receipt("main", other, own),
  l: topics.revocations("main", other, own),
  q: topics.renewal("main", other, own),
  v: topics.contractEvents("main", other, own),
  d: topics.copies("main", other, own),
};
const readable = {
  t: filters.transactions("main"),
  c: filters.consensus("main"),
  k: filters.decides("main"),
  s: filters.statuses("main"),
  m: filters.telemetry("main"),
  y: filters.sync("main", own),
  e: filters.refusals("main", own),
  f: filters.receipts("main", own),
  l: filters.revocations("main"),
  q: filters.renewals("main", own),
  v: filters.contractQuestions("main", own),
  d: filters.copies("main", own),
};
const mayPublish: Record<Role, string> = {
  validator: "tcsmyeqd",
  candidate: "tcsmyeqd",
  hub: "tcsmyeflqvd",
  device: "tqv",
  application: "tqv",
  operator: "tqv",
  organisation: "",
  administrator: "",
  supervisor: "",
  auditor: "",
  custodian: "",
};
const mayRead: Record<Role, string> = {
  validator: "tcksmyeflqd",
  candidate: "tcksmyeflqd",
  hub: "tcksmyeflqvd",
  device: "kseflqv",
  application: "kseflqv",
  operator: "kseflqv",
  organisation: "",
  administrator: "",
  supervisor: "",
  auditor: "",
  custodian: "",
};

test("every role may publish and read exactly what the table says", () => {
  for (const role of everyRole) {
    for (const [letter, topic] of Object.entries(publishable)) {
      const allowed = denyPublish(as(role), topic) === undefined;
      assert.equal(allowed, mayPublish[role].includes(letter), `${role} publishes ${topic}`);
    }
    for (const [letter, filter] of Object.entries(readable)) {
      const allowed = denySubscribe(as(role), filter) === undefined;
      assert.equal(allowed, mayRead[role].includes(letter), `${role} reads ${filter}`);
    }
  }
});

test("with an expired certificate whoever may renew keeps that right, and nobody another one", () => {
  for (const role of everyRole.filter((one) => one !== "hub")) {
    const client = { ...as(role), mayOnlyRenew: true };
    const rights = mayPublish[role].includes("q") ? ["q"] : [];
    const letters = (table: Record<string, string>, deny: typeof denyPublish) =>
      Object.entries(table)
        .filter(([, topic]) => deny(client, topic) === undefined)
        .map(([letter]) => letter);
    assert.deepEqual(letters(publishable, denyPublish), rights, role);
    assert.deepEqual(letters(readable, denySubscribe), rights, role);
    assert.equal(denySubscribe(client, filters.renewals("main", other)), "MQTT_SUBSCRIBE_DENIED");
  }
});

test("nobody publishes under another's id", () => {
  for (const role of everyRole) {
    for (const topic of [
      topics.transaction("main", other),
      topics.consensus("main", "p", other),
      topics.status("main", other),
      topics.sync("main", own, other),
      topics.receipt("main", own, other),
    ]) {
      assert.equal(denyPublish(as(role), topic), "MQTT_PUBLISH_DENIED");
    }
  }
});

test("what is no topic of the network is refused whoever publishes it", () => {
  for (const topic of [
    "$SYS/x/new/clients",
    `$SYS/gl/main/t/${own}`,
    `gl/main/t/${own}/x`,
    `gl/main/t/${own.toUpperCase()}`,
    `gl/main/c/x/${own}`,
    `/gl/main/t/${own}`,
    `gl/main/t/${own}\n`,
    `gl/../t/${own}`,
    "a/".repeat(50),
    "",
  ]) {
    for (const role of everyRole) assert.equal(denyPublish(as(role), topic), "MQTT_TOPIC", topic);
  }
});

test("wildcards beyond the table are refused, the hub's too", () => {
  for (const filter of [
    "#",
    "+/#",
    "gl/#",
    "gl/main/#",
    "gl/+/t/+",
    "+/main/t/+",
    "$SYS/#",
    "gl/main/+/+",
  ]) {
    for (const role of everyRole) {
      assert.equal(denySubscribe(as(role), filter), "MQTT_SUBSCRIBE_DENIED", `${role} ${filter}`);
    }
  }
});

test("nobody but the hub reads what is addressed to another", () => {
  for (const letter of ["y", "e", "f", "q"]) {
    for (const filter of [
      `gl/main/${letter}/${other}/+`,
      `gl/main/${letter}/+/+`,
      `gl/main/${letter}/+/${own}`,
    ]) {
      for (const role of everyRole) {
        const denied = denySubscribe(as(role), filter) !== undefined;
        assert.equal(denied, role !== "hub", `${role} ${filter}`);
      }
    }
  }
});

test("a filter narrower than the table's is allowed", () => {
  assert.equal(denySubscribe(as("device"), topics.status("main", other)), undefined);
  assert.equal(denySubscribe(as("device"), topics.refusal("main", own, other)), undefined);
  assert.equal(denySubscribe(as("validator"), "gl/main/c/p/+"), undefined);
  assert.equal(denySubscribe(as("device"), "gl/main/c/p/+"), "MQTT_SUBSCRIBE_DENIED");
});
