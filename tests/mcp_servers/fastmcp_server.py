"""A fastmcp server with tools, resources and prompts of every kind."""
from dataclasses import dataclass

from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.utilities.types import Image

server = FastMCP("fixture")


@dataclass
class Book:
    title: str
    pages: int


@server.tool
def add(a: int, b: int = 1) -> int:
    """Adds two numbers."""
    return a + b


@server.tool(tags={"books"}, annotations={"readOnlyHint": True, "title": "A book"})
def book(title: str) -> Book:
    """Makes a book."""
    return Book(title, 42)


@server.tool
def picture() -> Image:
    """Draws."""
    return Image(data=b"\x89PNG\r\n", format="png")


@server.tool
def fail(why: str) -> str:
    """Fails."""
    raise ToolError(f"it failed: {why}")


@server.tool
async def count(to: int, context: Context) -> str:
    """Counts, and reports each step."""
    for done in range(1, to + 1):
        await context.report_progress(done, to, f"step {done}")
    return "counted"


@server.resource("data://settings", mime_type="application/json")
def settings() -> dict:
    """The settings."""
    return {"colour": "blue", "size": 3}


@server.resource("data://bytes", mime_type="application/octet-stream")
def some_bytes() -> bytes:
    return bytes(range(256))


@server.resource("data://users/{name}")
def user(name: str) -> str:
    """A user."""
    return f"the user {name}"


@server.prompt
def review(code: str, language: str = "Rust") -> str:
    """Asks for a review."""
    return f"Review this {language}: {code}"


if __name__ == "__main__":
    server.run(show_banner=False)
