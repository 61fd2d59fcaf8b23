// TradeTrust as scripts/bench asks for it: one JSON request a line in, one JSON answer a line out.
//
//   {"do": "load", "papers": [text, …], "issuer": {…}}   keeps papers, as bytes in memory
//   {"do": "wrap"}                                       parses and wraps them as one batch → {"seconds", "root"}
//   {"do": "verify"}                                     parses and verifies each wrapped file → {"seconds", "valid"}
//
// Seconds are taken here, around the work alone. Usage: node tradetrust.mjs FOLDER_OF_NODE_MODULES
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.argv[2] + "/");
const tradetrust = require("@tradetrust-tt/tradetrust");

let papers = [];
let issuer = {};
let wrapped = [];

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
    return { seconds: took, root: batch[0].signature.merkleRoot };
  },
  verify() {
    const since = performance.now();
    let valid = 0;
    for (const bytes of wrapped) if (tradetrust.verifySignature(JSON.parse(bytes))) valid += 1;
    return { seconds: seconds(since), valid };
  },
};

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const request = JSON.parse(line);
  process.stdout.write(JSON.stringify(await requests[request.do](request)) + "\n");
}
