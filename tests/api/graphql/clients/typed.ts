// graphql-codegen's typed documents, which `tsc` checks: node typed.js URL KEY NAME.
import { createClient } from "graphql-ws";
import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import WebSocket from "ws";
import { ChangesDocument, CursorDocument, RegisterDocument } from "./gen/graphql.js";

const [url, key, name] = process.argv.slice(2) as [string, string, string];
const authorization = `Bearer ${key}`;

async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const accept = "application/graphql-response+json";
  const headers = { accept, authorization, "content-type": "application/json" };
  const body = JSON.stringify({ query: print(document), variables });
  const answer = await fetch(`${url}/graphql`, { method: "POST", headers, body });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
  if (!answer.ok || errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function* listen<Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): AsyncGenerator<Data> {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
  });
  try {
    for await (const { data } of client.iterate<Data>({ query: print(document), variables })) if (data) yield data;
  } finally {
    await client.dispose();
  }
}

const { changesCursor } = await ask(CursorDocument, {});
const { registerAsset } = await ask(RegisterDocument, { input: { kind: "tool", name } });
const { asset } = registerAsset;
for await (const { changes } of listen(ChangesDocument, { filter: { kinds: ["ASSET"] }, after: changesCursor })) {
  const { version } = changes;
  if (version.__typename !== "AssetVersion" || version.asset.id !== asset?.id) continue;
  console.log(JSON.stringify({ registered: asset, told: version }));
  break;
}
