"""A form of the settings, worked by its labels: every control is found by the words a person reads, never by a raw box."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator, Page, expect

Json = dict[str, Any]


@dataclass(slots=True)
class Form:
    """One kind's form on a page; `texts`: the words of the settings in its language."""

    page: Page
    texts: Json
    kind: str
    schema: Json

    def label(self, words: list[str]) -> str:
        """What a field is called on screen."""
        found = self.texts["field"][self.kind]
        for word in words:
            found = found[word]
        return str(found["at"])

    def choice(self, words: list[str], value: str) -> str:
        """What a value is called on screen."""
        found: Any = self.texts["field"][self.kind]
        for word in words:
            found = found.get(word, {})
        return str(found.get(value) or self.texts["choice"][value])

    def resolved(self, node: Json) -> tuple[Json, bool]:
        """The schema behind references and "or null", and whether null stands there."""
        options = node.get("anyOf", [])
        nullable = any(each.get("type") == "null" for each in options)
        node = node | next((each for each in options if each.get("type") != "null"), {})
        if "$ref" in node:
            node = self.schema["$defs"][node["$ref"].rpartition("/")[2]]
        return node, nullable

    async def fill(self, thing: Json) -> None:
        """Sets every field that `thing` names."""
        decider = next((name for name, each in self.schema["properties"].items() if each.get("decides")), None)
        decided = self.schema["variants"].get(thing[decider], {}) if decider is not None else {}
        for name, value in thing.items():
            node = decided.get(name) or self.schema["properties"][name]
            await self.set(node, name, [name], self.label([name]), value)

    async def set(self, node: Json, path: str, words: list[str], label: str, value: Any) -> None:
        """Sets one field to `value` by its labelled control."""
        node, nullable = self.resolved(node)
        box = self.page.locator(f'[data-field="{path}"]')
        match node.get("type"):
            case "object" if "properties" in node:
                if nullable:
                    await self._switch(box.get_by_role("switch", name=self.choice(words, "has")).first, True)
                for name, each in value.items():
                    below = [*words, name]
                    await self.set(node["properties"][name], f"{path}.{name}", below, self.label(below), each)
            case "object" if "propertyNames" in node:
                for name, each in value.items():
                    inner = node.get("additionalProperties", {})
                    await self.set(inner, f"{path}.{name}", words, self.choice(words, name), each)
            case "object" if node.get("additionalProperties") is True:
                await self._free(box, value)
            case "object":
                await self._mapping(box, node, path, words, label, value)
            case "array":
                if nullable:
                    await self._switch(box.get_by_role("switch", name=self.choice(words, "all")), False)
                await self._list(box, node["items"], path, words, label, value)
            case "boolean" if not nullable:
                await self._switch(box.get_by_role("switch", name=label, exact=True), value)
            case kind:
                await self._plain(box, kind or "", node, label, value)

    async def _switch(self, switch: Locator, value: bool) -> None:
        if await switch.is_checked() != value:
            await switch.press("Space")
        await expect(switch).to_be_checked(checked=value)

    async def _plain(self, box: Locator, kind: str, node: Json, label: str, value: Any) -> None:
        if kind == "boolean":
            await box.get_by_role("combobox", name=label, exact=True).select_option(str(value).lower())
        elif kind in ("integer", "number"):
            await box.get_by_role("spinbutton", name=label, exact=True).fill(str(value))
        elif "enum" in node or "refers" in node:
            await box.get_by_role("combobox", name=label, exact=True).select_option(value)
        else:
            field = box.get_by_label(label, exact=True)
            await expect(field).to_have_count(1)
            await field.fill(value)

    def _named(self, word: str, name: str) -> str:
        return str(self.texts[word]).replace("{{name}}", name)

    async def _add(self, box: Locator, label: str) -> None:
        await box.get_by_role("button", name=self._named("addTo", label), exact=True).click()

    async def _list(self, box: Locator, node: Json, path: str, words: list[str], label: str, items: list[Any]) -> None:
        first = box.get_by_role("button", name=self._named("take", f"{label} 1"), exact=True)
        while await first.count():
            await first.click()
        for index, item in enumerate(items):
            await self._add(box, label)
            await self.set(node, f"{path}[{index + 1}]", words, f"{label} {index + 1}", item)

    async def _mapping(self, box: Locator, node: Json, path: str, words: list[str], label: str, value: Json) -> None:
        inner = node.get("additionalProperties") or next(iter(node["patternProperties"].values()))
        for index, (name, each) in enumerate(value.items()):
            await self._add(box, label)
            row = box.get_by_role("group", name=f"{label} {index + 1}", exact=True)
            field = row.get_by_label(self.label([*words, "key"]), exact=True)
            if node.get("keys") == "task_channel":
                await field.select_option(name)
            else:
                await field.fill(name)
            await self.set(inner, f"{path}.{name}", words, self.label([*words, "each"]), each)

    async def _free(self, box: Locator, value: Json) -> None:
        for name, each in value.items():
            await box.get_by_role("button", name=self.texts["addValue"], exact=True).last.click()
            row = box.get_by_role("group", name=self.texts["value"], exact=True).last
            await row.get_by_label(self.texts["name"], exact=True).fill(name)
            await self._value(box.get_by_role("group", name=name, exact=True).first, name, each)

    async def _value(self, row: Locator, name: str, value: Any) -> None:
        sorts = {str: "text", int: "number", float: "number", bool: "yesno", list: "list", dict: "group"}
        sort = row.get_by_label(self.texts["sort"]["label"], exact=True).first
        await sort.select_option(sorts[type(value)])
        inside = row.get_by_label(self.texts["value"], exact=True)
        match value:
            case bool():
                await inside.first.select_option(str(value).lower())
            case dict():
                await self._free(row.locator("fieldset").first, value)
            case list():
                for index, each in enumerate(value):
                    await self._add(row, name)
                    called = f"{name} {index + 1}"
                    await self._value(row.get_by_role("group", name=called, exact=True).first, called, each)
            case _:
                await inside.first.fill(str(value))


def leaves(form: Form, node: Json, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every field of a schema that a value can stand in, mappings and lists as the step `*`."""
    node, _ = form.resolved(node)
    if "properties" in node:
        return {leaf for name, each in node["properties"].items() for leaf in leaves(form, each, (*path, name))}
    if node.get("type") == "array":
        return leaves(form, node["items"], (*path, "*"))
    if node.get("type") == "object" and node.get("additionalProperties") is not True:
        inner = node.get("additionalProperties") or next(iter(node["patternProperties"].values()))
        return leaves(form, inner, (*path, "*"))
    return {path}


def standing(value: Any, path: tuple[str, ...]) -> list[Any]:
    """The values at a path of `leaves`."""
    if not path:
        return [value]
    if value is None:
        return []
    if path[0] == "*":
        items = value.values() if isinstance(value, dict) else value
        return [found for each in items for found in standing(each, path[1:])]
    return standing(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []
