// The compiler of the npm package `solc` behind the native compiler's command line, as far as py-solc-x needs it:
// `--version`, or `--standard-json` with the input on stdin. Sources come inside the input; nothing else is read.
import { readFileSync } from "node:fs";
import solc from "solc";

const args = process.argv.slice(2);
if (args.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (args.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
  console.error("usage: solc --version | --standard-json < input.json");
  process.exitCode = 2;
}
