"""What can be told of the advisor itself: its commands, the questions it answers, and the sources of an answer."""

from __future__ import annotations

from advisor.conversation import replies
from advisor.conversation.commands import COMMANDS
from advisor.conversation.draft import Draft
from advisor.knowledge_base.pack import KnowledgePack


def options_in_words(pack: KnowledgePack) -> str:
    """The names of the options, in a row."""
    return " and ".join(option.name for option in pack.manifest.options)


def help_text(pack: KnowledgePack) -> str:
    """What can be said, and the commands."""
    lines = [f"{spec.usage}: {spec.description}." for spec in COMMANDS]
    return (
        f"Describe your project in plain words, ask anything about {options_in_words(pack)}, or answer my question. "
        "Say “why”, “what if …”, “undo” or “recap” at any time. Commands:\n" + "\n".join(lines)
    )


def topics_text(pack: KnowledgePack) -> str:
    """The questions that the FAQ answers."""
    questions = sorted(entry.question for entry in pack.entries.values())
    return "\n".join(["The FAQ answers these questions, in any wording:", *(f"- {q}" for q in questions)])


def tell_sources(pack: KnowledgePack, draft: Draft) -> None:
    """Lists the sources of the last FAQ answer."""
    topic = draft.state.last_topic
    if topic is None:
        draft.note("No FAQ answer has been given yet. /why shows the sources behind the rows.")
        return
    refs = [replies.source_ref(pack.sources[source]) for source in pack.entries[topic].sources]
    lines = [f"- {ref.title} ({ref.date or 'undated'})" + (f" {ref.url}" if ref.url else "") for ref in refs]
    draft.note("\n".join([f"Sources of “{pack.entries[topic].question}”:", *lines]))
