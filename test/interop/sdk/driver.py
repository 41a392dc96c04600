"""Runs the official Python client, unmodified, as lines of JSON on stdin tell it; answers in lines on stdout."""

import asyncio
import base64
import importlib.metadata
import inspect
import json
import re
import sys
import time
import warnings

import memphis as sdk
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from graphql import parse
from memphis import Headers, Memphis
from memphis.message import Message
from memphis.types import Retention, Storage

warnings.simplefilter("ignore")
answers = sys.stdout
# The client tells of its own steps on stdout, which is ours.
sys.stdout = sys.stderr

objects = {"memphis": Memphis()}
messages = 0


def say(line):
    answers.write(json.dumps(line) + "\n")
    answers.flush()


def shown(message):
    """A message as the test sees it; the object itself is kept for acknowledging."""
    global messages
    messages += 1
    ref = f"message-{messages}"
    objects[ref] = message
    return {
        "ref": ref,
        "bytes": base64.b64encode(bytes(message.get_data())).decode(),
        "headers": message.get_headers(),
        "sequence": message.get_sequence_number(),
    }


def reply(value):
    """Values that JSON cannot carry go by a tag of one key: bytes."""
    if isinstance(value, (list, tuple)):
        return [reply(each) for each in value]
    if isinstance(value, Message):
        return shown(value)
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(bytes(value)).decode()}
    if hasattr(value, "ListFields"):
        return {field.name: content for field, content in value.ListFields()}
    return value if isinstance(value, (str, int, float, bool, dict)) else None


def protobuf(of):
    descriptors = descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(of["descriptor"]))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptors.file[0])
    made = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName(of["type"]))()
    return json_format.ParseDict(of["value"], made)


TAGS = {
    "$bytes": lambda text: bytearray(base64.b64decode(text)),
    "$uint8": lambda text: base64.b64decode(text),
    "$kept": lambda name: objects[name],
    "$value": lambda value: value,
    "$graphql": parse,
    "$protobuf": protobuf,
}
ENUMS = {"retention_type": Retention, "storage_type": Storage}


def snake(name):
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def argument(value):
    if isinstance(value, dict) and len(value) == 1:
        ((tag, content),) = value.items()
        return TAGS[tag](content) if tag in TAGS else value
    return value


def options_of(value):
    named = {snake(name): argument(each) for name, each in value.items()}
    return {name: ENUMS[name](each) if name in ENUMS else each for name, each in named.items()}


def called(target, method, args):
    """Options are named arguments; everything else has its place."""
    if len(args) == 1 and isinstance(args[0], dict) and not (len(args[0]) == 1 and next(iter(args[0])) in TAGS):
        return getattr(target, method)(**options_of(args[0]))
    return getattr(target, method)(*[argument(each) for each in args])


class Driver:
    """What belongs to no object of the client."""

    def version(self):
        return importlib.metadata.version("memphis-py")

    def exports(self):
        return [name for name in dir(sdk) if name[0].isupper()]

    def enums(self):
        return {
            "retention": {each.name: each.value for each in Retention},
            "storage": {each.name: each.value for each in Storage},
        }

    def client(self):
        return Memphis()

    def headers(self, pairs):
        headers = Headers()
        for key, value in pairs.items():
            headers.add(key, value)
        return headers

    def keys_of(self, headers):
        """The keys that a headers object has by now."""
        return list(headers.headers)

    def is_same(self, one, other):
        return one is other

    async def is_async(self, of):
        """Whether the call gave something to wait for before anything came back."""
        result = called(objects[of["on"]], snake(of["method"]), [of["options"]] if "options" in of else [])
        if not inspect.isawaitable(result):
            return False
        try:
            await result
        except Exception:  # pylint: disable=broad-except
            pass
        return True

    async def flood(self, of):
        """Calls one after the other; how long that took, and what was refused."""
        started, errors = time.monotonic(), []
        for _ in range(of["count"]):
            try:
                await called(objects[of["on"]], snake(of["method"]), [of["options"]])
            except Exception as error:  # pylint: disable=broad-except
                errors.append(str(error))
        return {"ms": (time.monotonic() - started) * 1000, "errors": errors}

    def listen(self, of):
        on = of["on"]

        async def heard(batch, error, context):
            say({"event": "batch", "on": on, "value": len(batch), "context": context})
            if error:
                say({"event": "error", "on": on, "value": str(error)})
            for message in batch:
                say({"event": "message", "on": on, "value": shown(message), "context": context})
                if of.get("ack"):
                    await message.ack()
            if of.get("isThrowing") and batch:
                raise ValueError("thrown by the handler")

        objects[on].consume(heard, **options_of(of.get("options", {})))


driver = Driver()


async def run(request):
    if request["on"] == "driver":
        result = getattr(driver, snake(request["method"]))(*[argument(each) for each in request["args"]])
    else:
        result = called(objects[request["on"]], snake(request["method"]), request["args"])
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
