// graphql-ws: node graphql_ws.mjs URL KEY NAME; query, mutation and subscription over one WebSocket.
import { readFileSync } from "node:fs";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, key, name] = process.argv.slice(2);
const query = readFileSync(new URL("operations.graphql", import.meta.url), "utf8");
const client = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${key}` },
});
const first = async (operationName, variables, wanted = () => true) => {
  for await (const { data, errors } of client.iterate({ query, operationName, variables })) {
    if (errors) throw new Error(JSON.stringify(errors));
    if (wanted(data)) return data;
  }
  throw new Error(`${operationName} ended`);
};

const { changesCursor } = await first("Cursor");
const { registerAsset } = await first("Register", { input: { kind: "tool", name } });
const { id } = registerAsset.asset;
const of = ({ changes }) => changes.version.asset?.id === id;
const { changes } = await first("Changes", { filter: { kinds: ["ASSET"] }, after: changesCursor }, of);
console.log(JSON.stringify({ registered: registerAsset.asset, told: changes.version }));
await client.dispose();
