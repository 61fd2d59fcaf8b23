"""Every bound on what comes from outside, with its reason. Sizes in bytes unless named otherwise."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

MAX_RECORD_BYTES: Final = 64 * KIB
"""A record is fixed fields and a list of 32-byte claims: 64 KiB leaves room for 900 of them."""
MAX_CLAIMS: Final = 512
"""Claims per record: far above any form's fields, and it bounds the openings."""
MAX_OPENING_BYTES: Final = 64 * KIB
"""JCS bytes of one opening."""
MAX_PROOF_FILE_BYTES: Final = 4 * MIB
"""Record, openings, path and room for header and storage proofs."""
MAX_RECORD_PART_BYTES: Final = 3 * MIB
"""Record and openings together: they must also fit into a proof file."""
MAX_BATCH: Final = 1 << 20
"""Documents per batch (formats: 1 ≤ size ≤ 2^20)."""
TILE_LEAVES: Final = 256
"""Leaves per tile (formats)."""
MAX_RECIPIENTS: Final = 64
"""Slots per batch: agencies of one country on one document."""
MAX_DOCUMENT_BYTES: Final = 2 * 1024 * MIB
"""One sealed content."""
MAX_IPFS_BLOCK_BYTES: Final = 2 * MIB
"""Kubo refuses larger blocks over bitswap."""
CHUNK_BYTES: Final = 65_536
"""Plaintext bytes per AEAD chunk (formats)."""
MAX_UPLOAD_BYTES: Final = 64 * MIB
"""One HTTP verification request; larger files are verified by the CLI or by hash in the browser."""
MAX_ANONYMOUS_BYTES: Final = 16 * MIB
"""The same of who does not sign in: scans of many pages stay below it."""
MAX_DRAFT_BYTES: Final = 256 * MIB
"""Sealed for one key and not anchored: thousands of declarations, or thirty of the largest message."""
MAX_ANSWER_BYTES: Final = 1_024 * MIB
"""Answers kept for repeats of one key's requests: tens of thousands of lodgements within the two days they are kept."""
MAX_COSTLY: Final = 2
"""JSON documents over a megabyte that one process reads at a time: each may take seconds of a core."""
MAX_ARCHIVE_RATIO: Final = 200
"""Unpacked bytes for each byte of an archive: XML and JSON pack to a tenth, a bomb to a thousandth."""
MAX_FOREIGN_BYTES: Final = 8 * MIB
"""A document of another system, read whole: real ones with attached pages stay below 1 MiB."""
MAX_STAMP_BYTES: Final = 64 * KIB
"""A time stamp with its authority's certificates: real ones have 1 to 8 KiB."""
MAX_JSON_DEPTH: Final = 64
"""Nesting of outside JSON; real trade documents stay below 20."""
MAX_XML_BYTES: Final = 8 * MIB
"""A declaration of 999 items is about 4 MiB, an ePhyto with scanned attachments 0.2 to 5."""
MAX_XML_ELEMENTS: Final = 200_000
"""999 goods items of some 100 elements each, twice over."""
MAX_XML_DEPTH: Final = 64
"""Real trade messages stay below 15."""
MAX_GOODS_ITEMS: Final = 999
"""Goods items of one declaration (EU and UK data element 1/6)."""
MAX_ITEM_DOCUMENTS: Final = 99
"""Documents produced for one goods item (EU and UK data element 2/3)."""
MAX_AUTHORISATIONS: Final = 99
"""Holders of authorisations that one declaration names (EU and UK data element 3/39)."""
MAX_UNKNOWN_ELEMENTS: Final = 100
"""Elements of a message with names that no schema has, each told: more are not typing slips."""
MAX_CHANGES_BYTES: Final = 60 * KIB
"""JCS bytes of what one amendment changes: it is a claim, and has to fit into an opening with its name."""
MAX_EARLIER_VERSIONS: Final = 100
"""Versions looked through for the one that an amendment was written against; a declaration has a few."""
MAX_IGNORED_PATHS: Final = 1_000
"""Places of a message that were not read, each told; a real declaration has some 30 for each item."""
MAX_PARTICIPANT_ID: Final = (1 << 63) - 1
"""Ids are given one after the other from 1. What an act calls one may be any u64; a database's integers end here."""
MAX_GUARANTEES: Final = 9
"""Guarantees that one declaration names (EU and UK data element 8/3)."""
RPC_BATCH: Final = 1_000
"""Requests per JSON-RPC batch: geth's limit, Besu's is 1,024."""
LOG_RANGE_BLOCKS: Final = 5_000
"""Blocks per eth_getLogs: Besu's limit."""
FIND_RANGE_BLOCKS: Final = 64 * LOG_RANGE_BLOCKS
"""Blocks looked through at once for events of one kind: one exchange, and what is found fits in memory."""
MAX_IN_FLIGHT: Final = 64
"""Unconfirmed transactions per signer; geth's default pool keeps 64 a sender."""
MAX_CALLDATA_BYTES: Final = 120 * KIB
"""Calldata of one transaction: geth's pool refuses transactions over 128 KiB."""
MAX_RPC_ANSWER_BYTES: Final = 128 * MIB
"""One JSON-RPC answer: 5,000 blocks of logs stay well below."""
MAX_LOOP_ANSWER_BYTES: Final = 4 * MIB
"""The same where an event loop reads it, which does nothing else meanwhile: 256 documents' state is some 200 KiB."""
MAX_KEY_FILE_BYTES: Final = 16 * KIB
"""A Web3 Secret Storage file is about 500 bytes."""
ACT_GAS_BASE: Final = 1_000_000
"""Gas of a relayed act, signed by its actor: far above any act without arguments. Only a bound on a free network."""
ACT_GAS_PER_BYTE: Final = 1_000
"""More for its arguments: 32,000 a word, above the price of storing one (22,100)."""
RELAY_GAS_BASE: Final = 200_000
"""Gas for the forwarder itself: signature, nonce, event."""
RELAY_GAS_PER_BYTE: Final = 60
"""Gas for carrying and hashing the arguments: calldata is 16 a byte."""
MAX_OPEN_ACTS: Final = 256
"""Acts of one key that a facade has taken and that are not final: four times what its relayer has in flight."""
MAX_SIGN_IN_MESSAGE_BYTES: Final = 4 * KIB
"""An EIP-4361 message is some 400 bytes; resources make it longer."""
MAX_SIGNATURE_BYTES: Final = 4 * KIB
"""A signature of an organisation's wallet (ERC-1271); a key's own has 65 bytes."""
MAX_RECORDS_OF_A_FILE: Final = 64
"""Records of one file that are compared: its issuer's versions, and whoever else anchored it in their own name."""
MAX_JSON_VALUES: Final = 1 << 21
"""Commas and openers of a JSON text: in memory each value takes some 64 bytes, whatever it took in the text."""
MAX_EXPLAINED: Final = 256 * KIB
"""Characters of a refused JSON text that are read again, slowly, for the place of its fault: a quarter of a second."""
MAX_JSON_BODY_BYTES: Final = MIB
"""A JSON request: the act with the most calldata (120 KiB), each word spelled out."""
