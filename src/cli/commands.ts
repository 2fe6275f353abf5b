import { type CAC, cac } from "cac";
import { type Answer, badInput } from "./answer.ts";
import { benchCommand } from "./bench.ts";
import { conformanceCommand } from "./conformance.ts";
import { exportCommand } from "./export.ts";
import { importCommand } from "./import.ts";
import { listCommand } from "./list.ts";
import { litmusCommand } from "./litmus.ts";
import { matrixCommand } from "./matrix.ts";
import { runCommand } from "./run.ts";
import { statisticsCommand } from "./statistics.ts";
import { sweepCommand } from "./sweep.ts";
import { settledWords } from "./words.ts";

const DISK_HELP =
  "Run it on other disks: policy=adversarial,tear=none for all, A:flushing=device for one; may be repeated";

type Options = Readonly<Record<string, unknown>>;

/** What the command line tool answers to the words after its name. */
export async function answerTo(words: readonly string[]): Promise<Answer> {
  const settled = settledWords(words);
  if (!settled.ok) return badInput(settled.problem);
  const { cli, answer } = commands();
  try {
    cli.parse(["node", "blackstart", ...settled.value], { run: false });
    if (cli.matchedCommand === undefined) {
      if (cli.options.help === true) return { exit: 0, out: "", err: "" };
      const [unknown] = cli.args;
      const hint = "blackstart --help lists what there is.";
      return badInput(unknown === undefined ? hint : `There is no command ${unknown}. ${hint}`);
    }
    await cli.runMatchedCommand();
    return answer();
  } catch (error) {
    // A wrong use of the command line comes as an error of the parser; anything else is ours and is shown whole.
    if (error instanceof Error && error.name === "CACError") return badInput(`${error.message}.`);
    throw error;
  }
}

function commands(): { readonly cli: CAC; readonly answer: () => Answer } {
  let given: Answer = { exit: 0, out: "", err: "" };
  const cli = cac("blackstart");
  cli
    .command("run <scenario>", "Play a scenario (a file, or an id of the library) to its end")
    .option("--preset <preset>", "Run it on this version of the system")
    .option("--bugs [bugs]", "Run it with exactly these bugs on, separated by commas; none: no bug")
    .option("--disk <settings>", DISK_HELP)
    .option("--json", "Print one JSON object")
    .action(async (scenario: string, options: Options) => {
      given = await runCommand(scenario, {
        preset: textOf(options.preset),
        bugs: listOf(options.bugs),
        disk: textsOf(options.disk),
        json: options.json === true,
      });
    });
  cli
    .command("sweep <scenario>", "Try every state that a crash may leave, and judge each")
    .option("--machine <machines>", "Which lose power together, separated by commas")
    .option("--step <step>", "At this step; left out: before the run's first crash, else the last")
    .option("--at <microseconds>", "At this virtual time instead")
    .option("--crash <kind>", "os or power; left out: as the first crash, else power")
    .option("--policy <policy>", "Under this ordering policy, not the disk's own")
    .option("--all-policies", "Under every policy, one after the other")
    .option("--all-presets", "Under every preset of the system, side by side")
    .option("--most <recoveries>", "Recoveries of one machine; beyond it states are sampled")
    .option("--preset <preset>", "On this version of the system")
    .option("--bugs [bugs]", "With exactly these bugs on")
    .option("--disk <settings>", "On other disks, as in run")
    .option("--json", "Print one JSON object")
    .action((scenario: string, options: Options) => {
      given = sweepCommand(scenario, {
        machine: textOf(options.machine),
        step: textOf(options.step),
        at: textOf(options.at),
        crash: textOf(options.crash),
        policy: textOf(options.policy),
        allPolicies: options.allPolicies === true,
        allPresets: options.allPresets === true,
        most: textOf(options.most),
        preset: textOf(options.preset),
        bugs: listOf(options.bugs),
        disk: textsOf(options.disk),
        json: options.json === true,
      });
    });
  cli
    .command("litmus", "Print what each ordering policy may leave of short sequences of calls")
    .option("--json", "Print one JSON object")
    .action((options: Options) => {
      given = litmusCommand({ json: options.json === true });
    });
  cli
    .command(
      "statistics <system>",
      "Count what goes wrong over many seeds, beside counts of the real system",
    )
    .option("--runs <runs>", "Starts of each pattern", { default: "1000" })
    .option("--json", "Print one JSON object")
    .action((system: string, options: Options) => {
      given = statisticsCommand(system, {
        runs: textOf(options.runs) ?? "1000",
        json: options.json === true,
      });
    });
  cli
    .command("matrix <system>", "Print which fixes help in which schedule; every cell is run")
    .option("--json", "Print one JSON object")
    .action((system: string, options: Options) => {
      given = matrixCommand(system, { json: options.json === true });
    });
  cli
    .command("list", "List the library")
    .option("--json", "Print JSON")
    .action((options: Options) => {
      given = listCommand({ json: options.json === true });
    });
  cli
    .command("import <folder>", "Read the Raft files of a real cluster")
    .option("--report", "Tell what is intact, torn and lost, and what each version makes of it")
    .option("--json", "Print one JSON object")
    .action((folder: string, options: Options) => {
      given = importCommand(folder, {
        json: options.json === true,
        report: options.report === true,
      });
    });
  cli
    .command("export <scenario>", "Write the simulated disks as the real files")
    .option("--to <place>", "A new or empty folder, or a file that ends in .zip")
    .option("--step <step>", "At this step; left out: at the last")
    .option("--machine <machines>", "Of these machines, separated by commas; left out: of all")
    .option("--durable", "What a power loss would leave then, in place of what the cache holds")
    .option("--preset <preset>", "On this version of the system")
    .option("--bugs [bugs]", "With exactly these bugs on")
    .option("--disk <settings>", "On other disks, as in run")
    .action((scenario: string, options: Options) => {
      given = exportCommand(scenario, {
        to: textOf(options.to),
        step: textOf(options.step),
        machine: textOf(options.machine),
        durable: options.durable === true,
        preset: textOf(options.preset),
        bugs: listOf(options.bugs),
        disk: textsOf(options.disk),
      });
    });
  cli
    .command("conformance <...traces>", "Compare the PySyncObj model with recorded runs")
    .option("--json", "Print one JSON object")
    .action((traces: readonly string[], options: Options) => {
      given = conformanceCommand(traces, { json: options.json === true });
    });
  cli.command("bench", "Measure speed and size, and say how").action(() => {
    given = benchCommand((line) => process.stderr.write(`bench: ${line} ...\n`));
  });
  cli.help();
  return { cli, answer: () => given };
}

/** Of nothing after the option, the parser makes true; of an empty text, 0. */
function listOf(option: unknown): string | null {
  return option === true || option === 0 || option === "none" ? "" : textOf(option);
}

/** The parser makes numbers of what looks like one. */
function textOf(option: unknown): string | null {
  return option === undefined ? null : String(option);
}

/** An option that may be given several times. */
function textsOf(option: unknown): readonly string[] {
  if (option === undefined) return [];
  return Array.isArray(option) ? option.map(String) : [String(option)];
}
