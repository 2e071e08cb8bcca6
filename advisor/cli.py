"""The command line: one-shot commands, line mode, and the door to the Textual chat."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import advisor
from advisor.errors import AdvisorError
from advisor.record_commands import DONE, FAILED, add_record_commands
from advisor.sessions_command import add_sessions_command

if TYPE_CHECKING:
    from advisor.assistant import Assistant
    from advisor.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status: 0 done, 1 could not, 2 wrong usage."""
    options = _options(sys.argv[1:] if arguments is None else arguments)
    # The matrices here are small: threads cost more than they save, above all on a busy machine.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _write_utf8()
    try:
        return int(options.run(options))
    except AdvisorError as error:
        # The message may quote a file's contents or a name from outside.
        from advisor.text import clean, without_passwords

        print(f"advisor: {clean(without_passwords(str(error)))}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away; nothing is left to say, not even at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _options(given: Sequence[str]) -> argparse.Namespace:
    if not given:  # opening the chat must not wait for the parser of all other commands
        return argparse.Namespace(run=_open_chat, resume=None)
    parser = _parser()
    options = parser.parse_args(given)
    if hasattr(options, "store") and hasattr(options, "data_dir"):
        parser.error("--store and --data-dir both say where conversations are kept; give one of them")
    return options


def _write_utf8() -> None:
    """Results are UTF-8 whatever the locale says; what cannot be encoded is replaced rather than fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


class _Parser(argparse.ArgumentParser):
    """Repeats mistyped arguments in its messages, but not the password of a mistyped --store."""

    def error(self, message: str) -> NoReturn:
        from advisor.text import clean, without_passwords

        super().error(clean(without_passwords(message)))


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--knowledge", metavar="DIR", type=Path, help="use another knowledge pack")
    common.add_argument("--encoder", metavar="NAME|DIR", help="use another sentence-transformers model")
    common.add_argument("--data-dir", metavar="DIR", type=Path, help="keep conversations somewhere else")
    common.add_argument("--store", metavar="URL", help="keep conversations in a database, such as postgresql://…")
    parser = _Parser(
        prog="advisor",
        description="Helps to choose between PyTorch and TensorFlow, and to defend the choice.",
        epilog="Without a command the chat opens. Exit status: 0 done, 1 could not, 2 wrong usage.",
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"advisor {advisor.__version__}")
    parser.set_defaults(run=_open_chat, resume=None)
    commands = parser.add_subparsers(metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=summary, description=summary + ".", parents=[common])
        made.set_defaults(run=run)
        return made

    chat = command("chat", _chat, "Chat; one message per line on standard input when that is no terminal")
    chat.add_argument("--plain", action="store_true", help="line mode even in a terminal")
    chat.add_argument("--json", action="store_true", help="line mode, one JSON object for each turn")
    chat.add_argument("--resume", metavar="ID", default=None, help="go on with an earlier conversation")

    ask = command("ask", _ask, "Answer one question from the FAQ")
    ask.add_argument("--json", action="store_true", help="print one JSON object for each question")
    ask.add_argument("question", nargs="+", help="the question; '-' reads one per line from standard input")

    recommend = command("recommend", _recommend, "Recommend for one description of a project")
    recommend.add_argument("--json", action="store_true", help="print one JSON object for each description")
    recommend.add_argument("--leans", action="store_true", help="read JSON objects of row leans instead of text")
    recommend.add_argument("text", nargs="+", help="the description; '-' reads one per line from standard input")

    add_record_commands(command)
    add_sessions_command(command, common)
    gaps = command("gaps", _gaps, "List what was asked and not answered, or answered beside the point")
    gaps.add_argument("--json", action="store_true", help="print one JSON object for each group")
    check = command("check", _check, "Check a knowledge pack")
    check.add_argument("pack", nargs="?", type=Path, help="the pack's directory; the shipped one without")
    check.add_argument("--json", action="store_true", help="print one JSON object")
    check.add_argument("--older-than", metavar="DAYS", type=_days, help="name sources and claims older than this")
    check.add_argument("--faq", action="store_true", help="compare the FAQ's phrasings too; takes seconds")
    command("doctor", _doctor, "Check this installation")
    serve = command("serve", _serve, "Show the chat in a browser, on this machine only unless told otherwise")
    serve.add_argument("--host", default="localhost", help="the address to listen on (no password is asked)")
    serve.add_argument("--port", type=int, default=8000, help="the port to listen on")
    return parser


def _days(text: str) -> int:
    """A number of days, for argparse."""
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of days")
    return int(text)


def _settings(options: argparse.Namespace) -> Settings:
    from advisor.settings import chosen

    return chosen(options)


def _assistant(options: argparse.Namespace) -> Assistant:
    from advisor.assistant import load_assistant

    return load_assistant(_settings(options))


def _inputs(words: Sequence[str]) -> Iterator[str]:
    """The text on the command line, or with '-' the lines of standard input that are not blank.

    A line of which cleaning leaves nothing still counts, so that results can be matched to lines.
    """
    from advisor.text import clean

    if list(words) != ["-"]:
        yield clean(" ".join(words))
        return
    for line in _standard_input():
        if line.strip(" \t\r\n"):
            yield clean(line).strip()


def _standard_input() -> TextIO:
    """Standard input as UTF-8. Raises AdvisorError when it is closed."""
    if sys.stdin is None or sys.stdin.closed:
        raise AdvisorError("standard input is closed; give the text on the command line")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdin


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


# Chat --------------------------------------------------------------------------------------------------------------


def _open_chat(options: argparse.Namespace) -> int:
    """The Textual chat where there is a terminal for it, line mode elsewhere."""
    terminals = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    capable = terminals and os.environ.get("TERM", "") not in ("", "dumb")
    served = "TEXTUAL_DRIVER" in os.environ  # in a browser, where the streams are pipes
    if not (capable or served):
        return _line_mode(options, as_json=False)
    import gc

    gc.disable()  # the chat chooses the moments at which to collect
    from tui.run import run_app

    return run_app(_settings(options), options.resume)


def _chat(options: argparse.Namespace) -> int:
    if options.plain or options.json:
        return _line_mode(options, as_json=options.json)
    return _open_chat(options)


def _line_mode(options: argparse.Namespace, as_json: bool) -> int:
    from advisor.line_mode import run_line_mode
    from advisor.records.store import open_store

    store = open_store(_settings(options))
    stdin = _standard_input()
    session = store.load(options.resume) if options.resume else None
    return run_line_mode(_assistant(options), store, session, stdin, as_json)


# One-shot commands -------------------------------------------------------------------------------------------------


def _ask(options: argparse.Namespace) -> int:
    from advisor.asking import ask_result, ask_text
    from advisor.knowledge_base.pack import load_pack
    from advisor.understanding.encoder import load_encoder
    from advisor.understanding.question_matching import QuestionMatcher

    settings = _settings(options)
    matcher = QuestionMatcher(load_pack(settings.knowledge), load_encoder(settings.encoder))
    for question in _inputs(options.question):
        if options.json:
            _print_json(ask_result(matcher, question))
        else:
            print(ask_text(matcher, question), flush=True)
    return DONE


def _recommend(options: argparse.Namespace) -> int:
    from advisor.one_shot import leans_result, recommend_result, recommend_text

    assistant = _assistant(options)
    for number, text in enumerate(_inputs(options.text), 1):
        if options.leans:
            try:
                _print_json(leans_result(assistant, _parse_leans(text)))
            except ValueError as error:
                raise AdvisorError(f"line {number}: {error}") from error
        elif options.json:
            _print_json(recommend_result(assistant, text))
        else:
            print(recommend_text(assistant, text), flush=True)
    return DONE


def _parse_leans(line: str) -> dict[str, str]:
    try:
        leans = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(leans, dict) or not all(isinstance(lean, str) for lean in leans.values()):
        raise ValueError('must be an object of rows and leans, such as {"row": "unknown"}')
    return leans


def _gaps(options: argparse.Namespace) -> int:
    from advisor.records.gaps import gaps, grouped
    from advisor.records.store import open_store
    from advisor.understanding.encoder import load_encoder

    settings = _settings(options)
    store = open_store(settings)
    found = gaps(store.load(info.id) for info in reversed(store.sessions()))
    for group in grouped(found, load_encoder(settings.encoder)) if found else []:
        if options.json:
            asked = [{"question": g.question, "kind": g.kind, "session": g.session, "turn": g.turn} for g in group]
            _print_json({"count": len(group), "asked": asked})
        else:
            print(f"{len(group)} times" if len(group) > 1 else "once", flush=True)
            for gap in group:
                print(f"  {gap.kind}: {gap.question}  ({gap.session}, message {gap.turn})")
    if not found and not options.json:
        print("Nothing was left unanswered.", file=sys.stderr)
    return DONE


def _check(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from advisor.checking.check import check_pack
    from advisor.checking.report import report_json, report_text
    from advisor.knowledge_base.pack import DEFAULT_PACK
    from advisor.understanding.encoder import load_encoder

    settings = _settings(options)
    encoder = load_encoder(settings.encoder) if options.faq else None
    directory = options.pack or settings.knowledge or DEFAULT_PACK
    report = check_pack(directory, datetime.now(UTC).date(), options.older_than, encoder)
    if options.json:
        _print_json(report_json(report))
    else:
        for line in report_text(report):
            print(line)
    if errors := report.count("error"):
        raise AdvisorError(f"the pack has problems: {errors} {'error' if errors == 1 else 'errors'}")
    return DONE


def _serve(options: argparse.Namespace) -> int:
    from textual_serve.server import Server

    words = [sys.executable, "-m", "advisor"]
    for name in ("knowledge", "encoder", "data_dir"):
        if hasattr(options, name):
            words += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    if hasattr(options, "store"):
        os.environ["ADVISOR_STORE"] = options.store  # not in the words, which others on this machine can see
    try:
        Server(shlex.join(words), host=options.host, port=options.port, title="advisor").serve()
    except OSError as error:
        raise AdvisorError(f"cannot listen on {options.host}:{options.port}: {error.strerror or error}") from error
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    from advisor.doctor import examine

    healthy = True
    for finding in examine(_settings(options)):
        healthy = healthy and finding.fine
        print(f"{'ok  ' if finding.fine else 'FAIL'}  {finding.subject}: {finding.detail}", flush=True)
    if not healthy:
        raise AdvisorError("something above needs attention")
    return DONE
