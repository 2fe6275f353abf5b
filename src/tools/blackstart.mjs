#!/usr/bin/env node
// The `blackstart` command. Builds the command line tool when it is missing or older than its
// sources, then becomes it.

import { pathToFileURL } from "node:url";
import { ensureCli } from "./build-cli.mjs";

const script = await ensureCli((line) => console.error(`blackstart: ${line}`));
process.argv[1] = script;
await import(pathToFileURL(script).href);
