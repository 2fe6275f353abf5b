import { answerTo } from "./commands.ts";

const { exit, out, err } = await answerTo(process.argv.slice(2));
if (err !== "") process.stderr.write(`${err}\n`);
if (out !== "") process.stdout.write(`${out}\n`);
process.exitCode = exit;
