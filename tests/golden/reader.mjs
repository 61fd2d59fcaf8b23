// A second reader of Tamga's evidence formats, written from FORMATS.md alone; it shares nothing with the Python one.
// node reader.mjs FOLDER prints, as JSON, what it found in the golden vectors; any disagreement inside them throws.
import { createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
const u = (number, size) => Buffer.from(BigInt(number).toString(16).padStart(size * 2, "0"), "hex");
const hex = (text) => Buffer.from(text, "hex");
const ascii = (text) => Buffer.from(text, "latin1");
const must = (holds, what) => {
  if (!holds) throw new Error(what);
};

// RFC 8785: JavaScript prints strings and numbers as it asks, and sorts by UTF-16 units.
export function jcs(value) {
  if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${jcs(value[key])}`).join(",")}}`;
}

export const recordId = (record) => sha256(u(0, 1), Buffer.from(jcs(record)));
export const claim = (opening) => sha256(u(2, 1), Buffer.from(jcs(opening)));
const node = (left, right) => sha256(u(1, 1), left, right);

export function root(leaves) {
  if (leaves.length === 1) return leaves[0];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return node(root(leaves.slice(0, split)), root(leaves.slice(split)));
}

export function rootFromPath(leaf, index, size, hashes) {
  let [at, last, found] = [index, size - 1, leaf];
  for (const sibling of hashes) {
    must(last > 0, "path too long");
    if (at % 2 === 1 || at === last) {
      found = node(sibling, found);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else found = node(found, sibling);
    [at, last] = [at >> 1, last >> 1];
  }
  must(last === 0, "path too short");
  return found;
}

// --- CIDs, dag-pb ---
export function cidText(cid) {
  let bits = BigInt(`0x${cid.toString("hex")}`) << BigInt((5 - ((cid.length * 8) % 5)) % 5);
  let text = "";
  for (let i = 0; i < Math.ceil((cid.length * 8) / 5); i++, bits >>= 5n) text = "abcdefghijklmnopqrstuvwxyz234567"[Number(bits & 31n)] + text;
  return `b${text}`;
}
const RAW = hex("01551220");
const DAG_PB = hex("01701220");

function protobuf(bytes) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let [number, shift] = [0n, 0n];
    for (;;) {
      const byte = BigInt(bytes[at++]);
      number |= (byte & 127n) << shift;
      if (byte < 128n) return Number(number);
      shift += 7n;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) fields.push([tag >> 3, varint()]);
    else {
      const length = varint();
      fields.push([tag >> 3, bytes.subarray(at, (at += length))]);
    }
  }
  return fields;
}

export function dagPb(block) {
  const fields = protobuf(block);
  return {
    links: fields.filter(([tag]) => tag === 2).map(([, link]) => protobuf(link).find(([tag]) => tag === 1)[1]),
    data: fields.find(([tag]) => tag === 1)[1],
  };
}

// --- HPKE, RFC 9180 base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM ---
const privateKey = (raw) => createPrivateKey({ key: Buffer.concat([hex("302e020100300506032b656e04220420"), raw]), format: "der", type: "pkcs8" });
const publicKey = (raw) => createPublicKey({ key: Buffer.concat([hex("302a300506032b656e032100"), raw]), format: "der", type: "spki" });
const rawPublic = (secret) => createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);

function gcm(key, nonce, sealed, aad) {
  const cipher = createDecipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
}

export function hpkeOpen(secret, info, sealed) {
  const own = privateKey(secret);
  const enc = sealed.subarray(0, 32);
  const shared = diffieHellman({ privateKey: own, publicKey: publicKey(enc) });
  const labels = (suite) => ({
    extract: (salt, label, input) => hmac(salt.length ? salt : Buffer.alloc(32), ascii("HPKE-v1"), suite, ascii(label), input),
    expand: (key, label, context, size) => hmac(key, u(size, 2), ascii("HPKE-v1"), suite, ascii(label), context, u(1, 1)).subarray(0, size),
  });
  const kem = labels(Buffer.concat([ascii("KEM"), u(0x20, 2)]));
  const secretValue = kem.expand(kem.extract(Buffer.alloc(0), "eae_prk", shared), "shared_secret", Buffer.concat([enc, rawPublic(own)]), 32);
  const suite = labels(Buffer.concat([ascii("HPKE"), u(0x20, 2), u(1, 2), u(2, 2)]));
  const empty = Buffer.alloc(0);
  const context = Buffer.concat([u(0, 1), suite.extract(empty, "psk_id_hash", empty), suite.extract(empty, "info_hash", info)]);
  const schedule = suite.extract(secretValue, "secret", empty);
  return gcm(suite.expand(schedule, "key", context, 32), suite.expand(schedule, "base_nonce", context, 12), sealed.subarray(32), empty);
}

// --- sealed parts and envelopes ---
export function openPart(key, kind, sealed) {
  const info = Buffer.concat([ascii("tamga/seal/1"), u(kind, 1)]);
  const extracted = hmac(Buffer.alloc(32), key);
  const first = hmac(extracted, info, u(1, 1));
  must(hmac(extracted, first, info, u(2, 1)).equals(sealed.subarray(0, 32)), "commitment");
  const body = sealed.subarray(32);
  const count = Math.ceil(body.length / 65552);
  const plain = [];
  for (let i = 0; i < count; i++) {
    const nonce = Buffer.concat([u(i, 11), u(i === count - 1 ? 1 : 0, 1)]);
    plain.push(gcm(first, nonce, body.subarray(i * 65552, (i + 1) * 65552), Buffer.alloc(0)));
  }
  const all = Buffer.concat(plain);
  const length = Number(all.readBigUInt64BE(0));
  must(all.subarray(8 + length).every((byte) => byte === 0), "padding");
  return all.subarray(8, 8 + length);
}

function readEnvelope(bytes) {
  must(bytes.subarray(0, 9).equals(Buffer.concat([ascii("TAMGAENV"), u(1, 1)])), "envelope");
  const count = bytes.readUInt16BE(9);
  const stanzas = Array.from({ length: count }, (_, i) => bytes.subarray(11 + i * 83, 11 + (i + 1) * 83));
  const at = 11 + count * 83;
  const length = Number(bytes.readBigUInt64BE(at));
  return { stanzas, record: bytes.subarray(at + 8, at + 8 + length), content: bytes.subarray(at + 8 + length) };
}

function readManifest(block) {
  must(block.subarray(0, 9).equals(Buffer.concat([ascii("TAMGAMAN"), u(1, 1)])), "manifest");
  const [size, slots] = [block.readUInt32BE(81), block.readUInt16BE(85)];
  const tilesAt = 87 + slots * 80;
  const tiles = Math.ceil(size / 256);
  must(block.length === tilesAt + tiles * 64, "manifest length");
  return {
    info: Buffer.concat([ascii("tamga/kek/1"), block.subarray(9, 41), block.subarray(41, 49), block.subarray(49, 81)]),
    size,
    slots: Array.from({ length: slots }, (_, i) => block.subarray(87 + i * 80, 87 + (i + 1) * 80)),
    tiles: Array.from({ length: tiles }, (_, i) => {
      const at = tilesAt + i * 64;
      return { root: block.subarray(at, at + 32), cid: Buffer.concat([DAG_PB, block.subarray(at + 32, at + 64)]) };
    }),
  };
}

function readTile(block) {
  const { links, data } = dagPb(block);
  must(data.subarray(0, 9).equals(Buffer.concat([ascii("TAMGATIL"), u(1, 1)])), "tile");
  const count = data.readUInt16BE(13);
  return { first: data.readUInt32BE(9), links, ids: Array.from({ length: count }, (_, i) => data.subarray(15 + i * 32, 47 + i * 32)) };
}

function checkOpenings(record, openings) {
  const claims = new Set(record.claims);
  for (const opening of openings) must(claims.has(claim(opening).toString("hex")), "opening without claim");
}

function contentHash(content, mediaType) {
  const isJson = mediaType === "application/json" || mediaType.endsWith("+json");
  return sha256(isJson ? Buffer.from(jcs(JSON.parse(content.toString()))) : content).toString("hex");
}

export function openDocument(get, manifestDigest, index, secret) {
  const manifest = readManifest(get(Buffer.concat([RAW, manifestDigest])));
  const tileRef = manifest.tiles[Math.floor(index / 256)];
  const tile = readTile(get(tileRef.cid));
  must(root(tile.ids).equals(tileRef.root), "subtree root");
  const id = tile.ids[index - tile.first];
  let [slot, kek] = [-1, null];
  for (const [number, sealed] of manifest.slots.entries()) {
    try {
      [slot, kek] = [number, hpkeOpen(secret, manifest.info, sealed)];
      break;
    } catch {
      // another recipient's
    }
  }
  if (kek === null) return null;
  const envelope = readEnvelope(get(tile.links[index - tile.first]));
  const stanza = envelope.stanzas.find((one) => one.readUInt16BE(0) === slot);
  const aad = Buffer.concat([ascii("tamga/wrap/1"), id, stanza.subarray(0, 3)]);
  const keys = gcm(kek, u(index, 12), stanza.subarray(3), aad);
  const rights = stanza[2];
  const { record, openings } = JSON.parse(openPart(keys.subarray(0, 32), 1, envelope.record).toString());
  must(recordId(record).equals(id), "record id");
  checkOpenings(record, openings);
  if (rights !== 3) return { slot, rights, record, openings, content: null };
  const content = openPart(keys.subarray(32), 2, envelope.content);
  const claimed = openings.find(([, name]) => name === "content")[2];
  must(claimed.sha256 === contentHash(content, claimed.media_type), "content");
  return { slot, rights, record, openings, content: content.toString("base64") };
}

// --- the golden vectors ---
function main(folder) {
  const load = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  for (const { text, canonical } of load("canonical").canonical) must(jcs(JSON.parse(text)) === canonical, text);

  for (const one of load("records")) {
    must(jcs(one.record) === one.text && recordId(one.record).toString("hex") === one.record_id, "record");
    for (const { opening, text, claim: expected } of one.openings)
      must(jcs(opening) === text && claim(opening).toString("hex") === expected, "claim");
  }

  for (const tree of load("trees")) {
    const leaves = Array.from({ length: tree.size }, (_, i) => sha256(u(i, 4)));
    must(root(leaves).toString("hex") === tree.root, "root");
    for (const { index, hashes } of tree.paths)
      must(rootFromPath(leaves[index], index, tree.size, hashes.map(hex)).toString("hex") === tree.root, "path");
  }

  const batch = load("batch");
  const get = (cid) => {
    const block = Buffer.from(batch.blocks[cidText(cid)], "base64");
    must(sha256(block).equals(cid.subarray(4)), "block and CID");
    return block;
  };
  const digest = hex(batch.manifest_digest);
  must(root(readManifest(get(Buffer.concat([RAW, digest]))).tiles.map((tile) => tile.root)).toString("hex") === batch.root, "batch root");
  const opened = {};
  for (const [name, secret] of Object.entries(batch.private_keys))
    opened[name] = batch.documents.map((_, index) => openDocument(get, digest, index, hex(secret)));

  const proof = load("proof");
  const { index, size, hashes } = proof.path;
  must(rootFromPath(recordId(proof.record), index, size, hashes.map(hex)).toString("hex") === proof.anchor.root, "proof path");
  must(Number(BigInt(`0x${proof.anchor.head}`) & 0xffffffffn) === size, "proof size");
  checkOpenings(proof.record, proof.openings);

  const grant = load("grant");
  const block = Buffer.from(grant.block, "base64");
  must(block.subarray(0, 9).equals(Buffer.concat([ascii("TAMGAGRA"), u(1, 1)])) && sha256(block).toString("hex") === grant.digest, "grant");
  const info = Buffer.concat([ascii("tamga/grant/1"), hex(batch.ledger), u(batch.issuer, 8)]);
  const granted = [];
  for (let at = 9; at < block.length; at += 181) {
    try {
      const plain = hpkeOpen(hex(grant.private_key), info, block.subarray(at, at + 181));
      const envelope = readEnvelope(get(plain.subarray(97)));
      const { record } = JSON.parse(openPart(plain.subarray(33, 65), 1, envelope.record).toString());
      must(recordId(record).equals(plain.subarray(0, 32)), "granted record");
      granted.push({ record_id: plain.subarray(0, 32).toString("hex"), rights: plain[32], envelope: cidText(plain.subarray(97)) });
    } catch (error) {
      if (error.message === "granted record") throw error; // else a stanza for nobody
    }
  }

  const carrier = load("carrier");
  const packed = Buffer.from(carrier.link.split("#proof=")[1], "base64url");
  must(inflateRawSync(packed, { maxOutputLength: 4 << 20 }).toString() === carrier.proof, "link");
  const pdf = Buffer.from(carrier.whole, "base64");
  const [, length, at, bytes] = /\n%tamga-proof\/1 (\d+) (\d+) (\d+) -\nstartxref\n\d+\n%%EOF\n$/.exec(pdf.toString("latin1"));
  must(pdf.subarray(+at, +at + +bytes).toString() === carrier.proof && +length < +at, "carrier");

  const { key, seq, doc_type: type, size: leaves, h } = load("anchor");
  must(Buffer.concat([hex(key), u(seq, 5), u(type, 3), u(leaves, 4)]).toString("hex") === h, "h");
  console.log(JSON.stringify({ opened, granted }));
}

main(process.argv[2]);
