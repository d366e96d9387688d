// Runs graphql-http's audits of a server: node audit_server.mjs URL KEY; prints a JSON list of what is not "ok".
import { createRequire } from "node:module";
const { serverAudits } = createRequire(import.meta.url)("graphql-http");
const [url, key] = process.argv.slice(2);
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } });
const results = await Promise.all(serverAudits({ url, fetchFn }).map((audit) => audit.fn()));
console.log(JSON.stringify(results.map(({ id, name, status, reason }) => ({ id, name, status, reason }))));
