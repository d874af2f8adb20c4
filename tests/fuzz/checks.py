"""What an answer must be: no fault of the server, a status the description names, a body its schema allows."""

from typing import Any

import jsonschema_rs

Json = dict[str, Any]


class Described:
    """The description, with a validator for each answer."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._validators: dict[tuple[str, str, str, str], Any] = {}

    def breach(self, method: str, path: str, status: int, kind: str, body: Any) -> str | None:
        """What is wrong with an answer of a route; `kind`: its content type, `body`: read as JSON where it is that."""
        if status >= 500:
            return f"{status}"
        answers: Json = self.document["paths"][path][method]["responses"]
        described = answers.get(str(status)) or (answers.get("default") if status >= 400 else None)
        if described is None:
            return f"{status} is not described"
        content: Json = described.get("content", {})
        kind = kind.partition(";")[0]
        if not content:
            return None if status == 204 or not kind else f"{status} has {kind}, described without a body"
        fitting = kind if kind in content else "*/*" if "*/*" in content else ""
        if not fitting:
            return f"{status} has {kind or 'no body'}, described is {', '.join(content)}"
        if not kind.endswith("json"):
            return None
        validator = self._validator(method, path, str(status) if str(status) in answers else "default", fitting)
        error = next(iter(validator.iter_errors(body)), None)
        return None if error is None else f"{status}: {error.message[:300]} at {list(error.instance_path)}"

    def _validator(self, *key: str) -> Any:
        if key not in self._validators:
            method, path, status, kind = key
            schema = self.document["paths"][path][method]["responses"][status]["content"][kind].get("schema", {})
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self._validators[key]
