// TradeTrust as scripts/bench asks for it: one JSON request a line in, one JSON answer a line out.
//
//   {"do": "load", "papers": [text, …], "issuer": {…}}   keeps papers, as bytes in memory
//   {"do": "wrap"}                                       parses and wraps them as one batch → {"seconds", "root"}
//   {"do": "verify"}                                     parses and verifies each wrapped file → {"seconds", "valid"}
//   {"do": "deploy", "url": node}                        deploys its document store there → {"address"}
//   {"do": "issue"}                                      issues the batch's root on that store, mined → {"seconds"}
//   {"do": "verifyFull", "count", "atOnce"}              integrity and status, asked of the store → {"seconds", "valid"}
//
// Seconds are taken here, around the work alone. Usage: node tradetrust.mjs FOLDER_OF_NODE_MODULES
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/");
const tradetrust = require("@tradetrust-tt/tradetrust");

// A chain without a base fee, where gas is free.
const FREE = { gasPrice: 0, gasLimit: 6_000_000 };

let papers = [];
let issuer = {};
let wrapped = [];
let root = "";
let store;
let provider;

const seconds = (since) => (performance.now() - since) / 1000;

const requests = {
  load(request) {
    papers = request.papers.map((text) => Buffer.from(text));
    issuer = request.issuer;
    return { papers: papers.length };
  },
  wrap() {
    const since = performance.now();
    const documents = papers.map((bytes) => ({ ...JSON.parse(bytes), issuers: [issuer] }));
    const batch = tradetrust.wrapDocuments(documents);
    const took = seconds(since);
    wrapped = batch.map((document) => Buffer.from(JSON.stringify(document)));
    root = `0x${batch[0].signature.merkleRoot}`;
    return { seconds: took, root };
  },
  verify() {
    const since = performance.now();
    let valid = 0;
    for (const bytes of wrapped) if (tradetrust.verifySignature(JSON.parse(bytes))) valid += 1;
    return { seconds: seconds(since), valid };
  },
  async deploy(request) {
    const { ethers } = require("ethers");
    const { DocumentStoreFactory } = require("@tradetrust-tt/document-store");
    provider = new ethers.providers.StaticJsonRpcProvider(request.url);
    const wallet = ethers.Wallet.createRandom().connect(provider);
    store = await new DocumentStoreFactory(wallet).deploy("Tamga bench", wallet.address, FREE);
    await store.deployed();
    return { address: store.address };
  },
  async issue() {
    const since = performance.now();
    const sent = await store.issue(root, FREE);
    provider.pollingInterval = 10;
    await sent.wait();
    return { seconds: seconds(since) };
  },
  async verifyFull(request) {
    const verifier = require("@tradetrust-tt/tt-verify");
    const { openAttestationHash, openAttestationEthereumDocumentStoreStatus, verificationBuilder } = verifier;
    const verify = verificationBuilder([openAttestationHash, openAttestationEthereumDocumentStoreStatus], { provider });
    const files = wrapped.slice(0, request.count);
    let valid = 0;
    const since = performance.now();
    for (let first = 0; first < files.length; first += request.atOnce) {
      const part = files.slice(first, first + request.atOnce);
      const answers = await Promise.all(part.map((bytes) => verify(JSON.parse(bytes))));
      for (const found of answers) if (found.every((fragment) => fragment.status === "VALID")) valid += 1;
    }
    return { seconds: seconds(since), valid };
  },
};

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line);
  process.stdout.write(JSON.stringify(await requests[request.do](request)) + "\n");
}
