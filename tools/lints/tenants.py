"""Every table has its tenant, and whoever reads across tenants is named here with the reason.

`Database.transaction(tenant)` lets PostgreSQL filter each row. What goes round it - a system transaction, a connection of
one's own - is allowed in runtime, which knows no domain, and in the places of `ACROSS` only. Nobody commits by hand.
"""

import ast
from collections.abc import Iterator

from tools.lints.found import Found

ACROSS = {
    "src/parlons/accounts/sessions.py": "a session, key or link is found by its secret before its tenant is known",
    "src/parlons/accounts/account_tokens.py": "an account is found by its secret before its tenant is known",
    "src/parlons/accounts/bootstrap.py": "the first tenant is made, and the only one found, before there is one to name",
    "src/parlons/channels/accounts.py": "an account is found by its hook's address before its tenant is known",
    "src/parlons/channels/owning.py": "one process keeps the connections of every tenant",
    "src/parlons/channels/sending.py": "one process sends for every tenant; each delivery is settled in its own",
    "src/parlons/channels/webchat/widgets.py": "a widget is found by its public key before its tenant is known",
    "src/parlons/crm/hooks.py": "a customer system is found by its hook's address before its tenant is known",
    "src/parlons/crm/opening.py": "the desk's page is one for all tenants, and says which panels it may frame",
    "src/parlons/knowledge/files_http.py": "a file of a public article is found by its id before its tenant is known",
    "src/parlons/knowledge/meaning.py": "finds the articles that lack vectors, of every tenant; each gets them in its own",
    "src/parlons/knowledge/page_http.py": "a help centre is found by its address before its tenant is known",
    "src/parlons/surveys/page_http.py": "a link is found by its signature before its tenant is known",
    "src/parlons/portal/page_http.py": "a link is found by its signature before its tenant is known",
    "src/parlons/push/answers.py": "begins where the journal of a workspace served here ends",
    "src/parlons/push/pusher.py": "begins where the journal of a workspace served here ends",
    "src/parlons/outbound/feeding.py": "finds the sends that run, of every tenant; each batch is made in its own",
    "src/parlons/reception/flow_trials_outcomes.py": "forgets what is too old, of every tenant",
    "src/parlons/reception/flow_traffic.py": "writes what this process counted, each row with its tenant; forgets old rows",
    "src/parlons/reception/flow_steps_attempts.py": "forgets what is too old, of every tenant",
    "src/parlons/reception/notices.py": "forgets what is too old, of every tenant",
    "src/parlons/intents/misses.py": "forgets what is too old, of every tenant",
    "src/parlons/floor/memos.py": "forgets what is too old, of every tenant",
    "src/parlons/webhooks/planning.py": "reads one entry of the journal of a workspace served here",
    "src/parlons/webhooks/delivering.py": "forgets what is too old, of every tenant",
    "src/parlons/reception/joining.py": "a link is found by its signed nonce before its tenant is known",
    "src/parlons/dispatch/forgetting.py": "deletes the journal of a workspace that its tenant has removed",
    "src/parlons/app/other_workspaces.py": "finds the workspaces that programs of every tenant made",
    "src/parlons/dispatch/seat.py": "the owner of a workspace commits for all",
    "src/parlons/dispatch/lease.py": "ends a stopped owner's session, as the login",
    "src/parlons/dispatch/road_ends.py": "waits for outcomes of commands by key",
    "src/parlons/dispatch/history.py": "reads the journal of a workspace that the caller has found to be the tenant's",
    "src/parlons/dispatch/statistics.py": "reads the journal of the principal's own workspace",
    "src/parlons/dispatch/why.py": "replays the journal of the principal's own workspace",
    "src/parlons/app/configuration/effects.py": "replays the journal of the principal's own workspace",
    "src/parlons/app/doctor_database.py": "looks at the database itself, which may be too broken to be opened",
    "src/parlons/app/health.py": "counts jobs of the whole installation, for who sees all of it",
    "src/parlons/app/operations_http.py": "held work is held for the whole installation",
    "src/parlons/app/restore.py": "lays a whole database down; nobody works in it yet",
    "src/parlons/app/people.py": "begins where the journal of a workspace served here ends",
    "src/parlons/app/tracing.py": "begins where the journal of a workspace served here ends",
    "src/parlons/app/services.py": "starts and ends the process's own parts",
}
BYPASSES = {"system", "connect_system"}
CONNECTS = {"connect", "create_pool", "create_async_engine"}


def tables(path: str, _text: str, tree: ast.Module) -> Iterator[Found]:
    """A Table without a tenant_id column, directly, by runtime's `tenant_column` or by a function of the same module."""
    if not path.startswith("src/"):
        return
    makers = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) == "Table" and not _names_tenant(node, makers):
            yield Found(path, node.lineno, "a table without tenant_id: every row belongs to a tenant")


def _names_tenant(node: ast.AST, makers: dict[str, ast.FunctionDef]) -> bool:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and inner.value == "tenant_id":
            return True
        if isinstance(inner, ast.Call) and _name(inner) == "tenant_column":
            return True
        if isinstance(inner, ast.Call) and _name(inner) in makers:
            maker = makers[_name(inner)]
            if maker is not node and _names_tenant(ast.Module(maker.body, []), makers):
                return True
    return False


def transactions(path: str, _text: str, tree: ast.Module) -> Iterator[Found]:
    """Commits by hand, and ways round the tenant filter outside the places that are named here."""
    if not path.startswith("src/") or path == "src/parlons/runtime/db.py":
        return
    free = path.startswith("src/parlons/runtime/") or path in ACROSS
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, of = node.func.attr, ast.unparse(node.func.value)
        if name == "commit" and not node.args:
            yield Found(path, node.lineno, "commit() by hand: a transaction commits where it ends")
        elif not free and (name in BYPASSES and ("db" in of or "database" in of)):
            yield Found(
                path, node.lineno, "reads across tenants: use transaction(tenant_id), or name it in tools/lints"
            )
        elif not free and name in CONNECTS and of in ("asyncpg", "sqlalchemy"):
            yield Found(path, node.lineno, "a connection of one's own: use runtime.db")


def _name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
