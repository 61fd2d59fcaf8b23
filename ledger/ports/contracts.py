"""What the ledger's contracts look like from outside: calls, acts, and the data that a wallet signs.

Contracts are named by their entry in the Directory, functions by their ABI name. Arguments are given in order, or by
name without a leading underscore; a struct is a mapping of its members (or a sequence in order), `bytesN` is bytes or
0x hex, an integer is an int or a decimal string. Whatever does not fit raises `Malformed` with the argument's path.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.domain.ids import Address, Digest32

Args = Sequence[Any] | Mapping[str, Any]


@dataclass(frozen=True)
class ActType:
    """How the ActForwarder and a wallet see one function (see `IActForwarder`).

    Attributes:
        function: ABI name.
        selector: 4 bytes.
        type_string: EIP-712 encodeType, referenced structs appended in order of name.
        layout: One entry per parameter: 00 word, 01 array of words, 02 bytes or string,
            03 ‖ typehash ‖ words array of structs, 04 ‖ typehash ‖ words one struct.
    """

    function: str
    selector: bytes
    type_string: str
    layout: bytes


@dataclass(frozen=True)
class ActParam:
    """A parameter of an act, or a member of one.

    Attributes:
        name: Without leading underscore.
        base: Solidity type of one value: `uint96`, `bytes32`, `tuple`.
        struct: Name of the struct; empty for other types.
        members: Members of the struct.
        is_list: Whether it is a list of them.
        enum: Name of the enumeration, or of the list of reasons that it is from; empty for other types.
        note: What the interface says of it (NatSpec); may be empty.
    """

    name: str
    base: str
    struct: str
    members: tuple["ActParam", ...]
    is_list: bool
    enum: str
    note: str


@dataclass(frozen=True)
class ActHeader:
    """What surrounds an act's own parameters in the signed data.

    Attributes:
        chain_id: EIP-712 domain.
        target: Contract that holds the act; the domain's verifyingContract.
        actor: In whose name.
        nonce: u256, unordered; any number that this actor has not spent.
        deadline: Last second at which the act may be carried [unix s].
        gas: Gas given to the act.
    """

    chain_id: int
    target: Address
    actor: Address
    nonce: int
    deadline: int
    gas: int


class ContractCodec(ABC):
    """Encodes and decodes calls of known contracts; pure, without a node."""

    @abstractmethod
    def acts(self, contract: str) -> Sequence[ActType]:
        """Functions of `contract` that an actor can sign and a relayer carry; empty if it takes no relayed acts."""

    @abstractmethod
    def act_type(self, contract: str, function: str) -> ActType:
        """The act's type. Raises `NotFound` for a function that is no act."""

    @abstractmethod
    def encode_call(self, contract: str, function: str, args: Args = ()) -> bytes:
        """Calldata: selector and arguments. Raises `NotFound` or `Malformed`."""

    @abstractmethod
    def decode_call(self, contract: str, calldata: bytes) -> tuple[str, dict[str, Any]]:
        """Function name and arguments by name (structs as dicts). Raises `NotFound` or `Malformed`."""

    @abstractmethod
    def typed_data(self, contract: str, function: str, args: Args, header: ActHeader) -> dict[str, Any]:
        """The full EIP-712 message (types, primaryType, domain, message), ready for JSON and any wallet.

        Integers are decimal strings, bytes 0x hex.
        """

    @abstractmethod
    def act_id(self, typed_data: Mapping[str, Any]) -> Digest32:
        """EIP-712 digest: the act's id on chain."""

    @abstractmethod
    def notice(self, contract: str, function: str) -> str:
        """What the function does, in the words of its interface (NatSpec `@notice`)."""

    @abstractmethod
    def parameters(self, contract: str, function: str) -> Sequence[ActParam]:
        """Parameters of an act, in order. Raises `NotFound` for a function that is no act."""

    @abstractmethod
    def refusal(self, revert_data: bytes) -> tuple[str, dict[str, Any]]:
        """Name and arguments of a contract error; (`unknown`, {"data": …}) if no known contract has it."""
