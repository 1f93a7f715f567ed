//! Serves the notion connector to MCP clients over stdio; `--help` lists its other commands.

use notion_mcp::{custom, generated};

fn main() -> std::process::ExitCode {
    jackfield_runtime::main(&generated::CONNECTOR, custom::tools())
}
