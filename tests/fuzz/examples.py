"""For operations whose good calls no schema describes: what each needs, a call that is answered 2xx, and who makes it."""

from collections.abc import Mapping

from tests.fuzz.example import Example as E

ANY = {"If-Match": "*"}
SEND = {
    "name": "Pneus $fresh",
    "account_id": "$sms_account_id",
    "purpose": "service",
    "texts": {"fr": {"text": "Bonjour"}, "en": {"text": "Hello"}},
}
SETTING = {"name": "$name", "firm": "Fuzz Motors", "workers": 'skills HAS "spare"'}
MESSAGE = {"text": "Bonjour", "client_id": "$fresh"}
TO_MATE = {"to": {"worker_id": "$mate_worker_id"}}
PUSH = {"address": "$address", "public_key": "$public_key", "secret": "$secret"}
RULES = {"name": "Try $fresh", "default_queue": "Fuzz nobody"}
FORM = {"file": ("note.txt", b"some words", "text/plain")}

ACCOUNTS: Mapping[str, E] = {
    "GET /me": E(who="Hand"),
    "PATCH /me": E(body={"locale": "fr", "density": "compact"}, who="Hand"),
    "POST /firms": E(body={"name": "Firm $fresh", "languages": ["fr"]}),
    "PATCH /firms/{firm_id}": E("firm", {"name": "Firm $fresh", "version": "$version"}),
    "DELETE /firms/{firm_id}": E("firm"),
    "POST /keys": E(body={"name": "Key $fresh", "scopes": ["read"]}),
    "DELETE /keys/{key_id}": E("key"),
    "POST /account-token": E(body={}, who="Administrator"),
    "GET /users/{user_id}": E("user"),
    "POST /users": E(body={"email": "p-$fresh@fuzz.example", "name": "Person $fresh", "role": "agent"}),
    "PATCH /users/{user_id}": E("user", {"name": "Other $fresh", "version": "$version"}),
    "DELETE /users/{user_id}": E("user"),
    "POST /users/{user_id}/link": E("user"),
    "DELETE /users/{user_id}/link": E("user"),
    "POST /users/{user_id}/reset": E("user"),
    "POST /roles": E(body={"name": "Role $fresh", "rights": ["read"]}),
    "PATCH /roles/{role_id}": E("role", {"name": "Role $fresh", "version": "$version"}),
    "DELETE /roles/{role_id}": E("role"),
    "PUT /me/password": E("newcomer", {"password": "$password"}, who="newcomer"),
    "POST /session": E("settled", {"email": "$email", "password": "$password"}, who="stranger"),
    "POST /session/link": E("user", {"token": "$link_token"}, who="stranger"),
    "DELETE /session": E("settled", who="newcomer"),
}

SETTINGS: Mapping[str, E] = {
    "POST /configuration": E(body="queues: [{name: Fuzz queue}]\n"),
    "GET /settings/drafts": E("setting", who="Administrator"),
    "PUT /settings/drafts/{kind}/{name}": E("setting", {"etag": "$etag", "thing": SETTING}, who="Administrator"),
    "DELETE /settings/drafts/{kind}/{name}": E("setting", who="Administrator"),
    "GET /settings/text/{kind}/{name}": E("setting", who="Administrator"),
    "GET /settings/{kind}/{name}": E("setting", who="Administrator"),
    "PUT /settings/{kind}/{name}": E("setting", SETTING, headers={"If-Match": "$etag"}, who="Administrator"),
    "DELETE /settings/{kind}/{name}": E("setting", headers=ANY, who="Administrator"),
    "GET /settings/revisions/{revision}": E("setting", who="Administrator"),
    "POST /settings/revisions/{revision}/undo": E("setting", query={"dry_run": "true"}, who="Administrator"),
    "POST /flows/check": E(body={"text": "name: Front\nstart: a\nsteps: {a: {do: queue}}\n"}),
    "POST /flows/simulate": E(body={"text": "name: Front\nstart: a\nsteps: {a: {do: end, text: Bye}}\n"}),
    "POST /flows/transcribe": E("prompt", {"file": ("a.wav", "$sound", "audio/wav"), "language": (None, "fr")}),
    "GET /flows/{flow_id}/versions/{version}": E("flow"),
    "GET /flows/{flow_id}/difference": E("flow", query={"before": "$live", "after": "$version"}),
    "POST /flows/{flow_id}/versions": E("flow", {"text": "$text", "note": "Again"}),
    "POST /flows/{flow_id}/versions/{version}/publish": E("flow", headers={"If-Match": "$etag"}, who="Administrator"),
    "POST /flows/{flow_id}/trials": E(
        "flow", {"version": "$version", "percent": 10}, headers={"If-Match": "$etag"}, who="Administrator"
    ),
    "GET /flows/{flow_id}/trials": E("trial"),
    "GET /flows/{flow_id}/trials/{trial_id}": E("trial"),
    "POST /flows/{flow_id}/trials/{trial_id}/end": E("trial", {"how": "roll-back"}),
    "GET /flows/{flow_id}/drafts": E("flow"),
    "GET /flows/{flow_id}/drafts/{user_id}": E("flow", who="Administrator"),
    "PUT /flows/{flow_id}/drafts/me": E(
        "flow", {"text": "$text", "version": "$live"}, headers={"If-Match": "$draft_etag"}, who="Administrator"
    ),
    "DELETE /flows/{flow_id}/drafts/me": E("flow", headers={"If-Match": "$draft_etag"}, who="Administrator"),
    "GET /intents/misses": E("miss"),
    "POST /intents/misses/{miss_id}/learn": E(
        "miss", {"intent": "fuzz_order", "language": "fr", "phrase": "Où est ma commande $fresh"}, who="Administrator"
    ),
    "DELETE /intents/misses/{miss_id}": E("miss"),
    "POST /queues/try": E(body={"workers": 'skills HAS "fuzz"'}, who="Administrator"),
    "POST /workflows/try": E(body={"workflow": RULES, "attributes": {"topic": "sales"}}, who="Administrator"),
}

CUSTOMERS: Mapping[str, E] = {
    "POST /customers": E(body={"firm_id": "$firm_id", "kind": "email", "value": "c-$fresh@customer.example"}),
    "PATCH /customers/{customer_id}": E("customer", {"name": "Other"}),
    "POST /customers/{customer_id}/addresses": E("customer", {"kind": "email", "value": "c-$fresh@customer.example"}),
    "POST /customers/{customer_id}/erase": E("customer"),
    "POST /customers/{customer_id}/merge": E("two_customers", {"other_id": "$other_id"}),
    "POST /customers/{customer_id}/merges/{merge_id}/undo": E("merged"),
    "GET /appointments/slots": E(query={"firm_id": "$firm_id"}),
    "POST /appointments": E("slot", {"customer_id": "$customer_id", "starts_at": "$starts_at"}),
    "GET /appointments/{appointment_id}": E("appointment"),
    "POST /appointments/{appointment_id}/move": E("appointment", {"starts_at": "$other_starts_at"}),
    "POST /appointments/{appointment_id}/cancel": E("appointment", {}),
    "POST /appointments/{appointment_id}/settle": E("past_appointment", {"state": "kept"}),
    "PUT /appointment-settings/{firm_id}": E("firm", {"active": True, "zone": "Europe/Paris"}),
    "POST /customers/{customer_id}/page-links": E("customer", {"days": 2}),
    "DELETE /customers/{customer_id}/page-links": E("customer"),
    "POST /conversations/{conversation_id}/page-link": E("chat", who="Hand"),
    "GET /customers/{customer_id}/records": E("record"),
    "POST /customers/{customer_id}/records/{lookup_id}/link": E("record", {"record_id": "$record_id"}),
    "POST /customers/{customer_id}/records/{lookup_id}": E(
        "customer", {"values": {"name": "Claire", "email": "$mail"}}, path={"lookup_id": "$lookup_id"}
    ),
    "PATCH /customers/{customer_id}/records/{lookup_id}": E(
        "record", {"values": {"tier": "argent"}, "seen": {"tier": "or"}}
    ),
    "POST /customers/{customer_id}/records/{lookup_id}/settle": E("record", {"to": "name", "keep": "ours"}),
    "POST /customers/{customer_id}/records/writes/{write_id}/settle": E("refused_write", {"keep": "theirs"}),
    "POST /lookups/{lookup_id}/test": E(path={"lookup_id": "$lookup_id"}),
}

CONVERSATIONS: Mapping[str, E] = {
    "POST /conversations": E(
        body={**MESSAGE, "account_id": "$email_account_id", "to": "l-$fresh@letters.example", "subject": "Devis"},
        who="Hand",
    ),
    "GET /conversations/{conversation_id}": E("answered", who="Hand"),
    "GET /conversations/{conversation_id}/messages": E("answered", who="Hand"),
    "POST /conversations/{conversation_id}/park": E("chat", {}, who="Hand"),
    "POST /conversations/{conversation_id}/resume": E("parked", {}, who="Hand"),
    "POST /conversations/{conversation_id}/reopen": E("closed", {}, who="Hand"),
    "POST /conversations/{conversation_id}/wrapup": E("chat", {}, who="Hand"),
    "POST /conversations/{conversation_id}/close": E("chat", {}, who="Hand"),
    "POST /conversations/{conversation_id}/messages": E("chat", MESSAGE, who="Hand"),
    "POST /conversations/{conversation_id}/typing": E("chat", who="Hand"),
    "PUT /conversations/{conversation_id}/draft": E("chat", {"text": "Bonj"}, who="Hand"),
    "PUT /conversations/{conversation_id}/tags": E("chat", {"tags": ["urgent"]}, who="Hand"),
    "GET /conversations/{conversation_id}/colleagues": E("chat", who="Hand"),
    "GET /conversations/{conversation_id}/replies": E("chat", who="Hand"),
    "GET /conversations/{conversation_id}/ways": E("chat", who="Hand"),
    "POST /conversations/{conversation_id}/read": E("chat", {"message_id": "$message_id"}, who="Hand"),
    "POST /conversations/{conversation_id}/notes": E(
        "chat", {"text": "Note", "mentions": ["$lead_user_id"]}, who="Hand"
    ),
    "GET /conversations/{conversation_id}/messages/{message_id}/page": E("letter", who="Hand"),
    "GET /channels/{account_id}/templates": E(path={"account_id": "$whatsapp_account_id"}),
    "POST /conversations/{conversation_id}/messages/{message_id}/again": E("failed", who="Hand"),
    "PUT /conversations/{conversation_id}/messages/{message_id}/hidden": E("remark", {"hidden": True}, who="Hand"),
    "POST /conversations/{conversation_id}/send-on": E(
        "chat", {"account_id": "$email_account_id", "to": "l-$fresh@letters.example", "client_id": "$fresh"}, who="Hand"
    ),
    "POST /conversations/{conversation_id}/split": E("answered", {"message_ids": ["$other_message_id"]}, who="Hand"),
    "POST /conversations/{conversation_id}/splits/{split_id}/undo": E("split", who="Hand"),
    "POST /files": E(body=FORM, who="Hand"),
    "GET /files/{file_id}": E("upload", who="Hand"),
    "POST /notices/{notice_id}/seen": E("notice", who="Hand"),
    "GET /notices": E("notice", who="Hand"),
    "POST /conversations/{conversation_id}/serve": E("not_served", who="Lead"),
    "POST /conversations/{conversation_id}/links": E("chat", {"kind": "chat"}, who="Hand"),
    "POST /join/{token}": E("page_link", who="stranger"),
    "POST /conversations/{conversation_id}/whisper": E("chat", {"text": "Psst"}, who="Lead"),
    "POST /conversations/{conversation_id}/join": E("chat", who="Lead"),
    "DELETE /conversations/{conversation_id}/join": E("joined", who="Lead"),
    "POST /conversations/{conversation_id}/takeover": E("chat_of_lead", who="Lead"),
    "GET /team/colleagues": E(who="Hand"),
    "POST /team/discussions": E(body={"name": "Entre nous $fresh", "user_ids": ["$mate_user_id"]}, who="Hand"),
    "GET /team/discussions": E("discussion", who="Hand"),
    "PATCH /team/discussions/{discussion_id}": E(
        "discussion", {"name": "Nous $fresh", "version": "$version"}, who="Hand"
    ),
    "POST /team/discussions/{discussion_id}/leave": E("discussion", who="Hand"),
    "GET /team/discussions/{discussion_id}/lines": E("discussion", who="Hand"),
    "POST /team/discussions/{discussion_id}/lines": E("discussion", {"text": "Bonjour"}, who="Hand"),
    "DELETE /team/discussions/{discussion_id}/lines/{line_id}": E("discussion", who="Hand"),
    "POST /team/discussions/{discussion_id}/read": E("discussion", {"number": 1}, who="Hand"),
    "PUT /team/discussions/{discussion_id}/draft": E("discussion", {"text": "Bonj"}, who="Hand"),
}

WORK: Mapping[str, E] = {
    "POST /tasks": E(body={"to": {"queue_id": "$nobody_queue_id"}}, who="Lead"),
    "GET /tasks/{task_id}": E("own_task"),
    "PATCH /tasks/{task_id}": E("task", {"priority": 5}),
    "POST /tasks/{task_id}/cancel": E("task", {"reason": "fuzz"}),
    "POST /tasks/{task_id}/complete": E("own_task", {"reason": "done"}, who="Hand"),
    "POST /tasks/{task_id}/wrap": E("own_task", who="Hand"),
    "POST /tasks/{task_id}/transfer": E("own_task", {"to": {"queue_id": "$nobody_queue_id"}}, who="Hand"),
    "DELETE /tasks/{task_id}/transfer": E("transferred", who="Hand"),
    "POST /tasks/{task_id}/assign": E("task", {"worker_id": "$hand_worker_id"}, who="Lead"),
    "GET /tasks/{task_id}/reservations": E("own_task"),
    "GET /tasks/{task_id}/why": E("own_task"),
    "GET /reservations": E("offered_task"),
    "GET /reservations/{reservation_id}": E("offered_task"),
    "POST /reservations/{reservation_id}/accept": E("offered_task", who="Hand"),
    "POST /reservations/{reservation_id}/reject": E("offered_task", {"reason": "busy"}, who="Hand"),
    "POST /reservations/{reservation_id}/wrap": E("own_task", who="Hand"),
    "POST /reservations/{reservation_id}/complete": E("own_task", {"reason": "done"}, who="Hand"),
    "GET /reservations/{reservation_id}/why": E("own_task"),
    "PUT /workers/{worker_id}/activity": E(body={"activity_id": "$available"}, path={"worker_id": "$mate_worker_id"}),
    "POST /workers/{worker_id}/moves": E(
        body={"skills": {"helping_$fresh": True}, "until_at": "$soon"},
        path={"worker_id": "$mate_worker_id"},
        who="Lead",
    ),
    "GET /moves": E("move"),
    "DELETE /moves/{move_id}": E("move", who="Lead"),
    "POST /floor/messages": E(body={"text": "Bonjour", "queue_id": "$desk_queue_id"}, who="Lead"),
    "GET /floor/messages": E("memo", who="Lead"),
    "GET /me/memos": E("memo", who="Hand"),
    "POST /me/memos/{memo_id}/seen": E("memo", who="Hand"),
    "GET /queues/{queue_id}/statistics": E(path={"queue_id": "$desk_queue_id"}),
    "GET /me/push": E("device", who="Hand"),
    "PUT /me/push": E("subscription", {**PUSH, "locale": "fr", "time_zone": "UTC"}, who="Hand"),
    "DELETE /me/push/{device_id}": E("device", who="Hand"),
    "GET /leavers": E("leaver"),
    "POST /leavers/{leaver_id}/take": E("leaver", {"how": "write"}, who="Lead"),
    "POST /leavers/{leaver_id}/give_back": E("taken_leaver", who="Lead"),
    "POST /leavers/{leaver_id}/call_back": E("leaver", who="Lead"),
}

WEBCHAT: Mapping[str, E] = {
    "POST /webchat/{widget_key}/visits": E(body={"consent": "given"}, who="visitor"),
    "DELETE /webchat/{widget_key}/visits": E("visit", who="visitor"),
    "POST /webchat/{widget_key}/identity": E("visit", {"user_id": "$user", "signature": "$signature"}, who="visitor"),
    "GET /webchat/{widget_key}/conversation": E("chat", who="visitor"),
    "POST /webchat/{widget_key}/messages": E("visit", {**MESSAGE, "language": "fr"}, who="visitor"),
    "POST /webchat/{widget_key}/offline": E(
        "closed_visit", {**MESSAGE, "name": "Claire", "email": "c-$fresh@customer.example"}, who="visitor"
    ),
    "POST /webchat/{widget_key}/pages": E("visit", {"path": "/shop/"}, who="visitor"),
    "POST /webchat/{widget_key}/read": E("answered", {"message_id": "$answer_id"}, who="visitor"),
    "POST /webchat/{widget_key}/files": E("visit", FORM, who="visitor"),
    "GET /webchat/{widget_key}/files/{file_id}": E("upload", who="visitor"),
    "GET /webchat/{widget_key}/suggestions": E("visit", who="visitor"),
    "GET /webchat/{widget_key}/push": E("visit", who="visitor"),
    "POST /webchat/{widget_key}/push": E("browser", {**PUSH, "page": "/shop/"}, who="visitor"),
    "DELETE /webchat/{widget_key}/push": E("browser", who="visitor"),
    "POST /customers/{customer_id}/push": E("told", {"text": "Bonjour"}, who="Lead"),
}

KNOWLEDGE: Mapping[str, E] = {
    "POST /prompts": E(
        "prompt", {"file": ("a.wav", "$sound", "audio/wav"), "name": (None, "mot-$fresh"), "language": (None, "fr")}
    ),
    "GET /prompts": E("prompt"),
    "GET /prompts/{prompt_id}/audio": E("prompt"),
    "DELETE /prompts/{prompt_id}": E("prompt"),
    "GET /replies": E("reply"),
    "POST /replies": E(body={"shortcut": "mot$fresh", "title": "Mot", "texts": {"fr": "Bonjour"}}),
    "PUT /replies/{reply_id}": E(
        "reply", {"shortcut": "$shortcut", "title": "Mot", "texts": {"fr": "Salut"}, "version": "$version"}
    ),
    "DELETE /replies/{reply_id}": E("reply"),
    "POST /replies/{reply_id}/restore": E("removed_reply"),
    "GET /replies/{reply_id}/versions": E("reply"),
    "POST /articles": E(
        body={"title": "Pneus $fresh", "html": "<p>Bonjour</p>", "firm_id": "$firm_id", "language": "fr"}
    ),
    "GET /articles/search": E("published", query={"q": "pneus"}),
    "GET /articles/{article_id}": E("article"),
    "GET /articles/{article_id}/page": E("published"),
    "PUT /articles/{article_id}": E("article", {"title": "Roues $fresh", "version": "$version"}),
    "POST /articles/{article_id}/act": E("article", {"act": "submit", "version": "$version"}),
    "POST /articles/{article_id}/restore": E("published", {"number": 1, "version": "$version"}),
    "POST /article-sections": E(body={"names": {"fr": "Roues $fresh"}, "firm_id": "$firm_id"}),
    "PUT /article-sections/{section_id}": E("article", {"names": {"fr": "Jantes $fresh"}, "firm_id": "$firm_id"}),
    "DELETE /article-sections/{section_id}": E("article"),
    "PUT /help-centres/{firm_id}": E(body={"open": True, "slug": "fuzz-$fresh"}, path={"firm_id": "$firm_id"}),
    "GET /article-files": E("article", query={"article_id": "$article_id"}),
    "POST /article-files": E(
        "article", {"file": ("note.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf"), "article_id": (None, "$article_id")}
    ),
    "DELETE /article-files/{file_id}": E("article", query={"article_id": "$article_id"}),
    "PUT /article-offers/{article_id}": E("published", {"conversation_id": "$conversation_id", "outcome": "inserted"}),
}

CALLS: Mapping[str, E] = {
    "GET /calls": E("call", query={"state": "live"}),
    "POST /calls": E("line", {"to": {"number": "+33612345699"}, "firm_id": "$firm_id"}, who="Hand"),
    "GET /calls/{call_id}": E("call"),
    "POST /reservations/{reservation_id}/answer": E("ringing", who="Lead"),
    "POST /reservations/{reservation_id}/decline": E("ringing", who="Lead"),
    "POST /calls/{call_id}/complete": E("written_up", who="Hand"),
    "POST /calls/{call_id}/hang_up": E("call", who="Hand"),
    "POST /calls/{call_id}/hold": E("call", {"held": True}, who="Hand"),
    "POST /calls/{call_id}/mute": E("call", {"held": True}, who="Hand"),
    "POST /calls/{call_id}/digits": E("call", {"digits": "42"}, who="Hand"),
    "POST /calls/{call_id}/transfer": E("call", TO_MATE, who="Hand"),
    "POST /calls/{call_id}/consult": E("call", TO_MATE, who="Hand"),
    "POST /calls/{call_id}/complete_transfer": E("consulting", who="Hand"),
    "POST /calls/{call_id}/cancel_consult": E("consulting", who="Hand"),
    "POST /calls/{call_id}/add": E("call", TO_MATE, who="Hand"),
    "POST /calls/{call_id}/merge": E("consulting", who="Hand"),
    "POST /calls/{call_id}/remove": E("three", {"leg_id": "$mate_leg_id"}, who="Hand"),
    "POST /calls/{call_id}/park": E("call", who="Hand"),
    "POST /calls/{call_id}/pick_up": E("parked_call", {}, who="Hand"),
    "POST /calls/{call_id}/recording": E("call", {"paused": True}, who="Hand"),
    "POST /calls/{call_id}/supervise": E("supervised", {"mode": "listen"}, who="Lead"),
    "POST /voice/phone": E("line", {"offer_sdp": "$offer_sdp"}, who="Lead"),
    "DELETE /voice/phone": E(who="Lead"),
    "GET /voice/phone/ice": E(who="Hand"),
    "GET /voice/contact_addresses": E(who="Hand"),
    "PUT /voice/contact_addresses": E(body={"addresses": [{"kind": "phone"}]}, who="Mate"),
    "POST /voice/quality": E(body={"leg_id": "browser", "loss": 0, "jitter": 1, "rtt": 2, "mos": 4}, who="Lead"),
    "GET /recordings": E("recording", query={"call_id": "$call_id"}),
    "POST /recordings/{recording_id}/link": E("recording"),
    "GET /recordings/{recording_id}/audio": E("recording", query={"token": "$audio_token"}, who="stranger"),
    "GET /recordings/{recording_id}/peaks": E("recording"),
    "DELETE /recordings/{recording_id}": E("recording", who="Lead"),
    "POST /webcall/{line}/calls": E("line", {"offer_sdp": "$offer_sdp"}, path={"line": "fuzz"}, who="visitor"),
    "GET /webcall/lines/{line}": E(path={"line": "fuzz"}, who="visitor"),
    "POST /webcall/calls/{call_id}/offer": E(
        "web_call", {"offer_sdp": "$offer_sdp"}, {"token": "$call_token"}, who="visitor"
    ),
    "POST /webcall/calls/{call_id}/digits": E("web_call", {"digits": "1"}, {"token": "$call_token"}, who="visitor"),
    "POST /webcall/calls/{call_id}/hang_up": E("web_call", query={"token": "$call_token"}, who="visitor"),
    "GET /webcall/calls/{call_id}": E("web_call", query={"token": "$call_token"}, who="visitor"),
    "GET /calls/{call_id}/beside": E("call", who="Hand"),
    "POST /calls/{call_id}/video": E("beside", {"kind": "ask", "session": "fuzzsession1"}, who="Hand"),
    "POST /calls/{call_id}/text": E("beside", {"text": "Bonj"}, who="Hand"),
}

OUTSIDE: Mapping[str, E] = {
    "GET /sends": E("begun"),
    "POST /sends": E(body=SEND, who="Lead"),
    "GET /sends/{send_id}": E("begun"),
    "PUT /sends/{send_id}": E("send", {**SEND, "version": "$version"}),
    "DELETE /sends/{send_id}": E("send"),
    "POST /sends/{send_id}/recipients": E("send", {"items": [{"address": "+33611223344", "name": "Claire"}]}),
    "GET /sends/{send_id}/recipients": E("begun"),
    "POST /sends/{send_id}/preview": E("send", {"place": 0}),
    "POST /sends/{send_id}/trial": E("send", {"address": "+33611223344", "language": "fr"}),
    "POST /sends/{send_id}/start": E("send"),
    "POST /sends/{send_id}/pause": E("begun"),
    "POST /sends/{send_id}/resume": E("paused"),
    "POST /sends/{send_id}/cancel": E("begun"),
    "POST /sends/{send_id}/again": E("begun"),
    "POST /single-messages": E(
        "customer", {"customer_id": "$customer_id", "channel": "sms", "texts": {"fr": {"text": "Bonjour"}}}
    ),
    "GET /single-messages": E("single"),
    "GET /single-messages/{single_id}": E("single"),
    "POST /single-messages/{single_id}/cancel": E("single"),
    "POST /webhooks": E(body={"name": "Program $fresh", "url": "$gateway/hook"}, who="Administrator"),
    "GET /webhooks/{webhook_id}": E("webhook", who="Administrator"),
    "PATCH /webhooks/{webhook_id}": E(
        "webhook", {"name": "Program $fresh", "version": "$version"}, who="Administrator"
    ),
    "DELETE /webhooks/{webhook_id}": E("webhook", who="Administrator"),
    "POST /webhooks/{webhook_id}/secret": E("webhook", who="Administrator"),
    "POST /webhooks/{webhook_id}/test": E("webhook", who="Administrator"),
    "GET /webhooks/{webhook_id}/deliveries": E("webhook", who="Administrator"),
    "GET /webhooks/{webhook_id}/deliveries/{message_id}": E("webhook", who="Administrator"),
    "POST /webhooks/{webhook_id}/deliveries/again": E("webhook", {"ids": ["$message_id"]}, who="Administrator"),
}

EXAMPLES: Mapping[str, E] = {
    **ACCOUNTS, **SETTINGS, **CUSTOMERS, **CONVERSATIONS, **WORK, **WEBCHAT, **KNOWLEDGE, **CALLS, **OUTSIDE
}  # fmt: skip
"""By method and path below /api/v1."""
