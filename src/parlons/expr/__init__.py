"""Pure expression language: parse, check, compile, explain. Used by queues, workflow filters and targets.

`compiling.compiled(text, scope)` gives a fast test and what it reads; `checking.check(text, scope)` says what is
wrong, where and how to mend it; `explaining.false_parts` says which part did not hold;
`ordering.compiled_order(text)` reads `order_by`. Semantics are those of the field's best-known task-routing API,
quirks included: see values.py.
"""
