// Apollo Client: node apollo.mjs URL KEY NAME; query and mutation over HTTP, subscription over graphql-ws.
import { readFileSync } from "node:fs";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, key, name] = process.argv.slice(2);
const authorization = `Bearer ${key}`;
const document = gql(readFileSync(new URL("operations.graphql", import.meta.url), "utf8"));
const [query, mutation, subscription] = document.definitions.map((one) => ({ ...document, definitions: [one] }));
const socket = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: authorization },
});
const client = new ApolloClient({
  cache: new InMemoryCache({ possibleTypes: { Version: ["AssetVersion", "LabelVersion"] } }),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri: `${url}/graphql`, headers: { authorization } }),
  ),
});

const { changesCursor } = (await client.query({ query })).data;
const { registerAsset } = (await client.mutate({ mutation, variables: { input: { kind: "tool", name } } })).data;
const { id } = registerAsset.asset;
const variables = { filter: { kinds: ["ASSET"] }, after: changesCursor };
const version = await new Promise((resolve, reject) => {
  client.subscribe({ query: subscription, variables }).subscribe({
    next: ({ data, error }) => {
      if (error) reject(error);
      else if (data.changes.version.asset?.id === id) resolve(data.changes.version);
    },
    error: reject,
  });
});
console.log(JSON.stringify({ registered: registerAsset.asset, told: version }));
client.stop();
await socket.dispose();
