"""Runs the official Python client, unmodified, as lines of JSON on stdin tell it; answers in lines on stdout."""

import asyncio
import inspect
import json
import sys

from memphis import Headers, Memphis
from memphis.message import Message
from memphis.types import Retention, Storage

answers = sys.stdout
# The client tells of its own steps on stdout, which is ours.
sys.stdout = sys.stderr

objects = {"memphis": Memphis()}
ENUMS = {"retention_type": Retention, "storage_type": Storage}


def say(line):
    answers.write(json.dumps(line) + "\n")
    answers.flush()


def shown(message):
    """A message as the test sees it; the object itself is kept for acknowledging."""
    ref = f"message-{len(objects)}"
    objects[ref] = message
    return {
        "ref": ref,
        "data": bytes(message.get_data()).decode(),
        "headers": message.get_headers(),
        "sequence": message.get_sequence_number(),
    }


def reply(value):
    if isinstance(value, list):
        return [reply(each) for each in value]
    if isinstance(value, Message):
        return shown(value)
    return value if isinstance(value, (str, int, float, bool)) else None


def argument(name, value):
    if name in ENUMS:
        return ENUMS[name][value]
    if name == "headers":
        headers = Headers()
        for key, text in value.items():
            headers.add(key, text)
        return headers
    if isinstance(value, dict) and list(value) == ["text"]:
        return bytearray(value["text"], "utf-8")
    return value


async def run(request):
    target = objects[request["on"]]
    if request["method"] == "listen":

        async def heard(messages, error, _context):
            if error:
                say({"event": "error", "on": request["on"], "value": str(error)})
            for message in messages:
                say({"event": "message", "on": request["on"], "value": shown(message)})
                await message.ack()

        target.consume(heard)
        return None
    options = {name: argument(name, value) for options in request["args"] for name, value in options.items()}
    result = getattr(target, request["method"])(**options)
    if inspect.isawaitable(result):
        result = await result
    if request.get("keep") is None:
        return reply(result)
    objects[request["keep"]] = result
    return None


async def answer(request):
    try:
        say({"id": request["id"], "result": await run(request)})
    except Exception as error:  # pylint: disable=broad-except
        say({"id": request["id"], "error": str(error) or repr(error)})


async def main():
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
