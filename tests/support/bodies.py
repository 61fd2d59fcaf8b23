"""A whole request of each route that takes a body: what is answered to it is about rights, not about its form."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ledger.devnet.loopback import HOST

HOOK: Final = f"http://{HOST}:9/hook"
SAMPLES: Final = Path(__file__).parents[1] / "samples"
CERTIFICATE: Final = SAMPLES / "ephyto" / "SPSCertificateContent.xml"
DECLARATION: Final = SAMPLES / "derived" / "import-declaration.xml"
OFFICE: Final = 1701


class Bodies:
    """Requests by method and path, as arguments of httpx.

    Args:
        contract: The interface's description; a JSON body is the example that it gives.
    """

    def __init__(self, contract: Mapping[str, Any]) -> None:
        self._contract = contract

    def __call__(self, method: str, path: str, about: Mapping[str, str]) -> dict[str, Any]:
        """The body of one request, `about` what the test's ledger holds; none for a route that takes none."""
        special = self._special(path, about) if method == "POST" else None
        if special is not None:
            return special
        operation = self._contract["paths"][path][method.lower()]
        content = operation.get("requestBody", {}).get("content", {})
        return {"json": self.example(content)} if "application/json" in content else {}

    def example(self, content: Mapping[str, Any]) -> Any:
        """The first example of a JSON body's shape."""
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        return self._contract["components"]["schemas"][name]["examples"][0]

    def _special(self, path: str, about: Mapping[str, str]) -> dict[str, Any] | None:
        match path:
            case "/v1/verify":
                return {"files": {"file": CERTIFICATE.read_bytes()}}
            case "/v1/verify/many":
                line = json.dumps({"id": "1", "sha256": "ab" * 32}) + "\n"
                return {"content": line, "headers": {"Content-Type": "application/x-ndjson"}}
            case "/v1/lodgements":
                form = {"importer": about["participant"], "customs": "1", "office": str(OFFICE), "lrn_mac": "ab" * 32}
                return {"files": {"message": DECLARATION.read_bytes()}, "data": form}
            case "/v1/webhooks":
                return {"json": {"url": HOOK}}
            case "/v1/webhooks/{webhook}/replay":
                return {"json": {"after": "0.0"}}
        return None
