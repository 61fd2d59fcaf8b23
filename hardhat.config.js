import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";

const here = path.dirname(fileURLToPath(import.meta.url));

// The compiler comes from the npm package `solc`, so that a registry is all a build needs.
// `london` is the newest EVM version that every engine of the profiles runs; our own code
// uses nothing newer than Berlin (no BASEFEE), so that GoQuorum runs the same bytecode.
export default defineConfig({
  paths: {
    sources: "./contracts",
    tests: { solidity: "./tests/contracts" },
    artifacts: "./artifacts",
    cache: "./cache",
  },
  solidity: {
    version: "0.8.37",
    path: path.join(here, "node_modules/solc/soljson.js"),
    settings: {
      evmVersion: "london",
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: "none" },
    },
  },
  // Few and short by default: the runner keeps every call of a campaign in memory until it ends
  // (256 runs of 500 calls over the declaration registry took 18 GB). `scripts/test --long` asks for more.
  test: {
    solidity: {
      invariant: {
        runs: Number(process.env.TAMGA_INVARIANT_RUNS ?? 8),
        depth: Number(process.env.TAMGA_INVARIANT_DEPTH ?? 60),
      },
    },
  },
});
