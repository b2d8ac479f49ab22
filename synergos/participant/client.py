"""What every participant runs under Flower: messages in, the participant's answers out."""

from collections.abc import Callable, Mapping
from typing import Any

from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

from synergos.learning.messages import Order, pack
from synergos.learning.party import Party
from synergos.learning.questions import QUESTIONS, answer, read_question
from synergos.participant.discretion import for_others


def client_app(
    party_of: Callable[[Context], Party], on_answer: Callable[[Mapping[str, Any], object], None] | None = None
) -> ClientApp:
    """Make what every participant runs.

    Args:
        party_of: Finds the participant; in its context, ``node_config`` says who it is.
        on_answer: Called with what a question asked and the whole answer to it, of which what stays here is not sent.

    Returns:
        An app that trains, evaluates, and answers questions.
    """
    app = ClientApp()

    @app.train()
    @app.evaluate()
    def take_part(message: Message, context: Context) -> Message:
        order, party, told = Order.read(message), party_of(context), RecordDict()
        if order.evaluates:
            loss, rows = party.loss(order.dataset, order.alignment, order.task, order.weights)
            told["evaluation"] = MetricRecord({"loss": loss, "rows": rows})
        if order.trains:
            done = party.train(order.dataset, order.alignment, order.task, order.weights, mu=order.mu, seed=order.seed)
            told["arrays"] = pack(done.weights)
            told["metrics"] = MetricRecord({"loss": done.loss, "rows": done.rows})
        return Message(told, reply_to=message)

    for question in QUESTIONS:
        app.query(question)(_answering(question, party_of, on_answer))
    return app


def _answering(
    question: str,
    party_of: Callable[[Context], Party],
    on_answer: Callable[[Mapping[str, Any], object], None] | None,
) -> Callable[[Message, Context], Message]:
    def reply(message: Message, context: Context) -> Message:
        asked = read_question(question, message.content)
        said = getattr(party_of(context), question)(**asked)
        if on_answer is not None:
            on_answer(asked, said)
        return Message(answer(question, for_others(said)), reply_to=message)

    return reply
