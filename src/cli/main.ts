import { answerTo } from "./commands.ts";

/** A reader that has seen enough (`blackstart run ... | head`) is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

const { exit, out, err } = await answerTo(process.argv.slice(2));
if (err !== "") process.stderr.write(`${err}\n`);
if (out !== "") process.stdout.write(`${out}\n`);
process.exitCode = exit;
