"""Sends requests to one server with the official Python SDK. Reads the requests as JSON from stdin, and prints the answers."""
import asyncio
import json
import sys
import warnings

import mcp_types as types
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters, stdio_client

warnings.simplefilter("ignore")
plan = json.load(sys.stdin)


def name(own):
    return plan["prefix"] + own


def address(own):
    return plan["scheme"] + own


def plain(result):
    return result.model_dump(mode="json", by_alias=True, exclude_none=True)


async def answer(client, step):
    kind = step["do"]
    if kind == "tools":
        return plain(await client.list_tools())
    if kind == "resources":
        return plain(await client.list_resources())
    if kind == "templates":
        return plain(await client.list_resource_templates())
    if kind == "prompts":
        return plain(await client.list_prompts())
    if kind == "read":
        return plain(await client.read_resource(address(step["uri"])))
    if kind == "prompt":
        return plain(await client.get_prompt(name(step["name"]), step.get("arguments", {})))
    if kind == "complete":
        if "prompt" in step:
            ref = types.PromptReference(type="ref/prompt", name=name(step["prompt"]))
        else:
            ref = types.ResourceTemplateReference(type="ref/resource", uri=address(step["template"]))
        return plain(await client.complete(ref, step["argument"], context_arguments=step.get("context")))
    progress = []

    async def heard(done, total, message):
        told = {"progress": done, "total": total, "message": message}
        progress.append({key: value for key, value in told.items() if value is not None})

    callback = heard if step.get("progress") else None
    result = plain(await client.call_tool(name(step["name"]), step.get("arguments", {}), progress_callback=callback))
    return {"result": result, "progress": progress} if callback else result


async def roots(_context):
    return types.ListRootsResult.model_validate({"roots": plan["answers"]["roots"]})


async def sampled(_context, params):
    messages = [message.model_dump(mode="json", by_alias=True, exclude_none=True) for message in params.messages]
    content = {"type": "text", "text": "an answer to " + json.dumps(messages, ensure_ascii=False, separators=(",", ":"))}
    return types.CreateMessageResult.model_validate(
        {"role": "assistant", "model": "m", "stopReason": "endTurn", "content": content}
    )


async def filled(_context, params):
    content = None if params.mode == "url" else plan["answers"]["form"]
    return types.ElicitResult(action="accept", content=content)


async def main():
    command, *args = plan["command"]
    server = stdio_client(
        StdioServerParameters(command=command, args=args, env={}, cwd=plan["folder"]), errlog=open("/dev/null", "w")
    )
    answers = []
    # Some servers behave otherwise towards a client that can be asked, so only plans with questions have one.
    asks = any(step.get("asks") for step in plan["steps"])
    can = {"list_roots_callback": roots, "sampling_callback": sampled, "elicitation_callback": filled} if asks else {}
    async with Client(server, mode=plan["mode"], read_timeout_seconds=30, **can) as client:
        for step in plan["steps"]:
            try:
                answers.append(await answer(client, step))
            except MCPError as error:
                answers.append({"error": error.error.code})
    json.dump(answers, sys.stdout)


asyncio.run(main())
