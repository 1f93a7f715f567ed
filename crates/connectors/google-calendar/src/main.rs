//! Serves the google-calendar connector to MCP clients over stdio. `--help` lists its other commands.

use google_calendar_mcp::{custom, generated};

fn main() -> std::process::ExitCode {
    jackfield_runtime::main(&generated::CONNECTOR, custom::tools())
}
