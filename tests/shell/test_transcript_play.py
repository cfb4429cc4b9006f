"""Playing a transcript: the program asks, the transcript has prompt, answer, and all output between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.terminal import Cancelled, EndOfInput, Question, Refused, Terminal, Volatile
from shell.transcript.parse import TranscriptError, parse
from shell.transcript.play import play
from shell.transcript.program import ABSENT
from shell.transcript.report import Mismatch, Passed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from shell.transcript.parse import Transcript
    from shell.transcript.program import Sink

    Dialog = Callable[[Terminal], Awaitable[None]]

MAIN = "mail> "


class Toy:
    """A program made of one dialog and a table of what the configuration holds."""

    def __init__(self, sink: Sink, dialog: Dialog, values: Mapping[str, Mapping[tuple[Any, ...], object]]) -> None:
        self._terminal = Terminal(sink)
        self._dialog = dialog
        self._values = values

    def conversation(self) -> Coroutine[Any, Any, None]:
        async def converse() -> None:
            await self._dialog(self._terminal)

        return converse()

    def lookup(self, which: str, path: tuple[str | int, ...]) -> object:
        return self._values[which].get(path, ABSENT)


def playing(
    text: str,
    dialog: Dialog,
    values: Mapping[str, Mapping[tuple[Any, ...], object]] | None = None,
) -> Passed | Mismatch:
    def open_toy(transcript: Transcript, sink: Sink) -> Toy:
        return Toy(sink, dialog, values or {"committed": {}, "staged": {}})

    return play(parse(text, "a.transcript"), open_toy)


def difference(text: str, dialog: Dialog) -> tuple[int, str, str, tuple[str, ...]]:
    result = playing(text, dialog)
    assert isinstance(result, Mismatch), result
    return result.line, result.sentence, result.expected, result.came


async def greeter(terminal: Terminal) -> None:
    """On greet, ask for a name and say hello; on menu, ask in a menu; on exit, leave."""
    while True:
        command = await terminal.ask(Question(MAIN, kind="command"))
        try:
            if command == "exit":
                terminal.say("Good bye.")
                return
            if command == "greet":
                name = await terminal.ask(Question("[World]> ", "\nWho is greeted?\n")) or "World"
                loud = await terminal.ask(Question("Loudly? [N]> ", "\n"))
                terminal.say()
                terminal.say(f"Hello, {name}{'!' if loud == 'y' else '.'}")
            elif command == "menu":
                await terminal.ask(Question("[]> ", "\nChoose:\n- NEW - Create.\n- EDIT - Modify.\n"))
            elif command:
                terminal.say(f"Unknown command: {command}")
        except (Cancelled, EndOfInput):
            terminal.say("Command cancelled.")


GREETING = """\
mail> greet

Who is greeted?
[World]> Ann

Loudly? [N]> y

Hello, Ann!
mail> menu

Choose:
- NEW - Create.
- EDIT - Modify.
[]>
mail> foo
Unknown command: foo
"""


def test_a_dialog_to_the_letter_passes() -> None:
    assert playing(GREETING, greeter) == Passed(turns=6)


@pytest.mark.parametrize(
    "end",
    ["mail>", "mail> ", "mail> \n\n", "mail> exit\nGood bye.", "mail> exit\nGood bye.\n\n", "mail> exit\n..."],
)
def test_a_transcript_may_end_at_the_main_prompt_or_with_the_program(end: str) -> None:
    assert isinstance(playing(GREETING + end, greeter), Passed)


def test_blank_lines_at_the_very_end_are_layout() -> None:
    assert playing("mail> x\na\n", saying("a", "")) == Passed(1)
    assert playing("mail> x\na\n\n\n", saying("a")) == Passed(1)


def test_blank_lines_between_head_and_body_are_layout() -> None:
    assert isinstance(playing("# title\n\n" + GREETING, greeter), Passed)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a wrong letter in the output, in a prompt, in a menu
        ("Hello, Ann!", "Hello, Any!", (8, "the output differs", "Hello, Any!", ("Hello, Ann!", MAIN))),
        ("Who is", "Who was", (3, "the output differs", "Who was greeted?", ("Who is greeted?", "[World]> "))),
        (
            "[World]> Ann",
            "[Word]> Ann",
            (4, "the program asks, the transcript goes on", "[Word]> Ann", ("[World]> ",)),
        ),
        (
            "- NEW - Create.",
            "- NEW - create.",
            (12, "the output differs", "- NEW - create.", ("- NEW - Create.", "- EDIT - Modify.", "[]> ")),
        ),
        (
            "mail> menu",
            "mall> menu",
            (9, "the program asks, the transcript goes on", "mall> menu", ("mail> ",)),
        ),
        # a missing question
        (
            "Loudly? [N]> y\n\n",
            "",
            (6, "the program asks, the transcript goes on", "Hello, Ann!", ("Loudly? [N]> ",)),
        ),
        # an extra line in the transcript, a line missing from it
        ("Hello, Ann!\n", "Hello, Ann!\nBye.\n", (9, "the program asks, the transcript goes on", "Bye.", (MAIN,))),
        (
            "- NEW - Create.\n",
            "",
            (12, "the output differs", "- EDIT - Modify.", ("- NEW - Create.", "- EDIT - Modify.", "[]> ")),
        ),
        ("\nHello", "Hello", (7, "the output differs", "Hello, Ann!", ("", "Hello, Ann!", MAIN))),
        (
            "Unknown command: foo\n",
            "",
            (
                15,
                "the program goes on, the transcript ends",
                END := "(the end of the transcript)",
                ("Unknown command: foo", MAIN),
            ),
        ),
    ],
)
def test_a_difference_names_line_and_texts(old: str, new: str, expected: tuple[object, ...]) -> None:
    assert difference(GREETING.replace(old, new, 1), greeter) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail> greet\n\nWho is greeted?\n", (3, "the program still asks, the transcript ends", END, ("[World]> ",))),
        (
            "mail> greet\n\nWho is greeted?\n[World]>\n",
            (4, "the program goes on, the transcript ends", END, ("", "Loudly? [N]> ")),
        ),
        (
            "mail> exit\nGood bye.\nmail> ",
            (3, "the program has ended, the transcript goes on", MAIN.rstrip(), ("(the program has ended)",)),
        ),
        (
            "mail> exit\n",
            (1, "the program goes on, the transcript ends", END, ("Good bye.", "(the program has ended)")),
        ),
        ("mail> exit\nGood day.", (2, "the output differs", "Good day.", ("Good bye.", "(the program has ended)"))),
    ],
)
def test_ends_that_do_not_fit(text: str, expected: tuple[object, ...]) -> None:
    assert difference(text, greeter) == expected


def test_a_report_is_for_a_person() -> None:
    result = playing("# title\n" + GREETING.replace("Hello, Ann!", "Hello, Any!"), greeter)
    assert str(result) == (
        "a.transcript:9: the output differs\n"
        "  expected: Hello, Any!\n"
        "  came:     Hello, Ann!\n"
        "            mail>\n"
        "   6 |\n"
        "   7 | Loudly? [N]> y\n"
        "   8 |\n"
        ">  9 | Hello, Any!\n"
        "  10 | mail> menu\n"
        "  11 |\n"
        "  12 | Choose:"
    )


def test_a_report_names_a_blank_line_and_never_shows_the_head() -> None:
    result = playing("#: secrets = { A = 'x' }\nmail> greet\nHm\n", greeter)
    assert str(result) == (
        "a.transcript:3: the output differs\n"
        "  expected: Hm\n"
        "  came:     (a blank line)\n"
        "            Who is greeted?\n"
        "            [World]>\n"
        "  2 | mail> greet\n"
        "> 3 | Hm"
    )


def saying(*lines: str) -> Dialog:
    """A program that says some lines after one command."""

    async def dialog(terminal: Terminal) -> None:
        await terminal.ask(Question(MAIN, kind="command"))
        for line in lines:
            terminal.say(line)
        await terminal.ask(Question(MAIN, kind="command"))

    return dialog


def test_control_characters_are_shown_escaped() -> None:
    result = playing("mail> x\nplain\n", saying("\x1b[31mred\x07\t\x9b"))
    assert "  came:     \\x1b[31mred\\x07\\t\\x9b\n" in str(result)


PROMPTS_IN_OUTPUT = ("[]> not asked", "Continue? [Y]> ", MAIN + "exit", "mail>")


@pytest.mark.parametrize("end", ["", "mail>"])
def test_output_may_look_like_a_prompt(end: str) -> None:
    text = "mail> show\n[]> not asked\nContinue? [Y]>\nmail> exit\nmail>\n" + end
    assert playing(text, saying(*PROMPTS_IN_OUTPUT)) == Passed(turns=2 if end else 1)


def test_output_that_looks_like_a_prompt_is_compared() -> None:
    text = "mail> show\n[]> not asked\nContinue? [N]>\nmail> exit\nmail>\n"
    assert difference(text, saying(*PROMPTS_IN_OUTPUT))[:3] == (3, "the output differs", "Continue? [N]>")


def test_the_first_line_behind_all_output_is_the_prompt() -> None:
    text = "mail> one\n...\nmail> two\nmail> three\n"
    asked: list[str] = []

    async def dialog(terminal: Terminal) -> None:
        while True:
            asked.append(await terminal.ask(Question(MAIN, kind="command")))
            if len(asked) == 1:
                terminal.say("mail> two")

    # `...` stands for the line that looks like the prompt, and the prompt follows at once
    assert playing(text, dialog) == Passed(3)
    assert asked == ["one", "two", "three"]


async def looped(terminal: Terminal) -> None:
    while await terminal.ask(Question(MAIN, kind="command")):
        terminal.say("entry 12, ", Volatile("time", "Fri May 23 11:42:12 2014"), " GMT")
        terminal.say()
        terminal.say()
        terminal.say("key:  ")
        for line in ("-----BEGIN KEY-----", "MIIB", "-----END KEY-----"):
            terminal.say(line)


@pytest.mark.parametrize(
    "output",
    [
        "entry 12, Fri May 23 11:42:12 2014 GMT\n\nkey:\n-----BEGIN KEY-----\nMIIB\n-----END KEY-----",
        "entry <int>, <time>\n\n\n\nkey:   \n<pem>",
        "entry * (glob)\n\nkey:\n<pem>",
        "...",
        "...\n<pem>",
        "...\nkey:\n...",
        r"entry \d+, .* (re)" + "\n...",
    ],
)
def test_patterns_in_output(output: str) -> None:
    text = f"mail> show\n{output}\nmail> show\n{output}\nmail>"
    assert playing(text, looped) == Passed(3)


def test_a_pattern_that_does_not_match_is_a_difference() -> None:
    assert difference("mail> show\nentry <hex>x, <time>\n...\nmail>", looped)[:3] == (
        2,
        "the output differs",
        "entry <hex>x, <time>",
    )


def test_a_line_missed_behind_an_ellipsis_shows_where_it_was_looked_for() -> None:
    assert difference("mail> show\nentry <any>\n...\nkay:\n<pem>\nmail>", looped) == (
        4,
        "the output differs",
        "kay:",
        ("", "key:", "-----BEGIN KEY-----"),
    )


def test_a_bad_regular_expression_is_a_mistake_of_the_transcript() -> None:
    with pytest.raises(TranscriptError) as caught:
        playing("# t\nmail> x\n[a (re)\n", saying("a"))
    assert str(caught.value) == ("a.transcript:3: not a regular expression: unterminated character set at position 0")


def test_a_bad_regular_expression_in_an_answer_is_text() -> None:
    assert isinstance(playing("mail> [a (re)\na\n", saying("a")), Passed)


def test_blank_lines_mean_nothing_where_the_head_says_so() -> None:
    text = GREETING.replace("\n\n", "\n").replace("- NEW", "\n- NEW")
    assert isinstance(playing(text, greeter), Mismatch)
    assert isinstance(playing('#: blank_lines = "ignore"\n' + text, greeter), Passed)


def test_vars_stand_in_prompts_answers_and_output() -> None:
    head = "#: vars = { host = 'mail', who = 'Ann', '_x' = 'Lou' }\n"
    text = (
        GREETING.replace("mail>", "<host>>")
        .replace("[World]> Ann", "[World]> <who>")
        .replace("Ann!", "<who>!")
        .replace("Loudly", "<_x>dly")
    )
    assert playing(head + text, greeter) == Passed(6)
    assert isinstance(playing(text, greeter), Mismatch)


async def numbered(terminal: Terminal) -> None:
    """Says a number, then asks for it."""
    while await terminal.ask(Question(MAIN, kind="command")):
        terminal.say("The number is 4711.")
        answer = await terminal.ask(Question("[4711]> "))
        terminal.say(f"right: {answer == '4711'}")


def test_a_bound_name_stands_in_prompts_and_answers() -> None:
    text = "mail> x\nThe number is <n:int>.\n[<n>]> <n>\nright: True\nmail>\n"
    assert playing(text, numbered) == Passed(3)


def test_a_bound_name_holds_in_later_turns() -> None:
    text = "mail> x\nThe number is <n:int>.\n[4711]> 1\nright: False\nmail> <n>\nThe number is <n>.\n[4711]> <n>\n"
    assert playing(text + "right: True\n", numbered) == Passed(4)


def test_an_unbound_name_is_text() -> None:
    assert playing("mail> x\nThe number is <int>.\n[4711]> <n>\nright: False\nmail>\n", numbered) == Passed(3)


def answers(*questions: Question) -> tuple[Dialog, list[str]]:
    """A program that asks the questions after one command, and the answers it got."""
    got: list[str] = []

    async def dialog(terminal: Terminal) -> None:
        await terminal.ask(Question(MAIN, kind="command"))
        for question in questions:
            try:
                got.append(await terminal.ask(question))
            except (Cancelled, EndOfInput) as key:
                got.append(type(key).__name__)
        await terminal.ask(Question(MAIN, kind="command"))

    return dialog, got


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("^C", "Cancelled"),
        ("^D", "EndOfInput"),
        (r"\^C", "^C"),
        (r"\^D", "^D"),
        (r"\\^C", r"\^C"),
        (r"\{secret A}", "{secret A}"),
        (r"\\{secret A}", r"\{secret A}"),
        ("^c", "^c"),
        ("^C x", "^C x"),
        (r"\x", r"\x"),
        ("{x}", "{x}"),
        ("", ""),
        ("a  b  ", "a  b"),
        ("<x>", "<x>"),
        ("...", "..."),
    ],
)
def test_answers_at_a_prompt(typed: str, answer: str) -> None:
    dialog, got = answers(Question("[]> ", "\n"))
    assert playing(f"mail> x\n\n[]> {typed}\nmail>", dialog) == Passed(3)
    assert got == [answer]


def test_keys_reach_the_program() -> None:
    text = "mail> greet\n\nWho is greeted?\n[World]> ^C\nCommand cancelled.\nmail> ^D\n"
    # Ctrl-D at the main prompt leaves the toy with EndOfInput: the conversation has ended
    assert playing(text, greeter) == Passed(3)


def test_a_refusal_that_nobody_catches_is_the_last_output() -> None:
    async def refusing(terminal: Terminal) -> None:
        await terminal.ask(Question(MAIN, kind="command"))
        raise Refused("Not now.")

    assert playing("mail> x\nNot now.\n", refusing) == Passed(1)


pasted: list[str] = []


async def paster(terminal: Terminal) -> None:
    """On paste, read lines up to a full stop; on secret, ask for a hidden answer."""
    pasted.clear()
    while True:
        command = await terminal.ask(Question(MAIN, kind="command"))
        if command == "paste":
            terminal.say()
            terminal.say("Paste (end with '.'):")
            try:
                while (line := await terminal.ask(Question("", kind="paste"))) != ".":
                    pasted.append(line)
            except Cancelled:
                terminal.say("Command cancelled.")
                continue
            terminal.say(f"Read {len(pasted)} lines.")
        elif command == "secret":
            pasted.append(await terminal.ask(Question("", "\nPass phrase:\n", kind="hidden")))
            terminal.say()
            terminal.say("Thank you.")
        elif command == "prompted":
            pasted.append(await terminal.ask(Question("Pass phrase: ", "\n", kind="hidden")))
        elif command == "show":
            for line in pasted:
                terminal.say(line)


@pytest.mark.parametrize(
    "lines",
    [
        ["one", "two"],
        ["", "one", "", "", "two", ""],
        ["", ""],
        ["mail> exit", "[]> ", "  indented  "],
        ["...", "<pem>", "<int>", "[a (re)"],
        [],
    ],
)
def test_pasted_lines_count_verbatim(lines: list[str]) -> None:
    text = "\n".join(["mail> paste", "", "Paste (end with '.'):", *lines, ".", f"Read {len(lines)} lines.", ""])
    assert playing(text + "mail>", paster) == Passed(len(lines) + 3)
    assert pasted == lines


@pytest.mark.parametrize(("line", "read"), [(r"\{secret A}", "{secret A}"), (r"\^C", "^C"), ("<v>", "<v>")])
def test_what_is_escaped_and_what_is_not_in_a_paste(line: str, read: str) -> None:
    text = f"#: vars = {{ v = 'x' }}\nmail> paste\n\nPaste (end with '.'):\n{line}\n.\nRead 1 lines.\n"
    assert isinstance(playing(text, paster), Passed)
    assert pasted == [read]


def test_a_paste_can_be_cancelled() -> None:
    text = "mail> paste\n\nPaste (end with '.'):\none\n^C\nCommand cancelled.\nmail>"
    assert isinstance(playing(text, paster), Passed)


def test_a_paste_without_its_end_is_a_difference() -> None:
    assert difference("mail> paste\n\nPaste (end with '.'):\none\n", paster) == (
        4,
        "the program still asks, the transcript ends",
        END,
        ("(a pasted line is asked)",),
    )


def test_output_before_a_paste_is_compared() -> None:
    assert difference("mail> paste\n\nPaste now:\none\n.\n", paster)[:3] == (3, "the output differs", "Paste now:")


SECRETS = "#: secrets = { KEY = '''line one\n#: line two\n#: ''', PW = 'hunter2' }\n"


def test_a_pasted_secret_is_one_line() -> None:
    text = SECRETS + "mail> paste\n\nPaste (end with '.'):\n{secret KEY}\nRead 2 lines.\nmail>"
    assert playing(text, paster) == Passed(5)
    assert pasted == ["line one", "line two"]


def test_output_in_the_middle_of_a_secret_is_a_difference() -> None:
    dialog, _ = answers(Question("", "\nPaste:\n", kind="paste"), Question("", "Wrong.\n", kind="paste"))
    came = difference(SECRETS + "mail> x\n\nPaste:\n{secret KEY}\nmail>", dialog)[3]
    assert came == ("Wrong.", "(an answer of kind paste)")


def test_a_secret_that_has_its_full_stop_gets_no_other() -> None:
    text = "#: secrets = { KEY = \"a\\n.\\n\" }\nmail> paste\n\nPaste (end with '.'):\n{secret KEY}\nRead 1 lines.\n"
    assert playing(text, paster) == Passed(3)


@pytest.mark.parametrize(
    ("dialog", "read"),
    [
        ("mail> secret\n\nPass phrase:\n{secret PW}\n\nThank you.\nmail>", "hunter2"),
        ("mail> secret\n\nPass phrase:\nplain text \n\nThank you.\nmail>", "plain text "),
        ("mail> secret\n\nPass phrase:\n\n\nThank you.\nmail>", ""),
        ("mail> prompted\n\nPass phrase: {secret PW}\nmail>", "hunter2"),
        ("mail> prompted\n\nPass phrase:\nmail>", ""),
    ],
)
def test_hidden_answers(dialog: str, read: str) -> None:
    assert playing(SECRETS + dialog, paster) == Passed(3)
    assert pasted == [read]


def test_a_blank_line_can_be_an_answer_within_a_run_of_blanks() -> None:
    hidden = Question("", "\n", kind="hidden")
    dialog, got = answers(hidden, hidden, Question("", "Last:\n", kind="hidden"))
    transcript = parse("mail> x\n\n\n\n\nLast:\n\nmail>", "a.transcript")
    for _ in range(2):
        got.clear()
        # a transcript can be played again
        assert play(transcript, lambda transcript, sink: Toy(sink, dialog, {})) == Passed(5)
        assert got == ["", "", ""]


@pytest.mark.parametrize(
    ("line", "sentence", "came"),
    [
        ("{secret NONE}", "there is no secret NONE in the head", "(secrets of the head: KEY, PW)"),
        (
            "{secret}",
            r"a secret reads {secret NAME}; to type such a text, write \{secret",
            "(an answer of kind hidden)",
        ),
        ("{secret KEY}", "the secret KEY has several lines, the program asks for one", "(an answer of kind hidden)"),
    ],
)
def test_secrets_that_cannot_be_typed(line: str, sentence: str, came: str) -> None:
    text = f"{SECRETS}mail> secret\n\nPass phrase:\n{line}\n"
    assert difference(text, paster) == (7, sentence, line, (came,))


def test_a_program_that_stops_reading_a_secret_is_a_difference() -> None:
    dialog, _ = answers(Question("", "\nPaste:\n", kind="paste"))
    assert difference(SECRETS + "mail> x\n\nPaste:\n{secret KEY}\nmail>", dialog) == (
        7,
        "the program stops reading in the middle of a secret",
        "{secret KEY}",
        (MAIN,),
    )


@pytest.mark.parametrize("secret", ["hunter2", "a", "back\\slash\"quote'", "<int>", "[a (re)", "tab\tbell\x07"])
def test_no_report_holds_a_secret(secret: str) -> None:
    async def telltale(terminal: Terminal) -> None:
        await terminal.ask(Question(MAIN, kind="command"))
        word = await terminal.ask(Question("", kind="hidden"))
        terminal.say(f"({word})")
        command = await terminal.ask(Question(MAIN, kind="command"))
        raise KeyError(word if command == "1" else {word: "x"})

    def report(body: str) -> str:
        import json

        text = f"#: secrets = {{ S_ = {json.dumps(secret).replace(chr(127), '')} }}\nmail> 0\n{{secret S_}}\n{body}"
        result = playing(text, telltale)
        assert isinstance(result, Mismatch)
        return (
            "\n".join([result.sentence, result.expected, *result.came])
            .replace("{secret S_}", "")
            .replace("the output differs", "")
        )

    assert "()" in report("(other)\n")
    if len(secret) > 1:
        for written in (secret, repr(secret)[1:-1]):
            assert written not in report("(other)\n")
            assert written not in report("(*) (glob)\nmail> 1\n")
            assert written not in report("(*) (glob)\nmail> 2\n")


def test_the_longest_secret_is_masked_first() -> None:
    text = "#: secrets = { A = 'hunt', B = 'hunter2' }\nmail> x\nHm\n"
    assert difference(text, saying("hunter2 hunt"))[3] == ("{secret B} {secret A}", MAIN)


def test_the_lines_of_a_pasted_secret_are_masked_by_themselves() -> None:
    text = SECRETS + "mail> paste\n\nPaste (end with '.'):\n{secret KEY}\nRead 2 lines.\nmail> show\nx\n"
    assert difference(text, paster)[3] == ("{secret KEY}", "{secret KEY}", MAIN)


def test_an_error_of_the_program_is_reported_at_the_answer_that_caused_it() -> None:
    async def broken(terminal: Terminal) -> None:
        await terminal.ask(Question(MAIN, kind="command"))
        raise ValueError("no such thing")

    line, sentence, expected, came = difference("# t\nmail> x\nmail>", broken)
    assert (line, sentence, expected) == (2, "internal error: ValueError: no such thing", "(no error)")
    assert came[0].startswith("in ")
    assert "test_transcript_play.py, line " in came[0]


def test_a_program_that_waits_for_something_else_is_an_internal_error() -> None:
    class Other:
        def __await__(self) -> Any:
            yield "other"

    async def waiting(terminal: Terminal) -> None:
        await Other()

    assert difference("mail> x", waiting)[1] == "internal error: TypeError: no question but 'other'"


@pytest.mark.parametrize("text", ["mail> x", "mall> x", "mail> x\n#= a = 1"])
def test_the_conversation_is_closed_whatever_happens(text: str) -> None:
    closed: list[str] = []
    kept: list[object] = []

    class Kept(Toy):
        def conversation(self) -> Coroutine[Any, Any, None]:
            kept.append(conversation := super().conversation())
            return conversation

    async def careful(terminal: Terminal) -> None:
        try:
            await terminal.ask(Question(MAIN, kind="command"))
            await terminal.ask(Question(MAIN, kind="command"))
        finally:
            closed.append("closed")

    play(parse(text, "a.transcript"), lambda transcript, sink: Kept(sink, careful, {"committed": {}}))
    assert closed == ["closed"]


VALUES: dict[str, dict[tuple[Any, ...], object]] = {
    "committed": {
        ("a", "on"): True,
        ("a", "one"): 1,
        ("a", "list"): [1, "x"],
        ("a", "table"): {"x": 1, "y": [True]},
        ("a.b",): "quoted",
        ("list", 0): "first",
    },
    "staged": {("a", "on"): False, ("a", "new"): "x"},
}


@pytest.mark.parametrize(
    "check",
    [
        "#= a.on = true",
        "#~ a.on = false",
        "#= a.one = 1",
        "#= a.list = [1, 'x']",
        "#= a.table = { y = [true], x = 1 }",
        '#= "a.b" = "quoted"',
        "#= list.0 = 'first'",
        "#- a.new",
        "#- nothing.here",
        "#= a.on = true\n\n#~ a.new = 'x'\n",
    ],
)
def test_end_checks_that_hold(check: str) -> None:
    assert isinstance(playing(f"mail> foo\nUnknown command: foo\n{check}", greeter, VALUES), Passed)


@pytest.mark.parametrize(
    ("check", "sentence", "expected", "came"),
    [
        ("#= a.on = false", "a.on in the committed configuration", "false", "true"),
        ("#~ a.on = true", "a.on in the staged configuration", "true", "false"),
        ("#= a.new = 'x'", "a.new in the committed configuration", '"x"', "(absent)"),
        ("#- a.on", "a.on in the committed configuration", "(absent)", "true"),
        ("#= a.one = true", "a.one in the committed configuration", "true", "1"),
        ("#= a.one = 1.0", "a.one in the committed configuration", "1.0", "1"),
        ("#= a.on = 1", "a.on in the committed configuration", "1", "true"),
        ("#= a.list = ['x', 1]", "a.list in the committed configuration", '["x", 1]', '[1, "x"]'),
        ("#= a.list = [1]", "a.list in the committed configuration", "[1]", '[1, "x"]'),
        (
            "#= a.table = { x = 1 }",
            "a.table in the committed configuration",
            "{ x = 1 }",
            "{ x = 1, y = [true] }",
        ),
        ('#= "a.b" = "q\\"\\n"', '"a.b" in the committed configuration', '"q\\"\\n"', '"quoted"'),
    ],
)
def test_end_checks_that_do_not_hold(check: str, sentence: str, expected: str, came: str) -> None:
    result = playing(f"mail> foo\nUnknown command: foo\n#= list.0 = 'first'\n{check}", greeter, VALUES)
    assert isinstance(result, Mismatch)
    assert (result.line, result.sentence, result.expected, result.came) == (4, sentence, expected, (came,))


def test_end_checks_are_looked_at_only_behind_a_body_that_matches() -> None:
    assert difference("mail> foo\nHm\n#= a.on = 5", greeter)[0] == 2


# --- any dialog, recorded to the letter

words = st.text("abc[]>?<. (:*)^\\{}", max_size=12)
plain_words = st.text("abc[]>? ", max_size=12)
prompts = st.sampled_from(["[]> ", "[5]> ", "Continue? [Y]> ", "> ", "Name:", "mail> "])


def dialogs(lines: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[list[str], str, str]]]:
    """Turns of a program: the lines it says, the prompt it asks with, the answer it gets."""
    output = st.lists(st.one_of(lines, st.sampled_from(["", "[]> ", "Continue? [Y]> n", "mail> exit"])), max_size=5)
    answer = st.one_of(words.map(str.strip), st.sampled_from(["^C", "\\^D", "{secret X}", "<int>", "..."]))
    return st.lists(st.tuples(output, prompts, answer), min_size=1, max_size=6)


def recorded(turns: list[tuple[list[str], str, str]]) -> list[str]:
    """The transcript of such a program; answers that would mean something else are escaped."""
    lines: list[str] = []
    for output, prompt, answer in turns:
        lines += output
        special = answer.lstrip("\\")
        escape = special in ("^C", "^D") or special.startswith("{secret")
        lines.append(prompt + ("\\" if escape else "") + answer)
    return lines


def program(turns: list[tuple[list[str], str, str]], got: list[str]) -> Dialog:
    async def dialog(terminal: Terminal) -> None:
        for output, prompt, _ in turns:
            for line in output:
                terminal.say(line)
            got.append(await terminal.ask(Question(prompt)))
        await terminal.ask(Question(MAIN, kind="command"))

    return dialog


@given(dialogs(words))
def test_any_dialog_recorded_to_the_letter_plays(turns: list[tuple[list[str], str, str]]) -> None:
    got: list[str] = []
    result = playing("# a\n" + "\n".join(recorded(turns)) + "\n", program(turns, got))
    assert result == Passed(len(turns))
    assert got == [answer for _, _, answer in turns]


@given(dialogs(plain_words), st.data())
def test_any_other_letter_in_output_or_prompt_fails(
    turns: list[tuple[list[str], str, str]], data: st.DataObject
) -> None:
    lines: list[str] = []
    places: list[tuple[int, int]] = []
    for output, prompt, answer in turns:
        places += [
            (len(lines) + row, column) for row, line in enumerate(output) for column in range(len(line.rstrip()))
        ]
        lines += output
        places += [(len(lines), column) for column in range(len(prompt.rstrip()))]
        lines += recorded([([], prompt, answer)])
    row, column = data.draw(st.sampled_from(places))
    lines[row] = f"{lines[row][:column]}§{lines[row][column + 1 :]}"
    assert isinstance(playing("# a\n" + "\n".join(lines) + "\n", program(turns, [])), Mismatch)
