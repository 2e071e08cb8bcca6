"""Results of ``advisor ask``, as JSON objects and as text. Imports only what a single question needs."""

from __future__ import annotations

from typing import Any

from advisor.understanding.question_matching import QuestionMatcher

_LISTED_TOPICS = 10


def ask_result(matcher: QuestionMatcher, question: str) -> dict[str, Any]:
    """One question's outcome, topics (best first, scores from 0 to 1), answer and sources."""
    pack, match = matcher.pack, matcher.match(question)
    entry = pack.entries[match.topics[0].id] if match.outcome == "answer" else None
    sources = [pack.sources[source] for source in entry.sources] if entry else []
    return {
        "question": question,
        "outcome": match.outcome,
        "topics": [{"id": topic.id, "score": round(topic.score, 4)} for topic in match.topics[:_LISTED_TOPICS]],
        "answer": entry.answer if entry else None,
        "as_of": pack.manifest.as_of.isoformat(),
        "sources": [{"id": s.id, "title": s.title, "url": s.url, "date": s.dated} for s in sources],
    }


def ask_text(matcher: QuestionMatcher, question: str) -> str:
    """The same in words."""
    pack, match = matcher.pack, matcher.match(question)
    if match.outcome == "none":
        return "No sourced answer to that was found."
    entries = [pack.entries[topic.id] for topic in match.topics[: match.choices]]
    if match.outcome == "choices":
        return "\n".join(["It could mean one of these:", *(f"- {entry.question}" for entry in entries)])
    (entry,) = entries
    cited = "; ".join(f"{s.title} ({s.dated or 'undated'})" for s in map(pack.sources.__getitem__, entry.sources))
    return f"{entry.question}\n{entry.answer}\nAs of {pack.manifest.as_of}. Sources: {cited}"
