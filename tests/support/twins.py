"""The twins of `ledger/domain` put together as the registries put theirs: what a chain is compared with.

A model's method raises `ActRefused` as the domain does and then has changed nothing. Checks stand in the order of the
contract's, so that of two reasons both sides name the same one.
"""

from dataclasses import dataclass, field, replace

from ledger.domain import permit as permits
from ledger.domain.debt import DebtCase, FiscalState, Guarantee, GuaranteeState
from ledger.domain.errors import ActRefused
from ledger.domain.permit import PermitAction, PermitState, QuantityLine, UseAction, UseState

CALLABLE = (FiscalState.ASSESSED, FiscalState.SECURED, FiscalState.OVERDUE, FiscalState.RECOVERY)


@dataclass(frozen=True)
class Use:
    state: UseState = UseState.NONE
    reserved: int = 0
    written_off: int = 0


@dataclass
class Permit:
    valid_until: int
    state: PermitState = PermitState.ACTIVE
    version: int = 1
    replaced_at: int = 0


@dataclass
class PermitModel:
    """A permit, its replacements, and the lines that they share."""

    permits: list[Permit]
    lines: list[QuantityLine]
    uses: dict[tuple[int, int], Use] = field(default_factory=dict)

    def worth(self, permit: Permit, now: int) -> PermitState:
        exhausted = all(line.available == line.reserved == 0 for line in self.lines)
        return permits.worth(permit.state, permit.valid_until, exhausted=exhausted, at=now)

    def change(self, permit: Permit, action: PermitAction) -> None:
        permit.state = permits.apply(permit.state, action)
        permit.version += 1

    def replace(self, permit: Permit, quantities: list[int], now: int, valid_until: int) -> None:
        after = permits.apply(permit.state, PermitAction.REPLACE)
        worth = self.worth(permit, now)
        if worth is not PermitState.ACTIVE:
            raise ActRefused("PermitStateForbids", {"state": worth.name})
        self.lines = [line.restate(quantity) for line, quantity in zip(self.lines, quantities, strict=True)]
        permit.state, permit.replaced_at = after, now
        permit.version += 1
        self.permits.append(Permit(valid_until))

    def use(self, permit: Permit, action: UseAction, line: int, item: int, quantity: int, as_of: int) -> None:
        if action is UseAction.RESERVE:
            since = permit.state is PermitState.REPLACED and as_of < permit.replaced_at
            standing = self.permits[-1].state if since else permit.state
            _usable(permits.worth(standing, permit.valid_until, exhausted=False, at=as_of))
        if action is UseAction.WRITE_OFF:
            _usable(self.permits[-1].state)
        use = self.uses.get((line, item), Use())
        state, balance = permits.apply_use(use.state, action), self.lines[line]
        if state is use.state:
            told = {UseAction.RESERVE: use.reserved, UseAction.WRITE_OFF: use.written_off}.get(action, quantity)
            if told != quantity:
                raise ActRefused("UseForbids", {"state": state.name})
            return
        if action is UseAction.RESERVE:
            self.lines[line] = balance.reserve(quantity)
            after = Use(state, quantity, use.written_off)
        elif action is UseAction.WRITE_OFF:
            self.lines[line] = balance.write_off(use.reserved, quantity)
            after = Use(state, 0, quantity)
        elif action is UseAction.UNRESERVE:
            self.lines[line] = balance.unreserve(use.reserved)
            after = Use(state, 0, use.written_off)
        else:
            self.lines[line] = balance.restore(use.written_off)
            after = Use(state, use.reserved, 0)
        self.uses[line, item] = after


def _usable(state: PermitState) -> None:
    if state is not PermitState.ACTIVE:
        raise ActRefused("PermitNotUsable", {"state": state.name})


@dataclass
class DebtModel:
    """A fiscal case, the one guarantee that may secure it, and the debtor's prepaid account."""

    case: DebtCase
    cover: Guarantee
    version: int = 1
    bound: bool = False
    prepaid: int = 0
    charges: tuple[int, int, int] = (0, 0, 0)
    called: int = 0

    def open(self, version: int) -> None:
        self._not_closed()
        if version == 0 or version < self.case.declaration_version:
            raise ActRefused("WrongVersion", {})
        if version != self.case.declaration_version:  # the same transaction once more changes nothing
            self._step(declaration_version=version)

    def close(self) -> None:
        self._not_closed()
        self.bound = False
        self._charge((0, 0, 0), closed=True)

    def bind(self, bound: bool) -> None:
        if bound is not self.bound:  # the same transaction once more changes nothing
            self.bound = bound
            self._step()

    def assess(self, duty: int, vat: int, now: int) -> None:
        self._not_closed()
        case = self.case
        past_due = case.basis is FiscalState.DEFERRED and now > case.due_at
        stays = case.owed > 0 and (past_due or case.basis is FiscalState.RECOVERY)
        self._reassess((duty, vat, 0), case.basis if stays else FiscalState.ASSESSED)

    def exempt(self) -> None:
        self._not_closed()
        self._reassess((0, 0, 0), FiscalState.EXEMPT)

    def defer(self, due_at: int, now: int) -> None:
        self._not_closed()
        state = self.case.state(now)
        if state is not FiscalState.SECURED:
            if state is not FiscalState.ASSESSED or self.case.owed == 0:
                raise _forbids(state)
            raise ActRefused("DefermentNotAllowed", {})  # the debtor is no authorised economic operator
        self._step(basis=FiscalState.DEFERRED, due_at=due_at)

    def recover(self, interest: int, now: int) -> None:
        self._not_closed()
        state = self.case.state(now)
        if state is not FiscalState.OVERDUE and not (state is FiscalState.ASSESSED and self.case.owed):
            raise _forbids(state)
        duty, vat, other = self.charges
        self._charge((duty, vat, other + interest), basis=FiscalState.RECOVERY)

    def settle(self, now: int) -> None:
        if self.case.state(now) not in (FiscalState.PAID, FiscalState.EXEMPT):
            raise _forbids(self.case.state(now))
        self._step(basis=FiscalState.SETTLED, settled=self.case.assessed)

    def pay(self, amount: int, now: int) -> None:
        self._something_owed(now)
        credited = min(amount, self.case.owed)
        self._pay(credited)
        self.prepaid += amount - credited

    def pay_from_prepaid(self, amount: int, now: int) -> None:
        self._something_owed(now)
        amount = min(amount, self.case.owed)
        if self.prepaid < amount:
            raise ActRefused("NotEnoughPrepaid", {})
        self._pay(amount)
        self.prepaid -= amount

    def secure(self, amount: int, now: int) -> None:
        self._not_closed()
        self._something_owed(now)
        if self.cover.worth(now) is not GuaranteeState.ACTIVE:
            raise ActRefused("GuaranteeStateForbids", {"state": self.cover.worth(now).name})
        self.cover = self.cover.reserve(amount)
        self._step(secured=self.case.secured + amount)

    def free(self, amount: int, now: int) -> None:
        after = self.cover.unreserve(amount)
        left = self.case.secured - amount
        if self.case.state(now) is not FiscalState.ASSESSED and left < self.case.owed:
            raise ActRefused("StillNeeded", {})
        self.cover = after
        self._step(secured=left)

    def free_all_spare(self, amount: int) -> None:
        """The debtor's own act, which counts as none on the case."""
        if self.bound:
            raise ActRefused("ConditionOpen", {})
        spare = self.case.secured - self.case.owed
        if spare <= 0:
            raise ActRefused("StillNeeded", {})
        if amount < spare:
            raise ActRefused("NotAllSpare", {})
        if amount > self.cover.reserved:
            raise ActRefused("NotEnoughSecured", {})
        self.cover = self.cover.unreserve(spare)
        self.case = replace(self.case, secured=self.case.secured - spare)

    def call(self, amount: int, now: int) -> None:
        self._not_closed()
        if self.case.state(now) not in CALLABLE or self.case.owed == 0:
            raise _forbids(self.case.state(now))
        if self.called >= self.case.owed:
            raise ActRefused("AmountTooLarge", {})
        if self.cover.reserved == 0:
            raise ActRefused("NotEnoughSecured", {})
        amount = min(amount, self.case.owed - self.called, self.cover.reserved)
        self.cover = self.cover.call(amount)
        self.called += amount
        self._step(secured=self.case.secured - amount, basis=FiscalState.RECOVERY)

    def take_back(self, amount: int) -> None:
        if amount > self.called - self.case.owed:
            raise ActRefused("NotEnoughCalled", {})
        self.cover = self.cover.take_back(amount)
        self.called -= amount
        self._step()

    def _pay(self, amount: int) -> None:
        self.case = replace(self.case, paid=self.case.paid + amount)
        self.called -= min(amount, self.called)

    def _reassess(self, charges: tuple[int, int, int], basis: FiscalState) -> None:
        due_at = self.case.due_at if basis is FiscalState.DEFERRED else 0
        self._charge(charges, basis=basis, due_at=due_at, assessed_version=self.case.declaration_version)

    def _charge(self, charges: tuple[int, int, int], **changes: int) -> None:
        self.charges = charges
        self._step(assessed=sum(charges), **changes)

    def _step(self, **changes: int) -> None:
        self.case = replace(self.case, **changes)  # type: ignore[arg-type]
        self.version += 1

    def _not_closed(self) -> None:
        if self.case.closed:
            raise ActRefused("CaseIsClosed", {})

    def _something_owed(self, now: int) -> None:
        if self.case.state(now) is FiscalState.NONE or self.case.owed == 0:
            raise ActRefused("NothingOwed", {})


def _forbids(state: FiscalState) -> ActRefused:
    return ActRefused("FiscalStateForbids", {"state": state.name})
