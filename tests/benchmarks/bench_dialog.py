"""Dialogs in process: a transcript that makes, edits and lists 50 destinations with 10 commits."""

from __future__ import annotations

from shell.transcript.appliance import open_appliance
from shell.transcript.parse import parse
from shell.transcript.play import play
from shell.transcript.report import Mismatch
from tests.benchmarks.table import seconds

COUNT, COMMITS = 50, 10
PROMPT = "mail.example.com> "
MENU = "\nThere are currently {count} entries configured.\n\nChoose the operation you want to perform:\n...\n[]> "
LIMITS = """
Do you wish to configure a concurrency limit for {name}? [{own}]> y

Enter the max concurrency limit for "{name}".
[{present}]> {limit}

Do you wish to apply a messages-per-connection limit to this domain? [N]>

Do you wish to apply a recipient limit to this domain? [N]>

Select how you want to apply the limits for {name}:
1. One limit applies to the entire domain for {name}
2. Separate limit for each mail exchanger IP address
[1]>

Select how the limits will be enforced:
1. System Wide
2. Per Virtual Gateway(tm)
[1]>

Do you wish to apply a specific TLS setting for this domain? [{has}]> y

Do you want to use TLS support?
1. No
2. Preferred
3. Required
4. Preferred - Verify
5. Required - Verify
6. Required - Verify Hosted Domains
[{tls}]> {chosen}

You have chosen to enable TLS. Please use the 'certconfig' command to
ensure that there is a valid certificate configured.

Do you wish to apply a specific DANE setting for this domain? [N]>

Do you wish to apply a specific MTA-STS setting for this domain? [N]>

Do you wish to apply a specific bounce verification address tagging setting for this domain? [N]>

Do you wish to apply a specific bounce profile to this domain? [N]>
"""


def transcript_text() -> str:
    """Return the transcript: 50 entries made, edited and listed, a commit after every fifth."""
    lines = ["# fifty destinations"]
    for number in range(COUNT):
        name = f"d{number:02}.example"
        made = LIMITS.format(name=name, own="Y", present=500, limit=100, has="N", tls=1, chosen=3)
        edited = LIMITS.format(name=name, own="Y", present=100, limit=200, has="Y", tls=3, chosen=5)
        menu = MENU.format(count=number + 2)
        lines.append(f"{PROMPT}destconfig\n{MENU.format(count=number + 1)}new\n")
        lines.append(f"Enter the domain you wish to configure.\n[]> {name}\n{made}{menu}edit\n")
        lines.append(f"Enter the domain you wish to edit.\n[]> {name}\n{edited}{menu}list\n")
        lines.append(f"...\n(Default)    On        Off          None       Off       Off           (Default)\n{menu}")
        if (number + 1) % (COUNT // COMMITS) == 0:
            lines.append(f"{PROMPT}commit\n\nPlease enter some comments describing your changes:\n[]> {number}\n")
            lines.append(
                "Do you want to save the current configuration for rollback? [Y]> \n\nChanges committed: <time>"
            )
    lines.append(f'#= destinations.domains."d{COUNT - 1:02}.example".tls = "required-verify"')
    return "\n".join(lines) + "\n"


def main(repeat: int = 5) -> None:
    """Print the table."""
    text = transcript_text()
    transcript = parse(text, "fifty.transcript")
    outcome = play(transcript, open_appliance)
    if isinstance(outcome, Mismatch):
        raise SystemExit(str(outcome))
    reading = seconds(lambda: parse(text, "fifty.transcript"), repeat)
    playing = seconds(lambda: play(transcript, open_appliance), repeat)
    print(f"\n{COUNT} destinations made, edited and listed with {COMMITS} commits: {outcome.turns} turns")
    print(f"  played        {playing * 1000:7.1f} ms  {outcome.turns / playing:9,.0f} turns/s  goal 20,000")
    print(f"  with parsing  {(playing + reading) * 1000:7.1f} ms  {outcome.turns / (playing + reading):9,.0f} turns/s")


if __name__ == "__main__":
    main()
