"""A survey put by a flow in the midst of its contact, and answered there: no message, no link, no wait for an agent.

The survey's own rule holds: it is in use, of this firm, this conversation is in its share, and the customer was not asked lately.
"""

from parlons.conversations.model import Conversation
from parlons.kit.clock import Millis
from parlons.kit.ids import INVITATION
from parlons.runtime.db import Tx
from parlons.surveys import rules
from parlons.surveys.answers import Given, answer
from parlons.surveys.asking import asked_lately
from parlons.surveys.loading import all_surveys
from parlons.surveys.model import Invitation, language_of
from parlons.surveys.store import columns, invitations, read_invitation


async def put(tx: Tx, conversation: Conversation, name: str, language: str) -> Invitation | None:
    """Put it now; None: there is none of this name, or something speaks against it. The conversation is locked."""
    known = await all_surveys(tx, conversation.workspace_id)
    survey = next((one for one in known if one.name == name), None)
    if survey is None or not survey.rule.active or survey.firm_id not in (None, conversation.firm_id):
        return None
    if not rules.in_share(survey, conversation.id) or await asked_lately(tx, survey, conversation):
        return None
    now = Millis(tx.now)
    one = Invitation(
        id=tx.new_id(INVITATION), workspace_id=survey.workspace_id, survey_id=survey.id, survey_name=survey.name,
        kind=survey.kind, words=survey.words, firm_id=conversation.firm_id, conversation_id=conversation.id,
        customer_id=conversation.customer_id, queue_id=conversation.queue_id, user_id=conversation.previous_user_id,
        channel=conversation.channel, language=language_of(survey.words, language), how="flow",
        message_number=conversation.message_count, disposition_id=None, asked_at=now,
        expires_at=Millis(now + survey.rule.valid_days * rules.DAY_MS),
    )  # fmt: skip
    await tx.execute(invitations.insert().values(tenant_id=tx.tenant_id, **columns(one)))
    return one


async def answered(tx: Tx, conversation: Conversation, invitation_id: str, score: int | None, comment: str) -> bool:
    """Keep the answer to what was put in this conversation; False: it does not count."""
    mine = invitations.c.conversation_id == conversation.id
    one = await read_invitation(tx, mine, lock=True)
    if one is None or one.id != invitation_id or not rules.takes_answer(one, tx.now):
        return False
    if score is not None and not rules.valid(one, score):
        return False
    await answer(tx, one, Given(score, comment))
    return True
