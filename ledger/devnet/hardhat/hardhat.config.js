import path from "node:path";
import { defineConfig } from "hardhat/config";

// Hardhat's node as an engine of tests: the chain that the other engines keep, in memory. Apart from the configuration
// of the contracts' tests, because what runs here has to follow the profile, not what a test finds convenient.
const state = process.env.TAMGA_NODE_STATE;

export default defineConfig({
  paths: { artifacts: path.join(state, "artifacts"), cache: path.join(state, "cache") },
  networks: {
    node: {
      type: "edr-simulated",
      chainType: "l1",
      chainId: Number(process.env.TAMGA_NODE_CHAIN_ID),
      hardfork: "london",
      blockGasLimit: Number(process.env.TAMGA_NODE_BLOCK_GAS),
      initialBaseFeePerGas: 0,
      gasPrice: 0,
      // As on the other engines: a refused transaction is mined with status 0, and blocks may share a second.
      throwOnTransactionFailures: false,
      allowBlocksWithSameTimestamp: true,
      accounts: { count: 1 },
    },
  },
});
