"""What a flow asks of surveys: a question put at once, and its answer kept."""

from parlons.flows.state import Effect
from parlons.reception.flow_acts import Act, Ground, Json
from parlons.surveys import at_once, texts
from parlons.surveys.model import range_of


async def put_survey(ground: Ground, effect: Effect) -> Json:
    """The words of the question, and its answers; or that it is not put."""
    conversation = await ground.conversation()
    one = await at_once.put(ground.tx, conversation, effect.data["survey"], ground.language)
    if one is None:
        return {"asked": False}
    limits = range_of(one.kind, one.words)
    return {
        "asked": True,
        "id": one.id,
        "text": texts.asked(one.kind, one.words, one.language, how="numbers") if limits else texts.question(one),
        "thanks": texts.thanks(one.words, one.language),
        "language": one.language,
        "limits": list(limits) if limits else None,
    }


async def keep_answer(ground: Ground, effect: Effect) -> Json:
    """It is kept with the survey's others."""
    data = effect.data
    kept = await at_once.answered(
        ground.tx, await ground.conversation(), data["id"], data["score"], str(data.get("comment") or "")
    )
    return {"kept": kept}


SURVEYS: dict[str, Act] = {"survey": put_survey, "survey_answer": keep_answer}
