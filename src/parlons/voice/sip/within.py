"""What the far side asks within a call: BYE, new offers, UPDATE, INFO, REFER, NOTIFY, OPTIONS (RFC 3261 12.2.2, 14, 15)."""

import re

from parlons.voice.sip import session
from parlons.voice.sip.talk import SipCall
from parlons.voice.sip.transactions import ServerTransaction
from parlons.voice.sip.wire import ALLOW, sdp_of, with_sdp

DIGIT = re.compile(r"[0-9*#A-D]")
NAMED = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}


def handle(call: SipCall, transaction: ServerTransaction) -> None:
    """Answers a request that belongs to a dialog of `call`."""
    inbound, dialog = transaction.inbound, call.dialog
    if dialog is None or inbound.from_.tag != dialog.remote_tag:
        return transaction.refuse(481)
    if not dialog.in_order(inbound):
        return transaction.refuse(500, "CSeq Out Of Order", Retry_After="1")
    if call.state == "over":
        return transaction.refuse(200 if inbound.method == "BYE" else 481)
    if inbound.method in ("INVITE", "UPDATE"):
        _allowed(call, transaction)
    match inbound.method:
        case "BYE":
            _bye(call, transaction)
        case "INVITE":
            _invite(call, transaction)
        case "UPDATE":
            _update(call, transaction)
        case "INFO":
            _info(call, transaction)
        case "REFER" if call.state == "talking":
            call.transfers.asked(transaction)
        case "REFER":
            transaction.refuse(481)
        case "NOTIFY":
            call.transfers.notified(transaction)
        case "OPTIONS":
            transaction.respond(call.response(inbound.request, 200))
        case _:
            transaction.refuse(405, Allow=ALLOW)


def note_methods(call: SipCall, values: list[str]) -> None:
    """Remembers which methods the far side takes."""
    methods = {method.strip().upper() for value in values for method in value.split(",")}
    if methods:
        call.their_methods = methods


def _allowed(call: SipCall, transaction: ServerTransaction) -> None:
    note_methods(call, transaction.inbound.request.headers.get("allow"))


def _bye(call: SipCall, transaction: ServerTransaction) -> None:
    transaction.respond(call.response(transaction.inbound.request, 200))
    call.hung_up()


def _invite(call: SipCall, transaction: ServerTransaction) -> None:
    request = transaction.inbound.request
    call.presume_acked()
    if call.acceptance or call.state != "talking":
        return transaction.refuse(500, "An INVITE is under way", Retry_After="3")  # 14.2
    if call.inviting:
        return transaction.refuse(491)
    if session.too_small(request, call.exchange.timing):
        return transaction.refuse(422, Min_SE=str(call.exchange.timing.min_session))
    offer = sdp_of(request)
    answer_sdp = call.exchange.tell(call.exchange.listener.on_reinvite, call, offer)
    if answer_sdp is None:
        return transaction.refuse(488)
    assert call.dialog
    call.dialog.retarget(request)
    call.accept_with(transaction, answer_sdp, late=offer is None)


def _update(call: SipCall, transaction: ServerTransaction) -> None:
    """RFC 3311: like a re-INVITE without ACK; without SDP it refreshes the session only."""
    request, timing = transaction.inbound.request, call.exchange.timing
    if session.too_small(request, timing):
        return transaction.refuse(422, Min_SE=str(timing.min_session))
    offer, answer_sdp = sdp_of(request), None
    if offer is not None:
        if call.inviting or call.state != "talking" or call.acceptance:
            return transaction.refuse(491)
        answer_sdp = call.exchange.tell(call.exchange.listener.on_reinvite, call, offer)
        if answer_sdp is None:
            return transaction.refuse(488)
        call.local_sdp = answer_sdp
    assert call.dialog
    call.dialog.retarget(request)
    response = call.response(request, 200)
    with_sdp(response, answer_sdp)
    agreed = session.decide(request, timing)
    session.apply(response, agreed)
    if call.state == "talking":
        call.session.agree(agreed, "uas")
    transaction.respond(response)


def _info(call: SipCall, transaction: ServerTransaction) -> None:
    request = transaction.inbound.request
    kind = (request.headers.get_first("content-type") or "").partition(";")[0].strip().lower()
    digit = ""
    if kind == "application/dtmf-relay":
        found = re.search(r"^\s*signal\s*=\s*(\S+)", request.text, re.IGNORECASE | re.MULTILINE)
        digit = found[1].upper() if found else ""
    elif kind == "application/dtmf":
        digit = request.text.strip().upper()
    digit = NAMED.get(digit, digit)
    if kind and not DIGIT.fullmatch(digit):
        return transaction.refuse(400, "No digit")
    transaction.respond(call.response(request, 200))
    if digit:
        call.exchange.tell(call.exchange.listener.on_info_digit, call, digit)
