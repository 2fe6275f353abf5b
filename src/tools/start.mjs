// `npm start`: the development server, and where to find it.

import { parseArgs } from "node:util";
import { createServer } from "vite";
import { root } from "./paths.mjs";

const { values } = parseArgs({ options: { port: { type: "string" }, host: { type: "string" } } });

const server = await createServer({
  root,
  clearScreen: false,
  server: {
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values.host === undefined ? {} : { host: values.host }),
  },
});
await server.listen();

const { local = [], network = [] } = server.resolvedUrls ?? {};
console.log(`Blackstart: open ${[...local, ...network].join(" or ")} in a browser. Ctrl-C stops.`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => void server.close().finally(() => process.exit(0)));
}
