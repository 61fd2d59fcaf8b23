// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that burns one unit of each transfer while its fee is on, of the receiver or of the sender.
contract FeeToken is ERC20 {
    bool public taking;
    bool public takingFromSender;

    constructor() ERC20("Fee", "FEE") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function take(bool on) external {
        taking = on;
    }

    function takeFromSender(bool on) external {
        takingFromSender = on;
    }

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (takingFromSender && from != address(0)) super._update(from, address(0), 1);
        if (taking && from != address(0) && to != address(0)) super._update(to, address(0), 1);
    }
}

/// @notice A token of whole units.
contract WholeToken is ERC20 {
    constructor() ERC20("Whole", "WHL") {}

    function decimals() public pure override returns (uint8) {
        return 0;
    }
}

/// @notice A token that calls back into its target in the middle of a transfer, and keeps what it got as an answer.
contract ReentrantToken is ERC20 {
    address private _target;
    bytes private _call;
    bytes public answer;
    bool public answered;

    constructor() ERC20("Reentrant", "RET") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function strike(address target, bytes calldata data) external {
        (_target, _call) = (target, data);
    }

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        (answered, answer) = target.call(_call);
    }
}
