# The official Python client, told what to do by lines of JSON on stdin; answers with lines on stdout.
import asyncio
import base64
import json
import sys

from memphis import Headers, Memphis

memphis = Memphis()
consumers = {}


async def connect(port):
    await memphis.connect(host="127.0.0.1", port=port, username="root", password="memphis")


async def produce(station, producer, bytes=None, value=None, headers=None, msgId=None, key=None, partition=-1):
    made = await memphis.producer(station_name=station, producer_name=producer)
    of_message = Headers()
    for name, text in (headers or {}).items():
        of_message.add(name, text)
    await made.produce(
        message=value if bytes is None else bytearray(base64.b64decode(bytes)),
        headers=of_message,
        msg_id=msgId,
        producer_partition_key=key,
        producer_partition_number=partition,
    )


async def fetch(station, consumer, group, count, then=None, reason=None):
    name = station + " " + consumer
    if name not in consumers:
        consumers[name] = await memphis.consumer(
            station_name=station, consumer_name=consumer, consumer_group=group
        )
    read = []
    for message in await consumers[name].fetch(batch_size=count):
        headers = {k: v for k, v in (message.get_headers() or {}).items() if not k.startswith("$memphis")}
        value = await message.get_data_deserialized()
        read.append(
            {
                "bytes": base64.b64encode(message.get_data()).decode(),
                "headers": headers,
                "value": plain(value),
            }
        )
        if then == "ack":
            await message.ack()
    return read


def plain(value):
    if hasattr(value, "ListFields"):
        return {field.name: content for field, content in value.ListFields()}
    return None if isinstance(value, (bytes, bytearray)) else value


calls = {"connect": connect, "produce": produce, "fetch": fetch}


async def main():
    loop = asyncio.get_running_loop()
    while True:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        if not line:
            break
        request = json.loads(line)
        try:
            answer = {"result": await calls[request["call"]](**request["options"])}
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)
    await memphis.close()


asyncio.run(main())
