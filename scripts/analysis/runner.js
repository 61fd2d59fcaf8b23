// Runs suites of Solidity tests on EDR, Hardhat's EVM (it comes with it, pinned), without Hardhat: one build, many
// runs, each in milliseconds.
//
// node runner.js BUILD.json: BUILD.json holds the artifacts. Each line on stdin is a run:
//   {"suites": [[source, name]…], "pattern": regular expression, "coinbase": "0x…", "fuzz": n, "runs": n, "depth": n,
//    "gas": limit of a test, "collect": whether hits are wanted}
// and is answered by a line on stdout:
//   {"tests": [[source, name, test, "Success" | "Failure" | "Skipped", gas]…], "hits": [hex…]}
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { EdrContext, L1_CHAIN_TYPE, l1SolidityTestRunnerFactory } from "@nomicfoundation/edr";

const FUZZ_SEED = "0x7727ea51af0441c20da14dcd68a15dac8c9ebd589c5be8fa8c87c1d3720450bc"; // Hardhat's own

const { artifacts, hardfork } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const byName = new Map(artifacts.map((artifact) => [`${artifact.id.source}:${artifact.id.name}`, artifact]));
const helpers = artifacts.filter(({ helper }) => helper).map(({ id }) => `${id.source}:${id.name}`);
const context = new EdrContext();
await context.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());

// The suites, what they are linked with, and the handlers of campaigns: EDR reads all that it is given anew each time.
function needed(suites) {
  const open = [...helpers, ...suites.map(([source, name]) => `${source}:${name}`)];
  const seen = new Set();
  while (open.length > 0) {
    const name = open.pop();
    if (seen.has(name)) continue;
    seen.add(name);
    const { linkReferences, deployedLinkReferences } = byName.get(name).contract;
    for (const references of [linkReferences, deployedLinkReferences])
      for (const [source, names] of Object.entries(references))
        open.push(...Object.keys(names).map((library) => `${source}:${library}`));
  }
  return [...seen].map((name) => byName.get(name));
}

async function run({ suites, pattern, coinbase, fuzz, runs, depth, gas, collect }) {
  const hits = new Set();
  const tests = [];
  const config = {
    projectRoot: process.cwd(),
    hardfork,
    gasLimit: BigInt(gas),
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    blockCoinbase: Buffer.from(coinbase.slice(2), "hex"),
    testPattern: pattern,
    fuzz: { runs: fuzz, seed: FUZZ_SEED },
    invariant: { runs, depth, shrinkRunLimit: 0 },
    observability: collect
      ? {
          codeCoverage: {
            onCollectedCoverageCallback: async (tags) => {
              for (const tag of tags) hits.add(Buffer.from(tag).toString("hex"));
            },
          },
        }
      : undefined,
  };
  const ids = suites.map(([source, name]) => byName.get(`${source}:${name}`).id);
  let waiting = ids.length;
  await new Promise((resolve, reject) => {
    const done = ({ id, testResults }) => {
      for (const { name, status, kind } of testResults)
        tests.push([id.source, id.name, name, status, Number(kind.consumedGas ?? kind.medianGas ?? 0n)]);
      if (--waiting === 0) resolve();
    };
    context.runSolidityTests(L1_CHAIN_TYPE, needed(suites), ids, config, {}, done).catch(reject);
  });
  return { tests, hits: [...hits] };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + "\n");
}
process.exit(0);
